// SPDX-License-Identifier: Apache-2.0
//! Findings as annotations of GitHub: workflow commands, which the runner takes from the log of a step
//! (actions/runner, `src/Runner.Common/ActionCommand.cs`; actions/toolkit, `packages/core/src/command.ts`).

use std::io::{self, Write};

use writeway_check::Severity;

use crate::explanation::explanation;
use crate::region::Region;
use crate::{CheckReport, printable};

/// Writes a command for every finding.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_github(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    for finding in report.findings() {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let region = Region::of(report.inventory(), finding.primary.place);
        // In the order of GitHub's own library.
        let title = property(&format!("{} {}", finding.rule.code, finding.rule.name));
        let file = property(&printable(&report.path_in_repository(region.file)));
        let (line, end_line) = (region.line, region.last_line());
        write!(
            out,
            "::{command} title={title},file={file},line={line},endLine={end_line}"
        )?;
        // The runner drops columns of a range that is not on one line (actions/runner,
        // src/Runner.Worker/ActionCommandManager.cs, ValidateLinesAndColumns).
        if region.end_line == line {
            write!(out, ",col={},endColumn={}", region.column, region.end_column)?;
        }
        writeln!(out, "::{}", data(&explanation(finding)))?;
    }
    Ok(())
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
