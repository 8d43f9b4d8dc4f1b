// SPDX-License-Identifier: Apache-2.0
//! WW103: which paths are named, where, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW103", name)
}

#[test]
fn paths_with_one_cause_are_one_finding_at_the_field_that_decides() {
    let (case, finding) = fixture("bad");
    assert_eq!(case.text(&finding.primary), "true");
    assert_eq!(
        finding.message,
        "container `web` cannot write to `/var/cache/nginx` and `/var/run`, as image `nginx:1.29.0` is known to do"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::High)
    );
    let help = finding.help.unwrap();
    assert!(
        help.starts_with("mount an `emptyDir` that uid 0 can write to at `/var/cache/nginx`"),
        "{help}"
    );
    let known = finding
        .why
        .iter()
        .filter(|step| step.contains("writes to"))
        .count();
    assert_eq!(known, 2, "{:?}", finding.why);
}

#[test]
fn only_what_is_left_is_named() {
    let (_, finding) = fixture("bad-one-path-is-mounted");
    assert!(
        finding.message.contains("cannot write to `/var/run`,"),
        "{}",
        finding.message
    );
}

#[test]
fn the_user_is_the_place_where_the_root_is_writable() {
    let (case, finding) = fixture("bad-another-user");
    assert_eq!(case.text(&finding.primary), "1000");
    assert_eq!(finding.primary.label, "uid 1000 may not write there (EACCES)");
}

#[test]
fn read_only_of_a_mount_is_the_place() {
    let (case, finding) = fixture("bad-read-only-mount");
    assert_eq!(case.text(&finding.primary), "true");
    assert!(
        finding.message.contains("`/var/lib/grafana`"),
        "{}",
        finding.message
    );
    assert!(
        finding
            .related
            .iter()
            .any(|location| location.label == "the volume")
    );
    assert!(finding.help.unwrap().ends_with("without `readOnly: true`"));
}

#[test]
fn a_single_file_is_judged_by_itself_or_by_its_directory() {
    let (_, finding) = fixture("bad-file");
    assert!(
        finding.message.contains("cannot write to `/data/acme.json`"),
        "{}",
        finding.message
    );
}

#[test]
fn what_may_make_it_untrue_makes_it_less_sure() {
    for (name, confidence) in [
        ("bad", Confidence::High),
        ("bad-another-user", Confidence::High),
        ("bad-without-facts", Confidence::Medium),
        ("bad-own-command", Confidence::Medium),
        ("bad-configured", Confidence::Medium),
        ("bad-foreign-command", Confidence::Low),
        // Data may be kept elsewhere.
        ("bad-read-only-mount", Confidence::Medium),
    ] {
        assert_eq!(fixture(name).1.confidence, confidence, "{name}");
    }
}

#[test]
fn data_of_an_image_without_facts_is_a_hint_and_a_config_map_too() {
    let pod = |image: &str, source: &str, path: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  \
             volumes: [{{name: t, emptyDir: {{}}}}, {{name: v, {source}}}]\n  containers:\n    - name: app\n      \
             image: {image}\n      securityContext: {{readOnlyRootFilesystem: true}}\n      volumeMounts: \
             [{{name: t, mountPath: /tmp}}, {{name: v, mountPath: {path}}}]\n"
        )
    };
    let empty = "emptyDir: {}";
    let config = "configMap: {name: c}";
    for (image, source, path) in [
        ("redis:8.0.2", empty, "/var/empty"),
        ("couchdb:3.5.1", config, "/opt/couchdb/etc/local.d"),
    ] {
        let mut findings = Case::new(&pod(image, source, path), "").findings();
        findings.retain(|finding| finding.rule.code == "WW103");
        let sure: Vec<_> = findings.iter().map(|finding| finding.confidence).collect();
        assert!(
            !sure.is_empty() && sure.iter().all(|sure| *sure == Confidence::Low),
            "{image}: {findings:#?}"
        );
    }
}

#[test]
fn a_directory_that_the_image_declares_as_volume_is_a_hint() {
    let (_, finding) = fixture("bad-declared-volume");
    assert_eq!(finding.confidence, Confidence::Low);
    assert!(finding.message.contains("`/logs`"), "{}", finding.message);
}
