// SPDX-License-Identifier: Apache-2.0
//! A map beside what a probe saw as one JSON document, version 1 (`schema/comparison.schema.json`).

use std::io::{self, Write};

use serde::Serialize;
use writeway_manifest::Inventory;

use crate::comparison::{Agreement, Compared, ComparedContainer};
use crate::json_text::write_document;

/// Writes the document.
///
/// # Errors
/// When the writer fails.
pub fn write_comparison_json(
    out: &mut dyn Write,
    inventory: &Inventory,
    containers: &[ComparedContainer<'_>],
) -> io::Result<()> {
    let document = Document {
        version: 1,
        containers: containers
            .iter()
            .map(|compared| ContainerJson::new(inventory, compared))
            .collect(),
    };
    write_document(out, &document)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    containers: Vec<ContainerJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContainerJson<'a> {
    file: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
    container: &'a str,
    pod: &'a str,
    agrees: usize,
    differs: usize,
    unknown: usize,
    fake_owner: &'a [String],
    fields: Vec<FieldJson<'a>>,
}

impl<'a> ContainerJson<'a> {
    fn new(inventory: &'a Inventory, compared: &'a ComparedContainer<'_>) -> Self {
        let object = &compared.workload.object;
        let comparison = &compared.comparison;
        Self {
            file: &inventory.file(object.file).name,
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
            container: compared.container,
            pod: compared.pod,
            agrees: comparison.count(Agreement::Agrees),
            differs: comparison.count(Agreement::Differs),
            unknown: comparison.count(Agreement::Unknown),
            fake_owner: &comparison.fake_owner,
            fields: comparison.compared.iter().map(FieldJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldJson<'a> {
    path: Option<&'a str>,
    field: &'static str,
    agreement: &'static str,
    map: &'a str,
    probe: &'a str,
    map_why: Option<&'a str>,
    probe_why: Option<&'a str>,
}

impl<'a> FieldJson<'a> {
    fn new(compared: &'a Compared) -> Self {
        Self {
            path: compared.path.as_deref(),
            field: compared.field,
            agreement: compared.agreement.as_str(),
            map: &compared.map,
            probe: &compared.probe,
            map_why: compared.map_why.as_deref(),
            probe_why: compared.probe_why.as_deref(),
        }
    }
}
