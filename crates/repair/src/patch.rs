// SPDX-License-Identifier: Apache-2.0
//! Repairs as patches, for objects whose text is made from other files.
//!
//! Kubernetes' own objects get a strategic merge patch (Kubernetes documentation, "Update API Objects in Place Using
//! kubectl patch"; the merge keys are those of `staging/src/k8s.io/api`, `patchMergeKey`), all others a JSON patch
//! (RFC 6902), for nobody knows how their lists are merged.

mod json;
mod strategic;

use std::collections::BTreeSet;

use writeway_manifest::{FileId, Inventory, ObjectRef};
use writeway_yaml::Value;

/// Groups of Kubernetes itself whose objects remedies change.
const OWN_GROUPS: &[&str] = &["", "apps", "batch", "storage.k8s.io"];

/// What changes in one object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectPatch {
    /// The object.
    pub object: ObjectRef,
    /// How it is written.
    pub patch: Patch,
}

/// A patch, in one of two languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patch {
    /// A strategic merge patch: a part of the object, with its kind and name.
    Strategic(Value),
    /// A JSON patch: a list of operations.
    Json(Value),
}

/// What is different in the objects of changed files, in the order of the inputs. `after` has the repaired texts.
pub fn patches(inventory: &Inventory, after: &Inventory, changed: &BTreeSet<FileId>) -> Vec<ObjectPatch> {
    // No fix adds an object, or takes one away.
    let both = inventory.objects().iter().zip(after.objects());
    let changed = both.filter(|(old, _)| changed.contains(&old.object.file));
    changed
        .filter_map(|(old, new)| {
            let patch = patch(
                &old.object,
                &value(inventory, &old.object)?,
                &value(after, &new.object)?,
            )?;
            Some(ObjectPatch {
                object: old.object.clone(),
                patch,
            })
        })
        .collect()
}

fn value(inventory: &Inventory, object: &ObjectRef) -> Option<Value> {
    let stream = &inventory.file(object.file).stream;
    Value::read(stream.value_at(object.span)?)
}

/// `None` when nothing is different.
fn patch(object: &ObjectRef, old: &Value, new: &Value) -> Option<Patch> {
    if old == new {
        return None;
    }
    let strategic = OWN_GROUPS
        .contains(&object.group())
        .then(|| strategic::patch(object, old, new))
        .flatten();
    Some(strategic.map_or_else(|| Patch::Json(json::patch(old, new)), Patch::Strategic))
}
