// SPDX-License-Identifier: Apache-2.0
//! Cases 22 to 25 and 65: directories of the node.

use crate::case::{Case, IMAGE};

/// A pod of uid and gid 1000 with a hostPath volume at /v.
fn host_path(source: &str, mount: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000}}
  containers: [{{name: app, image: app, volumeMounts: [{{name: v, mountPath: /v{mount}}}]}}]
  volumes: [{{name: v, hostPath: {{{source}}}}}]"
    ))
    .facts(IMAGE)
}

const ABSENT: &str = "hostPaths: {/srv/new: {absent: true}}";

#[test]
fn case_22_a_directory_that_kubelet_makes_is_roots() {
    host_path("path: /srv/new, type: DirectoryOrCreate", "")
        .facts(ABSENT)
        .expect("pod: starts yes\n app /v: create no EACCES; mode 0755; owner 0:0; fsGroup ignored; lifetime node");
}

#[test]
fn case_23_a_directory_that_the_runtime_makes_is_roots() {
    host_path("path: /srv/new", "")
        .facts(ABSENT)
        .expect("pod: starts yes\n app /v: create no EACCES; mode 0755; owner 0:0");
}

#[test]
fn case_24_kubelet_looks_for_a_sub_path_before_the_runtime_makes_the_directory() {
    host_path("path: /srv/new", ", subPath: a")
        .facts(ABSENT)
        .expect("pod: starts no ~ before the runtime makes it");
}

#[test]
fn case_25_type_file_follows_a_link() {
    let linked = |facts: &str| {
        host_path("path: /srv/link, type: File", "").facts(&format!(
            "hostPaths:\n  /srv/link: {{type: link, to: file}}\n  {facts}"
        ))
    };
    linked("/srv/file: {type: file, owner: \"0:1000\", mode: \"0664\"}").expect(
        "pod: starts yes\n app /v: type file; mode 0664; owner 0:1000; create no ENOTDIR; overwrite yes",
    );
    linked("/srv/file: {owner: \"0:1000\", mode: \"0775\"}").expect("pod: starts no ~ what type File wants");
    linked("/srv/file: {absent: true}").expect("pod: starts no ~ which is absent");
    linked("/srv/other: {type: file}").expect("pod: starts unknown ~ /srv/file");
}

#[test]
fn case_65_read_only_does_not_reach_what_the_node_mounts_below() {
    let below = |mount: &str| host_path("path: /mnt", mount);
    below(", readOnly: true")
        .expect("app /v: create no; readOnly true\n app /v/x: create unknown ~ stays writable");
    for recursive in ["Enabled", "IfPossible"] {
        below(&format!(", readOnly: true, recursiveReadOnly: {recursive}"))
            .expect("app /v: create no; readOnly true\n app /v/x: create no; readOnly true");
    }
    // A subPath is bound without what is mounted below it.
    below(", readOnly: true, subPath: d").expect("app /v/x: create no; readOnly true");
    // What the facts list is no mount.
    below(", readOnly: true")
        .facts("hostPaths: {/mnt: {owner: \"0:0\", mode: \"0755\", contents: {x: {owner: \"1000:0\", mode: \"0777\"}}}}")
        .expect("app /v/x: create no EROFS; readOnly true");
}
