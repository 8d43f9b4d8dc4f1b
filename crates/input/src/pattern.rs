// SPDX-License-Identifier: Apache-2.0
//! Globs: those that name inputs, and those that exclude some.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use crate::InputError;
use crate::candidate::{is_candidate, normalize};

/// A glob that names inputs, e.g. `k8s/**/*.yaml`.
#[derive(Debug, Clone)]
pub(crate) struct InputGlob {
    /// The folder below which everything is that can match.
    pub(crate) base: PathBuf,
    matcher: GlobMatcher,
    /// How many components a match has at most; none after `**`.
    depth: Option<usize>,
    /// The last component leaves the extension open, so that only manifests are meant.
    any_extension: bool,
}

impl InputGlob {
    /// Whether a text has a glob's characters.
    pub(crate) fn is_glob(text: &str) -> bool {
        text.contains(['*', '?', '[', '{'])
    }

    pub(crate) fn new(pattern: &str) -> Result<Self, InputError> {
        let clean = pattern.strip_prefix("./").unwrap_or(pattern);
        let matcher = glob(clean, pattern)?.compile_matcher();
        let literal: PathBuf = Path::new(clean)
            .components()
            .take_while(|component| !component.as_os_str().to_str().is_none_or(Self::is_glob))
            .collect();
        let base = if literal.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            literal
        };
        let depth = (!clean.contains("**")).then(|| Path::new(clean).components().count());
        Ok(Self {
            base,
            matcher,
            depth,
            any_extension: clean.ends_with('*'),
        })
    }

    /// Whether the glob means a file: it matches the file itself or a folder around it.
    pub(crate) fn selects(&self, file: &Path) -> bool {
        let file = normalize(file);
        if self.matcher.is_match(&file) {
            return !self.any_extension || is_candidate(&file);
        }
        is_candidate(&file) && self.matches_around(&file)
    }

    /// Whether a folder may have files that the glob means.
    pub(crate) fn enters(&self, folder: &Path) -> bool {
        let folder = normalize(folder);
        let above_match = self.depth.is_none_or(|depth| folder.components().count() < depth);
        above_match || self.matcher.is_match(&folder) || self.matches_around(&folder)
    }

    fn matches_around(&self, path: &Path) -> bool {
        path.ancestors()
            .skip(1)
            .any(|folder| self.matcher.is_match(folder))
    }
}

/// Globs of files and folders: one without a slash is compared with each name on the way, one with a slash with the path,
/// from any folder on unless it begins with the slash.
#[derive(Debug, Clone)]
pub struct PathGlobs {
    names: GlobSet,
    paths: GlobSet,
}

impl PathGlobs {
    /// Compiles globs; those that are none are returned beside the rest.
    pub fn new(patterns: &[String]) -> (Self, Vec<InputError>) {
        let (mut names, mut paths, mut errors) = (GlobSetBuilder::new(), GlobSetBuilder::new(), Vec::new());
        for pattern in patterns {
            let clean = pattern
                .strip_prefix("./")
                .unwrap_or(pattern)
                .trim_end_matches('/');
            // A path is compared from any folder on, since inputs may be absolute.
            let (set, clean) = match clean.contains('/') {
                true if clean.starts_with('/') => (&mut paths, clean.to_owned()),
                true => (&mut paths, format!("**/{clean}")),
                false => (&mut names, clean.to_owned()),
            };
            match glob(&clean, pattern) {
                Ok(glob) => drop(set.add(glob)),
                Err(error) => errors.push(error),
            }
        }
        let mut build = |set: GlobSetBuilder| {
            set.build().unwrap_or_else(|source| {
                errors.push(InputError::BadPattern {
                    pattern: "--exclude".to_owned(),
                    source,
                });
                GlobSet::empty()
            })
        };
        (
            Self {
                names: build(names),
                paths: build(paths),
            },
            errors,
        )
    }

    /// Whether a glob names a file or folder itself.
    pub fn matches(&self, path: &Path) -> bool {
        path.file_name().is_some_and(|name| self.names.is_match(name)) || self.paths.is_match(normalize(path))
    }

    /// Whether a glob names a file or folder, or one of the folders around it.
    pub fn covers(&self, path: &Path) -> bool {
        path.ancestors().any(|path| self.matches(path))
    }
}

/// `*` stays within a component, as in a shell.
fn glob(clean: &str, pattern: &str) -> Result<globset::Glob, InputError> {
    GlobBuilder::new(clean)
        .literal_separator(true)
        .build()
        .map_err(|source| InputError::BadPattern {
            pattern: pattern.to_owned(),
            source,
        })
}
