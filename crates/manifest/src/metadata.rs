// SPDX-License-Identifier: Apache-2.0
//! What the metadata of any object says beside its name.

use std::collections::BTreeMap;

use crate::Spanned;

/// `metadata` (`ObjectMeta`) of an object: what people and tools attach to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// Labels.
    pub labels: BTreeMap<String, Spanned<String>>,
    /// Annotations.
    pub annotations: BTreeMap<String, Spanned<String>>,
}

impl Metadata {
    /// The annotation of that key.
    pub fn annotation(&self, key: &str) -> Option<&Spanned<String>> {
        self.annotations.get(key)
    }
}
