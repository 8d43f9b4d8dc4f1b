// SPDX-License-Identifier: Apache-2.0
//! What a caller may choose: the platform, and how much an archive may cost.

use std::fmt;
use std::str::FromStr;

/// How to read an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The platform to read; by default linux/amd64, or the only one there is.
    pub platform: Option<Platform>,
    /// Bounds on what is read.
    pub limits: Limits,
}

/// Bounds on what one call may read and keep. An archive beyond them is an error, never a truncated answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after decompression, over all layers and passes (64 GiB).
    pub decompressed_bytes: u64,
    /// Files and directories of all layers together (2 million).
    pub entries: u64,
    /// Length of all their paths and link targets together, in bytes (256 MiB).
    pub name_bytes: u64,
    /// Size of one JSON document: index, manifest or config (8 MiB, as containerd).
    pub document_bytes: u64,
    /// Size of `/etc/passwd` and of `/etc/group` (1 MiB); a larger file leaves users or groups unknown.
    pub account_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decompressed_bytes: 64 << 30,
            entries: 2_000_000,
            name_bytes: 256 << 20,
            document_bytes: 8 << 20,
            account_bytes: 1 << 20,
        }
    }
}

/// An operating system and processor, as OCI image indexes name them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// `GOOS`, e.g. `linux`.
    pub os: String,
    /// `GOARCH`, e.g. `amd64`.
    pub architecture: String,
    /// The processor's variant, e.g. `v8`.
    pub variant: Option<String>,
}

impl Platform {
    /// The platform read unless another is asked for.
    pub fn linux_amd64() -> Self {
        Self {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: None,
        }
    }

    /// Whether an image for `offered` is what `self` asks for: a variant counts only when one is asked for.
    pub(crate) fn accepts(&self, offered: &Self) -> bool {
        self.os == offered.os
            && self.architecture == offered.architecture
            && (self.variant.is_none() || self.variant == offered.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

/// A text that is not a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform: write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, e.g. linux/arm64")]
pub struct PlatformError(String);

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        let variant = match parts.as_slice() {
            [_, _] => None,
            [_, _, variant] => Some((*variant).to_owned()),
            _ => return Err(PlatformError(text.to_owned())),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(PlatformError(text.to_owned()));
        }
        Ok(Self {
            os: parts[0].to_owned(),
            architecture: parts[1].to_owned(),
            variant,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_two_or_three_words() {
        let arm: Platform = "linux/arm64".parse().unwrap();
        assert_eq!(arm.to_string(), "linux/arm64");
        let v7: Platform = "linux/arm/v7".parse().unwrap();
        assert_eq!(v7.to_string(), "linux/arm/v7");
        for wrong in ["", "linux", "linux/", "/amd64", "linux/arm/", "a/b/c/d"] {
            assert!(wrong.parse::<Platform>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_variant_counts_only_when_asked_for() {
        let plain: Platform = "linux/arm".parse().unwrap();
        let v7: Platform = "linux/arm/v7".parse().unwrap();
        assert!(plain.accepts(&v7));
        assert!(!v7.accepts(&plain));
        assert!(!Platform::linux_amd64().accepts(&plain));
    }
}
