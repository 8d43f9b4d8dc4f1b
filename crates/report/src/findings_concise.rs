// SPDX-License-Identifier: Apache-2.0
//! Findings on one line each, for editors and for `grep`.

use std::io::{self, Write};

use crate::region::Region;
use crate::{CheckReport, printable};

/// Writes a line `file:line:column: CODE severity message` for every finding.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_concise(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    for finding in report.findings() {
        let Region {
            file, line, column, ..
        } = Region::of(report.inventory(), finding.primary.place);
        let (file, message) = (printable(file), printable(&finding.message));
        let (code, severity) = (finding.rule.code, finding.severity.as_str());
        writeln!(out, "{file}:{line}:{column}: {code} {severity} {message}")?;
    }
    Ok(())
}
