// SPDX-License-Identifier: Apache-2.0
//! What is left of capabilities (section A.5).

use crate::case::{Case, IMAGE};

fn root(security: &str, runtime: &str) -> Case {
    Case::pod(&format!(
        "
  containers: [{{name: app, image: app, securityContext: {{runAsUser: 0, {security}}}}}]"
    ))
    .facts(IMAGE)
    .facts(&format!("node: {{runtime: {runtime} 1.0}}"))
}

const CONTAINERD: &str = "CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW \
                          SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP";
const CRIO: &str = "CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE";

#[test]
fn all_comes_first_then_additions_then_drops() {
    let without_chown = |set: &str| set.replacen("CHOWN ", "", 1);
    // Security context; containerd's set.
    let rows = [
        ("", CONTAINERD.to_owned()),
        ("capabilities: {drop: [ALL]}", "none".to_owned()),
        ("capabilities: {drop: [all]}", "none".to_owned()),
        ("capabilities: {drop: [ALL], add: [CHOWN]}", "CHOWN".to_owned()),
        ("capabilities: {drop: [ALL], add: [chown]}", "CHOWN".to_owned()),
        ("capabilities: {add: [ALL], drop: [ALL]}", "none".to_owned()),
        (
            "capabilities: {add: [CHOWN], drop: [CHOWN]}",
            without_chown(CONTAINERD),
        ),
        ("capabilities: {drop: [CHOWN]}", without_chown(CONTAINERD)),
        // Names with the prefix and names that do not exist are taken for nothing.
        ("capabilities: {drop: [ALL], add: [CAP_CHOWN]}", "none".to_owned()),
        ("capabilities: {drop: [CAP_CHOWN]}", CONTAINERD.to_owned()),
        ("capabilities: {add: [NOSUCH]}", CONTAINERD.to_owned()),
    ];
    for (security, expected) in rows {
        root(security, "containerd").expect(&format!("pod: starts yes\n app: capabilities {expected}"));
    }
}

#[test]
fn cri_o_has_fewer_and_takes_names_with_the_prefix() {
    root("", "cri-o").expect(&format!("app: capabilities {CRIO}"));
    root("capabilities: {drop: [ALL], add: [CAP_CHOWN]}", "cri-o").expect("app: capabilities CHOWN");
    root("capabilities: {add: [NOSUCH]}", "cri-o").expect("pod: starts no ~ does not know the capability");
}

#[test]
fn privileged_root_has_them_all_and_anybody_else_none() {
    let case = |uid: u32| {
        Case::pod(&format!(
            "
  containers: [{{name: app, image: app, securityContext: {{runAsUser: {uid}, privileged: true, capabilities: {{drop: [ALL]}}}}}}]"
        ))
        .facts(IMAGE)
    };
    let map = case(0).map(&[]);
    let set = map.containers[0].identity.capabilities.as_deref().unwrap();
    assert_eq!(set.len(), 41, "all that Linux has");
    case(1000).expect("app: capabilities none");
}

#[test]
fn neither_privileged_nor_capabilities_open_a_read_only_mount() {
    root("privileged: true, readOnlyRootFilesystem: true", "containerd").expect("app /tmp: create no EROFS");
}

#[test]
fn root_without_override_goes_by_the_mode() {
    // Owner and mode of a directory; with the default set; without any.
    let rows = [
        ("0:0", "0755", "yes", "yes"),
        ("0:0", "0555", "yes", "no EACCES"),
        ("1000:1000", "0755", "yes", "no EACCES"),
        ("1000:1000", "0777", "yes", "yes"),
        ("1000:0", "0770", "yes", "yes"),
        ("1000:0", "0707", "yes", "no EACCES"),
    ];
    for (owner, mode, with, without) in rows {
        let facts = format!(
            "images: {{app: {{complete: true, users: {{}}, groups: {{}}, \
             paths: {{/d: {{owner: '{owner}', mode: '{mode}'}}}}}}}}"
        );
        for (security, expected) in [("", with), ("capabilities: {drop: [ALL]}", without)] {
            Case::pod(&format!(
                "
  containers: [{{name: app, image: app, securityContext: {{runAsUser: 0, {security}}}}}]"
            ))
            .facts(&facts)
            .expect(&format!("app /d: create {expected}"));
        }
    }
}

#[test]
fn contradictions_are_refused_by_the_api_server() {
    root("privileged: true, allowPrivilegeEscalation: false", "containerd")
        .expect("pod: starts no ~ allowPrivilegeEscalation");
    root(
        "allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}",
        "containerd",
    )
    .expect("pod: starts no ~ CAP_SYS_ADMIN");
    root(
        "allowPrivilegeEscalation: false, capabilities: {add: [SYS_ADMIN]}",
        "containerd",
    )
    .expect("pod: starts yes");
}
