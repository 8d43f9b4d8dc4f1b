// SPDX-License-Identifier: Apache-2.0
//! Credentials that the program that uses them renews and writes back: how they are recognised.
//!
//! A manifest does not say that a file is rewritten. What tells is the file's name, a variable that hands its place to
//! a known program, the image, and as a last resort the names people gave to the Secret. The table has what is known,
//! each row with its source.

use std::collections::BTreeSet;

use writeway_facts::ImageReference;
use writeway_manifest::{Container, EnvSource, Span};

use crate::Confidence;
use crate::mount_path::{below, join};

/// A program that rewrites a credential.
#[derive(Debug)]
struct Row {
    /// What writes.
    program: &'static str,
    /// Names of the file; one `*` stands for anything. A name with a `/` is the end of the whole path.
    files: &'static [&'static str],
    /// Variables that name the file or its directory; an application's own prefix may stand before them.
    variables: &'static [&'static str],
    /// Last components of the names of images that run it.
    images: &'static [&'static str],
    /// Whether the file is rewritten whatever is in it.
    always: bool,
    /// It logs in to Google, and to nobody else.
    google: bool,
}

/// The table. Sources:
/// gmail_sdk: ldraney/gmail-sdk auth.py. OAuth files of Google's samples: developers.google.com, "Python quickstart"
/// ("token.json … is created automatically when the authorization flow completes", and written again after each
/// refresh). rclone: docs, "config" (tokens are kept in the configuration file), itzg/minecraft-server-charts#214,
/// djmaze/resticker#138. oauth2l: google/oauth2l README, `--cache`. gcloud: "gcloud topic configurations"
/// (credentials.db, access_tokens.db). Azure CLI: docs, "MSAL-based Azure CLI" (msal_token_cache). AWS CLI: "Configuring
/// IAM Identity Center" (~/.aws/sso/cache). ocm and rosa: openshift/rosa#2748. Codex: nanocoai/nanoclaw#2534,
/// NousResearch/hermes-agent#8277 (refresh tokens of single use). Claude Code: anthropics/claude-code#18443,
/// umputun/ralphex#411. onedrive: abraunegg/onedrive docs, "refresh_token".
const TABLE: &[Row] = &[
    Row {
        program: "gmail_sdk",
        files: &["gmail-*.json"],
        variables: &["GMAIL_SECRETS_DIR"],
        images: &[],
        always: true,
        google: true,
    },
    Row {
        program: "rclone",
        files: &["rclone.conf"],
        variables: &["RCLONE_CONFIG"],
        images: &["rclone"],
        // Only remotes that log in with OAuth have a token.
        always: false,
        google: false,
    },
    Row {
        program: "oauth2l",
        files: &[".oauth2l"],
        variables: &[],
        images: &["oauth2l"],
        always: true,
        google: true,
    },
    Row {
        program: "gcloud",
        files: &["access_tokens.db", "credentials.db"],
        variables: &["CLOUDSDK_CONFIG"],
        images: &["google-cloud-cli", "cloud-sdk"],
        always: true,
        google: true,
    },
    Row {
        program: "the Azure CLI",
        files: &[
            "msal_token_cache.json",
            "msal_token_cache.bin",
            "accessTokens.json",
        ],
        variables: &["AZURE_CONFIG_DIR"],
        images: &["azure-cli"],
        always: true,
        google: false,
    },
    Row {
        program: "the AWS CLI",
        files: &[".aws/sso/cache/*.json"],
        variables: &[],
        images: &[],
        always: true,
        google: false,
    },
    Row {
        program: "ocm",
        files: &["ocm.json"],
        variables: &["OCM_CONFIG"],
        images: &["rosa", "ocm"],
        always: true,
        google: false,
    },
    Row {
        program: "Codex",
        files: &[".codex/auth.json"],
        variables: &["CODEX_HOME"],
        images: &["codex"],
        // With an API key instead of a login there is nothing to refresh.
        always: false,
        google: false,
    },
    Row {
        program: "Claude Code",
        files: &[".claude/.credentials.json"],
        variables: &["CLAUDE_CONFIG_DIR"],
        images: &["claude-code"],
        always: true,
        google: false,
    },
    Row {
        program: "onedrive",
        files: &["onedrive/conf/refresh_token", ".config/onedrive/refresh_token"],
        variables: &[],
        images: &["onedrive"],
        always: true,
        google: false,
    },
];

