// SPDX-License-Identifier: Apache-2.0
//! How inputs are collected.

use crate::RenderOptions;

/// How inputs are collected.
#[derive(Debug, Clone)]
pub struct CollectOptions {
    /// Globs of files and folders to leave out when folders are walked and globs resolved. One without a slash is
    /// compared with each name on the way, one with a slash with the path, from any folder on unless it begins with the
    /// slash. Files that are named are always read.
    pub exclude: Vec<String>,
    /// Whether what `.gitignore` files name is left out when folders are walked.
    pub respect_gitignore: bool,
    /// What standard input is called in messages; `-` by default.
    pub stdin_filename: Option<String>,
    /// Renders Helm charts and kustomizations with foreign programs; `None` leaves them unrendered.
    pub render: Option<RenderOptions>,
    /// Longest file, in bytes; 64 MiB by default, twenty times the largest object that an API server takes.
    pub max_bytes: u64,
}

impl Default for CollectOptions {
    fn default() -> Self {
        Self {
            exclude: Vec::new(),
            respect_gitignore: true,
            stdin_filename: None,
            render: None,
            max_bytes: 64 << 20,
        }
    }
}
