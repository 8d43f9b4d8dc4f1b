// SPDX-License-Identifier: Apache-2.0
//! WW106: what is said of volumes in memory, where, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Case, pair};
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW106", name)
}

#[test]
fn what_nothing_limits_is_shown_at_its_medium() {
    let (case, finding) = fixture("bad");
    assert_eq!(case.text(&finding.primary), "Memory");
    assert_eq!(
        finding.message,
        "volume `tmp` is memory without a `sizeLimit`, and container `web`, which can write to it, has no memory limit"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Warning, Confidence::Medium)
    );
    assert_eq!(case.related(&finding), [pair("has no memory limit", "web")]);
}

#[test]
fn one_container_without_a_limit_is_enough() {
    let (_, finding) = fixture("bad-sidecar");
    assert!(
        finding.message.contains("container `cache`"),
        "{}",
        finding.message
    );
}

#[test]
fn a_size_that_can_never_be_reached_is_shown_with_the_limit() {
    let (case, finding) = fixture("bad-size-beyond-the-limit");
    assert_eq!(case.text(&finding.primary), "1Gi");
    assert_eq!(
        finding.message,
        "volume `tmp` may grow to 1Gi of memory, which is more than the memory limit of container `web`"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Warning, Confidence::High)
    );
    assert_eq!(finding.subject.container.as_deref(), Some("web"));
    assert_eq!(
        case.related(&finding),
        [pair("the memory limit of `web`", "256Mi")]
    );
}

#[test]
fn the_limits_of_all_writers_count_together() {
    let (case, finding) = fixture("bad-size-beyond-both-limits");
    assert!(
        finding.message.ends_with("of container `web` and `second`"),
        "{}",
        finding.message
    );
    assert_eq!(finding.subject.container, None);
    let expected = [
        pair("the memory limit of `web`", "256M"),
        pair("the memory limit of `second`", "0.5G"),
    ];
    assert_eq!(case.related(&finding), expected);
}

#[test]
fn the_pods_own_limit_is_shown_where_it_decides() {
    let (case, finding) = fixture("bad-size-beyond-the-pods-limit");
    assert!(
        finding.message.ends_with("the memory limit of the pod"),
        "{}",
        finding.message
    );
    assert_eq!(case.related(&finding), [pair("the pod's memory limit", "1Gi")]);
}
