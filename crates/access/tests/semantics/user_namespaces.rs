// SPDX-License-Identifier: Apache-2.0
//! `hostUsers: false` (section A.6).

use crate::case::{Case, IMAGE};

fn pod(fields: &str, security: &str, volume: &str) -> Case {
    Case::pod(&format!(
        "
  hostUsers: false{fields}
  securityContext: {{{security}}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v}}]}}]
  volumes: [{{name: v, {volume}}}]"
    ))
    .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}")
    .facts(IMAGE)
}

#[test]
fn ownership_is_as_without() {
    pod("", "runAsUser: 1000, fsGroup: 2000", "emptyDir: {}").expect(
        "pod: starts yes
         app /v: create yes; mode 2777; owner 0:2000; fsGroup applied
         app /dev/shm: create yes; mode 1777; owner 65534:65534",
    );
}

#[test]
fn ids_end_at_65535() {
    // Security context of the pod; whether it starts.
    let rows = [
        ("runAsUser: 65535", "yes"),
        ("runAsUser: 65536", "no ~ runAsUser 65536"),
        ("runAsUser: 1, runAsGroup: 100000", "no ~ runAsGroup 100000"),
        ("fsGroup: 100000", "no ~ fsGroup 100000"),
        ("supplementalGroups: [70000]", "no ~ supplementalGroups 70000"),
    ];
    for (security, expected) in rows {
        pod("", security, "emptyDir: {}").expect(&format!("pod: starts {expected}"));
    }
}

#[test]
fn what_belongs_to_ids_beyond_is_nobodys_and_closed_to_root() {
    let on_node = |owner: &str, mode: &str| {
        pod("", "runAsUser: 0", "hostPath: {path: /srv/d}").facts(&format!(
            "hostPaths: {{/srv/d: {{owner: '{owner}', mode: '{mode}'}}}}"
        ))
    };
    on_node("100000:100000", "0700").expect("app /v: create no EACCES; mode 0700; owner 65534:65534");
    on_node("100000:0", "0777").expect("app /v: create yes; mode 0777; owner 65534:0");
    on_node("1000:1000", "0700").expect("app /v: create yes; owner 1000:1000");
}

#[test]
fn the_hosts_own_namespaces_and_devices_are_refused() {
    for field in ["hostPID", "hostIPC", "hostNetwork"] {
        pod(&format!("\n  {field}: true"), "", "emptyDir: {}").expect(&format!("pod: starts no ~ {field}"));
    }
}

#[test]
fn a_tmpfs_needs_kernel_6_3() {
    for volume in [
        "secret: {secretName: s}",
        "emptyDir: {medium: Memory}",
        "projected: {sources: [{secret: {name: s}}]}",
    ] {
        pod("", "", volume)
            .facts("node: {kernel: '6.2'}")
            .expect("pod: starts no ~ kernels before 6.3");
        pod("", "", volume)
            .facts("node: {kernel: '6.3'}")
            .expect("pod: starts yes");
    }
    pod("", "", "emptyDir: {}")
        .facts("node: {kernel: '6.2'}")
        .expect("pod: starts yes");
}
