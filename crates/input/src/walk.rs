// SPDX-License-Identifier: Apache-2.0
//! The files in a folder.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::candidate::{display_name, is_candidate};
use crate::pattern::{InputGlob, PathGlobs};
use crate::{CollectOptions, InputError};

/// What is meant of a folder.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// Every manifest in it.
    Everything,
    /// What a glob selects.
    Glob(InputGlob),
}

impl Scope {
    fn wants(&self, file: &Path) -> bool {
        match self {
            Self::Everything => is_candidate(file),
            Self::Glob(glob) => glob.selects(file),
        }
    }

    fn enters(&self, folder: &Path) -> bool {
        match self {
            Self::Everything => true,
            Self::Glob(glob) => glob.enters(folder),
        }
    }
}

/// The files below a folder, each folder's in the order of their names, and what could not be looked at. Symbolic links
/// are followed, since mounted folders are full of them; hidden files and folders are not looked at.
pub(crate) fn files_in(
    folder: &Path,
    scope: &Scope,
    excludes: &PathGlobs,
    options: &CollectOptions,
) -> (Vec<PathBuf>, Vec<InputError>) {
    let gitignore = options.respect_gitignore;
    let (entered, excludes) = (scope.clone(), excludes.clone());
    let enters = move |entry: &DirEntry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.depth() == 0
            || (!excludes.matches(entry.path()) && (!is_folder || entered.enters(entry.path())))
    };
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .hidden(true)
        .git_ignore(gitignore)
        .git_exclude(gitignore)
        .git_global(gitignore)
        .parents(gitignore)
        .require_git(false)
        .follow_links(true)
        .sort_by_file_name(OsStr::cmp)
        .filter_entry(enters)
        .build();
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for entry in walk {
        match entry {
            Ok(entry) if !scope.wants(entry.path()) => {}
            Ok(entry) => match entry.file_type() {
                Some(kind) if kind.is_file() => files.push(entry.into_path()),
                Some(kind) if kind.is_dir() => {}
                _ => errors.push(InputError::NotAFile {
                    name: display_name(entry.path()),
                }),
            },
            Err(error) => errors.extend(walk_error(folder, scope, error)),
        }
    }
    (files, errors)
}

/// An error matters only where something was meant. A link that leads nowhere can only have meant a file.
fn walk_error(folder: &Path, scope: &Scope, error: ignore::Error) -> Option<InputError> {
    let path = error_path(&error).unwrap_or(folder).to_owned();
    let missing = error
        .io_error()
        .is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
    let matters = scope.wants(&path) || (!missing && scope.enters(&path));
    matters.then(|| InputError::walk(display_name(&path), error))
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}
