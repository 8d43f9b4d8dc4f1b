// SPDX-License-Identifier: Apache-2.0
//! WW102: what is said, how surely, and which cures are named where.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    let case = Case::fixture("WW102", name);
    let mut findings = of_temp(&case);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = findings.remove(0);
    (case, finding)
}

/// What WW101 and WW102 find: never both in one container.
fn of_temp(case: &Case) -> Vec<Finding> {
    let mut findings = case.findings();
    findings.retain(|finding| ["WW101", "WW102"].contains(&finding.rule.code));
    findings
}

#[test]
fn the_mount_is_the_place_and_its_mode_the_reason() {
    let (case, finding) = fixture("bad");
    assert_eq!(case.text(&finding.primary), "/tmp");
    assert_eq!(finding.primary.label, "0777, not sticky");
    assert_eq!(
        finding.message,
        "container `web` can write to `/tmp`, but Ruby refuses it: everybody may write to it, and it is not sticky"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Warning, Confidence::High)
    );
    assert_eq!(case.text(&finding.related[0]), "tmp");
    assert!(
        finding.why.last().unwrap().contains("is known to be Ruby"),
        "{:?}",
        finding.why
    );
}

#[test]
fn fs_group_does_not_make_it_sticky() {
    let (case, finding) = fixture("bad-fs-group");
    assert_eq!(finding.primary.label, "2777, not sticky");
    let group = finding
        .related
        .iter()
        .find(|it| it.label.contains("setgid"))
        .unwrap();
    assert_eq!(case.text(group), "991");
}

#[test]
fn it_is_an_error_when_the_last_resort_is_refused_too() {
    let (_, finding) = fixture("bad-working-directory-refused");
    assert_eq!(finding.severity, Severity::Error);
    assert!(
        finding
            .why
            .iter()
            .any(|step| step.contains("`/srv`, its last resort")),
        "{:?}",
        finding.why
    );
}

#[test]
fn what_makes_it_ruby_decides_how_sure_it_is() {
    for (name, confidence) in [
        ("bad-image-with-ruby", Confidence::High),
        ("bad-tmpdir", Confidence::High),
        ("bad-command-only", Confidence::Low),
        ("bad-sidecar", Confidence::High),
    ] {
        assert_eq!(fixture(name).1.confidence, confidence, "{name}");
    }
    let manifest = |image: &str, more: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  volumes: [{{name: t, emptyDir: {{}}}}]\n  \
             containers:\n    - name: app\n      image: {image}\n      {more}\n      \
             volumeMounts: [{{name: t, mountPath: /tmp}}]\n"
        )
    };
    for (image, more, confidence) in [
        // An unknown image with the arguments of Ruby is no more than a hint.
        (
            "acme/app:2",
            "args: [bundle, exec, sidekiq]",
            Some(Confidence::Low),
        ),
        (
            "ruby:3.4",
            "args: [bundle, exec, sidekiq]",
            Some(Confidence::High),
        ),
        ("ruby:3.4", "command: [/entry.sh]", Some(Confidence::Low)),
        ("ruby:3.4", "args: [node, server.js]", None),
        (
            "ruby:3.4",
            "envFrom: [{configMapRef: {name: m, optional: true}}]",
            Some(Confidence::Medium),
        ),
        ("bitnami/mastodon:4.3.0", "tty: false", Some(Confidence::Medium)),
        (
            "acme/app:1",
            "command: [sh, -c, 'exec rails server']",
            Some(Confidence::Low),
        ),
    ] {
        let findings = of_temp(&Case::new(&manifest(image, more), ""));
        assert_eq!(
            findings.first().map(|finding| finding.confidence),
            confidence,
            "{image} {more}"
        );
    }
}

/// A pod of Mastodon with a read-only root and this volume at `/tmp`; `mount` and `init` are added to it.
fn mastodon(volume: &str, mount: &str, init: &str, fs_group: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  \
         securityContext: {{runAsUser: 991, runAsGroup: 991{fs_group}}}\n  \
         volumes: [{{name: tmp, {volume}}}]\n  initContainers: [{init}]\n  containers:\n    - name: web\n      \
         image: ghcr.io/mastodon/mastodon:v4.4.3\n      securityContext: {{readOnlyRootFilesystem: true}}\n      \
         volumeMounts: [{{name: tmp, mountPath: /tmp{mount}}}]\n"
    )
}

/// H2.2 of the reference on situations, as advice: what the help names ends the finding on every cluster for which it names
/// it, and `emptyDir.mode` does where it says that it does, and nowhere else. What is chosen is `repair`'s.
#[test]
fn h2_2_what_the_help_names_holds_where_it_says_so() {
    const MEMORY: &str = "set `medium: Memory` and a `sizeLimit` on the `emptyDir`";
    const DIRECTORY: &str = "makes (`mkdir -m 1777 /scratch/tmp`), mounted by its `subPath`";
    const MODE: &str =
        "`mode: 01777` where Kubernetes is 1.37 or newer and its gate EmptyDirVolumeMode is on";
    let make = "{name: make, image: busybox:1.37.0, command: [mkdir, -m, \"1777\", /scratch/tmp], volumeMounts: \
                [{name: tmp, mountPath: /scratch}]}";
    for (kubernetes, mode_holds) in [
        ("", false),
        ("{version: \"1.36\"}", false),
        ("{version: \"1.37\"}", false),
        (
            "{version: \"1.37\", featureGates: {EmptyDirVolumeMode: false}}",
            false,
        ),
        (
            "{version: \"1.37\", featureGates: {EmptyDirVolumeMode: true}}",
            true,
        ),
        // The gate does not exist before 1.37, whatever is said of it.
        (
            "{version: \"1.36\", featureGates: {EmptyDirVolumeMode: true}}",
            false,
        ),
    ] {
        let facts = if kubernetes.is_empty() {
            String::new()
        } else {
            format!("kubernetes: {kubernetes}\n")
        };
        let found = |volume: &str, mount: &str, init: &str| {
            of_temp(&Case::new(&mastodon(volume, mount, init, ""), &facts))
        };
        let findings = found("emptyDir: {}", "", "");
        assert_eq!(findings.len(), 1, "{facts}");
        let help = findings[0].help.clone().unwrap();
        for part in [MEMORY, DIRECTORY, MODE] {
            assert!(help.contains(part), "{facts}: {part} is missing in {help}");
        }
        assert_eq!(found("emptyDir: {medium: Memory, sizeLimit: 64Mi}", "", ""), []);
        assert_eq!(found("emptyDir: {}", ", subPath: tmp", make), []);
        let cured = found("emptyDir: {mode: 01777}", "", "").is_empty();
        assert_eq!(cured, mode_holds, "{facts}");
    }
}

#[test]
fn a_volume_that_is_no_empty_dir_gets_one_in_its_place() {
    let (case, finding) = fixture("bad-class-that-ignores-fs-group");
    let help = finding.help.clone().unwrap();
    let start = format!(
        "mount an `emptyDir` with `medium: Memory` and a `sizeLimit` at `{}`",
        case.text(&finding.primary)
    );
    assert!(help.starts_with(&start), "{help}");
}
