// SPDX-License-Identifier: Apache-2.0
//! What a read-only root leaves writable (section C.2), and mounts within mounts (section B.12).

use crate::case::{Case, IMAGE};

/// A pod of a uid with a read-only root; `fields` are further ones of the container.
fn pod(uid: u32, fields: &str) -> Case {
    Case::pod(&format!(
        "
  containers:
  - name: app
    image: app
    securityContext: {{runAsUser: {uid}, readOnlyRootFilesystem: true}}
{fields}
  volumes: [{{name: v, emptyDir: {{}}}}, {{name: cm, configMap: {{name: cm}}}}]"
    ))
    .with("{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {k: ''}}")
    .facts(IMAGE)
}

#[test]
fn the_runtimes_own_mounts_stay_writable() {
    pod(1000, "").expect(
        "app /: create no EROFS
         app /tmp: create no EROFS
         app /var/tmp: create no EROFS
         app /run: create no EROFS
         app /home/app: create no EROFS
         app /dev: create no EACCES; mode 0755; owner 0:0
         app /dev/shm: create yes; mode 1777; lifetime pod; ruby yes
         app /dev/mqueue: create yes
         app /dev/null: overwrite yes
         app /dev/termination-log: overwrite yes; mode 0666; create no ENOTDIR
         app /etc/hosts: overwrite no EACCES; mode 0644; owner 0:0; readOnly false
         app /etc/hostname: overwrite no EACCES; readOnly true
         app /etc/resolv.conf: overwrite no EACCES; readOnly true",
    );
    pod(0, "").expect(
        "app /tmp: create no EROFS
         app /dev: create yes
         app /etc/hosts: overwrite yes; delete no EROFS
         app /etc/hostname: overwrite no EROFS
         app /etc/resolv.conf: overwrite no EROFS",
    );
}

#[test]
fn a_mount_at_a_runtimes_path_takes_its_place() {
    pod(1000, "    volumeMounts: [{name: v, mountPath: /dev/shm}]")
        .expect("app /dev/shm: source emptyDir; mode 0777; ruby no");
    pod(1000, "    volumeMounts: [{name: v, mountPath: /dev}]")
        .expect("app /dev: source emptyDir; create yes\n app /dev/null: exists no");
}

#[test]
fn mountpoints_are_made_before_the_root_is_read_only() {
    pod(1000, "    volumeMounts: [{name: v, mountPath: /srv/deep/v}]").expect(
        "pod: starts yes
         app /srv/deep: create no EROFS; mode 0755; owner 0:0
         app /srv/deep/v: create yes",
    );
}

#[test]
fn the_termination_message_is_a_file_wherever_it_is() {
    pod(
        1000,
        "    terminationMessagePath: /v/log\n    volumeMounts: [{name: v, mountPath: /v}]",
    )
    .expect(
        "app /v/log: overwrite yes; mode 0666; lifetime container
         app /v: create yes",
    );
    pod(1000, "    terminationMessagePath: /tmp").expect("pod: starts no ~ /tmp");
}

#[test]
fn a_working_directory_cannot_be_made_in_a_read_only_volume() {
    pod(
        1000,
        "    workingDir: /v/work\n    volumeMounts: [{name: v, mountPath: /v, readOnly: true}]",
    )
    .expect("pod: starts no ~ working directory");
    pod(1000, "    workingDir: /work")
        .expect("pod: starts yes\n app /work: create no EROFS; mode 0755; owner 0:0");
}

#[test]
fn a_mount_within_a_read_only_one_needs_its_mountpoint() {
    pod(
        1000,
        "    volumeMounts: [{name: v, mountPath: /v, readOnly: true}, {name: cm, mountPath: /v/cm}]",
    )
    .expect("pod: starts no ~ the mount at /v is read-only");
    // kubelet makes those in volumes of API objects beforehand.
    pod(
        1000,
        "    volumeMounts: [{name: cm, mountPath: /cm}, {name: v, mountPath: /cm/a/b}]",
    )
    .expect(
        "pod: starts yes
         app /cm/a: create no EROFS; mode 0755; owner 0:0; source configMap
         app /cm/a/b: create yes; source emptyDir",
    );
}

#[test]
fn the_longest_mount_path_owns_a_path_in_any_order() {
    for mounts in [
        "[{name: v, mountPath: /a/b/}, {name: cm, mountPath: /a}]",
        "[{name: cm, mountPath: //a}, {name: v, mountPath: /a/./b}]",
    ] {
        pod(1000, &format!("    volumeMounts: {mounts}")).expect(
            "app /a: source configMap; create no EROFS
             app /a/b: source emptyDir; create yes",
        );
    }
}

#[test]
fn two_mounts_at_one_path_and_a_volume_that_is_not_there_are_refused() {
    pod(
        1000,
        "    volumeMounts: [{name: v, mountPath: /v}, {name: cm, mountPath: /v}]",
    )
    .expect("pod: starts no ~ two volumes at /v");
    pod(1000, "    volumeMounts: [{name: nowhere, mountPath: /v}]").expect("pod: starts no ~ `nowhere`");
}

#[test]
fn bidirectional_propagation_takes_privilege() {
    pod(
        1000,
        "    volumeMounts: [{name: v, mountPath: /v, mountPropagation: Bidirectional}]",
    )
    .expect("pod: starts no ~ privileged");
}
