// SPDX-License-Identifier: Apache-2.0
//! Floor 2: the facts of a saved image, read offline from its config and layers.
//!
//! [`read`] takes what `docker save`, `podman save`, `skopeo copy` or `docker buildx build -o type=oci` wrote: a
//! tar archive (plain, gzip or zstd) or a folder. Layers are streamed and never unpacked, their digests are
//! verified, and no input, however hostile, makes the reader leave the archive or use more than [`Limits`] allow.

mod accounts;
mod archive;
mod assemble;
mod budget;
mod compression;
mod config;
mod digest;
mod docker;
mod error;
mod layer;
mod notes;
mod oci;
mod options;
mod paths;
mod rootfs;
mod source;
mod tools;

use std::path::Path;

use writeway_facts::ImageFacts;

pub use error::{Error, Problem};
pub use options::{Limits, Options, Platform, PlatformError};

/// One image of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedImage {
    /// The reference it was saved under; the archive's file name if it was saved without one.
    pub name: String,
    /// Further references to the same image.
    pub other_names: Vec<String>,
    /// Digests (`sha256:…`) under which a manifest may name it: those of its manifest and of the indexes above it.
    pub digests: Vec<String>,
    /// Its facts; `complete` is always set.
    pub facts: ImageFacts,
    /// What was left out or is doubtful, in plain words.
    pub notes: Vec<String>,
}

/// Reads every image of a saved archive or folder, with the default [`Options`].
///
/// # Errors
/// See [`Problem`]: the archive cannot be read, is none, is damaged, or is larger than the limits allow.
pub fn read(path: &Path) -> Result<Vec<SavedImage>, Error> {
    read_with(path, &Options::default())
}

/// Reads every image of a saved archive or folder for the platform asked for.
///
/// # Errors
/// As [`read`], and when an image does not exist for that platform.
pub fn read_with(path: &Path, options: &Options) -> Result<Vec<SavedImage>, Error> {
    assemble::images(path, options).map_err(|problem| Error {
        path: path.to_path_buf(),
        problem,
    })
}
