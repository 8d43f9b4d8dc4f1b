// SPDX-License-Identifier: Apache-2.0
//! `subPath` and `subPathExpr` (section B.13).

use crate::case::{Case, IMAGE};

/// A pod of uid 1000 that mounts a part of a volume at /v.
fn pod(security: &str, mount: &str, env: &str, source: &str) -> Case {
    Case::pod(&format!(
        "
  securityContext: {{runAsUser: 1000, runAsGroup: 1000{security}}}
  containers: [{{name: app, image: app, env: [{env}], volumeMounts: [{{name: v, mountPath: /v, {mount}}}]}}]
  volumes: [{{name: v, {source}}}]"
    ))
    .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}")
    .facts(IMAGE)
}

#[test]
fn a_missing_directory_gets_the_mode_of_the_root_and_belongs_to_root() {
    let on_node = "hostPath: {path: /srv/d}";
    // Security; source; root of the node's directory; the new directory.
    let rows = [
        ("", "emptyDir: {}", "", "mode 0777; owner 0:0; create yes"),
        (
            "",
            "emptyDir: {medium: Memory}",
            "",
            "mode 1777; owner 0:0; create yes; ruby yes",
        ),
        (
            ", fsGroup: 2000",
            "emptyDir: {}",
            "",
            "mode 2777; owner 0:2000; create yes",
        ),
        (
            ", fsGroup: 2000",
            "emptyDir: {medium: Memory}",
            "",
            "mode 3777; owner 0:2000; create yes",
        ),
        (
            "",
            on_node,
            "owner: '1000:1000', mode: '0755'",
            "mode 0755; owner 0:0; create no EACCES",
        ),
        (
            "",
            on_node,
            "owner: '0:0', mode: '0777'",
            "mode 0777; owner 0:0; create yes",
        ),
        (
            "",
            on_node,
            "owner: '0:1000', mode: '2775'",
            "mode 2775; owner 0:1000; create yes",
        ),
        (
            "",
            on_node,
            "owner: '0:1000', mode: '0775'",
            "mode 0775; owner 0:0; create no EACCES",
        ),
    ];
    for (security, source, root, expected) in rows {
        let facts = format!("hostPaths: {{/srv/d: {{{root}}}}}");
        for sub_path in ["a", "a/b"] {
            pod(security, &format!("subPath: {sub_path}"), "", source)
                .facts(&facts)
                .expect(&format!("app /v: {expected}"));
        }
    }
}

#[test]
fn what_is_there_is_taken_as_it_is() {
    let part = |path: &str| {
        pod("", &format!("subPath: {path}"), "", "hostPath: {path: /srv/d}").facts(
            "hostPaths: {/srv/d: {owner: '0:0', mode: '0755', contents: {\
             own: {owner: '1000:1000', mode: '0700'}, \
             file: {type: file, owner: '1000:1000', mode: '0600'}, \
             in: {type: link, to: own}, \
             up: {type: link, to: ../etc}, \
             out: {type: link, to: /etc}, \
             loop: {type: link, to: loop}}}}",
        )
    };
    part("own").expect("app /v: type dir; mode 0700; owner 1000:1000; create yes");
    part("file").expect("app /v: type file; create no ENOTDIR; overwrite yes");
    part("in").expect("app /v: type dir; mode 0700; owner 1000:1000");
    for path in ["up", "out", "loop"] {
        part(path).expect("pod: starts no ~ leads out of the volume");
    }
    part("file/x").expect("pod: starts no ~ not a directory");
}

#[test]
fn a_claim_used_read_only_is_read_only_to_kubelet_too() {
    let source = "persistentVolumeClaim: {claimName: c, readOnly: true}";
    pod("", "subPath: a", "", source)
        .facts("storageClasses: {fast: {source: local, owner: '0:0', mode: '0777'}}")
        .with("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: fast}}")
        .expect("pod: starts no ~ read-only on the node");
    pod("", "subPath: a", "", source)
        .facts("storageClasses: {fast: {source: hostPath, owner: '0:0', mode: '0777'}}")
        .with("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {storageClassName: fast}}")
        .expect("pod: starts yes\n app /v: create no EROFS; mode 0777");
    pod("", "subPath: a, readOnly: true", "", "emptyDir: {}")
        .expect("pod: starts yes\n app /v: create no EROFS; mode 0777");
}

#[test]
fn expressions_take_the_containers_own_variables() {
    // Expression; variables; whether the pod starts.
    let rows = [
        ("$(NAME)", "{name: NAME, value: a}", "yes"),
        (
            "x/$(NAME)/y",
            "{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}",
            "yes",
        ),
        ("$$(NAME)", "", "yes"),
        ("$(NAME)", "", "no ~ does not have"),
        ("$(NAME)", "{name: NAME, value: ''}", "no ~ is empty"),
        ("$(NAME)", "{name: NAME, value: ../up}", "no ~ relative"),
        ("$(NAME)", "{name: NAME, value: /etc}", "no ~ relative"),
    ];
    for (expression, env, expected) in rows {
        pod("", &format!("subPathExpr: {expression}"), env, "emptyDir: {}")
            .expect(&format!("pod: starts {expected}"));
    }
}

#[test]
fn a_path_that_climbs_is_refused() {
    for path in ["..", "a/../b", "/etc"] {
        pod("", &format!("subPath: {path}"), "", "emptyDir: {}").expect("pod: starts no ~ relative");
    }
}
