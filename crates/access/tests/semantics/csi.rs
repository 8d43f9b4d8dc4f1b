// SPDX-License-Identifier: Apache-2.0
//! When kubelet applies fsGroup to CSI volumes (section B.10, measured with a stub driver).

use crate::case::{Case, IMAGE};

/// A pod of uid 1000 and fsGroup 2000 with a volume at /v.
fn volume(source: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, {source}}}]"
    ))
    .facts(IMAGE)
}

/// A CSI volume of a driver behind a claim; `fields` are those of the source beside the driver.
fn persistent(driver: &str, fields: &str, access: &str, reference: &str) -> Case {
    volume(&format!("persistentVolumeClaim: {{claimName: c{reference}}}"))
        .with(&format!(
            "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: pv}}, spec: {{accessModes: [{access}], \
             claimRef: {{namespace: default, name: c}}, csi: {{driver: {driver}, volumeHandle: h{fields}}}}}}}"
        ))
        .with(&format!(
            "{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: c}}, spec: {{accessModes: [{access}], \
             volumeName: pv}}}}"
        ))
}

const ROOTS: &str = "claims: {default/c: {owner: '0:0', mode: '0755'}}";

fn driver(spec: &str) -> String {
    format!(
        "{{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {{name: d.example}}, spec: {{{spec}}}}}"
    )
}

const APPLIED: &str = "app /v: create yes; mode 2775; owner 0:2000; fsGroup applied";
const IGNORED: &str = "app /v: create no EACCES; mode 0755; owner 0:0; fsGroup ignored";

#[test]
fn policy_file_system_and_access_mode_decide() {
    // CSIDriver; fields of the source; access modes; what comes of it.
    let rows = [
        ("fsGroupPolicy: File", "", "ReadWriteOnce", APPLIED),
        ("fsGroupPolicy: File", ", fsType: nfs", "ReadWriteMany", APPLIED),
        ("", ", fsType: ext4", "ReadWriteOnce", APPLIED),
        ("", ", fsType: ext4", "ReadWriteOncePod", APPLIED),
        ("", ", fsType: ext4", "ReadWriteOnce, ReadWriteMany", APPLIED),
        ("", "", "ReadWriteOnce", IGNORED),
        ("", ", fsType: ''", "ReadWriteOnce", IGNORED),
        ("", ", fsType: nfs", "ReadWriteMany", IGNORED),
        ("", ", fsType: ext4", "ReadOnlyMany", IGNORED),
        (
            "fsGroupPolicy: ReadWriteOnceWithFSType",
            ", fsType: ext4",
            "ReadWriteOnce",
            APPLIED,
        ),
        ("fsGroupPolicy: None", ", fsType: ext4", "ReadWriteOnce", IGNORED),
        // The PersistentVolume's own flag does not reach the mount.
        (
            "fsGroupPolicy: File",
            ", readOnly: true",
            "ReadWriteOnce",
            APPLIED,
        ),
    ];
    for (spec, fields, access, expected) in rows {
        persistent("d.example", fields, access, "")
            .with(&driver(spec))
            .facts(ROOTS)
            .expect(&format!("pod: starts yes\n {expected}; readOnly false"));
    }
}

#[test]
fn a_claim_used_read_only_is_left_alone() {
    persistent("d.example", ", fsType: ext4", "ReadWriteOnce", ", readOnly: true")
        .with(&driver("fsGroupPolicy: File"))
        .facts(ROOTS)
        .expect("app /v: create no EROFS; mode 0755; owner 0:0; fsGroup ignored; readOnly true");
}

#[test]
fn a_driver_that_mounts_with_the_group_is_beyond_the_manifests() {
    persistent("d.example", "", "ReadWriteOnce", "")
        .with(&driver("fsGroupPolicy: File"))
        .facts("claims: {default/c: {owner: '0:0', mode: '0755', volumeMountGroup: true}}")
        .expect("app /v: create unknown ~ VOLUME_MOUNT_GROUP; fsGroup unknown");
}

#[test]
fn a_driver_that_nobody_describes_is_not_guessed() {
    persistent("d.example", ", fsType: ext4", "ReadWriteOnce", "")
        .facts(ROOTS)
        .expect("app /v: create unknown ~ CSIDriver object is not among the inputs; fsGroup unknown");
}

