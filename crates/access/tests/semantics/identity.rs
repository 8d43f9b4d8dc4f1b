// SPDX-License-Identifier: Apache-2.0
//! Who a process is (sections A.1 to A.4).

use crate::case::{Case, IMAGE};

/// A pod with security contexts of the pod and of its container.
fn pod(of_pod: &str, of_container: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{{of_pod}}}
  containers: [{{name: app, image: app, securityContext: {{{of_container}}}}}]"
    ))
}

/// Facts of an image with a user.
fn image(user: &str) -> String {
    format!(
        "images: {{app: {{complete: true, user: '{user}', users: {{root: {{uid: 0, gid: 0}}, \
         app: {{uid: 1000, gid: 1500}}}}, groups: {{extra: {{gid: 2500, members: [app]}}}}}}}}"
    )
}

#[test]
fn the_container_wins_field_by_field() {
    // Pod; container; uid, gid and groups.
    let rows = [
        ("runAsUser: 1, runAsGroup: 2", "", "uid 1; gid 2; groups 2"),
        (
            "runAsUser: 1, runAsGroup: 2",
            "runAsUser: 3",
            "uid 3; gid 2; groups 2",
        ),
        (
            "runAsUser: 1, runAsGroup: 2",
            "runAsGroup: 4",
            "uid 1; gid 4; groups 4",
        ),
        (
            "runAsUser: 1, runAsGroup: 2",
            "runAsUser: 3, runAsGroup: 4",
            "uid 3; gid 4; groups 4",
        ),
        ("", "runAsUser: 3", "uid 3; gid 0; groups 0"),
        ("", "runAsGroup: 4", "uid 1000; gid 4; groups 4 2500"),
        (
            "runAsUser: 1, fsGroup: 5, supplementalGroups: [6, 7]",
            "",
            "uid 1; gid 0; groups 0 5 6 7",
        ),
        (
            "fsGroup: 0",
            "runAsUser: 1000",
            "uid 1000; gid 1500; groups 0 1500 2500",
        ),
    ];
    for (of_pod, of_container, expected) in rows {
        pod(of_pod, of_container)
            .facts(&image("app"))
            .expect(&format!("app: {expected}"));
    }
}

#[test]
fn run_as_non_root_is_checked_by_kubelet() {
    // Pod; container; USER of the image; whether it starts.
    let rows = [
        ("", "", "app", "yes"),
        ("runAsNonRoot: false", "", "0", "yes"),
        (
            "runAsNonRoot: true",
            "runAsUser: 0",
            "1000",
            "no ~ runAsUser is 0",
        ),
        ("runAsNonRoot: true", "runAsUser: 1000", "app", "yes"),
        ("runAsNonRoot: true, runAsUser: 1000", "", "0", "yes"),
        ("runAsNonRoot: true", "", "1000", "yes"),
        ("runAsNonRoot: true", "", "1000:0", "yes"),
        ("runAsNonRoot: true", "", "0", "no ~ runs as root"),
        ("runAsNonRoot: true", "", "", "no ~ runs as root"),
        ("runAsNonRoot: true", "", "app", "no ~ non-numeric user"),
        ("runAsNonRoot: true", "runAsNonRoot: false", "0", "yes"),
        (
            "runAsNonRoot: false",
            "runAsNonRoot: true",
            "0",
            "no ~ runs as root",
        ),
    ];
    for (of_pod, of_container, user, expected) in rows {
        pod(of_pod, of_container)
            .facts(&image(user))
            .expect(&format!("pod: starts {expected}"));
    }
    pod("runAsNonRoot: true", "").expect("pod: starts unknown ~ no fact states");
}

#[test]
fn a_process_that_is_not_root_has_no_capabilities_whoever_it_is() {
    pod("runAsNonRoot: true", "").expect("app: uid ?; capabilities none");
    pod("", "").expect("app: uid ?; capabilities ?");
}

#[test]
fn the_gid_is_the_users_in_the_image_or_0() {
    // USER of the image; uid and gid.
    let rows = [
        ("", "uid 0; gid 0; groups 0"),
        ("app", "uid 1000; gid 1500; groups 1500 2500"),
        ("1000", "uid 1000; gid 1500; groups 1500 2500"),
        ("1000:2000", "uid 1000; gid 1500; groups 1500 2500"),
        ("4000", "uid 4000; gid 0; groups 0"),
        ("4000:4000", "uid 4000; gid 0; groups 0"),
    ];
    for (user, expected) in rows {
        pod("", "")
            .facts(&image(user))
            .expect(&format!("app: {expected}"));
    }
    pod("", "runAsUser: 1000").expect("app: uid 1000; gid ?; groups ?");
    pod("", "")
        .facts(&image("nobody"))
        .expect("pod: starts no ~ not in its /etc/passwd");
}

#[test]
fn a_group_of_the_pod_without_a_user_fails_the_sandbox_of_containerd() {
    let case = pod("runAsGroup: 3000", "runAsUser: 1000").facts(IMAGE);
    case.expect("pod: starts no ~ without runAsUser");
    case.clone()
        .facts("node: {runtime: containerd 2.1.9}")
        .expect("pod: starts no ~ runAsUser");
    case.clone()
        .facts("node: {runtime: cri-o 1.36.0}")
        .expect("pod: starts yes\n app: gid 3000");
    case.facts("node: {runtime: kata 3}")
        .expect("pod: starts unknown ~ this runtime may refuse");
    pod("", "runAsGroup: 3000")
        .facts(IMAGE)
        .expect("pod: starts yes\n app: uid 0; gid 3000");
}

#[test]
fn ids_outside_of_the_range_are_refused() {
    for security in [
        "runAsUser: -1",
        "runAsUser: 2147483648",
        "fsGroup: -1",
        "supplementalGroups: [4294967296]",
    ] {
        pod(security, "").expect("pod: starts no ~ between 0 and 2147483647");
    }
    pod("runAsUser: 2147483647", "")
        .facts(IMAGE)
        .expect("pod: starts yes\n app: uid 2147483647");
}

#[test]
fn a_windows_pod_is_not_judged() {
    Case::pod(
        "
  os: {name: windows}
  containers: [{name: app, image: app}]",
    )
    .expect("pod: starts unknown ~ Windows");
}

#[test]
fn exactly_one_class_of_the_mode_is_asked() {
    // Owner and mode of a directory; what uid 1000 in group 1000 may.
    let rows = [
        ("1000:1000", "0077", "no EACCES"),
        ("1000:1000", "0300", "yes"),
        ("0:1000", "0707", "no EACCES"),
        ("0:1000", "0030", "yes"),
        ("0:0", "0770", "no EACCES"),
        ("0:0", "0003", "yes"),
        ("0:0", "0772", "no EACCES"),
        ("0:0", "0771", "no EACCES"),
    ];
    for (owner, mode, expected) in rows {
        pod("runAsUser: 1000, runAsGroup: 1000", "")
            .facts(&format!(
                "images: {{app: {{complete: true, users: {{}}, groups: {{}}, \
                 paths: {{/d: {{owner: '{owner}', mode: '{mode}'}}}}}}}}"
            ))
            .expect(&format!("app /d: create {expected}"));
    }
}
