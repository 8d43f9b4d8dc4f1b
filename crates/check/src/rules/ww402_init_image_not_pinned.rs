// SPDX-License-Identifier: Apache-2.0
//! # WW402 init-image-not-pinned
//!
//! - severity: info
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds init containers and sidecars in `initContainers` whose image is named by a tag that moves.
//!
//! With the policy `floating`, the default, these tags move: none at all, `latest`, and every tag that holds neither a
//! full version (`1.36.1`, `v1.2.3-alpine`), a date, a build number nor a commit. So `busybox:1.36` is reported, with
//! medium confidence, since some projects have versions of two numbers only. With the policy `digest` (`pin = "digest"`
//! under `[rules.WW402]` in the configuration file) everything but a digest is reported.
//!
//! It is a warning when the tag is `latest`, with which each start of a pod may bring another program, and an
//! information otherwise. Main containers are left alone: how they are released is not this program's business.
//!
//! ## Why is this bad
//!
//! An init container prepares what the main containers need, often with more rights than they have. When its image
//! changes by itself, so do its shell, its `cp` and `chown`, its user and its files, in pods that nobody touched; two
//! replicas may run two of them. And whoever can push that tag can write to the pod's volumes.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: copy-credentials
//!     image: busybox:1.36
//!     command: [cp, /source/token, /target/token]
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! initContainers:
//!   - name: copy-credentials
//!     image: busybox:1.36.1
//!     command: [cp, /source/token, /target/token]
//! ```
//!
//! Even a full version can be pushed again. A digest (`busybox:1.36.1@sha256:…`) cannot, and tools such as Renovate
//! keep both up to date.
//!
//! ## References
//!
//! - Kubernetes: "Images", image names and image pull policy: a container without a tag, or with `latest`, has
//!   `imagePullPolicy: Always`
//! - OCI distribution specification: tags and digests

use writeway_facts::ImageReference;
use writeway_manifest::{Container, Role, Which};

use crate::{Confidence, Finding, PinPolicy, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww402_init_image_not_pinned.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    context
        .workload
        .pod
        .containers(Which::Startup)
        .filter_map(|container| judge(context, container))
        .collect()
}

fn judge(context: &RuleContext<'_>, container: &Container) -> Option<Finding> {
    let image = container.image.as_ref()?;
    let reference = ImageReference::parse(image).ok()?;
    if reference.digest().is_some() {
        return None;
    }
    let tag = reference.tag()?;
    let (moves, confidence) = match Tag::read(tag) {
        Tag::Latest if image.ends_with(":latest") => ("the tag `latest` moves".to_owned(), Confidence::High),
        Tag::Latest => (
            "no tag is the tag `latest`, which moves".to_owned(),
            Confidence::High,
        ),
        Tag::Part => (
            format!("the tag `{tag}` is no full version: it moves with every release of it"),
            Confidence::Medium,
        ),
        Tag::Word => (format!("the tag `{tag}` names no version"), Confidence::Medium),
        Tag::Fixed if context.settings.pin == PinPolicy::Digest => {
            (format!("the tag `{tag}` can be pushed again"), Confidence::High)
        }
        Tag::Fixed => return None,
    };
    let severity = if tag == "latest" {
        Severity::Warning
    } else {
        RULE.severity
    };
    let what = match container.role {
        Role::Sidecar => "sidecar",
        _ => "init container",
    };
    let message = format!(
        "the image `{}` of {what} `{}` is not pinned",
        image.value, container.name.value
    );
    let help = match context.settings.pin {
        PinPolicy::Floating => {
            "name a full version, better together with its digest (`name:1.2.3@sha256:…`)".to_owned()
        }
        PinPolicy::Digest => format!("name the digest beside the tag: `{}@sha256:…`", image.value),
    };
    Some(
        Finding::new(&RULE, context.workload, message, image.span, moves)
            .in_container(&container.name)
            .with_severity(severity)
            .with_confidence(confidence)
            .with_help(help),
    )
}

