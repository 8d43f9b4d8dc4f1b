// SPDX-License-Identifier: Apache-2.0
//! Whose the tokens in projected volumes are (sections A.8 and B.6).

use crate::case::{Case, IMAGE};

/// Two containers with users of their own, "" where none is set, and a token beside a ConfigMap's key.
fn pod(first: &str, second: &str, group: &str, default_mode: &str) -> Case {
    let container = |name: &str, uid: &str| {
        let user = if uid.is_empty() {
            String::new()
        } else {
            format!("runAsUser: {uid}")
        };
        format!(
            "{{name: {name}, image: app, securityContext: {{{user}}}, volumeMounts: [{{name: t, mountPath: /t}}]}}"
        )
    };
    Case::pod(&format!(
        "
  securityContext: {{{group}}}
  containers: [{}, {}]
  volumes: [{{name: t, projected: {{{default_mode}sources: [{{serviceAccountToken: {{path: token}}}}, {{configMap: {{name: cm}}}}]}}}}]",
        container("a", first),
        container("b", second)
    ))
    .with("{apiVersion: v1, kind: ConfigMap, metadata: {name: cm}, data: {ca.crt: ''}}")
    .facts(IMAGE)
}

#[test]
fn the_common_user_and_the_group_decide() {
    // Users of the containers; fsGroup; owner and mode of the token.
    let rows = [
        ("", "", "", "mode 0644; owner 0:0"),
        ("1000", "2000", "", "mode 0644; owner 0:0"),
        ("1000", "", "", "mode 0644; owner 0:0"),
        ("1000", "1000", "", "mode 0600; owner 1000:0"),
        ("0", "0", "", "mode 0600; owner 0:0"),
        ("", "", "fsGroup: 2000", "mode 0640; owner 0:2000"),
        ("1000", "2000", "fsGroup: 2000", "mode 0640; owner 0:2000"),
        ("1000", "1000", "fsGroup: 2000", "mode 0640; owner 1000:2000"),
        ("0", "0", "fsGroup: 2000", "mode 0640; owner 0:2000"),
    ];
    for (first, second, group, expected) in rows {
        pod(first, second, group, "").expect(&format!("a /t/token: {expected}"));
    }
}

#[test]
fn what_lies_beside_the_token_keeps_the_default_mode() {
    pod("1000", "1000", "", "").expect("a /t/ca.crt: mode 0644; owner 0:0");
    pod("1000", "1000", "fsGroup: 2000", "").expect("a /t/ca.crt: mode 0644; owner 0:2000");
    pod("1000", "2000", "", "defaultMode: 0440, ").expect("a /t/token: mode 0440\n a /t/ca.crt: mode 0440");
}

#[test]
fn a_user_of_the_pod_is_that_of_every_container_without_its_own() {
    pod("", "", "runAsUser: 1000", "").expect("a /t/token: mode 0600; owner 1000:0");
    pod("2000", "", "runAsUser: 1000", "").expect("a /t/token: mode 0644; owner 0:0");
}

#[test]
fn before_bound_tokens_the_owner_was_always_root() {
    pod("1000", "1000", "", "")
        .facts("kubernetes: {version: '1.19'}")
        .expect("a /t/token: mode 0644; owner 0:0");
}
