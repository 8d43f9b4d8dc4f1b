// SPDX-License-Identifier: Apache-2.0
//! WW212: the name that was meant, and what its lack breaks.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn findings(name: &str) -> (Case, Vec<Finding>) {
    common::found("WW212", name)
}

#[test]
fn the_name_that_was_meant_is_proposed() {
    let (case, findings) = findings("bad-misspelt");
    let said: Vec<_> = findings
        .iter()
        .map(|finding| {
            (
                case.text(&finding.primary),
                finding.help.as_deref().unwrap(),
                finding.confidence,
            )
        })
        .collect();
    use Confidence::{High, Medium};
    assert_eq!(
        said,
        [
            ("NET-BIND-SERVICE", "write `NET_BIND_SERVICE`", High),
            ("sys_admn", "write `SYS_ADMIN`", High),
            ("cap_kill", "write `KILL`", Medium),
            (
                "EVERYTHING",
                "remove it; the names are those of capabilities(7) without `CAP_`",
                High
            ),
        ]
    );
}

#[test]
fn it_is_an_error_when_the_right_name_would_help() {
    let rows = [
        ("bad", "nothing is dropped", Severity::Warning, None),
        (
            "bad-added-with-the-prefix",
            "nothing is added",
            Severity::Error,
            Some("without it the pod does not start"),
        ),
        (
            "bad-for-writing",
            "nothing is added",
            Severity::Error,
            Some("without it nothing can be written here"),
        ),
        (
            "bad-ephemeral-container",
            "nothing is added",
            Severity::Warning,
            None,
        ),
    ];
    for (name, label, severity, consequence) in rows {
        let (_, mut findings) = findings(name);
        assert_eq!(findings.len(), 1, "{name}");
        let finding = findings.remove(0);
        assert_eq!(
            (finding.primary.label.as_str(), finding.severity),
            (label, severity),
            "{name}"
        );
        let last = finding.related.last().map(|place| place.label.as_str());
        assert_eq!(
            last.filter(|label| label.starts_with("without it")),
            consequence,
            "{name}"
        );
    }
}

#[test]
fn a_runtime_that_is_known_makes_the_prefix_sure() {
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - {name: app, image: app, \
                    securityContext: {capabilities: {drop: [CAP_NET_RAW]}}}\n";
    for (facts, expected) in [
        ("node: {runtime: containerd 2.1.9}", Some(Confidence::High)),
        ("", Some(Confidence::Medium)),
        ("node: {runtime: cri-o 1.36}", None),
    ] {
        let findings = Case::new(manifest, facts).findings();
        assert_eq!(
            findings.first().map(|finding| finding.confidence),
            expected,
            "{facts}"
        );
    }
}
