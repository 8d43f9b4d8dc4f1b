// SPDX-License-Identifier: Apache-2.0
//! Counts over findings.

use std::collections::BTreeMap;

use serde::Serialize;
use writeway_check::{Finding, Judged, Severity, Verdict};

use crate::counted;

/// How many findings there are, of which kind, in how many workloads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Findings that are reported.
    pub findings: usize,
    /// Those of severity error.
    pub errors: usize,
    /// Those of severity warning.
    pub warnings: usize,
    /// Those of severity info.
    pub infos: usize,
    /// Findings that comments and annotations suppress; they are not among those above.
    pub suppressed: usize,
    /// Findings that the baseline knows; they are not among those above either.
    pub in_baseline: usize,
    /// Findings that were left out because they matter less, or are less sure, than what was asked for, or because their
    /// rule is ignored in their file.
    pub filtered: usize,
    /// Findings that `--fix` repairs, of those that are reported.
    #[serde(skip)]
    pub fixable: usize,
    /// Findings that `--fix` repairs together with `--unsafe-fixes` only.
    #[serde(skip)]
    pub unsafely_fixable: usize,
    /// Workloads that were checked.
    pub workloads: usize,
    /// Files that were read.
    pub files: usize,
    /// Findings by code; codes without any are left out.
    pub by_rule: BTreeMap<&'static str, usize>,
}

impl Summary {
    /// Counts findings over that many workloads and files.
    pub fn new(judged: &[Judged], workloads: usize, files: usize) -> Self {
        let mut summary = Self {
            workloads,
            files,
            ..Self::default()
        };
        for Judged { finding, verdict, .. } in judged {
            match verdict {
                Verdict::Reported => summary.count(finding),
                Verdict::Suppressed { .. } => summary.suppressed += 1,
                Verdict::InBaseline { .. } => summary.in_baseline += 1,
                Verdict::Filtered => summary.filtered += 1,
            }
        }
        summary
    }

    fn count(&mut self, finding: &Finding) {
        self.findings += 1;
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Info => self.infos += 1,
        }
        *self.by_rule.entry(finding.rule.code).or_default() += 1;
        if finding.fixes.iter().any(|fix| !fix.safe) {
            self.unsafely_fixable += 1;
        } else if !finding.fixes.is_empty() {
            self.fixable += 1;
        }
    }

    /// How many findings can be repaired, in one line without a line end; none when it is none.
    pub fn fixable_line(&self) -> Option<String> {
        match (self.fixable, self.unsafely_fixable) {
            (0, 0) => None,
            (0, number) => Some(format!("{number} fixable with --fix --unsafe-fixes")),
            (number, 0) => Some(format!("{number} fixable with --fix")),
            (number, more) => Some(format!(
                "{number} fixable with --fix, {more} more with --unsafe-fixes"
            )),
        }
    }

    /// The counts in one line, without a line end.
    pub fn line(&self) -> String {
        let severities = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.infos, "info"),
        ];
        let severities: Vec<_> = severities
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, name)| counted(number, name))
            .collect();
        let mut parts = vec![match self.findings {
            0 => "no findings".to_owned(),
            number => format!("{} ({})", counted(number, "finding"), severities.join(", ")),
        }];
        if self.suppressed > 0 {
            parts.push(format!("{} suppressed", self.suppressed));
        }
        if self.in_baseline > 0 {
            parts.push(format!("{} in the baseline", self.in_baseline));
        }
        parts.push(format!(
            "{} in {}",
            counted(self.workloads, "workload"),
            counted(self.files, "file")
        ));
        parts.join(", ")
    }
}
