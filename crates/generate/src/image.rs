// SPDX-License-Identifier: Apache-2.0
//! The image that an init container runs.

use std::fmt;

use writeway_facts::ImageReference;
use writeway_shell::agent;

use crate::Error;

/// The digest of the image of the agent that was released with this version, as `sha256:…`. It is known after the image
/// was made, so a release is built with it in the environment.
const RELEASED: Option<&str> = option_env!("WRITEWAY_AGENT_DIGEST");

const _: () = assert!(
    match RELEASED {
        Some(digest) => is_sha256(digest.as_bytes()),
        None => true,
    },
    "WRITEWAY_AGENT_DIGEST must be `sha256:` and 64 lower-case hex digits"
);

const fn is_sha256(digest: &[u8]) -> bool {
    let Some((b"sha256:", hex)) = digest.split_at_checked(7) else {
        return false;
    };
    let mut index = 0;
    while index < hex.len() {
        if !matches!(hex[index], b'0'..=b'9' | b'a'..=b'f') {
            return false;
        }
        index += 1;
    }
    index == 64
}

/// A reference to an image, as a container names it.
///
/// ```
/// use writeway_generate::Image;
///
/// let image = Image::parse("registry.example.com/tools/agent:0.1.0")?;
/// assert!(!image.is_pinned());
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    written: String,
    pinned: bool,
}

impl Image {
    /// The image of `writeway-agent` of this version: pinned by its digest in a release, by its tag alone in what was
    /// built before one.
    #[must_use]
    pub fn agent() -> Self {
        let tagged = format!("{}:{}", agent::IMAGE, env!("CARGO_PKG_VERSION"));
        Self {
            written: RELEASED.map_or_else(|| tagged.clone(), |digest| format!("{tagged}@{digest}")),
            pinned: RELEASED.is_some(),
        }
    }

    /// An image by its reference, kept as it is written.
    ///
    /// # Errors
    /// [`Error::Image`] when a container runtime would refuse it.
    pub fn parse(reference: &str) -> Result<Self, Error> {
        let pinned = ImageReference::parse(reference)?.digest().is_some();
        Ok(Self {
            written: reference.to_owned(),
            pinned,
        })
    }

    /// The reference as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether a digest says which bytes these are. A tag can be moved.
    #[must_use]
    pub const fn is_pinned(&self) -> bool {
        self.pinned
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// When a container's image is pulled (`imagePullPolicy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// Its digest is asked for at each start.
    Always,
    /// When the node does not have it.
    IfNotPresent,
    /// Never: the node has to have it.
    Never,
}

impl PullPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Always, Self::IfNotPresent, Self::Never];

    /// As a container has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha256_in_lower_case() {
        let zeros = "0".repeat(64);
        for (digest, good) in [
            (format!("sha256:{zeros}"), true),
            (format!("sha256:{}", "A".repeat(64)), false),
            (format!("sha256:{zeros}0"), false),
            (format!("sha512:{zeros}"), false),
            ("sha256:".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(is_sha256(digest.as_bytes()), good, "{digest}");
        }
    }
}
