// SPDX-License-Identifier: Apache-2.0
//! The types of hostPath volumes (section B.8).

use crate::case::{Case, IMAGE};

fn pod(kind: &str, mount: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v{mount}}}]}}]
  volumes: [{{name: v, hostPath: {{path: /srv/x, type: '{kind}'}}}}]"
    ))
    .facts(IMAGE)
}

const DIRECTORY: &str = "hostPaths: {/srv/x: {owner: '1000:0', mode: '0750'}}";
const FILE: &str = "hostPaths: {/srv/x: {type: file, owner: '1000:0', mode: '0640'}}";
const OTHER: &str = "hostPaths: {/srv/x: {type: other, owner: '1000:0', mode: '0660'}}";
const ABSENT: &str = "hostPaths: {/srv/x: {absent: true}}";

#[test]
fn the_type_says_what_has_to_be_there_and_what_is_made() {
    const KEPT: &str = "type dir; mode 0750; owner 1000:0; create yes";
    const MADE: &str = "type dir; mode 0755; owner 0:0; create no EACCES";
    // Type; on a directory; on a file; on a device or socket; on nothing. "" is a pod that does not start.
    let rows = [
        ("", KEPT, "type file; mode 0640", "type file; mode 0660", MADE),
        ("DirectoryOrCreate", KEPT, "", "", MADE),
        ("Directory", KEPT, "", "", ""),
        (
            "FileOrCreate",
            "",
            "type file; mode 0640",
            "",
            "type file; mode 0644; owner 0:0; overwrite no EACCES",
        ),
        ("File", "", "type file; mode 0640; overwrite yes", "", ""),
        ("Socket", "", "", "type file; mode 0660", ""),
        ("CharDevice", "", "", "type file; mode 0660", ""),
        ("BlockDevice", "", "", "type file; mode 0660", ""),
    ];
    for (kind, directory, file, other, absent) in rows {
        for (facts, expected) in [
            (DIRECTORY, directory),
            (FILE, file),
            (OTHER, other),
            (ABSENT, absent),
        ] {
            let expected = if expected.is_empty() {
                "pod: starts no ~ /srv/x".to_owned()
            } else {
                format!("pod: starts yes\n app /v: {expected}; lifetime node; source hostPath")
            };
            pod(kind, "").facts(facts).expect(&expected);
        }
    }
}

#[test]
fn without_facts_a_type_that_has_to_fit_leaves_the_start_open() {
    for kind in ["Directory", "File", "Socket", "CharDevice", "BlockDevice"] {
        pod(kind, "").expect("pod: starts unknown ~ /srv/x");
    }
    for kind in ["", "DirectoryOrCreate"] {
        pod(kind, "").expect("pod: starts yes\n app /v: create unknown ~ /srv/x is not known");
    }
}

#[test]
fn one_directory_of_the_node_is_one_whoever_mounts_it() {
    Case::pod(
        "
  initContainers:
  - name: own
    image: app
    command: [sh, -c, chown 1000:1000 /a]
    securityContext: {runAsUser: 0}
    volumeMounts: [{name: a, mountPath: /a}]
  containers: [{name: app, image: app, securityContext: {runAsUser: 1000}, volumeMounts: [{name: b, mountPath: /b}]}]
  volumes: [{name: a, hostPath: {path: /srv/x}}, {name: b, hostPath: {path: /srv/./x/}}]",
    )
    .facts(IMAGE)
    .facts("hostPaths: {/srv/x: {owner: '0:0', mode: '0755'}}")
    .expect("app /b: create yes; mode 0755; owner 1000:1000");
}

#[test]
fn every_volume_of_a_path_is_checked_for_its_own_type() {
    Case::pod(
        "
  containers: [{name: app, image: app, volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /b}]}]
  volumes: [{name: a, hostPath: {path: /srv/x}}, {name: b, hostPath: {path: /srv/x, type: File}}]",
    )
    .facts(IMAGE)
    .facts(DIRECTORY)
    .expect("pod: starts no ~ what type File wants");
}

#[test]
fn a_path_with_dots_is_refused() {
    Case::pod(
        "
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, hostPath: {path: /srv/../etc}}]",
    )
    .expect("pod: starts no ~ `..`");
}

#[test]
fn a_local_volume_has_to_be_there() {
    let claim = |source: &str| {
        Case::pod(
            "
  containers: [{name: app, image: app, volumeMounts: [{name: v, mountPath: /v}]}]
  volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
        )
        .with("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {volumeName: pv}}")
        .with(&format!(
            "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: pv}}, spec: {{{source}: {{path: /srv/x}}}}}}"
        ))
        .facts(IMAGE)
        .facts(ABSENT)
    };
    claim("local").expect("pod: starts no ~ /srv/x is absent");
    claim("hostPath").expect("pod: starts yes\n app /v: mode 0755; owner 0:0");
}
