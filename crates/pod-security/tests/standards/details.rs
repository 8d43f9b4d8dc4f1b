// SPDX-License-Identifier: Apache-2.0
//! Reasons and details are in Kubernetes' words, so that they are found in its documentation and in its logs.

use writeway_pod_security::{Level, PolicyVersion};

use crate::pods::{annotated, judge, pod};

/// `check: reason (detail)` of every refusal.
fn refusals(text: &str, level: Level, minor: u64) -> Vec<String> {
    let verdict = judge(text, level, PolicyVersion::Minor(minor));
    verdict
        .refusals
        .iter()
        .map(|refusal| format!("{}: {} ({})", refusal.check, refusal.reason, refusal.detail))
        .collect()
}

fn baseline(spec: &str) -> Vec<String> {
    refusals(&pod(spec), Level::Baseline, 37)
}

#[test]
fn one_and_several_are_worded_differently() {
    for (spec, expected) in [
        (
            "containers: [{name: a, securityContext: {privileged: true}}]",
            r#"privileged: privileged (container "a" must not set securityContext.privileged=true)"#,
        ),
        (
            "initContainers: [{name: i, securityContext: {privileged: true}}]
containers: [{name: a, securityContext: {privileged: true}}, {name: b}]
ephemeralContainers: [{name: e, securityContext: {privileged: true}}]",
            r#"privileged: privileged (containers "i", "a", "e" must not set securityContext.privileged=true)"#,
        ),
        (
            "hostIPC: true\nhostPID: true\ncontainers: []",
            "hostNamespaces: host namespaces (hostPID=true, hostIPC=true)",
        ),
        (
            "volumes: [{name: b, hostPath: {path: /b}}, {name: a, hostPath: {path: /a}}]\ncontainers: []",
            r#"hostPathVolumes: hostPath volumes (volumes "b", "a")"#,
        ),
        (
            "volumes: [{name: b, hostPath: {path: /b}}]\ncontainers: []",
            r#"hostPathVolumes: hostPath volumes (volume "b")"#,
        ),
        (
            "containers: [{name: a, ports: [{containerPort: 1, hostPort: 9}]}]",
            r#"hostPorts: hostPort (container "a" uses hostPort 9)"#,
        ),
        (
            "containers: [{name: a, ports: [{containerPort: 1, hostPort: 9}]}, {name: b, ports: [{containerPort: 1, hostPort: 10}, {containerPort: 2, hostPort: 9}]}]",
            r#"hostPorts: hostPort (containers "a", "b" use hostPorts 10, 9)"#,
        ),
        (
            "containers: [{name: a, securityContext: {capabilities: {add: [SYS_ADMIN, NET_RAW, CHOWN]}}}]",
            r#"capabilities_baseline: non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)"#,
        ),
        (
            "containers: [{name: b, livenessProbe: {httpGet: {host: z, port: 1}, tcpSocket: {host: x, port: 1}}}]",
            r#"hostProbesAndHostLifecycle: probe or lifecycle host (container "b" uses probe or lifecycle hosts "x", "z")"#,
        ),
        (
            "containers: [{name: b, livenessProbe: {httpGet: {host: x, port: 1}}}, {name: a, lifecycle: {preStop: {httpGet: {host: x, port: 1}}}}]",
            r#"hostProbesAndHostLifecycle: probe or lifecycle host (containers "a", "b" use probe or lifecycle host "x")"#,
        ),
        (
            "containers: [{name: a, securityContext: {procMount: Unmasked}}]",
            r#"procMount: procMount (container "a" must not set securityContext.procMount to "Unmasked")"#,
        ),
        (
            "securityContext: {sysctls: [{name: z, value: ''}, {name: b, value: ''}]}\ncontainers: []",
            "sysctls: forbidden sysctls (z, b)",
        ),
        (
            "securityContext: {windowsOptions: {hostProcess: true}}\ncontainers: [{name: a, securityContext: {windowsOptions: {hostProcess: true}}}]",
            r#"windowsHostProcess: hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)"#,
        ),
        (
            "securityContext: {seLinuxOptions: {type: foo, user: bar, role: baz}}
containers: [{name: e, securityContext: {seLinuxOptions: {type: bar}}}, {name: f, securityContext: {seLinuxOptions: {user: u}}}]",
            r#"seLinuxOptions: seLinuxOptions (pod and containers "e", "f" set forbidden securityContext.seLinuxOptions: types "bar", "foo"; user may not be set; role may not be set)"#,
        ),
        (
            "containers: [{name: e, securityContext: {seLinuxOptions: {role: bar}}}]",
            r#"seLinuxOptions: seLinuxOptions (container "e" set forbidden securityContext.seLinuxOptions: role may not be set)"#,
        ),
        (
            "securityContext: {seccompProfile: {type: Unconfined}}\ncontainers: [{name: c, securityContext: {seccompProfile: {type: Other}}}]",
            r#"seccompProfile_baseline: seccompProfile (pod and container "c" must not set securityContext.seccompProfile.type to "Other", "Unconfined")"#,
        ),
        (
            "securityContext: {appArmorProfile: {type: Unconfined}}\ncontainers: []",
            r#"appArmorProfile: forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")"#,
        ),
    ] {
        assert_eq!(baseline(spec), [expected], "{spec}");
    }
}

