// SPDX-License-Identifier: Apache-2.0
//! WW201: what is said, where, and what is proposed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Case, pair};
use writeway_check::Finding;

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW201", name)
}

#[test]
fn the_mount_is_the_place_and_who_decides_is_shown() {
    let (case, finding) = fixture("bad");
    assert!(
        case.text(&finding.primary).starts_with("name: data")
            && case.text(&finding.primary).ends_with("/data")
    );
    assert_eq!(finding.primary.label, "not writable (EACCES)");
    let expected = [
        pair("the volume", "data"),
        pair("runs as uid 1000", "1000"),
        pair("has no effect on this volume", "1000"),
    ];
    assert_eq!(case.related(&finding), expected);
    assert!(!finding.why.is_empty());
    assert!(finding.help.unwrap().starts_with("`fsGroup` cannot help here"));
}

#[test]
fn the_claim_and_its_class_are_shown() {
    let (case, finding) = fixture("bad-claim");
    let labels = case.related(&finding);
    assert!(labels.contains(&pair("its claim", "data")), "{labels:?}");
    assert!(labels.contains(&pair("its class", "local-path")), "{labels:?}");
}

#[test]
fn fs_group_is_proposed_where_it_is_proven_to_help() {
    let (_, finding) = fixture("bad-claim-template");
    let help = finding.help.unwrap();
    assert!(help.starts_with("set `securityContext.fsGroup: 999`"), "{help}");
}

#[test]
fn a_file_is_judged_by_overwriting_it() {
    let (_, finding) = fixture("bad-file");
    assert!(
        finding.message.contains("cannot write to `/etc/app.conf`"),
        "{}",
        finding.message
    );
}

#[test]
fn a_sidecar_counts_and_an_init_container_does_not() {
    let (_, finding) = fixture("bad-claim-template");
    assert_eq!(finding.subject.container.as_deref(), Some("proxy"));
}
