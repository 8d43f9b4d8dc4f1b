// SPDX-License-Identifier: Apache-2.0
//! What keeps a pod from starting: every cause with its field, and how the pod ends.

use writeway_access::Stop;

use crate::case::{Case, IMAGE};

const REFUSED: Option<Stop> = Some(Stop::Refused);
const WAITS: Option<Stop> = Some(Stop::Waits);
const FAILS: Option<Stop> = Some(Stop::Fails);

fn pod(spec: &str) -> Case {
    Case::pod(spec).facts(IMAGE)
}

#[test]
fn what_can_be_told_at_once_is_told_at_once() {
    let case = pod("
  securityContext: {runAsGroup: 3000}
  containers:
  - {name: a, image: app, securityContext: {runAsUser: -1}}
  - {name: b, image: app, volumeMounts: [{name: nowhere, mountPath: /n}]}
  volumes:
  - {name: unused, configMap: {name: c, defaultMode: 512}}
  - {name: also, projected: {sources: [{secret: {name: s, items: [{key: k, path: k, mode: 1000}]}}]}}");
    assert_eq!(
        case.causes(),
        [
            ("-1", REFUSED),
            ("3000", FAILS),
            ("512", REFUSED),
            ("1000", REFUSED),
            ("nowhere", REFUSED)
        ]
    );
}

#[test]
fn users_and_volumes_are_looked_at_before_any_container_is_put_together() {
    let case = pod("
  containers:
  - name: a
    image: app
    securityContext: {runAsNonRoot: true, runAsUser: 0}
    volumeMounts: [{name: old, mountPath: /o}, {name: s, mountPath: /s, subPath: ../x}]
  - {name: b, image: app, securityContext: {runAsNonRoot: true}}
  volumes:
  - {name: old, glusterfs: {endpoints: e, path: p}}
  - {name: s, secret: {secretName: s, items: [{key: none, path: k}]}}")
    .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}");
    assert_eq!(
        case.causes(),
        [("true", FAILS), ("true", FAILS), ("old", FAILS), ("none", WAITS)]
    );
}

#[test]
fn a_field_that_many_containers_inherit_is_at_fault_once() {
    let case = pod("
  securityContext: {runAsNonRoot: true, runAsUser: 0}
  initContainers: [{name: i, image: app}]
  containers: [{name: a, image: app}, {name: b, image: app}]");
    assert_eq!(case.causes(), [("true", FAILS)]);
}

#[test]
fn the_script_that_always_fails_is_the_place() {
    let case = pod("
  initContainers: [{name: i, image: app, command: [sh, -ec, exit 3]}]
  containers: [{name: a, image: app}]");
    assert_eq!(case.causes(), [("exit 3", FAILS)]);
}

#[test]
fn a_doubt_has_no_end() {
    let case = pod("
  containers: [{name: a, image: app, volumeMounts: [{name: s, mountPath: /s}]}]
  volumes: [{name: s, secret: {secretName: elsewhere}}]");
    assert_eq!(case.causes(), [("elsewhere", None)]);
}

/// A Role that names a Secret lets somebody fill it, so that the pod may start after all.
#[test]
fn a_missing_key_keeps_a_pod_waiting_unless_a_role_lets_somebody_add_it() {
    let role = |verbs: &str, names: &str| {
        format!(
            "{{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: r}}, \
             rules: [{{apiGroups: [''], resources: [secrets], resourceNames: {names}, verbs: {verbs}}}]}}"
        )
    };
    let rows = [
        (None, ("none", WAITS)),
        (Some(role("[get]", "[s]")), ("none", WAITS)),
        (Some(role("[patch]", "[other]")), ("none", WAITS)),
        // Whoever may change every Secret is not there for this one.
        (Some(role("['*']", "[]")), ("none", WAITS)),
        (Some(role("[get, patch]", "[s]")), ("none", None)),
        (Some(role("[update]", "[s]")), ("none", None)),
    ];
    for (role, expected) in rows {
        let case = pod("
  containers: [{name: a, image: app, volumeMounts: [{name: s, mountPath: /s}]}]
  volumes: [{name: s, secret: {secretName: s, items: [{key: none, path: k}]}}]")
        .with("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: v}}");
        let case = match &role {
            Some(role) => case.with(role),
            None => case,
        };
        assert_eq!(case.causes(), [expected], "{role:?}");
    }
}
