// SPDX-License-Identifier: Apache-2.0
//! WW209: how surely a capability is missing, and what that breaks.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW209", name)
}

#[test]
fn what_a_program_may_gain_decides_how_sure_it_is() {
    use {Confidence::*, Severity::*};
    let rows = [
        ("bad", "CHOWN", Warning, Medium, "uid 1000"),
        ("bad-script-without-escalation", "CHOWN", Error, High, "uid 1000"),
        (
            "bad-override-for-a-mount",
            "DAC_OVERRIDE",
            Error,
            Medium,
            "uid 1000",
        ),
        ("bad-user-of-the-image", "FOWNER", Warning, Medium, "uid 1000"),
        (
            "bad-non-root-pod",
            "all",
            Warning,
            Medium,
            "another user than root",
        ),
        ("bad-hint", "IPC_LOCK", Info, Low, "uid 1000"),
    ];
    for (name, written, severity, confidence, user) in rows {
        let (case, finding) = fixture(name);
        assert_eq!(case.text(&finding.primary), written, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
        assert!(
            finding.message.contains(&format!("runs as {user} ")),
            "{}",
            finding.message
        );
    }
}

#[test]
fn what_fails_without_it_is_shown() {
    for (name, written, label) in [
        (
            "bad-script-without-escalation",
            "\"chown -R 2000 /data\"",
            "fails, so that the pod does not start",
        ),
        ("bad-override-for-a-mount", "/data", "cannot write here"),
    ] {
        let (case, finding) = fixture(name);
        let place = finding.related.iter().find(|place| place.label == label).unwrap();
        assert_eq!(case.text(place), written);
    }
}

#[test]
fn the_field_that_names_the_user_is_shown() {
    let (case, finding) = fixture("bad");
    assert_eq!(case.text(&finding.related[0]), "1000");
    let (case, finding) = fixture("bad-non-root-pod");
    assert_eq!(case.text(&finding.related[0]), "true");
    assert_eq!(finding.subject.container.as_deref(), Some("sidecar"));
}