/// File names that OAuth libraries and their users give to a token that is refreshed, whatever the program is.
const TOKEN_FILES: &[&str] = &[
    "token.json",
    "tokens.json",
    "token.pickle",
    "*-token.json",
    "*_token.json",
    "token-*.json",
    "token_*.json",
    "*-tokens.json",
    "*_tokens.json",
    "*.token.json",
    "oauth.json",
    "oauth2.json",
    "refresh_token",
    "refresh-token",
    "refresh_token.txt",
];

/// What looks like a token but is a file of a language model.
const NO_TOKEN_FILES: &[&str] = &["added_tokens.json", "special_tokens.json"];

/// Words in names of Secrets, volumes and directories of which one says OAuth and another that a token is in it.
const OAUTH_WORDS: &[&str] = &["oauth", "oauth2", "gmail", "google", "gdrive", "rclone", "msal"];
/// Words in names of Secrets, volumes and variables that say that a token is Google's.
const GOOGLE_WORDS: &[&str] = &["gmail", "google", "gdrive"];
const TOKEN_WORDS: &[&str] = &["token", "tokens", "refresh", "refreshable"];

/// Where a credential is, for the program that uses it.
pub(crate) struct Sight<'a> {
    /// The container of the program.
    pub(crate) consumer: &'a Container,
    /// The directory or file that the container sees.
    pub(crate) path: &'a str,
    /// The files below it, as far as they are known; `""` when the path is a file.
    pub(crate) files: Option<&'a BTreeSet<String>>,
    /// Names that people gave: of the Secret, of the volume.
    pub(crate) names: &'a [&'a str],
}

/// Why a credential is taken for one that is refreshed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refreshed {
    /// The file, when it is known, as a path in the container.
    pub(crate) file: Option<String>,
    /// Who refreshes, in words.
    pub(crate) program: &'static str,
    /// How sure it is.
    pub(crate) confidence: Confidence,
    /// What tells, as a step of a proof.
    pub(crate) evidence: String,
    /// The variable's value that tells.
    pub(crate) variable: Option<Span>,
    /// The server is Google's, as far as names tell: a refresh token stays the same when it is used, and several are valid
    /// at once (developers.google.com, "Using OAuth 2.0 to Access Google APIs", refresh token expiration).
    pub(crate) never_rotates: bool,
}

/// Whether the container's program refreshes what is there and writes it back.
pub(crate) fn refreshed(sight: &Sight<'_>) -> Option<Refreshed> {
    let known = TABLE.iter().filter_map(|row| by_row(sight, row));
    let known = known.min_by_key(|refreshed| refreshed.confidence);
    known.or_else(|| by_token_file(sight)).or_else(|| by_names(sight))
}

/// Whether a file's name alone says that it is refreshed.
pub(crate) fn is_token_file(path: &str) -> bool {
    let known = TABLE.iter().flat_map(|row| row.files);
    known.chain(TOKEN_FILES).any(|pattern| matches(pattern, path))
        && !NO_TOKEN_FILES.iter().any(|pattern| matches(pattern, path))
}

fn by_row(sight: &Sight<'_>, row: &Row) -> Option<Refreshed> {
    let file = candidates(sight)
        .into_iter()
        .find(|path| row.files.iter().any(|pattern| matches(pattern, path)));
    // The keys are known, and it is not among them.
    if file.is_none() && sight.files.is_some() {
        return None;
    }
    let variable = sight.consumer.env.iter().find_map(|variable| {
        let named = row.variables.iter().any(|name| {
            let prefix = variable.name.strip_suffix(name);
            prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('_'))
        });
        let EnvSource::Value(value) = &variable.source else {
            return None;
        };
        let there = below(sight.path, value).is_some() || below(value, sight.path).is_some();
        (named && value.starts_with('/') && there).then_some((variable, value))
    });
    let image = sight.consumer.image.as_ref().filter(|image| {
        ImageReference::parse(image).is_ok_and(|reference| {
            let name = reference.name();
            let last = name.rsplit('/').next().unwrap_or_default();
            row.images.contains(&last)
        })
    });
    let confidence = match (&file, variable.is_some() || image.is_some(), row.always) {
        (Some(_), true, true) => Confidence::High,
        (Some(_), _, _) => Confidence::Medium,
        (None, _, _) if variable.is_some() => Confidence::Medium,
        (None, ..) => return None,
    };
    let evidence = match (variable, image, &file) {
        (Some((variable, value)), _, _) => format!(
            "`{}: {}` tells {} where its credentials are, which it rewrites after each refresh",
            variable.name.value, value.value, row.program
        ),
        (None, Some(image), Some(file)) => {
            format!(
                "the image `{}` runs {}, which rewrites `{file}`",
                image.value, row.program
            )
        }
        (_, _, file) => format!(
            "{} rewrites `{}`",
            row.program,
            file.as_deref().unwrap_or_default()
        ),
    };
    Some(Refreshed {
        file,
        program: row.program,
        confidence,
        evidence,
        variable: variable.map(|(_, value)| value.span),
        never_rotates: row.google,
    })
}

