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
fn the_help_says_what_decides_between_its_ways() {
    for (name, otherwise) in [
        ("bad", "else `fsGroup` cannot help here"),
        (
            "bad-fresh-disk",
            "else set `securityContext.fsGroup: 1000` on the pod where kubelet applies it",
        ),
        ("bad-sidecar", "else `fsGroup` cannot help here"),
    ] {
        let (_, finding) = fixture(name);
        let help = finding.help.unwrap();
        assert!(
            help.contains(
                "where uid 1000 may write to the volume's root, let an init container with that user"
            ),
            "{name}: {help}"
        );
        assert!(help.contains(otherwise), "{name}: {help}");
    }
}

#[test]
fn a_claim_that_another_workload_uses_makes_it_less_sure() {
    let (case, finding) = fixture("bad-shared-claim");
    assert_eq!(finding.confidence, Confidence::Medium);
    assert_eq!(case.text(&finding.primary), "$(PART)");
}
