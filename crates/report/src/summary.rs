// SPDX-License-Identifier: Apache-2.0
//! Counts over findings.

use std::collections::BTreeMap;

use serde::Serialize;
use writeway_check::{Finding, Severity};

use crate::counted;

/// How many findings there are, of which kind, in how many workloads.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// All findings.
    pub findings: usize,
    /// Those of severity error.
    pub errors: usize,
    /// Those of severity warning.
    pub warnings: usize,
    /// Those of severity info.
    pub infos: usize,
    /// Workloads that were checked.
    pub workloads: usize,
    /// Files that were read.
    pub files: usize,
    /// Findings by code; codes without any are left out.
    pub by_rule: BTreeMap<&'static str, usize>,
}

impl Summary {
    /// Counts findings over that many workloads and files.
    pub fn new<'a>(findings: impl IntoIterator<Item = &'a Finding>, workloads: usize, files: usize) -> Self {
        let mut summary = Self {
            workloads,
            files,
            ..Self::default()
        };
        for finding in findings {
            summary.findings += 1;
            match finding.severity {
                Severity::Error => summary.errors += 1,
                Severity::Warning => summary.warnings += 1,
                Severity::Info => summary.infos += 1,
            }
            *summary.by_rule.entry(finding.rule.code).or_default() += 1;
        }
        summary
    }

    /// The counts in one line, without a line end.
    pub fn line(&self) -> String {
        let among = format!(
            "{} in {}",
            counted(self.workloads, "workload"),
            counted(self.files, "file")
        );
        if self.findings == 0 {
            return format!("no findings, {among}");
        }
        let severities = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.infos, "info"),
        ];
        let parts = severities.into_iter().filter(|(number, _)| *number > 0);
        let parts = parts
            .map(|(number, name)| counted(number, name))
            .collect::<Vec<_>>()
            .join(", ");
        format!("{} ({parts}), {among}", counted(self.findings, "finding"))
    }
}