fn by_token_file(sight: &Sight<'_>) -> Option<Refreshed> {
    let file = candidates(sight).into_iter().find(|path| is_token_file(path))?;
    Some(Refreshed {
        evidence: format!("`{file}` is the name of an OAuth token that its user refreshes and rewrites"),
        file: Some(file),
        program: "its user",
        confidence: Confidence::Medium,
        variable: None,
        never_rotates: is_google(sight),
    })
}

fn by_names(sight: &Sight<'_>) -> Option<Refreshed> {
    // The keys are known, and none has a telling name.
    if sight.files.is_some() {
        return None;
    }
    let name = sight
        .names
        .iter()
        .find(|name| says(OAUTH_WORDS, name) && says(TOKEN_WORDS, name))?;
    Some(Refreshed {
        file: None,
        program: "its user",
        confidence: Confidence::Low,
        evidence: format!("the name `{name}` says that an OAuth token is in it, which its user refreshes"),
        variable: None,
        never_rotates: is_google(sight),
    })
}

/// Whether the Secret, the volume, or a variable that names the place is called after Google.
fn is_google(sight: &Sight<'_>) -> bool {
    let variables = sight
        .consumer
        .env
        .iter()
        .filter(|variable| match &variable.source {
            EnvSource::Value(value) => below(sight.path, value).is_some(),
            _ => false,
        });
    let names = variables.map(|variable| variable.name.as_str());
    names
        .chain(sight.names.iter().copied())
        .any(|name| says(GOOGLE_WORDS, name))
}

/// Whether one of the words is in a name.
fn says(words: &[&str], name: &str) -> bool {
    let mut found = name.split(|c: char| !c.is_ascii_alphanumeric());
    found.any(|word| words.iter().any(|wanted| word.eq_ignore_ascii_case(wanted)))
}

/// Paths of files that are there: those of the Secret, and when these are not known, those that variables name.
fn candidates(sight: &Sight<'_>) -> Vec<String> {
    match sight.files {
        Some(files) => files.iter().map(|file| join(sight.path, file)).collect(),
        None => {
            let values = sight
                .consumer
                .env
                .iter()
                .filter_map(|variable| match &variable.source {
                    EnvSource::Value(value) => below(sight.path, value).map(|_| value.value.clone()),
                    _ => None,
                });
            values.chain([sight.path.to_owned()]).collect()
        }
    }
}

/// Whether a path ends with a name, in which one `*` stands for anything but a slash.
fn matches(pattern: &str, path: &str) -> bool {
    let components = pattern.matches('/').count();
    let start = path
        .rmatch_indices('/')
        .nth(components)
        .map_or(0, |(at, _)| at + 1);
    let end = &path[start..];
    match pattern.split_once('*') {
        None => end == pattern,
        Some((before, after)) => {
            let inside = end.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            inside.is_some_and(|inside| !inside.contains('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_files_are_told_by_their_names() {
        let rows = [
            ("/secrets/token.json", true),
            ("token.json", true),
            ("/s/google-token.json", true),
            ("/s/gmail-someone@example.org.json", true),
            ("/s/rclone.conf", true),
            ("/home/app/.aws/sso/cache/0123.json", true),
            ("/home/app/.aws/config", false),
            ("/root/.codex/auth.json", true),
            ("/etc/app/auth.json", false),
            ("/s/credentials.json", false),
            ("/s/token", false),
            ("/s/client_secret.json", false),
            ("/models/special_tokens.json", false),
            ("/models/added_tokens.json", false),
            ("/s/xtoken.json", false),
        ];
        for (path, expected) in rows {
            assert_eq!(is_token_file(path), expected, "{path}");
        }
    }
}
