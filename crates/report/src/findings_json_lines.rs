// SPDX-License-Identifier: Apache-2.0
//! Findings as JSON Lines, version 1: each line is a finding of the JSON document (`schema/check.schema.json`,
//! `#/$defs/finding`) with the version beside it.

use std::io::{self, Write};

use serde::Serialize;

use crate::CheckReport;
use crate::findings_json::FindingJson;
use crate::json_text::write_line;

/// Writes a line for every finding.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_json_lines(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    for (finding, fingerprint) in report.fingerprinted() {
        let finding = FindingJson::new(report.inventory(), finding, fingerprint);
        write_line(out, &Line { version: 1, finding })?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Line<'a> {
    version: u32,
    #[serde(flatten)]
    finding: FindingJson<'a>,
}
