// SPDX-License-Identifier: Apache-2.0
//! WW601 to WW603: GitOps with a key that may only read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{found, only, pair};
use writeway_check::{Confidence, Severity};

const HIGH: Confidence = Confidence::High;
const MEDIUM: Confidence = Confidence::Medium;
const LOW: Confidence = Confidence::Low;

#[test]
fn ww601_each_contradiction_is_told_at_its_flag() {
    let rows = [
        (
            "bad",
            "--git-url=https://github.com/acme/fleet",
            Severity::Error,
            HIGH,
        ),
        (
            "bad-own-host-with-secret-state",
            "--git-url=https://git.acme.example/ops/fleet.git",
            Severity::Error,
            MEDIUM,
        ),
        (
            "bad-version-before-the-flag",
            "--git-readonly",
            Severity::Error,
            HIGH,
        ),
        ("bad-tag-not-used", "--git-sync-tag", Severity::Info, HIGH),
        (
            "bad-state-without-secret",
            "--git-url=https://github.com/acme/fleet",
            Severity::Warning,
            MEDIUM,
        ),
        (
            "bad-key-called-read-only",
            "--k8s-secret-name=flux-read-only-key",
            Severity::Error,
            LOW,
        ),
    ];
    for (name, text, severity, confidence) in rows {
        let (case, finding) = only("WW601", name);
        assert_eq!(case.text(&finding.primary), text, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
        assert_eq!(finding.subject.container.as_deref(), Some("flux"), "{name}");
    }
}

#[test]
fn ww601_a_forced_state_leaves_two_flags_without_effect() {
    let (case, findings) = found("WW601", "bad-state-forced");
    let told: Vec<_> = findings
        .iter()
        .map(|finding| (case.text(&finding.primary), finding.severity))
        .collect();
    assert_eq!(
        told,
        [
            ("--sync-state=git", Severity::Warning),
            ("--git-sync-tag=prod", Severity::Info)
        ]
    );
    let switch = case.related(&findings[0]);
    assert_eq!(switch, [pair("forbids to push the tag", "--git-readonly")]);
}

#[test]
fn ww603_the_later_of_the_two_is_told_and_leads_to_the_other() {
    let rows = [
        (
            "bad",
            "Deployment `flux-prod` keeps its state where Deployment `flux-staging` keeps its own: in tag `flux-sync` of \
             the repository",
            "--git-url=ssh://git@github.com/acme/fleet.git",
            "--git-url=git@github.com:acme/fleet",
            HIGH,
        ),
        (
            "bad-one-label-on-two-branches",
            "Deployment `flux-prod` keeps its state where Deployment `flux-staging` keeps its own: in tag `flux` of the \
             repository",
            "--git-sync-tag=flux",
            "--git-label=flux",
            HIGH,
        ),
        (
            "bad-one-daemon-in-two-clusters",
            "Deployment `flux` keeps its state where Deployment `flux` keeps its own: in tag `flux-sync` of the repository",
            "--git-url=git@github.com:acme/fleet",
            "--git-url=git@github.com:acme/fleet",
            MEDIUM,
        ),
        (
            "bad-one-secret",
            "Deployment `flux-infra` keeps its state where Deployment `flux-apps` keeps its own: in Secret \
             `flux-git-deploy`",
            "--git-readonly",
            "--git-readonly",
            HIGH,
        ),
    ];
    for (name, message, here, there, confidence) in rows {
        let (case, finding) = only("WW603", name);
        assert_eq!(finding.message, message);
        assert_eq!(finding.confidence, confidence, "{name}");
        assert_eq!(case.text(&finding.primary), here, "{name}");
        assert_eq!(case.related(&finding), [pair("the other one", there)], "{name}");
        assert!(
            case.inventory.workloads()[1]
                .object
                .span
                .contains(finding.primary.place.span)
        );
    }
}

#[test]
fn ww602_the_source_is_the_place_and_the_repository_says_why() {
    let url = "https://github.com/acme/fleet";
    let rows = [
        (
            "bad",
            "no image is ever updated: GitRepository `fleet` has no credential to push with",
            ("no `secretRef` beside it", url),
            HIGH,
        ),
        (
            "bad-own-host-other-namespace",
            "no image is ever updated: GitRepository `fleet` has no credential to push with",
            (
                "no `secretRef` beside it",
                "https://git.acme.example/ops/fleet.git",
            ),
            MEDIUM,
        ),
        (
            "bad-ssh-without-key",
            "no image is ever updated: GitRepository `fleet` has no key to push with",
            ("no `secretRef` beside it", "ssh://git@github.com/acme/fleet"),
            HIGH,
        ),
        (
            "bad-certificates-alone",
            "no image is ever updated: Secret `fleet-write` holds no credential to push with",
            ("certificates of the host alone", "fleet-write"),
            HIGH,
        ),
        (
            "bad-tag-checked-out",
            "no image is ever updated: there is no branch to push to, since a `semver` is checked out",
            ("no branch", "\">=1.0.0\""),
            HIGH,
        ),
    ];
    for (name, message, (label, text), confidence) in rows {
        let (case, finding) = only("WW602", name);
        assert_eq!(finding.message, message);
        assert_eq!(
            (finding.severity, finding.confidence),
            (Severity::Error, confidence),
            "{name}"
        );
        assert_eq!(case.text(&finding.primary), "fleet", "{name}");
        assert_eq!(case.related(&finding), [pair(label, text)], "{name}");
        let subject = finding.subject.object.unwrap();
        assert_eq!(subject.kind, "ImageUpdateAutomation", "{name}");
    }
}

#[test]
fn ww602_flux_v1_leads_to_the_workloads_that_it_skips() {
    let rows: [(&str, &str, usize); 2] = [
        ("bad-flux-v1", "Deployment `web` is never updated", 1),
        (
            "bad-flux-v1-older-annotations",
            "2 workloads are never updated",
            2,
        ),
    ];
    for (name, message, count) in rows {
        let (case, finding) = only("WW602", name);
        assert!(finding.message.starts_with(message), "{}", finding.message);
        assert_eq!((finding.severity, finding.confidence), (Severity::Warning, HIGH));
        assert_eq!(case.text(&finding.primary), "--git-readonly");
        assert_eq!(
            case.related(&finding),
            vec![pair("never happens", "\"true\""); count]
        );
    }
}
