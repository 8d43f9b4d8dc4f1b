// SPDX-License-Identifier: Apache-2.0
//! WW402 and WW403: what is said of init containers, where, and how surely.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, PinPolicy, Settings, Severity};

fn fixture(name: &str, code: &str) -> (Case, Vec<Finding>) {
    common::found(code, name)
}

/// A pod with one init container of that image.
fn init(image: &str) -> Case {
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  initContainers:\n    - name: copy\n      \
         image: {image}\n      resources: {{requests: {{cpu: 10m}}}}\n  containers:\n    - name: app\n      \
         image: nginx\n"
    );
    Case::new(&manifest, "")
}

const DIGEST: PinPolicy = PinPolicy::Digest;
const FLOATING: PinPolicy = PinPolicy::Floating;

#[test]
fn ww402_the_image_is_the_place_and_its_tag_the_reason() {
    let (case, findings) = fixture("bad", "WW402");
    assert_eq!(case.text(&findings[0].primary), "busybox:1.36");
    assert_eq!(
        findings[0].message,
        "the image `busybox:1.36` of init container `copy` is not pinned"
    );
    assert!(findings[0].primary.label.contains("`1.36` is no full version"));
    assert_eq!(findings[0].subject.container.as_deref(), Some("copy"));
}

#[test]
fn ww402_the_more_a_tag_moves_the_worse_and_the_surer() {
    for (image, severity, confidence) in [
        ("busybox", Severity::Warning, Confidence::High),
        ("busybox:latest", Severity::Warning, Confidence::High),
        ("busybox:1.36", Severity::Info, Confidence::Medium),
        ("busybox:stable", Severity::Info, Confidence::Medium),
    ] {
        let finding = &init(image).findings()[0];
        assert_eq!(
            (finding.severity, finding.confidence),
            (severity, confidence),
            "{image}"
        );
    }
}

#[test]
fn ww402_the_policy_decides_whether_a_full_version_will_do() {
    let digest = format!("busybox:1.36.1@sha256:{}", "0".repeat(64));
    for (image, pin, found) in [
        ("busybox:1.36.1", FLOATING, false),
        ("busybox:1.36.1", DIGEST, true),
        ("busybox:1.36", DIGEST, true),
        (&digest, DIGEST, false),
    ] {
        let settings = Settings {
            pin,
            ..Settings::default()
        };
        let findings = init(image).findings_with(&settings);
        assert_eq!(!findings.is_empty(), found, "{image} {pin:?}");
        for finding in findings {
            let help = finding.help.unwrap();
            assert_eq!(
                help.contains(&format!("`{image}@sha256:…`")),
                pin == DIGEST,
                "{help}"
            );
        }
    }
}

#[test]
fn ww402_a_sidecar_is_called_one() {
    let (_, findings) = fixture("bad-sidecar", "WW402");
    assert!(
        findings[0].message.contains("of sidecar `proxy`"),
        "{}",
        findings[0].message
    );
}

#[test]
fn ww403_the_empty_mapping_is_the_place_or_else_the_name() {
    let (case, findings) = fixture("bad", "WW403");
    assert_eq!(case.text(&findings[0].primary), "copy");
    assert_eq!(findings[0].message, "init container `copy` has no resources");
    assert_eq!(findings[0].severity, Severity::Info);
    assert!(findings[0].help.as_ref().unwrap().contains("10m CPU and 16Mi"));
    let (case, findings) = fixture("bad-empty-resources", "WW403");
    assert_eq!(findings.len(), 2);
    assert_eq!(case.text(&findings[0].primary), "{}");
}

#[test]
fn ww403_each_container_is_judged_for_itself() {
    let (_, findings) = fixture("bad-sidecar", "WW403");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].message, "sidecar `proxy` has no resources");
}
