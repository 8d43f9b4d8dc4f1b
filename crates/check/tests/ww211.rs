// SPDX-License-Identifier: Apache-2.0
//! WW211: which field is at fault, how surely, and what to do.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW211", name)
}

#[test]
fn each_cause_is_at_the_field_at_fault() {
    use Confidence::{High, Medium};
    let rows = [
        ("bad", "3000", Medium, "runAsGroup 3000 without runAsUser"),
        ("bad-root-image", "true", High, "image `nginx:1.29` runs as root"),
        (
            "bad-official-image",
            "true",
            Medium,
            "image `nginx:1.27` runs as root",
        ),
        (
            "bad-official-init-image",
            "true",
            Medium,
            "image `busybox:1.36` runs as root",
        ),
        ("bad-user-without-number", "true", High, "non-numeric user `app`"),
        (
            "bad-user-namespace",
            "100000",
            High,
            "no container starts with runAsUser 100000",
        ),
        (
            "bad-mode-above-0777",
            "01755",
            High,
            "the API server refuses the mode 1005 (octal 1755)",
        ),
        (
            "bad-init-container-that-fails",
            "'echo preparing; exit 1'",
            High,
            "init container `prepare` always fails (status 1)",
        ),
        (
            "bad-no-such-volume",
            "data",
            High,
            "container `app` mounts `data`",
        ),
        (
            "bad-key-that-is-not-there",
            "tls.key",
            Medium,
            "Secret `tls` has no key `tls.key`",
        ),
        (
            "bad-custom-resource",
            "true",
            Medium,
            "refuses hostNetwork together with hostUsers: false",
        ),
    ];
    for (name, written, confidence, message) in rows {
        let (case, finding) = fixture(name);
        assert_eq!(case.text(&finding.primary), written, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (Severity::Error, confidence),
            "{name}"
        );
        assert!(
            finding.message.starts_with("the pod never starts: ") && finding.message.contains(message),
            "{name}: {}",
            finding.message
        );
    }
}

#[test]
fn how_the_pod_ends_is_said() {
    let rows = [
        (
            "bad-mode-above-0777",
            "refused by the API server",
            "refuses the whole Deployment",
        ),
        (
            "bad-key-that-is-not-there",
            "what the pod waits for",
            "once this has changed",
        ),
        ("bad-root-image", "what fails", "fails each time it is tried"),
    ];
    for (name, label, step) in rows {
        let (_, finding) = fixture(name);
        assert_eq!(finding.primary.label, label, "{name}");
        assert!(finding.why[0].contains(step), "{name}: {:?}", finding.why);
    }
}

#[test]
fn the_container_is_named_where_the_cause_is_in_one() {
    for (name, container) in [
        ("bad", None),
        ("bad-root-image", Some("app")),
        ("bad-init-container-that-fails", Some("prepare")),
    ] {
        assert_eq!(fixture(name).1.subject.container.as_deref(), container, "{name}");
    }
}

#[test]
fn the_help_fits_the_field() {
    for (name, help) in [
        ("bad", "set `runAsUser` beside it"),
        ("bad-root-image", "set `runAsUser` to the uid"),
        ("bad-user-namespace", "ids up to 65535"),
    ] {
        let text = fixture(name).1.help.unwrap();
        assert!(text.contains(help), "{name}: {text}");
    }
    assert!(
        fixture("bad-user-namespace")
            .1
            .related
            .iter()
            .any(|place| place.label.contains("65536 ids"))
    );
}

#[test]
fn a_runtime_that_is_known_makes_it_sure() {
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  securityContext: {runAsGroup: 1}\n  \
                    containers: [{name: app, image: app}]\n";
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

#[test]
fn every_cause_is_a_finding() {
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  hostUsers: false\n  hostPID: true\n  \
                    containers: [{name: app, image: app, securityContext: {runAsUser: 70000}}]\n";
    let mut findings = Case::new(manifest, "").findings();
    findings.retain(|finding| finding.rule.code == "WW211");
    assert_eq!(findings.len(), 2, "{findings:#?}");
}