#[test]
fn annotations_are_shown_with_their_values() {
    const SECCOMP: &str = "seccomp.security.alpha.kubernetes.io/pod";
    const SECCOMP_OF: &str = "container.seccomp.security.alpha.kubernetes.io/";
    let text = annotated(
        &format!("{SECCOMP}: unconfined, {SECCOMP_OF}b: unknown, {SECCOMP_OF}a: unconfined"),
        "containers: [{name: a}, {name: b}]",
    );
    let expected = format!(
        "seccompProfile_baseline: seccompProfile (forbidden annotations {SECCOMP_OF}a=\"unconfined\", {SECCOMP_OF}b=\"unknown\", {SECCOMP}=\"unconfined\")"
    );
    assert_eq!(refusals(&text, Level::Baseline, 18), [expected]);

    const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
    let text = annotated(
        &format!("{APP_ARMOR}b: unknown, {APP_ARMOR}a: unconfined"),
        "containers: [{name: a, securityContext: {appArmorProfile: {type: Unconfined}}}]",
    );
    let expected = format!(
        "appArmorProfile: forbidden AppArmor profiles (container \"a\" and annotations must not set AppArmor profile type to \"Unconfined\", \"{APP_ARMOR}a=\"unconfined\"\", \"{APP_ARMOR}b=\"unknown\"\")"
    );
    assert_eq!(refusals(&text, Level::Baseline, 37), [expected]);
}

#[test]
fn restricted_says_what_is_missing() {
    let text = pod("initContainers: [{name: i}]\ncontainers: [{name: a}]");
    assert_eq!(
        refusals(&text, Level::Restricted, 37),
        [
            r#"allowPrivilegeEscalation: allowPrivilegeEscalation != false (containers "i", "a" must set securityContext.allowPrivilegeEscalation=false)"#,
            r#"capabilities_restricted: unrestricted capabilities (containers "i", "a" must set securityContext.capabilities.drop=["ALL"])"#,
            r#"runAsNonRoot: runAsNonRoot != true (pod or containers "i", "a" must set securityContext.runAsNonRoot=true)"#,
            r#"seccompProfile_restricted: seccompProfile (pod or containers "i", "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")"#,
        ]
    );
}

#[test]
fn restricted_says_what_must_not_be() {
    let text = pod(
        "securityContext: {runAsNonRoot: false, runAsUser: 0, seccompProfile: {type: Unconfined}}
containers:
- name: a
  securityContext: {runAsNonRoot: false, runAsUser: 0, allowPrivilegeEscalation: true, capabilities: {drop: [ALL], add: [CHOWN]}}
- name: b
  securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [CHOWN], add: [NET_BIND_SERVICE]}}
volumes:
- {name: one, nfs: {server: s, path: /}}
- {name: two, nfs: {server: s, path: /}}",
    );
    assert_eq!(
        refusals(&text, Level::Restricted, 37),
        [
            r#"allowPrivilegeEscalation: allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false)"#,
            r#"capabilities_restricted: unrestricted capabilities (container "b" must set securityContext.capabilities.drop=["ALL"]; container "a" must not include "CHOWN" in securityContext.capabilities.add)"#,
            r#"restrictedVolumes: restricted volume types (volumes "one", "two" use restricted volume type "nfs")"#,
            r#"runAsNonRoot: runAsNonRoot != true (pod and container "a" must not set securityContext.runAsNonRoot=false)"#,
            r#"runAsUser: runAsUser=0 (pod and container "a" must not set runAsUser=0)"#,
            r#"seccompProfile_restricted: seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")"#,
        ]
    );
}

#[test]
fn of_several_sources_the_first_in_kubernetes_order_is_named() {
    let text = pod("volumes: [{name: v, storageos: {}, nfs: {server: s, path: /}}]\ncontainers: []");
    let found = refusals(&text, Level::Restricted, 37);
    assert_eq!(
        found[0],
        r#"restrictedVolumes: restricted volume types (volume "v" uses restricted volume type "nfs")"#
    );
}
