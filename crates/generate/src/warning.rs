// SPDX-License-Identifier: Apache-2.0
//! What whoever uses the result has to know.

use crate::{Image, Size};

/// Something that works, and has a price.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The image is named by its tag, which can be moved.
    NotPinned(Image),
    /// Files in the volume count as memory of the container that writes them.
    CountsAsMemory {
        /// The volume.
        volume: String,
        /// What may be added to the container's memory.
        size: Size,
    },
    /// What the program writes there is gone when the pod is replaced.
    LostWithPod {
        /// Where it writes.
        path: String,
    },
    /// `chown -R` without capabilities to read stops at a directory that its owner has closed.
    StopsAtClosedDirectories,
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotPinned(image) => write!(
                f,
                "image `{image}` is not pinned: a tag can be moved; name one by its digest, as `…@sha256:…`"
            ),
            Self::CountsAsMemory { volume, size } => write!(
                f,
                "what is in volume `{volume}` counts as memory of the container that writes it: add {size} to its memory \
                 limit"
            ),
            Self::LostWithPod { path } => write!(
                f,
                "what the program changes in `{path}` is lost with the pod: keep it on a claim where that matters"
            ),
            Self::StopsAtClosedDirectories => f.write_str(
                "`chown -R` with no capability but CHOWN fails at a directory that another user has closed (0700); the agent \
                 does not",
            ),
        }
    }
}
