// SPDX-License-Identifier: Apache-2.0
//! Cases 14 to 21, 50 to 55, 71 and 72: volumes behind claims.

use crate::case::{Case, IMAGE};

/// A pod with a claim of class `fast`, mounted at /v.
fn claim(security: &str, mount: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{{security}}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v{mount}}}]}}]
  volumes: [{{name: v, persistentVolumeClaim: {{claimName: c}}}}]"
    ))
    .with(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, \
         spec: {accessModes: [ReadWriteOnce], storageClassName: fast}}",
    )
    .facts(IMAGE)
}

/// The claim is a new disk of AWS.
fn disk(security: &str, mount: &str) -> Case {
    claim(security, mount)
        .with(
            "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}, \
             provisioner: ebs.csi.aws.com}",
        )
        .with(
            "{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: ebs.csi.aws.com}, \
             spec: {fsGroupPolicy: File}}",
        )
}

#[test]
fn case_14_a_new_disk_belongs_to_root() {
    disk("runAsUser: 1000", "").expect(
        "app /v: create no EACCES; mode 0755; owner 0:0; fsGroup unset; lifetime claim; source persistentVolumeClaim",
    );
}

#[test]
fn case_15_fs_group_opens_a_new_disk() {
    disk("runAsUser: 1000, fsGroup: 2000", "")
        .expect("app /v: create yes; mode 2775; owner 0:2000; fsGroup applied; ruby yes");
}

#[test]
fn case_16_a_new_sub_path_inherits_mode_and_group() {
    disk("runAsUser: 1000, fsGroup: 2000", ", subPath: a/b")
        .expect("app /v: create yes; mode 2775; owner 0:2000");
}

#[test]
fn case_17_without_fs_group_a_new_sub_path_is_roots() {
    disk("runAsUser: 1000", ", subPath: a").expect("app /v: create no EACCES; mode 0755; owner 0:0");
}

/// What a class gives to new volumes, a clone or a restored snapshot does not have: it has what its origin has.
#[test]
fn a_claim_that_is_filled_from_another_volume_is_neither_empty_nor_roots() {
    let with = |source: &str| {
        Case::pod(
            "
  securityContext: {runAsUser: 1000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
        )
        .with(&format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: c}}, \
             spec: {{accessModes: [ReadWriteOnce], storageClassName: fast, {source}}}}}"
        ))
        .facts(IMAGE)
    };
    let ebs = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}, provisioner: ebs.csi.aws.com}";
    let class = "storageClasses: {fast: {source: local, owner: '0:0', mode: '0755'}}";
    for source in [
        "dataSource: {kind: PersistentVolumeClaim, name: old}",
        "dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: old}",
        "dataSourceRef: {apiGroup: example.org, kind: Backup, name: old}",
    ] {
        let why = "app /v: create unknown ~ gets from; mode ?; owner ?:?";
        with(source).with(ebs).expect(why);
        with(source).facts(class).expect(why);
        // What is known of this very volume holds.
        with(source)
            .facts(class)
            .facts("claims: {default/c: {owner: '1000:1000', mode: '0755'}}")
            .expect("app /v: create yes; mode 0755; owner 1000:1000");
    }
    // The API server drops a `dataSource` of any other kind.
    with("dataSource: {apiGroup: example.org, kind: Backup, name: old}")
        .with(ebs)
        .expect("app /v: create no EACCES; mode 0755; owner 0:0");
}

/// A hostPath volume of the node's /srv/d behind the claim.
fn on_node(security: &str, mount: &str, annotations: &str, owner: &str, mode: &str) -> Case {
    claim(security, mount)
        .with(&format!(
            "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: pv, annotations: {{{annotations}}}}}, spec: \
             {{accessModes: [ReadWriteOnce], storageClassName: fast, hostPath: {{path: /srv/d}}, \
             claimRef: {{namespace: default, name: c}}}}}}"
        ))
        .facts(&format!(
            "hostPaths: {{/srv/d: {{owner: \"{owner}\", mode: \"{mode}\"}}}}"
        ))
}

#[test]
fn case_18_a_new_sub_path_locks_the_owner_of_the_volume_out() {
    let security = "runAsUser: 1000, runAsGroup: 1000";
    on_node(security, ", subPath: a", "", "1000:1000", "0755")
        .expect("app /v: create no EACCES; mode 0755; owner 0:0");
    on_node(security, "", "", "1000:1000", "0755")
        .expect("app /v: create yes; mode 0755; owner 1000:1000; lifetime claim");
}

/// A claim of a provisioner of rancher's local-path family.
fn local_path(security: &str, annotations: &str, owner: &str, mode: &str) -> Case {
    claim(security, "")
        .with(&format!(
            "{{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {{name: fast, annotations: \
             {{{annotations}}}}}, provisioner: rancher.io/local-path}}"
        ))
        .facts(&format!(
            "storageClasses: {{fast: {{owner: \"{owner}\", mode: \"{mode}\"}}}}"
        ))
}

#[test]
fn case_19_local_path_is_open_to_all_and_deaf_to_fs_group() {
    local_path("runAsUser: 1000, fsGroup: 1000", "", "0:0", "0777")
        .expect("app /v: create yes; mode 0777; owner 0:0; fsGroup ignored");
}

#[test]
fn case_20_local_path_of_k3s_listens_to_fs_group() {
    local_path(
        "runAsUser: 1000, fsGroup: 1000",
        "defaultVolumeType: local",
        "0:0",
        "0777",
    )
    .expect("app /v: create yes; mode 2777; owner 0:1000; fsGroup applied");
}

