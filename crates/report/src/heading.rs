// SPDX-License-Identifier: Apache-2.0
//! How an object is headed on a terminal.

use writeway_manifest::{Inventory, ObjectRef, Place, Workload};

use crate::printable;

/// Kind, name and place of what makes a pod, e.g. `Deployment shop/web  web.yaml:4`.
pub(crate) fn workload_heading(inventory: &Inventory, workload: &Workload) -> String {
    object_heading(inventory, &workload.object)
}

/// Kind, name and place.
pub(crate) fn object_heading(inventory: &Inventory, object: &ObjectRef) -> String {
    let place = Place {
        file: object.file,
        span: object.name_span,
    };
    let line = inventory.position(place).line;
    let file = &inventory.file(object.file).name;
    printable(&format!("{} {}  {file}:{line}", object.kind, object_name(object))).into_owned()
}

/// Namespace, when one is written, and name.
pub fn object_name(object: &ObjectRef) -> String {
    match &object.namespace {
        Some(namespace) => format!("{namespace}/{}", object.name),
        None => object.name.clone(),
    }
}
