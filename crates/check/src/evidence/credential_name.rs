// SPDX-License-Identifier: Apache-2.0
//! Whether a credential is in something, by the name that people gave it.

use crate::Confidence;

/// Last words of names that hold no credential.
const NO_CREDENTIAL: &[&str] = &[
    "account",
    "address",
    "arn",
    "bucket",
    "ca",
    "cert",
    "class",
    "cluster",
    "config",
    "crt",
    "database",
    "db",
    "dbname",
    "dir",
    "domain",
    "email",
    "enabled",
    "endpoint",
    "environment",
    "file",
    "group",
    "host",
    "hostname",
    "hosts",
    "id",
    "issuer",
    "level",
    "login",
    "mode",
    "name",
    "namespace",
    "org",
    "owner",
    "path",
    "port",
    "project",
    "proto",
    "protocol",
    "provider",
    "realm",
    "region",
    "repo",
    "repository",
    "role",
    "schema",
    "scheme",
    "scope",
    "scopes",
    "server",
    "size",
    "ssl",
    "stage",
    "tenant",
    "timeout",
    "type",
    "uri",
    "url",
    "urls",
    "user",
    "username",
    "version",
    "zone",
];

/// Words of names that hold one.
const CREDENTIAL: &[&str] = &[
    "apikey",
    "auth",
    "credential",
    "credentials",
    "key",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "pat",
    "pwd",
    "secret",
    "token",
];

/// How sure a name makes it that a credential is in it; `None` when it says that none is.
pub(crate) fn judged_by_name(name: &str) -> Option<Confidence> {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let last = words.last()?;
    if NO_CREDENTIAL.contains(&last.as_str()) {
        return None;
    }
    let sure = CREDENTIAL.contains(&last.as_str())
        || ["password", "token", "secret"]
            .iter()
            .any(|end| last.ends_with(end));
    Some(if sure {
        Confidence::High
    } else {
        Confidence::Medium
    })
}
