// SPDX-License-Identifier: Apache-2.0
//! Where the text of an input comes from.

use std::path::PathBuf;

/// Where the text of an input comes from, and so what can be done to change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Standard input.
    Stdin,
    /// A file, by the path that leads to it.
    File(PathBuf),
    /// What `helm template` made of a chart's folder.
    Chart(PathBuf),
    /// What kustomize made of a kustomization's folder.
    Kustomization(PathBuf),
}

impl Origin {
    /// Whether it was made from other files, so that a change of it would be lost.
    pub fn is_rendered(&self) -> bool {
        matches!(self, Self::Chart(_) | Self::Kustomization(_))
    }
}