#[test]
fn case_21_a_provisioner_that_chowns_serves_one_user() {
    local_path("runAsUser: 101, fsGroup: 101", "", "1000:1000", "0755")
        .expect("app /v: create no EACCES; mode 0755; owner 1000:1000; fsGroup ignored");
}

#[test]
fn case_50_an_annotation_of_the_volume_adds_a_group() {
    let gid = "pv.beta.kubernetes.io/gid: '3000'";
    on_node("runAsUser: 1000, runAsGroup: 1000", "", gid, "0:3000", "2770").expect(
        "app: groups 1000 3000
         app /v: create yes; mode 2770; owner 0:3000",
    );
    on_node("runAsUser: 1000, runAsGroup: 1000", "", "", "0:3000", "2770").expect(
        "app: groups 1000
         app /v: create no EACCES",
    );
}

/// A CSI volume behind a claim that the pod uses in some way; `access` are the access modes, `csi` the source's fields.
fn csi(reference: &str, access: &str, csi: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, fsGroup: 1000}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, persistentVolumeClaim: {{claimName: c{reference}}}}}]"
    ))
    .with(&format!(
        "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: c}}, \
         spec: {{accessModes: [{access}], volumeName: pv}}}}"
    ))
    .with(&format!(
        "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: pv}}, \
         spec: {{accessModes: [{access}], csi: {{volumeHandle: h, {csi}}}}}}}"
    ))
    .facts(IMAGE)
}

#[test]
fn case_51_a_claim_used_read_only_gets_no_fs_group() {
    csi(", readOnly: true", "ReadWriteOnce", "driver: d.example")
        .with("{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: d.example}, spec: {fsGroupPolicy: File}}")
        .facts("claims: {default/c: {owner: \"0:0\", mode: \"0750\"}}")
        .expect("app /v: create no EACCES; mode 0750; owner 0:0; readOnly true; fsGroup ignored");
}

#[test]
fn case_52_read_only_of_an_nfs_volume_does_not_reach_the_mount() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
    )
    .with(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, \
         spec: {accessModes: [ReadWriteMany], volumeName: pv}}",
    )
    .with(
        "{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {accessModes: [ReadWriteMany], \
         nfs: {server: nfs.example, path: /e, readOnly: true}}}",
    )
    .facts(IMAGE)
    .expect("app /v: create unknown ~ existing PersistentVolume `pv`; readOnly false; fsGroup unset");
}

#[test]
fn case_53_a_server_may_refuse_the_chgrp_of_fs_group_without_a_word() {
    csi("", "ReadWriteMany", "driver: nfs.csi.k8s.io")
        .facts("claims: {default/c: {owner: \"65534:65534\", mode: \"0755\"}}")
        .expect("pod: starts yes\n app /v: create unknown ~ the server; readOnly false; fsGroup unknown");
}

#[test]
fn case_54_the_default_policy_leaves_a_shared_volume_alone() {
    csi("", "ReadWriteMany", "driver: d.example, fsType: nfs")
        .with("{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: d.example}, spec: {}}")
        .facts("claims: {default/c: {owner: \"0:0\", mode: \"0755\"}}")
        .expect("app /v: create no EACCES; mode 0755; owner 0:0; fsGroup ignored");
}

#[test]
fn case_55_on_root_mismatch_does_not_look_below_the_root() {
    let pod = |policy: &str| {
        claim(&format!("runAsUser: 1000, fsGroup: 1000{policy}"), "").facts(
            "claims: {default/c: {source: local, owner: \"0:1000\", mode: \"2770\", contents: \
                 {sub: {owner: \"0:0\", mode: \"0755\"}}}}",
        )
    };
    pod(", fsGroupChangePolicy: OnRootMismatch").expect(
        "app /v: create yes; mode 2770; owner 0:1000
         app /v/sub: create no EACCES; mode 0755; owner 0:0",
    );
    pod("").expect("app /v/sub: create yes; mode 2775; owner 0:1000");
}

/// The pod of [`csi`] beside another one with a group of its own on the same claim.
fn two_groups(volume: Case, other_group: u32) -> Case {
    volume.with(&format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: other}}
spec:
  securityContext: {{runAsUser: 3000, fsGroup: {other_group}}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, persistentVolumeClaim: {{claimName: c}}}}]"
    ))
}

#[test]
fn case_71_of_two_groups_on_one_csi_volume_the_last_wins() {
    let volume = || {
        csi("", "ReadWriteOnce", "driver: d.example")
            .with("{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: d.example}, spec: {fsGroupPolicy: File}}")
            .facts("claims: {default/c: {owner: \"0:0\", mode: \"0755\"}}")
    };
    two_groups(volume(), 2000)
        .expect("app /v: create unknown ~ Pod `other`; mode 2775; owner 0:?; fsGroup unknown");
    two_groups(volume(), 1000).expect("app /v: create yes; mode 2775; owner 0:1000; fsGroup applied");
}

#[test]
fn case_72_of_two_groups_on_one_local_volume_the_first_wins() {
    let volume = || {
        claim("runAsUser: 1000, fsGroup: 1000", "")
            .facts("claims: {default/c: {source: local, owner: \"0:0\", mode: \"0755\"}}")
    };
    two_groups(volume(), 2000)
        .expect("app /v: create unknown ~ Pod `other`; mode 2775; owner 0:?; fsGroup unknown");
    two_groups(volume(), 1000).expect("app /v: create yes; owner 0:1000; fsGroup applied");
}
