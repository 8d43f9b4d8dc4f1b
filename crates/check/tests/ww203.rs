// SPDX-License-Identifier: Apache-2.0
//! WW203 and WW206: what kubelet's fsGroup and `defaultMode` do to files with a strict mode, and to volumes that grow.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn only(rule: &str, name: &str) -> (Case, Finding) {
    common::only(rule, name)
}

#[test]
fn h3_4_a_strict_mode_file_and_fs_group_is_found_with_the_fix() {
    let (case, finding) = only("WW203", "bad");
    assert_eq!(
        finding.message,
        "container `app`: `fsGroup: 999` makes `/data/acme.json` 0660, which Traefik (its ACME store) does not accept"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::Medium)
    );
    let help = finding.help.unwrap();
    assert!(
        help.starts_with("set `fsGroupChangePolicy: OnRootMismatch`") && help.contains("init container"),
        "{help}"
    );
    let group = finding
        .related
        .iter()
        .find(|location| location.label == "the group that is added")
        .unwrap();
    assert_eq!(case.text(group), "999");
    // Each fix makes the finding go away.
    for cured in ["good", "good-mode-set-at-start"] {
        let findings = Case::fixture("WW203", cured).findings();
        assert!(
            findings.iter().all(|finding| finding.rule.code != "WW203"),
            "{cured}"
        );
    }
}

#[test]
fn h3_4_a_strict_mode_directory_is_cured_by_a_directory_of_its_own() {
    let (_, finding) = only("WW203", "bad-postgres-at-the-root-of-its-volume");
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::High)
    );
    assert!(
        finding
            .message
            .contains("2775, which postgres (PGDATA) does not accept"),
        "{}",
        finding.message
    );
    assert!(
        finding
            .help
            .unwrap()
            .starts_with("keep the data in a directory below the mount")
    );
    let cured = Case::fixture("WW203", "good-postgres-with-its-own-directory").findings();
    assert!(cured.iter().all(|finding| finding.rule.code != "WW203"));
}

#[test]
fn h3_4_the_default_always_on_a_volume_that_grows_is_found() {
    let (case, finding) = only("WW206", "bad");
    assert_eq!(
        finding.message,
        "kubelet goes through all files of volume `data` at every start of the pod, to give them to group 999"
    );
    assert_eq!(case.text(&finding.primary), "999");
    assert_eq!(
        finding.primary.label,
        "without `fsGroupChangePolicy`, which is `Always` then"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Info, Confidence::Medium)
    );
}

#[test]
fn a_file_that_exists_is_proven_one_that_the_program_makes_is_likely() {
    for (name, confidence) in [
        ("bad", Confidence::Medium),
        ("bad-local-volume", Confidence::Medium),
        ("bad-cookie", Confidence::Medium),
        ("bad-file-that-exists", Confidence::High),
    ] {
        let (_, finding) = only("WW203", name);
        assert_eq!(finding.confidence, confidence, "{name}");
        assert!(
            finding.why.iter().any(|step| step.contains("fsGroup adds 0660")),
            "{name}: {:?}",
            finding.why
        );
    }
}

#[test]
fn what_gives_the_mode_to_a_file_of_a_secret_is_named() {
    for (name, message, help) in [
        (
            "bad-key-file",
            "the default of `defaultMode`, 0644, makes `/etc/mongo/keyfile` 0644, which MongoDB (its key file)",
            "copy the file in an init container that runs as the same user",
        ),
        (
            "bad-cookie-of-a-secret",
            "`fsGroup: 999` makes `/home/app/.erlang.cookie` 0440, which Erlang (its cookie)",
            "copy the file in an init container that runs as the same user",
        ),
        (
            "bad-ssh-key-of-root",
            "the default of `defaultMode`, 0644, makes `/root/.ssh/id_ed25519` 0644, which OpenSSH (a private key)",
            "set `defaultMode: 0400`",
        ),
        (
            "bad-ssh-option-in-an-init-container",
            "`fsGroup: 1000` makes `/keys/id_ed25519` 0440, which OpenSSH (a private key)",
            "copy the file in an init container that runs as the same user",
        ),
    ] {
        let (_, finding) = only("WW203", name);
        assert!(finding.message.contains(message), "{}", finding.message);
        let proposed = finding.help.unwrap();
        assert!(proposed.starts_with(help), "{name}: {proposed}");
    }
}

#[test]
fn a_secret_s_values_are_nowhere_in_what_is_said() {
    for name in [
        "bad-key-file",
        "bad-cookie-of-a-secret",
        "bad-ssh-key-of-root",
        "bad-ssh-option-in-an-init-container",
    ] {
        let (_, finding) = only("WW203", name);
        assert!(!format!("{finding:?}").contains("not-a-real-one"), "{name}");
    }
}

#[test]
fn a_walk_is_surer_where_the_image_keeps_data_and_a_guess_where_the_class_is_not_known() {
    for (name, confidence, message) in [
        (
            "bad-database",
            Confidence::High,
            "goes through all files of volumes `backup` and `data`",
        ),
        (
            "bad-unknown-class",
            Confidence::Low,
            "may go through all files of volume `data`",
        ),
    ] {
        let (_, finding) = only("WW206", name);
        assert_eq!(finding.confidence, confidence, "{name}");
        assert!(finding.message.contains(message), "{}", finding.message);
    }
    let (case, finding) = only("WW206", "bad-always");
    assert_eq!(case.text(&finding.primary), "Always");
}

#[test]
fn a_claim_of_an_unknown_class_is_supposed_to_take_fs_group_and_the_finding_says_so() {
    let case = Case::fixture("WW203", "bad-unknown-class");
    let mut findings = case.findings();
    findings.retain(|finding| finding.rule.code == "WW203");
    let [finding] = &findings[..] else {
        panic!("{findings:?}");
    };
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Warning, Confidence::Medium)
    );
    assert!(
        finding
            .why
            .iter()
            .any(|step| step.contains("class of the volume is not known")),
        "{:?}",
        finding.why
    );
    assert!(
        !finding.why.iter().any(|step| step.contains("``")),
        "{:?}",
        finding.why
    );
}
