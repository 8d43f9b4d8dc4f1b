// SPDX-License-Identifier: Apache-2.0
//! What the user decides about repairs.

use std::collections::BTreeSet;

use writeway_manifest::{FileId, Inventory, ObjectRef};

/// What the user decides about repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The image of the init containers that remedies add.
    pub agent_image: String,
    /// Whether fixes are applied, too, that may change what works today.
    pub unsafe_fixes: bool,
    /// Files that must stay as they are, because they are made from others.
    pub frozen: BTreeSet<FileId>,
    /// Objects of other files that must stay as they are, by their numbers among [`Inventory::objects`]: no fix changes
    /// these.
    pub left_out: BTreeSet<usize>,
}

impl Options {
    /// Whether an object of these inputs may be changed.
    pub(crate) fn may_change(&self, inventory: &Inventory, object: &ObjectRef) -> bool {
        let is_left_out = || {
            let mut objects = inventory.objects().iter();
            let number = objects.position(|known| known.object == *object);
            number.is_some_and(|number| self.left_out.contains(&number))
        };
        !self.frozen.contains(&object.file) && (self.left_out.is_empty() || !is_left_out())
    }
}
