// SPDX-License-Identifier: Apache-2.0
//! Names of containers, volumes and objects.

use crate::Error;

/// The longest label, and the longest subdomain (k8s.io/apimachinery, pkg/util/validation, DNS1123LabelMaxLength and
/// DNS1123SubdomainMaxLength).
const LABEL_MAX: usize = 63;
const SUBDOMAIN_MAX: usize = 253;
const LABEL: &str =
    "it has to be up to 63 lower-case letters, digits and `-`, with a letter or digit at both ends";

/// A name that is a DNS label, as those of containers and volumes are (IsDNS1123Label).
pub(crate) fn label(what: &'static str, name: &str) -> Result<String, Error> {
    if is_label(name) && name.len() <= LABEL_MAX {
        return Ok(name.to_owned());
    }
    Err(refused(what, name, LABEL))
}

/// A name that is a DNS subdomain, as those of Secrets and ConfigMaps are (IsDNS1123Subdomain).
pub(crate) fn subdomain(what: &'static str, name: &str) -> Result<String, Error> {
    if name.len() <= SUBDOMAIN_MAX && name.split('.').all(is_label) {
        return Ok(name.to_owned());
    }
    let why = "it has to be up to 253 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends of \
               each part";
    Err(refused(what, name, why))
}

/// A key of a Secret or ConfigMap (IsConfigMapKey).
pub(crate) fn key(name: &str) -> Result<String, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let good = (1..=SUBDOMAIN_MAX).contains(&name.len())
        && name.bytes().all(allowed)
        && name != "."
        && !name.starts_with("..");
    if good {
        return Ok(name.to_owned());
    }
    let why = "it has to be up to 253 letters, digits, `-`, `_` and `.`, and not begin with `..`";
    Err(refused("key", name, why))
}

fn is_label(name: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.bytes().all(|byte| alphanumeric(byte) || byte == b'-')
        && name.bytes().next().is_some_and(alphanumeric)
        && name.bytes().next_back().is_some_and(alphanumeric)
}

fn refused(what: &'static str, name: &str, why: &'static str) -> Error {
    Error::Name {
        name: name.to_owned(),
        what,
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_api_server_takes() {
        let long = "a".repeat(64);
        for (name, good) in [
            ("data", true),
            ("0-a", true),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("a.b", false),
            ("Data", false),
            (&long[1..], true),
            (&long, false),
        ] {
            assert_eq!(label("volume", name).is_ok(), good, "{name}");
        }
        for (name, good) in [("a.b", true), ("a..b", false), ("a.", false), ("", false)] {
            assert_eq!(subdomain("Secret", name).is_ok(), good, "{name}");
        }
        for (name, good) in [
            ("token.json", true),
            (".dockerconfigjson", true),
            ("A_b-c", true),
            (".", false),
            ("..", false),
            ("..data", false),
            ("a/b", false),
            ("", false),
        ] {
            assert_eq!(key(name).is_ok(), good, "{name}");
        }
    }
}
