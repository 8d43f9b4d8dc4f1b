// SPDX-License-Identifier: Apache-2.0
//! The files in a folder.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::candidate::{display_name, has_manifest_extension};
use crate::pattern::Excludes;
use crate::{CollectOptions, InputError, chart, kustomization};

/// The files below a folder, each folder's in the order of their names, and what could not be looked at. Symbolic links
/// are followed, as everywhere in Kubernetes' own tools that read mounted folders; hidden files and folders are not.
pub(crate) fn files_in(
    folder: &Path,
    excludes: &Excludes,
    options: &CollectOptions,
) -> (Vec<PathBuf>, Vec<InputError>) {
    let excludes = excludes.clone();
    let gitignore = options.respect_gitignore;
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(gitignore)
        .git_exclude(gitignore)
        .git_global(gitignore)
        .parents(gitignore)
        .require_git(false)
        .follow_links(true)
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .filter_entry(move |entry| entry.depth() == 0 || !excludes.excludes(entry.path()))
        .build();
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for entry in walk {
        match entry {
            Ok(entry) if !is_candidate(entry.path()) => {}
            Ok(entry) => match entry.file_type() {
                Some(kind) if kind.is_file() => files.push(entry.into_path()),
                Some(kind) if kind.is_dir() => {}
                _ => errors.push(InputError::NotAFile {
                    name: display_name(entry.path()),
                }),
            },
            Err(error) => errors.extend(walk_error(folder, error)),
        }
    }
    (files, errors)
}

/// A file that is read for its extension, or that tells what the folder is.
fn is_candidate(path: &Path) -> bool {
    has_manifest_extension(path) || kustomization::is_marker(path) || chart::is_marker(path)
}

/// A link that leads nowhere matters only if a manifest was meant.
fn walk_error(folder: &Path, error: ignore::Error) -> Option<InputError> {
    let path = error_path(&error).unwrap_or(folder).to_owned();
    let missing = error
        .io_error()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    (!missing || is_candidate(&path)).then(|| InputError::walk(display_name(&path), error))
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}
