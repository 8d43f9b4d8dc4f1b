// SPDX-License-Identifier: Apache-2.0
//! How pods fare as one JSON document, version 1 (`schema/admit.schema.json`).

use std::io::{self, Write};

use serde::Serialize;
use writeway_manifest::{Inventory, Place, Span};
use writeway_pod_security::{Admission, Culprit, Refusal};

use crate::Program;
use crate::json_text::write_document;
use crate::region::Region;

/// Writes the document, which names the programs that rendered some of the inputs, if any.
///
/// # Errors
/// When the writer fails.
pub fn write_admissions_json(
    out: &mut dyn Write,
    inventory: &Inventory,
    renderers: &[Program],
    admissions: &[Admission<'_>],
) -> io::Result<()> {
    let pods = admissions
        .iter()
        .map(|admission| PodJson::new(inventory, admission))
        .collect();
    let document = Document {
        version: 1,
        renderers,
        pods,
    };
    write_document(out, &document)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    renderers: &'a [Program],
    pods: Vec<PodJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PodJson<'a> {
    file: &'a str,
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
    level: Option<&'static str>,
    policy_version: Option<String>,
    admitted: Option<bool>,
    refused_by: Vec<RefusalJson<'a>>,
    unknown: Vec<Region<'a>>,
}

impl<'a> PodJson<'a> {
    fn new(inventory: &'a Inventory, admission: &'a Admission<'a>) -> Self {
        let object = &admission.workload.object;
        let place = |span: Span| Place {
            file: object.file,
            span,
        };
        let refusals = admission.verdict.refusals.iter();
        let unknown = admission.verdict.unknown.iter();
        Self {
            file: &inventory.file(object.file).name,
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
            level: admission.policy.map(|policy| policy.level.as_str()),
            policy_version: admission.policy.map(|policy| policy.version.to_string()),
            admitted: admission.verdict.admitted(),
            refused_by: refusals
                .map(|refusal| RefusalJson::new(inventory, refusal, &place))
                .collect(),
            unknown: unknown.map(|span| Region::of(inventory, place(*span))).collect(),
        }
    }
}

#[derive(Serialize)]
struct RefusalJson<'a> {
    check: &'static str,
    reason: &'static str,
    detail: &'a str,
    locations: Vec<CulpritJson<'a>>,
}

impl<'a> RefusalJson<'a> {
    fn new(inventory: &'a Inventory, refusal: &'a Refusal, place: &dyn Fn(Span) -> Place) -> Self {
        Self {
            check: refusal.check,
            reason: refusal.reason,
            detail: &refusal.detail,
            locations: refusal
                .culprits
                .iter()
                .map(|culprit| CulpritJson::new(inventory, culprit, place(culprit.span)))
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct CulpritJson<'a> {
    #[serde(flatten)]
    region: Region<'a>,
    label: String,
    container: Option<&'a str>,
}

impl<'a> CulpritJson<'a> {
    fn new(inventory: &'a Inventory, culprit: &'a Culprit, place: Place) -> Self {
        let container = culprit.container.as_ref();
        Self {
            region: Region::of(inventory, place),
            label: culprit.fault.to_string(),
            container: container.map(|container| container.name.as_str()),
        }
    }
}
