// SPDX-License-Identifier: Apache-2.0
//! What becomes of findings.

use writeway_manifest::Inventory;

use crate::{Confidence, Finding, Fingerprint, Rule, Severity, fingerprints};

/// What becomes of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is reported.
    Reported,
    /// It matters less, or is less sure, than what was asked for, or its rule is ignored in its file.
    Filtered,
}

/// A finding with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// What it is recognised by in other runs.
    pub fingerprint: Fingerprint,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// What decides about findings.
#[derive(Clone, Copy)]
pub struct Policy<'a> {
    /// The least severity that is reported.
    pub severity: Severity,
    /// The least confidence that is reported.
    pub confidence: Confidence,
    /// Whether a rule is ignored in a file of that name.
    pub ignores: &'a dyn Fn(&str, &Rule) -> bool,
}

/// Every severity, what is at least likely, every rule in every file.
impl Default for Policy<'_> {
    fn default() -> Self {
        Self {
            severity: Severity::Info,
            confidence: Confidence::Medium,
            ignores: &|_, _| false,
        }
    }
}

/// Judges all findings of a run, which stay in their order.
pub fn judge(inventory: &Inventory, findings: Vec<Finding>, policy: &Policy<'_>) -> Vec<Judged> {
    let fingerprints = fingerprints(inventory, &findings);
    let judged = findings.into_iter().zip(fingerprints);
    judged
        .map(|(finding, fingerprint)| Judged {
            verdict: policy.verdict(inventory, &finding),
            finding,
            fingerprint,
        })
        .collect()
}

impl Policy<'_> {
    fn verdict(&self, inventory: &Inventory, finding: &Finding) -> Verdict {
        let file = &inventory.file(finding.primary.place.file).name;
        // The worse is the lesser.
        let matters = finding.severity <= self.severity && finding.confidence <= self.confidence;
        if matters && !(self.ignores)(file, finding.rule) {
            Verdict::Reported
        } else {
            Verdict::Filtered
        }
    }
}
