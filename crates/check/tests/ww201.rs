// SPDX-License-Identifier: Apache-2.0
//! WW201: what is said, where, and what is proposed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Case, pair};
use writeway_check::Finding;

fn fixture(name: &str) -> (Case, Finding) {
    common::only("WW201", name)
}

#[test]
fn the_mount_is_the_place_and_who_decides_is_shown() {
    let (case, finding) = fixture("bad");
    assert!(
        case.text(&finding.primary).starts_with("name: data")
            && case.text(&finding.primary).ends_with("/data")
    );
    assert_eq!(finding.primary.label, "not writable (EACCES)");
    let expected = [
        pair("the volume", "data"),
        pair("runs as uid 1000", "1000"),
        pair("has no effect on this volume", "1000"),
    ];
    assert_eq!(case.related(&finding), expected);
    assert!(!finding.why.is_empty());
    assert!(finding.help.unwrap().starts_with("`fsGroup` cannot help here"));
}

#[test]
fn the_claim_and_its_class_are_shown() {
    let (case, finding) = fixture("bad-claim");
    let labels = case.related(&finding);
    assert!(labels.contains(&pair("its claim", "data")), "{labels:?}");
    assert!(labels.contains(&pair("its class", "local-path")), "{labels:?}");
}

/// A pod without an fsGroup, and the volume `data`, which is root's.
fn unset(volume: &str, objects: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  securityContext: {{runAsUser: 1000}}\n  initContainers: \
         [{{name: close, image: busybox:1.37.0, command: [chmod, \"0700\", /data], securityContext: {{runAsUser: 0}}, \
         volumeMounts: [{{name: data, mountPath: /data}}]}}]\n  containers:\n    - name: web\n      image: acme/app:1\n      \
         volumeMounts: [{{name: data, mountPath: /data}}]\n  volumes: [{{name: data, {volume}}}]\n{objects}"
    )
}

fn claim(class: &str, annotations: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data, annotations: {{{annotations}}}}}\n\
         spec: {{storageClassName: {class}, accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n"
    )
}

fn class(name: &str, provisioner: &str) -> String {
    format!(
        "---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}}}\nprovisioner: {provisioner}\n"
    )
}

#[test]
fn h3_3_without_an_fs_group_the_kind_of_volume_decides_whether_one_is_advised() {
    const FACTS: &str = "hostPaths: {/srv/data: {owner: \"0:0\", mode: \"0755\"}}\nstorageClasses:\n  \
                         local-path: {owner: \"0:0\", mode: \"0755\"}\n  \
                         disk: {source: csi, owner: \"0:0\", mode: \"0755\"}\n  \
                         directory: {source: hostPath, owner: \"0:0\", mode: \"0755\"}\n";
    const CLAIM: &str = "persistentVolumeClaim: {claimName: data}";
    const BOUND: &str = "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: data}\nspec: {capacity: {storage: 1Gi}, \
                         accessModes: [ReadWriteOnce], claimRef: {name: data, namespace: default}, local: {path: \
                         /srv/data}}\n";
    const GROUP: &str = "set `securityContext.fsGroup: 1000` on the pod where kubelet applies it";
    let local_path = class("local-path", "rancher.io/local-path");
    for (volume, objects, help) in [
        (
            "emptyDir: {}",
            String::new(),
            "everybody may write to an `emptyDir`",
        ),
        (
            "hostPath: {path: /srv/data}",
            String::new(),
            "`fsGroup` cannot help here",
        ),
        (
            CLAIM,
            claim("directory", ""),
            "`fsGroup` cannot help here: give the directory to uid 1000 on the node",
        ),
        (CLAIM, claim("disk", ""), GROUP),
        // What the class would make does not matter where a volume is bound.
        (CLAIM, claim("directory", "") + BOUND, GROUP),
        (
            CLAIM,
            claim("local-path", "") + &local_path,
            "set `securityContext.fsGroup: 1000` on the pod, which kubelet applies where the claim is annotated",
        ),
        (CLAIM, claim("local-path", "") + &local_path + BOUND, GROUP),
    ] {
        let mut findings = Case::new(&unset(volume, &objects), FACTS).findings();
        findings.retain(|finding| finding.rule.code == "WW201");
        assert_eq!(findings.len(), 1, "{volume} {objects}");
        let proposed = findings[0].help.clone().unwrap();
        assert!(proposed.starts_with(help), "{volume} {objects}: {proposed}");
    }
}

#[test]
fn a_file_is_judged_by_overwriting_it() {
    let (_, finding) = fixture("bad-file");
    assert!(
        finding.message.contains("cannot write to `/etc/app.conf`"),
        "{}",
        finding.message
    );
}

#[test]
fn a_sidecar_counts_and_an_init_container_does_not() {
    let (_, finding) = fixture("bad-claim-template");
    assert_eq!(finding.subject.container.as_deref(), Some("proxy"));
}
