// SPDX-License-Identifier: Apache-2.0
//! WW205: what is said of a directory that kubelet makes, and what is proposed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    let case = Case::fixture("WW205", name);
    let mut findings = case.findings();
    findings.retain(|finding| finding.rule.code.starts_with("WW2"));
    assert_eq!(findings.len(), 1, "WW201 leaves it to this rule: {findings:#?}");
    let finding = findings.remove(0);
    (case, finding)
}

#[test]
fn the_sub_path_is_the_place() {
    let (case, finding) = fixture("bad");
    assert_eq!(finding.rule.code, "WW205");
    assert_eq!(case.text(&finding.primary), "app");
    assert_eq!(
        finding.primary.label,
        "made by kubelet: 0755 0:0, not writable (EACCES)"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::High)
    );
    assert_eq!(
        finding.message,
        "container `database` cannot create files in `/var/lib/data`: kubelet makes the missing subPath `app` of volume \
         `data` as root"
    );
}

#[test]
fn what_is_proposed_is_proven_to_help() {
    for (name, help) in [
        (
            "bad",
            "let an init container that runs as uid 1000 mount the volume",
        ),
        ("bad-fresh-disk", "set `securityContext.fsGroup: 1000`"),
        (
            "bad-sidecar",
            "let an init container that runs as uid 1000 mount the volume",
        ),
    ] {
        let (_, finding) = fixture(name);
        let proposed = finding.help.unwrap();
        assert!(proposed.starts_with(help), "{name}: {proposed}");
    }
}

#[test]
fn a_claim_that_another_workload_uses_makes_it_less_sure() {
    let (case, finding) = fixture("bad-shared-claim");
    assert_eq!(finding.confidence, Confidence::Medium);
    assert_eq!(case.text(&finding.primary), "$(PART)");
}
