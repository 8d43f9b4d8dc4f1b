// SPDX-License-Identifier: Apache-2.0
//! What becomes of findings.

use writeway_manifest::Inventory;

use crate::engine::order;
use crate::rules::{ww901_unused_suppression, ww902_suppression_without_reason};
use crate::suppression::Suppressions;
use crate::{Confidence, Finding, Fingerprint, Rule, Settings, Severity, fingerprints};

/// What becomes of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is reported.
    Reported,
    /// A comment or an annotation says to ignore it.
    Suppressed {
        /// The reason that is given.
        reason: Option<String>,
    },
    /// The baseline knows it.
    InBaseline {
        /// The reason that is given there.
        reason: Option<String>,
    },
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

/// Judges all findings of a run, in the order of [`check`](crate::check), and adds what there is to say about what
/// suppresses them.
pub fn judge(
    inventory: &Inventory,
    findings: Vec<Finding>,
    settings: &Settings,
    policy: &Policy<'_>,
) -> Vec<Judged> {
    let mut suppressions = Suppressions::find(inventory);
    let suppressed = suppressions.apply(&findings);
    let mut findings: Vec<_> = findings.into_iter().zip(suppressed).collect();
    let about_suppressions = about(inventory, &suppressions, settings, policy);
    findings.extend(about_suppressions.into_iter().map(|finding| (finding, None)));
    findings.sort_by_cached_key(|(finding, _)| order(finding));
    let (findings, suppressed): (Vec<_>, Vec<_>) = findings.into_iter().unzip();

    let fingerprints = fingerprints(inventory, &findings);
    let judged = findings.into_iter().zip(suppressed).zip(fingerprints);
    judged
        .map(|((finding, suppressed), fingerprint)| {
            let suppression = suppressed.and_then(|index| suppressions.list.get(index));
            let verdict = if !policy.wants(inventory, &finding) {
                Verdict::Filtered
            } else if let Some(suppression) = suppression {
                let reason = suppression.reason.clone();
                Verdict::Suppressed { reason }
            } else {
                Verdict::Reported
            };
            Judged {
                finding,
                fingerprint,
                verdict,
            }
        })
        .collect()
}

/// What there is to say about the suppressions themselves.
fn about(
    inventory: &Inventory,
    suppressions: &Suppressions,
    settings: &Settings,
    policy: &Policy<'_>,
) -> Vec<Finding> {
    let runs = |file: &str, rule: &Rule| settings.rules.contains(rule) && !(policy.ignores)(file, rule);
    let mut findings = Vec::new();
    if settings.rules.contains(&ww901_unused_suppression::RULE) {
        findings.extend(ww901_unused_suppression::findings(inventory, suppressions, runs));
    }
    if settings.rules.contains(&ww902_suppression_without_reason::RULE) {
        findings.extend(ww902_suppression_without_reason::findings(
            inventory,
            suppressions,
        ));
    }
    findings
}

impl Policy<'_> {
    fn wants(&self, inventory: &Inventory, finding: &Finding) -> bool {
        let file = &inventory.file(finding.primary.place.file).name;
        // The worse is the lesser.
        let matters = finding.severity <= self.severity && finding.confidence <= self.confidence;
        matters && !(self.ignores)(file, finding.rule)
    }
}
