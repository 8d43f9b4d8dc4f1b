// SPDX-License-Identifier: Apache-2.0
//! Each refusal points at the fields that are the cause, or at what lacks them.

use writeway_manifest::Role;
use writeway_pod_security::{Level, PolicyVersion};

use crate::pods::{annotated, judge, pod};

/// `text at the place | label | container` of every culprit of a check.
fn culprits(text: &str, level: Level, minor: u64, check: &str) -> Vec<String> {
    let verdict = judge(text, level, PolicyVersion::Minor(minor));
    let refusal = verdict
        .refusals
        .iter()
        .find(|refusal| refusal.check == check)
        .unwrap();
    refusal
        .culprits
        .iter()
        .map(|culprit| {
            let container = culprit
                .container
                .as_ref()
                .map_or("pod", |container| &container.name);
            format!(
                "{} | {} | {container}",
                &text[culprit.span.range()],
                culprit.fault
            )
        })
        .collect()
}

#[test]
fn every_field_at_fault_is_pointed_at() {
    let text = pod("hostNetwork: true
hostPID: yes
securityContext:
  sysctls: [{name: kernel.msgmax, value: '1'}]
  windowsOptions: {hostProcess: true}
  seLinuxOptions: {type: spc_t, user: u}
  appArmorProfile: {type: Unconfined}
  seccompProfile: {}
containers:
- name: a
  ports: [{containerPort: 80}]
  livenessProbe: {httpGet: {host: h, port: 1}}
  securityContext:
    privileged: true
    procMount: Unmasked
    capabilities: {add: [CHOWN, SYS_ADMIN]}
volumes: [{name: v, hostPath: {path: /x}}]");
    for (check, expected) in [
        (
            "hostNamespaces",
            &[
                "true | a namespace of the node | pod",
                "yes | a namespace of the node | pod",
            ][..],
        ),
        ("hostPorts", &["80 | a port of the node | a"]),
        (
            "hostProbesAndHostLifecycle",
            &["h | a host in `livenessProbe` | a"],
        ),
        ("privileged", &["true | privileged | a"]),
        ("procMount", &["Unmasked | not `Default` | a"]),
        ("capabilities_baseline", &["SYS_ADMIN | adds a capability | a"]),
        ("hostPathVolumes", &["hostPath | a directory of the node | pod"]),
        ("sysctls", &["kernel.msgmax | not a safe sysctl | pod"]),
        ("windowsHostProcess", &["true | a process of the node | pod"]),
        (
            "seLinuxOptions",
            &["spc_t | not an allowed type | pod", "u | an SELinux user | pod"],
        ),
        (
            "appArmorProfile",
            &["Unconfined | not an allowed AppArmor profile | pod"],
        ),
        (
            "seccompProfile_baseline",
            &["{} | not an allowed seccomp profile | pod"],
        ),
    ] {
        assert_eq!(culprits(&text, Level::Baseline, 37, check), expected, "{check}");
    }
}

#[test]
fn what_is_missing_is_missing_in_a_container() {
    let text = pod(
        "initContainers: [{name: first}]\ncontainers: [{name: second, securityContext: {allowPrivilegeEscalation: true}}]",
    );
    for (check, expected) in [
        (
            "allowPrivilegeEscalation",
            [
                "first | lacks `allowPrivilegeEscalation: false` | first",
                "true | not `false` | second",
            ],
        ),
        (
            "capabilities_restricted",
            [
                "first | lacks `capabilities: {drop: [ALL]}` | first",
                "second | lacks `capabilities: {drop: [ALL]}` | second",
            ],
        ),
        (
            "runAsNonRoot",
            [
                "first | lacks `runAsNonRoot: true` | first",
                "second | lacks `runAsNonRoot: true` | second",
            ],
        ),
        (
            "seccompProfile_restricted",
            [
                "first | lacks `seccompProfile: {type: RuntimeDefault}` | first",
                "second | lacks `seccompProfile: {type: RuntimeDefault}` | second",
            ],
        ),
    ] {
        assert_eq!(culprits(&text, Level::Restricted, 37, check), expected, "{check}");
    }
}

#[test]
fn annotations_are_pointed_at() {
    let text = annotated(
        "seccomp.security.alpha.kubernetes.io/pod: unconfined, container.apparmor.security.beta.kubernetes.io/a: bogus",
        "containers: [{name: a}]",
    );
    assert_eq!(
        culprits(&text, Level::Baseline, 0, "seccompProfile_baseline"),
        ["unconfined | not an allowed seccomp profile | pod"]
    );
    assert_eq!(
        culprits(&text, Level::Baseline, 0, "appArmorProfile"),
        ["bogus | not an allowed AppArmor profile | pod"]
    );
}

#[test]
fn a_culprit_knows_the_role_of_its_container() {
    let text = pod(
        "initContainers: [{name: i}, {name: s, restartPolicy: Always}]\ncontainers: [{name: m}]\nephemeralContainers: [{name: e}]",
    );
    let verdict = judge(&text, Level::Restricted, PolicyVersion::Latest);
    for refusal in &verdict.refusals {
        let roles: Vec<_> = refusal
            .culprits
            .iter()
            .map(|culprit| culprit.container.as_ref().unwrap().role)
            .collect();
        assert_eq!(
            roles,
            [Role::Init, Role::Sidecar, Role::Main, Role::Ephemeral],
            "{}",
            refusal.check
        );
    }
}

#[test]
fn containers_of_one_name_are_two_containers() {
    let text = pod(
        "containers: [{name: a, securityContext: {privileged: true}}, {name: a, securityContext: {privileged: true}}]",
    );
    let verdict = judge(&text, Level::Baseline, PolicyVersion::Latest);
    assert!(
        verdict.refusals[0].detail.starts_with(r#"containers "a", "a" "#),
        "{}",
        verdict.refusals[0].detail
    );
}
