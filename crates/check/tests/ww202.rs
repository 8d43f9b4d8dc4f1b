// SPDX-License-Identifier: Apache-2.0
//! WW202: where kubelet ignores fsGroup, what is said of it, and what is proposed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn fixture(name: &str) -> (Case, Finding) {
    let case = Case::fixture("WW202", name);
    let mut findings = case.findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = findings.remove(0);
    (case, finding)
}

#[test]
fn the_volume_is_the_place_and_the_group_is_shown() {
    let (case, finding) = fixture("bad");
    assert_eq!(case.text(&finding.primary), "data");
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Warning, Confidence::Medium)
    );
    assert_eq!(
        finding.message,
        "`fsGroup: 2000` has no effect on volume `data`, which container `web` mounts read-write at `/data`"
    );
    let labels: Vec<_> = finding
        .related
        .iter()
        .map(|location| {
            (
                location.label.as_str(),
                case.text(location).lines().next().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        labels,
        [
            ("has no effect on this volume", "2000"),
            ("mounted for uid 1000", "name: data")
        ]
    );
    assert!(
        finding
            .why
            .iter()
            .any(|step| step.contains("never applies it to a hostPath volume")),
        "{:?}",
        finding.why
    );
}

#[test]
fn a_volume_that_works_for_another_reason_is_only_worth_knowing() {
    let (_, finding) = fixture("bad-everybody-may-write");
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Info, Confidence::High)
    );
    assert_eq!(
        finding.why.last().unwrap(),
        "it works since everybody may write to the volume"
    );
}

#[test]
fn a_claim_that_is_used_read_only_is_shown_where_it_says_so() {
    let (case, finding) = fixture("bad-read-only-claim");
    assert_eq!(case.text(&finding.primary), "true");
    assert_eq!(finding.severity, Severity::Info);
    assert!(
        finding
            .message
            .contains("only as far as its owner and mode allow")
    );
}

#[test]
fn each_kind_of_volume_has_its_own_cure() {
    for (name, cure) in [
        (
            "bad",
            "on the node, or use a claim for a PersistentVolume of type `local`",
        ),
        ("bad-local-path", "annotate the claim with `volumeType: local`"),
        (
            "bad-claim-template",
            "annotate the claim with `volumeType: local`",
        ),
        ("bad-nfs", "on the server"),
        ("bad-csi-none", "the driver's `fsGroupPolicy`"),
        ("bad-csi-shared", "the driver's `fsGroupPolicy`"),
        ("bad-inline-csi", "the driver's `fsGroupPolicy`"),
    ] {
        let (_, finding) = fixture(name);
        let help = finding.help.unwrap();
        assert!(help.contains(cure), "{name}: {help}");
    }
}

/// A pod with a claim that is bound to a PersistentVolume of that source.
fn bound(access_mode: &str, source: &str, policy: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  securityContext: {{runAsUser: 1000, fsGroup: 2000}}\n  \
         containers:\n    - name: web\n      image: acme/app:1\n      volumeMounts: [{{name: data, mountPath: /data}}]\n  \
         volumes: [{{name: data, persistentVolumeClaim: {{claimName: data}}}}]\n---\n\
         apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data}}\nspec: {{volumeName: data, storageClassName: \
         \"\", accessModes: [{access_mode}], resources: {{requests: {{storage: 1Gi}}}}}}\n---\n\
         apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: data}}\nspec: {{capacity: {{storage: 1Gi}}, \
         accessModes: [{access_mode}], {source}}}\n---\n\
         apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {{name: d.example.org}}\nspec: {{{policy}}}\n"
    )
}

#[test]
fn h3_3_whether_fs_group_is_applied_is_predicted_for_every_kind_of_volume() {
    let node =
        "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}";
    let local = format!("local: {{path: /srv/data}}, {node}");
    let csi = "csi: {driver: d.example.org, volumeHandle: v, fsType: ext4}";
    let csi_untyped = "csi: {driver: d.example.org, volumeHandle: v}";
    for (mode, source, policy, ignored) in [
        ("ReadWriteOnce", "hostPath: {path: /srv/data}", "", true),
        ("ReadWriteOnce", local.as_str(), "", false),
        ("ReadWriteMany", "nfs: {server: s, path: /e}", "", true),
        ("ReadWriteOnce", csi, "fsGroupPolicy: None", true),
        (
            "ReadWriteOnce",
            csi,
            "fsGroupPolicy: ReadWriteOnceWithFSType",
            false,
        ),
        ("ReadWriteOnce", csi, "", false),
        (
            "ReadWriteMany",
            csi,
            "fsGroupPolicy: ReadWriteOnceWithFSType",
            true,
        ),
        (
            "ReadWriteOnce",
            csi_untyped,
            "fsGroupPolicy: ReadWriteOnceWithFSType",
            true,
        ),
        ("ReadWriteOnce", csi, "fsGroupPolicy: File", false),
        ("ReadWriteMany", csi_untyped, "fsGroupPolicy: File", false),
    ] {
        let findings = Case::new(&bound(mode, source, policy), "").findings();
        let found = findings.iter().any(|finding| finding.rule.code == "WW202");
        assert_eq!(found, ignored, "{mode} {source} {policy}: {findings:#?}");
    }
}

#[test]
fn h3_3_on_local_path_the_type_local_is_proposed_first_and_existing_volumes_keep_theirs() {
    for (rule, fixture) in [("WW202", "bad-local-path"), ("WW201", "bad-claim")] {
        let help = Case::fixture(rule, fixture).findings()[0].help.clone().unwrap();
        assert!(
            help.starts_with("annotate the claim with `volumeType: local`"),
            "{help}"
        );
        assert!(
            help.contains("A PersistentVolume that exists keeps its type"),
            "{help}"
        );
    }
}
