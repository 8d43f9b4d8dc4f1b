// SPDX-License-Identifier: Apache-2.0
//! Image references: how a name in a manifest finds its facts.

use crate::{Facts, ImageFacts};

impl Facts {
    /// The facts of an image: as written, then with `docker.io/library` and `:latest` made explicit, then by digest.
    pub fn image(&self, _reference: &str) -> Option<&ImageFacts> {
        None
    }
}
