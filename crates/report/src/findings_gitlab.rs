// SPDX-License-Identifier: Apache-2.0
//! Findings as a Code Quality report of GitLab (GitLab documentation, "Code Quality report format").

use std::io::{self, Write};

use serde::Serialize;
use writeway_check::{Finding, Fingerprint, Severity};

use crate::fix_text::fix_lines;
use crate::json_text::write_document;
use crate::region::Region;
use crate::{CheckReport, printable};

/// Writes the report: an array of objects, one for each finding.
///
/// # Errors
/// When the writer fails.
pub fn write_findings_gitlab(out: &mut dyn Write, report: &CheckReport<'_>) -> io::Result<()> {
    let issues: Vec<_> = report
        .fingerprinted()
        .map(|(finding, fingerprint)| Issue::new(report, finding, fingerprint))
        .collect();
    write_document(out, &issues)
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    /// Of two issues with one fingerprint GitLab shows the first.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

impl Issue {
    fn new(report: &CheckReport<'_>, finding: &Finding, fingerprint: Fingerprint) -> Self {
        let region = Region::of(report.inventory(), finding.primary.place);
        Self {
            description: description(finding),
            check_name: finding.rule.code,
            fingerprint: fingerprint.to_string(),
            severity: severity(finding.severity),
            location: Location {
                path: report.path_in_repository(region.file),
                lines: Lines {
                    begin: region.line,
                    end: region.last_line(),
                },
            },
        }
    }
}

/// What is wrong, and the fixes: of an issue's texts GitLab shows this one alone (gitlabhq,
/// `app/serializers/codequality_degradation_entity.rb`).
fn description(finding: &Finding) -> String {
    let message = printable(&finding.message).into_owned();
    let parts: Vec<_> = std::iter::once(message).chain(fix_lines(finding)).collect();
    parts.join("; ")
}

/// One of GitLab's `info`, `minor`, `major`, `critical`, `blocker`.
const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}
