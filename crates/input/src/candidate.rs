// SPDX-License-Identifier: Apache-2.0
//! What may be read.

use std::path::{Component, Path, PathBuf};

use crate::{chart, kustomization};

/// Extensions of manifests, as `kubectl` has them (cli-runtime/pkg/resource/builder.go, `FileExtensions`).
const EXTENSIONS: &[&str] = &["yaml", "yml", "json"];

/// Something that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// Standard input.
    Stdin,
    /// A file that the user named.
    Named(PathBuf),
    /// A file of a folder or glob.
    Found(PathBuf),
}

impl Candidate {
    /// The file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdin => None,
            Self::Named(path) | Self::Found(path) => Some(path),
        }
    }
}

/// Whether a file is taken from a folder: for its extension, or because it tells what the folder is.
pub(crate) fn is_candidate(path: &Path) -> bool {
    has_manifest_extension(path) || kustomization::is_marker(path) || chart::is_marker(path)
}

fn has_manifest_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        EXTENSIONS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    })
}

/// A path as messages show it: as the user gave it, without a leading `./`.
pub(crate) fn display_name(path: &Path) -> String {
    let shown = path.strip_prefix(".").unwrap_or(path);
    if shown.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        shown.display().to_string()
    }
}

/// A path without `.` and, as far as the text tells, without `..`.
pub(crate) fn normalize(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
