// SPDX-License-Identifier: Apache-2.0
//! Cases 56 to 58, 61, 62, 64, 66, 69, 70 and 73: what the runtime makes, and how long things live.

use crate::case::{Case, IMAGE};

#[test]
fn case_56_a_volume_of_the_image_hides_the_claim() {
    let pod = Case::pod(
        "
  containers: [{name: db, image: postgres, volumeMounts: [{name: v, mountPath: /var/lib/postgresql}]}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
    )
    .with(
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: fast}}",
    )
    .facts(
        r#"
storageClasses: {fast: {source: local, owner: "0:0", mode: "0755"}}
images:
  postgres:
    complete: true
    user: ""
    users: {root: {uid: 0, gid: 0}}
    groups: {}
    volumes: [/var/lib/postgresql/data]
    paths: {/var/lib/postgresql/data: {owner: "999:999", mode: "1777"}}"#,
    );
    pod.expect(
        "db /var/lib/postgresql: source persistentVolumeClaim; lifetime claim
         db /var/lib/postgresql/data: source imageVolume; lifetime container; create yes",
    );
    pod.facts("node: {runtime: cri-o 1.36.0}").expect(
        "db /var/lib/postgresql/data: create no ENOENT; source persistentVolumeClaim; lifetime claim",
    );
}

#[test]
fn case_57_little_stays_writable_under_a_read_only_root() {
    Case::pod(
        "
  containers:
  - {name: app, image: app, securityContext: {runAsUser: 1000, readOnlyRootFilesystem: true}}",
    )
    .facts(IMAGE)
    .expect(
        "app: readOnlyRoot true
         app /tmp: create no EROFS; ruby no; readOnly true
         app /run: create no EROFS
         app /dev: create no EACCES; mode 0755; owner 0:0; readOnly false
         app /dev/shm: create yes; mode 1777; lifetime pod
         app /dev/mqueue: create yes
         app /dev/termination-log: overwrite yes; mode 0666; lifetime container",
    );
}

#[test]
fn case_58_a_missing_working_directory_is_made_by_root_in_the_volume() {
    let pod = |security: &str, medium: &str| {
        Case::pod(&format!(
            "
  securityContext: {{runAsUser: 1000{security}}}
  containers: [{{name: app, image: app, workingDir: /data/app, volumeMounts: [{{name: v, mountPath: /data}}]}}]
  volumes: [{{name: v, emptyDir: {{medium: '{medium}'}}}}]"
        ))
        .facts(IMAGE)
    };
    for medium in ["", "Memory"] {
        pod("", medium)
            .expect("app /data: create yes\n app /data/app: create no EACCES; mode 0755; owner 0:0");
        pod(", fsGroup: 2000", medium).expect("app /data/app: create no EACCES; mode 2755; owner 0:2000");
    }
}

#[test]
fn case_61_an_empty_dir_ends_with_the_pod_of_a_job() {
    Case::objects(
        "apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
      volumes: [{name: v, emptyDir: {}}]",
    )
    .facts(IMAGE)
    .expect("app /v: create yes; lifetime pod");
}

/// Which of the two media outlives a reboot is nothing the map speaks of; that neither outlives the pod is.
#[test]
fn case_62_an_empty_dir_of_any_medium_lives_as_long_as_the_pod() {
    Case::pod(
        "
  containers:
  - name: app
    image: app
    volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}]
  volumes: [{name: disk, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}]",
    )
    .facts(IMAGE)
    .expect(
        "app /disk: lifetime pod
         app /memory: lifetime pod
         app /home/app: lifetime container",
    );
}

#[test]
fn case_64_nfs_cannot_be_mounted_with_mapped_ids() {
    let pod = |host_users: bool| {
        Case::pod(&format!(
            "
  hostUsers: {host_users}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, nfs: {{server: nfs.example, path: /e}}}}]"
        ))
        .facts(IMAGE)
    };
    pod(false).expect("pod: starts no ~ NFS");
    pod(true).expect("pod: starts yes\n app /v: create unknown ~ NFS server");
}

#[test]
fn case_66_kubelet_no_longer_checks_out_repositories() {
    let pod = Case::pod(
        "
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, gitRepo: {repository: 'https://git.example/r'}}]",
    )
    .facts(IMAGE);
    pod.clone()
        .facts("kubernetes: {version: '1.36', featureGates: {GitRepoVolumeDriver: true}}")
        .expect("pod: starts no ~ gitRepo plugin is disabled");
    pod.facts("kubernetes: {version: '1.32'}")
        .expect("pod: starts yes\n app /v: create yes");
}

/// A file of a ConfigMap in a directory below an emptyDir.
fn nested_file(security: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000{security}}}
  containers:
  - name: app
    image: app
    volumeMounts:
    - {{name: v, mountPath: /data}}
    - {{name: cm, mountPath: /data/conf/app.yaml, subPath: app.yaml}}
  volumes: [{{name: v, emptyDir: {{}}}}, {{name: cm, configMap: {{name: cm}}}}]"
    ))
    .with("{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {app.yaml: ''}}")
    .facts(IMAGE)
}

#[test]
fn case_69_the_runtime_makes_the_directories_above_a_nested_mount() {
    nested_file("").expect(
        "app /data: create yes; delete yes
         app /data/conf: create no EACCES; mode 0755; owner 0:0; source emptyDir
         app /data/conf/app.yaml: type file; readOnly true; overwrite no EACCES",
    );
}

#[test]
fn case_70_fs_group_does_not_open_them() {
    nested_file(", fsGroup: 1000").expect("app /data/conf: create no EACCES; mode 2755; owner 0:1000");
}

#[test]
fn case_73_a_volume_behind_a_closed_directory_is_out_of_reach() {
    let pod = |uid: u32| {
        Case::pod(&format!(
            "
  containers:
  - {{name: app, image: app, securityContext: {{runAsUser: {uid}}}, volumeMounts: [{{name: v, mountPath: /root/.cache}}]}}
  volumes: [{{name: v, emptyDir: {{}}}}]"
        ))
    };
    pod(1000)
        .facts(IMAGE)
        .expect("app /root/.cache: create no EACCES ~ on the way");
    pod(0)
        .facts(IMAGE)
        .expect("app /root/.cache: create yes; mode 0777");
    // What the image has there is not known.
    pod(1000).expect("app /root/.cache: create unknown ~ on the way");
}