#[test]
fn well_known_drivers_are_as_they_are_shipped() {
    // Driver; file system; what becomes of the group.
    let rows = [
        ("ebs.csi.aws.com", "", "applied"),
        ("hostpath.csi.k8s.io", "", "applied"),
        ("efs.csi.aws.com", "", "unknown"),
        ("nfs.csi.k8s.io", "", "unknown"),
        ("smb.csi.k8s.io", "", "unknown"),
        ("file.csi.azure.com", ", fsType: ext4", "unknown"),
    ];
    for (name, fields, effect) in rows {
        persistent(name, fields, "ReadWriteOnce", "")
            .facts(ROOTS)
            .expect(&format!("app /v: fsGroup {effect}"));
    }
}

#[test]
fn without_a_group_nothing_is_applied() {
    Case::pod(
        "
  securityContext: {runAsUser: 1000}
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
    )
    .facts("claims: {default/c: {source: csi, fsGroupPolicy: File, owner: '0:0', mode: '0755'}}")
    .expect("app /v: create no EACCES; mode 0755; owner 0:0; fsGroup unset");
}

#[test]
fn an_inline_volume_needs_an_fs_type_and_a_driver_for_it() {
    let inline =
        |fields: &str, spec: &str| volume(&format!("csi: {{driver: d.example{fields}}}")).with(&driver(spec));
    let modes = "volumeLifecycleModes: [Persistent, Ephemeral]";
    inline("", modes).expect("app /v: fsGroup ignored; lifetime pod; readOnly false");
    inline(", fsType: ext4", modes).expect("app /v: fsGroup applied; create yes");
    inline(", fsType: ext4, readOnly: true", modes)
        .expect("app /v: fsGroup ignored; readOnly true; create no");
    inline("", "volumeLifecycleModes: [Persistent]").expect("pod: starts no ~ lifecycle mode Ephemeral");
    // Persistent alone is the default.
    inline("", "").expect("pod: starts no ~ lifecycle mode Ephemeral");
}

#[test]
fn a_migrated_disk_needs_an_fs_type_unless_its_driver_says_file() {
    // Source; what becomes of the group. The in-tree readOnly is lost on the way.
    let rows = [
        ("awsElasticBlockStore: {volumeID: v, readOnly: true}", "applied"),
        ("cinder: {volumeID: v}", "unknown"),
        ("azureFile: {secretName: s, shareName: x}", "unknown"),
    ];
    for (source, effect) in rows {
        volume(source).expect(&format!(
            "app /v: fsGroup {effect}; readOnly false; lifetime external"
        ));
    }
    let cinder = "{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: cinder.csi.openstack.org}, spec: {}}";
    volume("cinder: {volumeID: v}")
        .with(cinder)
        .expect("app /v: fsGroup ignored");
    volume("cinder: {volumeID: v, fsType: ext4}")
        .with(cinder)
        .expect("app /v: fsGroup applied; create yes");
}

#[test]
fn a_new_block_volume_holds_what_its_file_system_makes() {
    volume("persistentVolumeClaim: {claimName: c}")
        .with("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {accessModes: [ReadWriteOnce], storageClassName: ebs}}")
        .facts(
            "storageClasses: {ebs: {source: csi, fsGroupPolicy: File, fsType: ext4, owner: '0:0', mode: '0755', \
             contents: {lost+found: {owner: '0:0', mode: '0700'}}}}",
        )
        .expect(
            "app /v: create yes; mode 2775; owner 0:2000
             app /v/lost+found: mode 2770; owner 0:2000; create yes
             app /v/x: exists no",
        );
}

#[test]
fn facts_of_a_claim_say_what_its_volume_is_and_leave_its_kind_to_the_class() {
    volume("persistentVolumeClaim: {claimName: c}")
        .with("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {accessModes: [ReadWriteOnce], storageClassName: s}}")
        .with("{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: s}, provisioner: d.example}")
        .with(&driver("fsGroupPolicy: File"))
        .facts(ROOTS)
        .expect(APPLIED);
}
