// SPDX-License-Identifier: Apache-2.0
//! What the user decides about repairs.

use std::collections::BTreeSet;

use writeway_manifest::FileId;

/// What the user decides about repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The image of the init containers that remedies add.
    pub agent_image: String,
    /// Whether fixes are applied, too, that may change what works today.
    pub unsafe_fixes: bool,
    /// Files that must stay as they are, because they are made from others.
    pub frozen: BTreeSet<FileId>,
}
