// SPDX-License-Identifier: Apache-2.0
//! WW207, WW404 and WW405: what is said of scripts that change owners.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn findings(rule: &str, name: &str) -> (Case, Vec<Finding>) {
    common::found(rule, name)
}

fn only(rule: &str, name: &str) -> (Case, Finding) {
    let (case, mut findings) = findings(rule, name);
    assert_eq!(findings.len(), 1, "{rule} {name}: {findings:#?}");
    let finding = findings.remove(0);
    (case, finding)
}

#[test]
fn ww207_is_proven_by_the_write_map_and_takes_the_place_of_ww201() {
    let (case, finding) = only("WW207", "bad");
    assert_eq!(
        finding.message,
        "init container `own` gives volume `data` to 999:999, but container `web` uses it as 1000:1000"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::High)
    );
    assert!(case.text(&finding.primary).contains("\"chown\", \"-R\""));
    assert_eq!(
        finding.primary.label,
        "then `web` cannot write to `/data` (EACCES)"
    );
    assert_eq!(
        finding.help.as_deref(),
        Some("give the volume to 1000:1000, or run container `web` as the user that gets it")
    );
    assert!(case.findings().iter().all(|other| other.rule.code != "WW201"));
}

#[test]
fn ww207_is_less_sure_where_the_container_can_write_or_may_be_able_to() {
    for (name, label) in [
        ("bad-still-writable", "can write to `/data` for another reason"),
        ("bad-unknown-verdict", "is not the owner of `/data` then"),
    ] {
        let (_, finding) = only("WW207", name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (Severity::Warning, Confidence::Medium)
        );
        assert!(finding.primary.label.contains(label), "{}", finding.primary.label);
    }
}

#[test]
fn ww207_looks_names_and_variables_up() {
    for (name, given) in [
        ("bad-name-of-the-image", "33:33"),
        ("bad-template", "999:999"),
        ("bad-left-to-root", "0"),
    ] {
        let (_, finding) = only("WW207", name);
        assert!(
            finding.message.contains(&format!("to {given}, but")),
            "{}",
            finding.message
        );
    }
}

#[test]
fn ww207_leaves_a_container_that_another_one_was_preferred_to_to_ww201() {
    let case = Case::fixture("WW207", "good-for-the-sidecar");
    let findings = case.findings();
    assert!(
        findings.iter().any(
            |finding| finding.rule.code == "WW201" && finding.subject.container.as_deref() == Some("web")
        )
    );
}

#[test]
fn ww404_says_who_does_not_need_it() {
    for name in [
        "bad",
        "bad-claim-with-fs-group",
        "bad-script",
        "bad-root-by-default-of-the-image",
    ] {
        let (_, finding) = only("WW404", name);
        assert_eq!(
            finding.message,
            "init container `own` runs as root to change owners, and is not needed: without it container `web` can write \
             to the same paths"
        );
        assert_eq!(
            (finding.severity, finding.confidence),
            (Severity::Warning, Confidence::Medium)
        );
    }
    let (case, finding) = only("WW404", "bad-script");
    assert_eq!(case.text(&finding.primary), "chown 1000:1000 /data");
    let labels: Vec<_> = finding
        .related
        .iter()
        .map(|location| (location.label.as_str(), case.text(location)))
        .collect();
    assert_eq!(
        labels,
        [("this container is not needed", "own"), ("runs as root", "0")]
    );
}

#[test]
fn ww405_names_the_worst_fault_of_a_command() {
    use Confidence::{High, Medium};
    use Severity::{Info, Warning};
    for (name, severity, confidence, message) in [
        (
            "bad",
            Warning,
            High,
            "init container `own` changes the owner of all of `/`, which is more than a mount",
        ),
        (
            "bad-parent",
            Warning,
            High,
            "init container `own` changes the owner of all of `/`, which is more than a mount",
        ),
        (
            "bad-directory-of-mounts",
            Warning,
            Medium,
            "init container `own` changes the owner of all of `/var/lib`, which is more than a mount",
        ),
        (
            "bad-main-container",
            Warning,
            Medium,
            "container `web` changes the owner of all of `/srv`, which is more than a mount",
        ),
        (
            "bad-links",
            Warning,
            High,
            "init container `own` changes owners through links (`-L`): who may write to the volume decides what is changed",
        ),
        (
            "bad-operand-link",
            Info,
            High,
            "init container `own` changes owners through links (`-H`): who may write to the volume decides what is changed",
        ),
        (
            "bad-link-in-the-image",
            Warning,
            High,
            "init container `own` changes the owner of the link `/var/run`, not of what it leads to",
        ),
        (
            "bad-no-volume",
            Warning,
            Medium,
            "init container `own` changes the owner of `/opt/app`, which is on none of its volumes",
        ),
        (
            "bad-every-start",
            Info,
            Medium,
            "init container `own` goes through all files of volume `data` at every start to change their owner",
        ),
    ] {
        let (_, finding) = only("WW405", name);
        assert_eq!(finding.message, message, "{name}");
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
    }
}

#[test]
fn ww405_points_at_the_command_s_own_line_and_proposes_the_test_that_is_missing() {
    let (case, finding) = only("WW405", "bad-every-start");
    assert!(case.text(&finding.primary).contains("chown -R 1000:1000 /data"));
    assert!(
        finding
            .help
            .unwrap()
            .starts_with("put `[ \"$(stat -c %u /data)\" = 1000 ] ||` before it")
    );
}
