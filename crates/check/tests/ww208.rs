// SPDX-License-Identifier: Apache-2.0
//! WW208: which level counts, and what the misplaced field breaks.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity, fields_at_wrong_level};

fn findings(name: &str) -> (Case, Vec<Finding>) {
    common::found("WW208", name)
}

#[test]
fn the_message_says_where_the_field_stands_and_where_it_counts() {
    let rows: &[(&str, &[&str])] = &[
        (
            "bad",
            &[
                "`readOnlyRootFilesystem` has no effect in the `securityContext` of the pod: it counts in the \
               `securityContext` of each container only",
            ],
        ),
        (
            "bad-fs-group-in-a-container",
            &[
                "`fsGroup` has no effect in the `securityContext` of container `app`: it counts in the `securityContext` of \
               the pod only",
            ],
        ),
        (
            "bad-beside-the-security-context",
            &[
                "`runAsUser` has no effect in `spec.template.spec`: it counts in the `securityContext` of the pod, or of a \
                 container",
                "`runAsUser` has no effect in container `prepare` outside of its `securityContext`: it counts in the \
                 `securityContext` of the pod, or of a container",
                "`capabilities` has no effect in container `app` outside of its `securityContext`: it counts in the \
                 `securityContext` of each container only",
            ],
        ),
        (
            "bad-above-the-pod",
            &[
                "`securityContext` has no effect in `spec.jobTemplate.spec`: it counts in the spec of the pod, or in a \
               container",
            ],
        ),
        (
            "bad-default-mode",
            &[
                "`defaultMode` has no effect in `spec.template.spec.volumes[0]`: it counts in the volume's source, such as \
                 `secret`",
                "`defaultMode` has no effect in `spec.template.spec.volumes[1].projected.sources[0].secret`: it counts in \
                 `projected` itself, for all of its sources",
            ],
        ),
    ];
    for (name, messages) in rows {
        let (_, findings) = findings(name);
        let said: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(said, *messages, "{name}");
    }
}

#[test]
fn it_is_an_error_where_a_volume_is_closed_without_it() {
    let (case, findings) = findings("bad-fs-group-in-a-container");
    let finding = &findings[0];
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::High)
    );
    let place = finding.related.last().unwrap();
    assert_eq!(
        (case.text(place), place.label.as_str()),
        ("/data", "cannot be written without it")
    );
    assert!(
        finding
            .help
            .as_deref()
            .unwrap()
            .starts_with("move `fsGroup: 1000` to where it counts")
    );
}

#[test]
fn what_holds_anyway_is_worth_knowing_only() {
    let (_, findings) = findings("bad-that-holds-anyway");
    let severities: Vec<_> = findings.iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Info, Severity::Warning]);
}

#[test]
fn a_field_is_said_once() {
    for name in ["bad", "bad-beside-the-security-context", "good-misspelt"] {
        let (case, findings) = findings(name);
        let found: Vec<_> = findings.iter().map(|finding| finding.primary.place).collect();
        let places: Vec<_> = fields_at_wrong_level(&case.inventory).into_iter().collect();
        assert_eq!(places, found, "{name}");
    }
}
