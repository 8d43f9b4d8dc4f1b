// SPDX-License-Identifier: Apache-2.0
//! Findings as one JSON document, version 1 (`schema/check.schema.json`).

use std::io::{self, Write};

use serde::Serialize;
use writeway_check::{Finding, Fingerprint, Fix, Location, Subject};
use writeway_manifest::Inventory;

use crate::clocks_json::ClocksJson;
use crate::json_text::write_document;
use crate::region::Region;
use crate::{CheckReport, Program, Summary};

/// Writes the document, which names the programs that rendered some of the inputs, if any.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_json(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    let findings = report
        .fingerprinted()
        .map(|(finding, fingerprint)| FindingJson::new(report.inventory(), finding, fingerprint))
        .collect();
    let document = Document {
        version: 1,
        renderers: report.renderers,
        clocks: report
            .clocks
            .map(|clocks| ClocksJson::new(report.inventory(), clocks)),
        findings,
        summary: &report.summary,
    };
    write_document(out, &document)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    renderers: &'a [Program],
    #[serde(skip_serializing_if = "Option::is_none")]
    clocks: Option<ClocksJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    summary: &'a Summary,
}

#[derive(Serialize)]
pub(crate) struct FindingJson<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    confidence: &'static str,
    message: &'a str,
    object: ObjectJson<'a>,
    locations: Vec<LocationJson<'a>>,
    why: &'a [String],
    help: Option<&'a str>,
    fixes: Vec<FixJson<'a>>,
    fingerprint: String,
}

impl<'a> FindingJson<'a> {
    pub(crate) fn new(inventory: &'a Inventory, finding: &'a Finding, fingerprint: Fingerprint) -> Self {
        let related = finding
            .related
            .iter()
            .map(|location| LocationJson::new(inventory, location, false));
        let primary = LocationJson::new(inventory, &finding.primary, true);
        Self {
            code: finding.rule.code,
            name: finding.rule.name,
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            message: &finding.message,
            object: ObjectJson::new(&finding.subject),
            locations: std::iter::once(primary).chain(related).collect(),
            why: &finding.why,
            help: finding.help.as_deref(),
            fixes: finding.fixes.iter().map(FixJson::new).collect(),
            fingerprint: fingerprint.to_string(),
        }
    }
}

#[derive(Serialize)]
struct ObjectJson<'a> {
    kind: Option<&'a str>,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    container: Option<&'a str>,
}

impl<'a> ObjectJson<'a> {
    fn new(subject: &'a Subject) -> Self {
        let object = subject.object.as_ref();
        Self {
            kind: object.map(|object| object.kind.as_str()),
            namespace: object.and_then(|object| object.namespace.as_deref()),
            name: object.map(|object| object.name.as_str()),
            container: subject.container.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationJson<'a> {
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    label: &'a str,
    primary: bool,
}

impl<'a> LocationJson<'a> {
    fn new(inventory: &'a Inventory, location: &'a Location, primary: bool) -> Self {
        let region = Region::of(inventory, location.place);
        Self {
            file: region.file,
            line: region.line,
            column: region.column,
            end_line: region.end_line,
            end_column: region.end_column,
            label: &location.label,
            primary,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixJson<'a> {
    title: &'a str,
    safe: bool,
    in_place: bool,
}

impl<'a> FixJson<'a> {
    fn new(fix: &'a Fix) -> Self {
        Self {
            title: &fix.title,
            safe: fix.safe,
            in_place: fix.in_place,
        }
    }
}
