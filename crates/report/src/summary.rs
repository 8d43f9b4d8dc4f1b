// SPDX-License-Identifier: Apache-2.0
//! Counts over findings.

use std::collections::BTreeMap;

use serde::Serialize;
use writeway_check::{Finding, Judged, Severity, Verdict};

use crate::counted;
use crate::fix_text::fix_options;

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
    /// Findings that can be repaired, of those that are reported, by the options that do it.
    #[serde(skip)]
    pub fixable: BTreeMap<&'static str, usize>,
    /// Inputs, and parts of them, that could not be read, so that nothing was found in them.
    #[serde(skip)]
    pub unread: usize,
    /// Workloads that were checked.
    pub workloads: usize,
    /// Files that were read.
    pub files: usize,
    /// Findings by code; codes without any are left out.
    pub by_rule: BTreeMap<&'static str, usize>,
}

impl Summary {
    /// Counts findings over that many workloads and files, beside what could not be read.
    pub fn new(judged: &[Judged], unread: usize, workloads: usize, files: usize) -> Self {
        let mut summary = Self {
            unread,
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
        let fixes = &finding.fixes;
        if !fixes.is_empty() {
            let in_place = fixes.iter().all(|fix| fix.in_place);
            let options = fix_options(in_place, fixes.iter().all(|fix| fix.safe));
            *self.fixable.entry(options).or_default() += 1;
        }
    }

    /// How many findings can be repaired, in one line without a line end; none when it is none.
    pub fn fixable_line(&self) -> Option<String> {
        let mut ways = self.fixable.iter();
        let (first, number) = ways.next()?;
        let mut line = format!("{number} fixable with {first}");
        for (index, (options, more)) in ways.enumerate() {
            // Right behind the first what is added to that is enough.
            let added = options.strip_prefix(first).filter(|_| index == 0);
            let options = added.unwrap_or(options).trim_start();
            line.push_str(&format!(", {more} more with {options}"));
        }
        Some(line)
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
            // That nothing is wrong would be a lie.
            0 if self.unread > 0 && self.files == 0 => return "nothing could be checked".to_owned(),
            0 if self.unread > 0 => "no findings in what could be read".to_owned(),
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
