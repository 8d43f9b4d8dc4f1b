// SPDX-License-Identifier: Apache-2.0
//! How an object is headed on a terminal.

use writeway_manifest::{Inventory, Place, Workload};

use crate::printable;

/// Kind, name and place, e.g. `Deployment shop/web  web.yaml:4`.
pub(crate) fn workload_heading(inventory: &Inventory, workload: &Workload) -> String {
    let object = &workload.object;
    let name = match &object.namespace {
        Some(namespace) => format!("{namespace}/{}", object.name),
        None => object.name.clone(),
    };
    let place = Place {
        file: object.file,
        span: object.name_span,
    };
    let line = inventory.position(place).line;
    let file = &inventory.file(object.file).name;
    printable(&format!("{} {name}  {file}:{line}", object.kind)).into_owned()
}