/// What a tag says of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// `latest`, which is also what no tag means.
    Latest,
    /// A full version, a date, a build number or a commit.
    Fixed,
    /// A version that more than one release has.
    Part,
    /// Anything else.
    Word,
}

/// Digits that a date without separators, or the number of a build, has at least.
const BUILD_DIGITS: usize = 3;
/// Numbers that a full version has at least.
const VERSION_NUMBERS: usize = 3;
/// Digits that an abbreviated commit has at least (git's `core.abbrev`).
const COMMIT_DIGITS: usize = 7;

impl Tag {
    fn read(tag: &str) -> Self {
        if tag == "latest" {
            return Self::Latest;
        }
        if has_date(tag) {
            return Self::Fixed;
        }
        let mut parts = tag.split(['-', '_']);
        if parts.clone().any(|part| part.split('.').any(is_commit)) {
            return Self::Fixed;
        }
        // Of several versions the first is the program's, and the next that of what it is built on.
        match parts.find_map(version_numbers) {
            Some(numbers) if is_full(&numbers) => Self::Fixed,
            Some(_) => Self::Part,
            None => Self::Word,
        }
    }
}

/// The numbers of a version, a pre-release's letters behind the last one left out; `None` when it is something else.
fn version_numbers(part: &str) -> Option<Vec<&str>> {
    let digits = part.strip_prefix(['v', 'V']).unwrap_or(part);
    let mut numbers = Vec::new();
    for component in digits.split('.') {
        let end = component
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(component.len());
        // A component of letters, such as `php8`, is no number; behind some numbers it ends them.
        if end == 0 {
            break;
        }
        numbers.push(&component[..end]);
    }
    (!numbers.is_empty()).then_some(numbers)
}

fn is_full(numbers: &[&str]) -> bool {
    numbers.len() >= VERSION_NUMBERS || matches!(numbers, [build] if build.len() >= BUILD_DIGITS)
}

/// Hexadecimal digits as of a commit; letters alone are a word.
fn is_commit(text: &str) -> bool {
    let hexadecimal = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    text.len() >= COMMIT_DIGITS
        && text.bytes().all(hexadecimal)
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether `2024-05-31` or the like is in a text.
fn has_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = |window: &[u8]| {
        window.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => matches!(byte, b'-' | b'_'),
            _ => byte.is_ascii_digit(),
        })
    };
    bytes.windows("2024-05-31".len()).any(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_fixed_when_only_one_image_ever_has_it() {
        for (tag, expected) in [
            ("latest", Tag::Latest),
            ("1.36.1", Tag::Fixed),
            ("v1.2.3-alpine", Tag::Fixed),
            ("1.36.1-musl", Tag::Fixed),
            ("v2.0.0-alpha5", Tag::Fixed),
            ("1.7.1-4", Tag::Fixed),
            ("17.0.9_9-jre", Tag::Fixed),
            ("pg17-0.112.0", Tag::Fixed),
            ("release-1.2.3", Tag::Fixed),
            ("1.2.3rc1", Tag::Fixed),
            ("RELEASE.2022-02-01T18-00-14Z", Tag::Fixed),
            ("2024.05.31", Tag::Fixed),
            ("jammy-20240111", Tag::Fixed),
            ("v20231011-8b53cabe0", Tag::Fixed),
            ("17-2024-05-01", Tag::Fixed),
            ("sha-1a2b3c4", Tag::Fixed),
            ("main.1a2b3c4d", Tag::Fixed),
            ("1842", Tag::Fixed),
            ("1.36", Tag::Part),
            ("1", Tag::Part),
            ("v2", Tag::Part),
            ("1.27-alpine3.21.3", Tag::Part),
            ("8-jdk", Tag::Part),
            ("22.04", Tag::Part),
            ("7.2-alpine", Tag::Part),
            ("stable", Tag::Word),
            ("alpine", Tag::Word),
            ("master-head", Tag::Word),
            ("edge", Tag::Word),
            ("decade", Tag::Word),
            ("acceded", Tag::Word),
            ("latest-alpine", Tag::Word),
        ] {
            assert_eq!(Tag::read(tag), expected, "{tag}");
        }
    }
}
