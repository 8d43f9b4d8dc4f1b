// SPDX-License-Identifier: Apache-2.0
//! Objects that a kustomization cannot have: kustomize takes none without a name, and none twice
//! (kustomize/api/resmap, `Append`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use writeway_manifest::{FileId, Inventory, ObjectRef, Place};
use writeway_report::counted;
use writeway_yaml::{Node, Value};

use crate::terminal::Terminal;

/// How many objects are named at most, unless --verbose lists them.
const NAMED: usize = 20;

/// The objects that are left out, by their numbers among [`Inventory::objects`], each with why.
#[derive(Default)]
pub(super) struct LeftOut(BTreeMap<usize, String>);

impl LeftOut {
    /// Those of the inputs.
    pub(super) fn of(inventory: &Inventory) -> Self {
        let objects = inventory.objects().iter().enumerate();
        let left_out = objects.filter_map(|(number, declared)| {
            let object = &declared.object;
            Some((number, why(inventory, object)?))
        });
        Self(left_out.collect())
    }

    /// Their numbers.
    pub(super) fn numbers(&self) -> BTreeSet<usize> {
        self.0.keys().copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names them.
    pub(super) fn say(&self, inventory: &Inventory, folder: &Path, terminal: Terminal) {
        let objects = inventory.objects();
        for (said, (number, why)) in self.0.iter().enumerate() {
            let Some(declared) = objects.get(*number) else {
                continue;
            };
            let object = &declared.object;
            let line = format!(
                "{}: {} `{}` is left out of {}: {why}",
                position(inventory, object),
                object.kind,
                object.name,
                folder.display()
            );
            if said < NAMED {
                terminal.error(line);
            } else {
                terminal.detail(line);
            }
        }
        let more = self.0.len().saturating_sub(NAMED);
        if more > 0 {
            terminal.error(format_args!(
                "{} left out of {} (--verbose lists them)",
                counted(more, "more object"),
                folder.display()
            ));
        }
    }

    /// What of a file kustomize can take: `None` when it is all of the file, as it is; else the objects that are not left
    /// out, without what is no object.
    pub(super) fn rest_of(&self, inventory: &Inventory, file: FileId) -> Option<Vec<Value>> {
        let stream = &inventory.file(file).stream;
        let in_file = |object: &ObjectRef| object.file == file;
        let numbered = inventory.objects().iter().enumerate();
        let (left, kept): (Vec<_>, Vec<_>) = numbered
            .filter(|(_, declared)| in_file(&declared.object))
            .partition(|(number, _)| self.0.contains_key(number));
        let skipped = inventory
            .skipped()
            .iter()
            .any(|skipped| skipped.place.file == file);
        if left.is_empty() && !skipped && stream.errors().is_empty() {
            return None;
        }
        let kept = kept.into_iter().filter_map(|(_, declared)| {
            let node = stream.value_at(declared.object.span)?;
            Value::read(node)
        });
        Some(kept.collect())
    }
}

/// Why kustomize would not take an object beside the others.
fn why(inventory: &Inventory, object: &ObjectRef) -> Option<String> {
    let stream = &inventory.file(object.file).stream;
    let name = stream
        .value_at(object.span)
        .and_then(|node| node.get("metadata")?.get("name"));
    if name.and_then(Node::as_str).is_none_or(str::is_empty) {
        return Some(
            "it has no metadata.name, which kustomize needs; give it one, or repair it with --fix".to_owned(),
        );
    }
    let first = &inventory.namesakes(object).next()?.object;
    (first != object).then(|| {
        format!(
            "{} has the same kind, namespace and name, and kustomize takes one of them; write a kustomization for each \
             variant",
            position(inventory, first)
        )
    })
}

fn position(inventory: &Inventory, object: &ObjectRef) -> String {
    inventory.position_text(Place {
        file: object.file,
        span: object.name_span,
    })
}
