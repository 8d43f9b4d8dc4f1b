// SPDX-License-Identifier: Apache-2.0
//! WW101: what is said, where, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn only(case: &Case) -> Finding {
    let mut findings = case.findings();
    findings.retain(|finding| finding.rule.code == "WW101");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

fn fixture(name: &str) -> (Case, Finding) {
    let case = Case::fixture("WW101", name);
    let mut findings = case.findings();
    findings.retain(|finding| finding.rule.code == "WW101");
    let finding = findings.remove(0);
    (case, finding)
}

#[test]
fn the_field_that_makes_the_root_read_only_is_the_place() {
    let (case, finding) = fixture("bad");
    assert_eq!(case.text(&finding.primary), "true");
    assert_eq!(finding.subject.container.as_deref(), Some("app"));
    assert!(
        finding.primary.label.contains("`/tmp` or `/var/tmp`"),
        "{}",
        finding.primary.label
    );
    assert_eq!(
        finding
            .why
            .iter()
            .filter(|step| step.contains("mounts / read-only"))
            .count(),
        1,
        "{:?}",
        finding.why
    );
    assert!(finding.help.unwrap().contains("`emptyDir` at `/tmp`"));
}

#[test]
fn a_directory_that_a_variable_names_comes_first() {
    let (_, finding) = fixture("bad-tmpdir-on-the-root");
    assert!(
        finding
            .primary
            .label
            .contains("`/srv/work`, `/tmp` or `/var/tmp`"),
        "{}",
        finding.primary.label
    );
    assert!(finding.help.unwrap().contains("`/srv/work`"));
}

#[test]
fn a_mount_that_cannot_be_written_is_shown_too() {
    let (case, finding) = fixture("bad-foreign-volume");
    let mount = finding
        .related
        .iter()
        .find(|location| location.label.contains("not writable (EACCES)"))
        .unwrap();
    assert_eq!(case.text(mount), "/tmp");
    assert!(finding.help.unwrap().contains("uid 1000"));
}

/// A pod with a read-only root, an image, and `envFrom` or not.
fn pod(image: &str, env_from: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n    - name: app\n      \
         image: {image}\n      envFrom: {env_from}\n      securityContext: {{readOnlyRootFilesystem: true}}\n"
    )
}

#[test]
fn what_the_image_and_env_from_may_set_makes_it_less_sure() {
    let facts = "images: {\"acme/app:1\": {env: {}, volumes: []}}\n";
    let env_from = "[{configMapRef: {name: settings, optional: true}}]";
    let confidence = |env_from, facts| only(&Case::new(&pod("acme/app:1", env_from), facts)).confidence;
    assert_eq!(confidence("[]", facts), Confidence::High);
    assert_eq!(confidence("[]", ""), Confidence::Medium);
    assert_eq!(confidence(env_from, facts), Confidence::Medium);
}

#[test]
fn what_is_known_of_the_image_decides_how_bad_it_is() {
    for (image, severity, step) in [
        (
            "ghcr.io/mastodon/mastodon:v4.4.3",
            Severity::Error,
            "is known to write to /tmp",
        ),
        ("postgres:17", Severity::Warning, "may write to /tmp"),
        ("acme/app:1", Severity::Warning, "is not among those known"),
        ("redis:8", Severity::Info, "is known to write elsewhere only"),
        (
            "busybox:1.37.0",
            Severity::Info,
            "no path is known to which image `busybox:1.37.0` writes: depends on the command",
        ),
    ] {
        let finding = only(&Case::new(&pod(image, "[]"), ""));
        assert_eq!(finding.severity, severity, "{image}");
        assert!(
            finding.why.last().unwrap().contains(step),
            "{image}: {:?}",
            finding.why
        );
    }
}

#[test]
fn another_command_than_the_images_own_is_no_error() {
    for (command, severity) in [
        ("[bundle, exec, puma]", Severity::Error),
        ("[sh, -c, 'tar x']", Severity::Warning),
    ] {
        let manifest = pod("ghcr.io/mastodon/mastodon:v4.4.3", "[]").replace(
            "      envFrom",
            &format!("      command: {command}\n      envFrom"),
        );
        assert_eq!(only(&Case::new(&manifest, "")).severity, severity, "{command}");
    }
}

#[test]
fn for_ruby_a_sticky_directory_is_proposed() {
    let finding = only(&Case::new(&pod("ghcr.io/mastodon/mastodon:v4.4.3", "[]"), ""));
    assert!(finding.help.unwrap().contains("`medium: Memory` at `/tmp`"));
}

#[test]
fn variables_of_the_image_count_unless_the_container_sets_them() {
    let manifest = |env: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  volumes: [{{name: work, emptyDir: {{}}}}]\n  \
             containers:\n    - name: app\n      image: acme/app:1\n      env: {env}\n      \
             securityContext: {{readOnlyRootFilesystem: true}}\n      \
             volumeMounts: [{{name: work, mountPath: /work}}]\n"
        )
    };
    let facts = "images: {\"acme/app:1\": {env: {TMPDIR: /work}}}\n";
    assert_eq!(Case::new(&manifest("[]"), facts).findings(), []);
    assert_eq!(
        Case::new(&manifest("[{name: TMPDIR, value: /elsewhere}]"), facts)
            .findings()
            .len(),
        1
    );
}
