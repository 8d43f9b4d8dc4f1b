// SPDX-License-Identifier: Apache-2.0
//! WW104 and WW105: what is said of volumes that stand where the image has something, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Case, pair};
use writeway_check::{Confidence, Finding, Severity};

fn fixture(code: &str, name: &str) -> (Case, Finding) {
    common::only(code, name)
}

#[test]
fn ww104_the_mount_path_is_the_place() {
    let (case, finding) = fixture("WW104", "bad");
    assert_eq!(case.text(&finding.primary), "/usr/share/elasticsearch/config");
    assert_eq!(
        finding.message,
        "an empty volume hides what image `elasticsearch:8.18.1` has in `/usr/share/elasticsearch/config` of container `app`"
    );
    let expected = [
        pair("the volume is new for each pod", "data"),
        pair("the image", "elasticsearch:8.18.1"),
    ];
    assert_eq!(case.related(&finding), expected);
    assert!(
        finding
            .help
            .unwrap()
            .contains("`cp -Rf /usr/share/elasticsearch/config/. /copy`")
    );
}

#[test]
fn ww104_what_is_known_decides_how_bad_and_how_sure_it_is() {
    for (name, severity, confidence) in [
        ("bad", Severity::Warning, Confidence::High),
        ("bad-parent-mounted", Severity::Warning, Confidence::High),
        ("bad-another-command", Severity::Warning, Confidence::Medium),
        ("bad-files-of-the-image", Severity::Info, Confidence::Medium),
    ] {
        let (_, finding) = fixture("WW104", name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
    }
    let (_, finding) = fixture("WW104", "bad-files-of-the-image");
    assert_eq!(
        finding.why,
        ["image `ghcr.io/acme/app:1.2` has `/opt/app/etc/app.conf`, `/opt/app/etc/conf.d/a.conf`"]
    );
}

#[test]
fn ww105_the_mount_in_which_the_image_volume_stands_is_the_place() {
    let (case, finding) = fixture("WW105", "bad");
    assert_eq!(case.text(&finding.primary), "/var/lib/postgresql");
    assert_eq!(
        finding.message,
        "what container `app` writes to `/var/lib/postgresql/data` does not go to volume `data` at `/var/lib/postgresql`: \
         the image declares a VOLUME there"
    );
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::High)
    );
    let expected = [
        pair("the volume", "data"),
        pair("declares the VOLUME", "postgres:17.6"),
    ];
    assert_eq!(case.related(&finding), expected);
    assert!(
        finding.why[0].contains("image declares VOLUME /var/lib/postgresql/data"),
        "{:?}",
        finding.why
    );
    assert!(
        finding
            .help
            .unwrap()
            .starts_with("mount the volume at `/var/lib/postgresql/data` itself")
    );
}

#[test]
fn ww105_the_volume_and_what_is_known_of_the_image_decide_how_bad_and_how_sure_it_is() {
    for (name, severity, confidence) in [
        ("bad-claim-template", Severity::Error, Confidence::High),
        ("bad-empty-dir", Severity::Warning, Confidence::Medium),
        ("bad-init-container", Severity::Error, Confidence::Medium),
        ("bad-mount-below", Severity::Info, Confidence::High),
    ] {
        let (_, finding) = fixture("WW105", name);
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{name}"
        );
    }
}

#[test]
fn ww105_knows_the_volumes_of_well_known_images_less_surely() {
    let (case, finding) = fixture("WW105", "bad-well-known-image");
    assert_eq!(case.text(&finding.primary), "/var/lib/postgresql");
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::Medium)
    );
}
