// SPDX-License-Identifier: Apache-2.0
//! Cases 43 to 49: who the process is.

use crate::case::{Case, IMAGE};

/// An image with what matters of it, and a directory /d in it.
fn image(fields: &str, owner: &str, mode: &str) -> String {
    format!(
        "images: {{app: {{complete: true, paths: {{/d: {{owner: \"{owner}\", mode: \"{mode}\"}}}}, {fields}}}}}"
    )
}

/// A container of that image with a security context.
fn container(security: &str) -> Case {
    Case::pod(&format!(
        "
  containers: [{{name: app, image: app, securityContext: {{{security}}}}}]"
    ))
}

#[test]
fn case_43_the_gid_without_run_as_group_is_a_matter_of_the_image() {
    let pod = container("runAsUser: 1000");
    let with = |fields: &str| pod.clone().facts(&image(fields, "0:0", "0775"));
    with("user: ''")
        .expect("app: uid 1000; gid ?\n app /d: create unknown ~ the user's entry in /etc/passwd");
    with("users: {root: {uid: 0, gid: 0}}, groups: {}").expect("app: uid 1000; gid 0\n app /d: create yes");
    with("users: {app: {uid: 1000, gid: 1000}}, groups: {}")
        .expect("app: uid 1000; gid 1000\n app /d: create no EACCES");
}

#[test]
fn case_44_the_group_of_an_images_user_is_lost() {
    let with = |gid: u32| {
        let fields = format!("user: '1000:2000', users: {{app: {{uid: 1000, gid: {gid}}}}}, groups: {{}}");
        container("").facts(&image(&fields, "0:2000", "0770"))
    };
    with(1000).expect("app: uid 1000; gid 1000; groups 1000\n app /d: create no EACCES");
    with(2000).expect("app: uid 1000; gid 2000; groups 2000\n app /d: create yes");
}

#[test]
fn case_45_capabilities_do_nothing_for_a_user_who_is_not_root() {
    container("runAsUser: 1000, capabilities: {add: [DAC_OVERRIDE]}")
        .facts(&image("user: ''", "0:0", "0755"))
        .expect("app: capabilities none\n app /d: create no EACCES");
}

#[test]
fn case_46_root_without_capabilities_is_somebody_else() {
    container("runAsUser: 0, capabilities: {drop: [ALL]}")
        .facts(&image("user: '', users: {}, groups: {}", "1000:1000", "0755"))
        .expect("app: uid 0; gid 0; capabilities none\n app /d: create no EACCES");
}

#[test]
fn case_47_root_without_capabilities_owns_an_empty_dir_but_cannot_give_it_away() {
    let pod = |script: &str| {
        Case::pod(&format!(
            "
  securityContext: {{runAsUser: 0}}
  initContainers:
  - name: own
    image: app
    command: [sh, -c, '{script}']
    securityContext: {{capabilities: {{drop: [ALL]}}}}
    volumeMounts: [{{name: v, mountPath: /v}}]
  containers:
  - name: app
    image: app
    securityContext: {{capabilities: {{drop: [ALL]}}}}
    volumeMounts: [{{name: v, mountPath: /v}}]
  volumes: [{{name: v, emptyDir: {{}}}}]"
        ))
        .facts(IMAGE)
    };
    pod("chmod 0700 /v; chown 1000 /v || true")
        .expect("app: capabilities none\n app /v: create yes; mode 0700; owner 0:0");
    pod("chgrp 1000 /v || true").expect("app /v: create yes; owner 0:0");
    pod("chown 1000 /v").expect("pod: starts no ~ always fails");
}

#[test]
fn case_48_a_user_with_a_name_cannot_be_verified() {
    container("runAsNonRoot: true")
        .facts("images: {app: {user: app, users: {app: {uid: 1000, gid: 1000}}}}")
        .expect("pod: starts no ~ non-numeric user `app`");
}

#[test]
fn case_49_strict_leaves_the_groups_of_the_image_out() {
    let pod = |policy: &str| {
        let fields = "user: '1000', users: {app: {uid: 1000, gid: 1000}}, \
                      groups: {extra: {gid: 2000, members: [app]}}";
        Case::pod(&format!(
            "
  securityContext: {{fsGroup: 1000, supplementalGroupsPolicy: {policy}}}
  containers: [{{name: app, image: app}}]"
        ))
        .facts(&image(fields, "0:2000", "0770"))
    };
    pod("Strict").expect("app: groups 1000\n app /d: create no EACCES");
    pod("Merge").expect("app: groups 1000 2000\n app /d: create yes");
}
