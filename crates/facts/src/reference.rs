// SPDX-License-Identifier: Apache-2.0
//! Image references, as container runtimes read them (distribution/reference `reference.go`, `normalize.go`).

use std::fmt;

/// The registry of references that name none.
const DEFAULT_REGISTRY: &str = "docker.io";
/// Another name of it.
const LEGACY_REGISTRY: &str = "index.docker.io";
/// What one-word repositories of the default registry belong to.
const OFFICIAL: &str = "library/";
/// The longest name, without tag and digest (`NameTotalLengthMax`).
const NAME_MAX: usize = 255;

/// An image reference with its defaults made explicit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// A text that is not an image reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not an image reference: {why}", reference.escape_debug())]
pub struct ReferenceError {
    reference: String,
    why: &'static str,
}

impl ImageReference {
    /// Reads a reference and makes the default registry and, unless there is a digest, the default tag explicit:
    /// `nginx` is `docker.io/library/nginx:latest`.
    ///
    /// # Errors
    /// When a runtime would refuse it.
    pub fn parse(reference: &str) -> Result<Self, ReferenceError> {
        Self::parts(reference).map_err(|why| ReferenceError {
            reference: reference.chars().take(300).collect(),
            why,
        })
    }

    fn parts(reference: &str) -> Result<Self, &'static str> {
        let (rest, digest) = match reference.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (reference, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let (name, tag) = match rest.rfind(':').filter(|colon| !rest[*colon..].contains('/')) {
            Some(colon) => (&rest[..colon], Some(&rest[colon + 1..])),
            None => (rest, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (first, rest),
            _ => (DEFAULT_REGISTRY, name),
        };
        let registry = if registry == LEGACY_REGISTRY {
            DEFAULT_REGISTRY
        } else {
            registry
        };
        if !is_domain(registry) {
            return Err("the registry must be a host name, with or without a port");
        }
        if repository.is_empty() {
            return Err("the repository is missing");
        }
        if !repository.split('/').all(is_path_component) {
            return Err(
                "the repository must be lower-case letters, digits and single separators (`.`, `_`, `__`, `-`)",
            );
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(
                "the tag must be up to 128 letters, digits, `_`, `.` and `-`, not starting with `.` or `-`",
            );
        }
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err("the digest must be an algorithm, `:` and at least 32 hex digits");
        }
        if tag.is_none() && digest.is_none() && name.len() == 64 && name.bytes().all(is_lower_hex) {
            return Err("64 hex digits are an image id, not a name");
        }
        let official = registry == DEFAULT_REGISTRY && !repository.contains('/');
        let repository = format!("{}{repository}", if official { OFFICIAL } else { "" });
        if registry.len() + 1 + repository.len() > NAME_MAX {
            return Err("the name is longer than 255 characters");
        }
        let tag = tag.or_else(|| digest.is_none().then_some("latest"));
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The registry's host and port, e.g. `docker.io`, `registry:5000`.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The repository in the registry, e.g. `library/nginx`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `latest` if none is written. `None` if only a digest is written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, e.g. `sha256:…`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Registry and repository, e.g. `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// A reference with its defaults explicit; any other text as it is.
pub(crate) fn normal_form(reference: &str) -> String {
    ImageReference::parse(reference).map_or_else(|_| reference.to_owned(), |reference| reference.to_string())
}

/// Whether the first component is a registry and not part of the repository (`splitDockerDomain`).
fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase)
}

/// A host name or an IPv6 address in brackets, with or without a port.
fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.rfind(':').filter(|colon| !domain[*colon..].contains(']')) {
        Some(colon) => (&domain[..colon], Some(&domain[colon + 1..])),
        None => (domain, None),
    };
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => {
            !address.is_empty()
                && address
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() || byte == b':')
        }
        None => host.split('.').all(label),
    };
    is_host && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `[a-z0-9]+` parts joined by one of `.`, `_`, `__` or any number of `-`.
fn is_path_component(component: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    component.starts_with(word)
        && component.ends_with(word)
        && component.split(word).all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

fn is_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=128).contains(&tag.len())
        && tag.starts_with(word)
        && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

fn is_digest(digest: &str) -> bool {
    let algorithm = |name: &str| {
        name.split(['-', '_', '+', '.']).all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.chars().all(|c| c.is_ascii_alphanumeric())
        })
    };
    digest.split_once(':').is_some_and(|(name, hex)| {
        algorithm(name) && hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn references_are_normalised() {
        let with_digest = |name: &str| format!("{name}@{DIGEST}");
        for (reference, normal) in [
            ("nginx".to_owned(), "docker.io/library/nginx:latest".to_owned()),
            ("nginx:1.27".to_owned(), "docker.io/library/nginx:1.27".to_owned()),
            ("acme/app".to_owned(), "docker.io/acme/app:latest".to_owned()),
            (
                "docker.io/nginx".to_owned(),
                "docker.io/library/nginx:latest".to_owned(),
            ),
            (
                "index.docker.io/nginx:1".to_owned(),
                "docker.io/library/nginx:1".to_owned(),
            ),
            ("localhost/x:1".to_owned(), "localhost/x:1".to_owned()),
            (
                "localhost:5000/x".to_owned(),
                "localhost:5000/x:latest".to_owned(),
            ),
            ("registry:5000/x".to_owned(), "registry:5000/x:latest".to_owned()),
            ("registry:5000/x:1".to_owned(), "registry:5000/x:1".to_owned()),
            ("Registry/x".to_owned(), "Registry/x:latest".to_owned()),
            (
                "[2001:db8::1]:5000/x".to_owned(),
                "[2001:db8::1]:5000/x:latest".to_owned(),
            ),
            (
                "ghcr.io/a/b/c__d-e.f:V1_x".to_owned(),
                "ghcr.io/a/b/c__d-e.f:V1_x".to_owned(),
            ),
            (with_digest("nginx"), with_digest("docker.io/library/nginx")),
            (with_digest("acme/app:1"), with_digest("docker.io/acme/app:1")),
        ] {
            assert_eq!(
                ImageReference::parse(&reference).unwrap().to_string(),
                normal,
                "{reference}"
            );
        }
    }

    #[test]
    fn what_a_runtime_refuses_is_refused() {
        let id = "a".repeat(64);
        let long = "a".repeat(250);
        for wrong in [
            "",
            ":1",
            "a:",
            "a/",
            "/a",
            "a//b",
            "A",
            "docker.io/A",
            "a b",
            "a:t ag",
            "a:.1",
            "a_-b",
            "a..b",
            "a___b",
            "-a",
            "a-",
            "a@sha256",
            "a@sha256:12",
            "a@:e3b0c44298fc1c149afbf4c8996fb924",
            "a@b@c",
            "re_g.io/a",
            "-x.io/a",
            "x.io:port/a",
            "[::1/a",
            id.as_str(),
            long.as_str(),
        ] {
            assert!(ImageReference::parse(wrong).is_err(), "{wrong}");
        }
        let error = ImageReference::parse("Acme").unwrap_err().to_string();
        assert!(
            error.starts_with("`Acme` is not an image reference: the repository must be"),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own_normal_form(reference in "[a-zA-Z0-9:/._@-]{0,40}|\\PC{0,20}") {
            if let Ok(parsed) = ImageReference::parse(&reference) {
                let normal = parsed.to_string();
                prop_assert_eq!(ImageReference::parse(&normal).map(|again| again.to_string()), Ok(normal));
            }
        }
    }
}
