// SPDX-License-Identifier: Apache-2.0
//! Findings as one JSON document, version 1 (`schema/check.schema.json`).

use std::io::{self, Write};

use serde::Serialize;
use writeway_check::{Finding, Fix, Location, Subject};
use writeway_manifest::Inventory;

use crate::{Program, Summary};

/// Writes the document, which names the programs that rendered some of the inputs, if any.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_json(
    out: &mut dyn Write,
    inventory: &Inventory,
    renderers: &[Program],
    findings: &[Finding],
    summary: &Summary,
) -> io::Result<()> {
    let findings = findings
        .iter()
        .map(|finding| FindingJson::new(inventory, finding))
        .collect();
    serde_json::to_writer_pretty(
        &mut *out,
        &Document {
            version: 1,
            renderers,
            findings,
            summary,
        },
    )?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    renderers: &'a [Program],
    findings: Vec<FindingJson<'a>>,
    summary: &'a Summary,
}

#[derive(Serialize)]
struct FindingJson<'a> {
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
}

impl<'a> FindingJson<'a> {
    fn new(inventory: &'a Inventory, finding: &'a Finding) -> Self {
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

/// Lines and columns count from 1, columns in characters; the end is just behind the last character.
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
        let file = inventory.file(location.place.file);
        let start = file.stream.position(location.place.span.start);
        let end = file.stream.position(location.place.span.end);
        Self {
            file: &file.name,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            label: &location.label,
            primary,
        }
    }
}

#[derive(Serialize)]
struct FixJson<'a> {
    title: &'a str,
    safe: bool,
}

impl<'a> FixJson<'a> {
    fn new(fix: &'a Fix) -> Self {
        Self {
            title: &fix.title,
            safe: fix.safe,
        }
    }
}
