// SPDX-License-Identifier: Apache-2.0
//! WW401: who is refused by what, how bad that is, and which alternative is named.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use writeway_check::{Confidence, Finding, Severity};

fn only(case: &Case) -> Finding {
    let mut findings = case.findings();
    findings.retain(|finding| finding.rule.code == "WW401");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings.remove(0)
}

fn fixture(name: &str) -> (Case, Finding) {
    let case = Case::fixture("WW401", name);
    let finding = only(&case);
    (case, finding)
}

/// A namespace with these labels, and a pod in it.
fn governed(labels: &[(&str, &str)], spec: &str) -> Case {
    let labels: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("pod-security.kubernetes.io/{key}: {value}"))
        .collect();
    let manifest = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{}}}}}\n---\napiVersion: v1\nkind: Pod\n\
         metadata: {{name: web, namespace: shop}}\nspec: {spec}\n",
        labels.join(", ")
    );
    Case::new(&manifest, "")
}

#[test]
fn an_init_container_that_is_the_cause_is_named_with_every_check() {
    let (case, finding) = fixture("bad");
    assert_eq!(
        finding.message,
        "init container `own` is refused by Pod Security `restricted:v1.31` of namespace `shop`: \
         allowPrivilegeEscalation, capabilities_restricted, runAsNonRoot, runAsUser"
    );
    assert_eq!(finding.subject.container.as_deref(), Some("own"));
    assert_eq!(
        (finding.severity, finding.confidence),
        (Severity::Error, Confidence::High)
    );
    assert_eq!(case.text(&finding.primary), "own");
    assert_eq!(
        finding.primary.label,
        "lacks `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}`"
    );
    let related: Vec<_> = finding
        .related
        .iter()
        .map(|location| (case.text(location), location.label.as_str()))
        .collect();
    assert_eq!(
        related,
        [
            ("false", "allows root"),
            ("0", "root"),
            ("restricted", "the level of the namespace"),
            ("v1.31", "by the rules of this release"),
        ]
    );
    assert_eq!(
        finding.why[3],
        "runAsUser: container \"own\" must not set runAsUser=0"
    );
}

#[test]
fn the_kind_of_volume_decides_about_the_alternative_to_a_root_chown() {
    for (name, alternative) in [
        ("bad", "leave it out: annotate the claim with `volumeType: local`"),
        (
            "bad-empty-dir",
            "leave it out: everybody may write to an `emptyDir`",
        ),
        ("bad-invalid-level", "leave it out: kubelet gives volume `"),
        ("bad-warning", "`runAsUser` as the uid that owns the volume"),
    ] {
        let help = fixture(name).1.help.unwrap();
        assert!(help.contains(alternative), "{name}: {help}");
    }
}

#[test]
fn fields_that_are_missing_are_listed() {
    let (_, finding) = fixture("bad-sidecar-says-nothing");
    assert!(
        finding.message.starts_with("sidecar `migrate` is refused by"),
        "{}",
        finding.message
    );
    assert_eq!(
        finding.help.unwrap(),
        "say `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}` in the security context"
    );
}

#[test]
fn a_pod_that_is_refused_as_a_whole_names_no_container_and_a_level_that_would_do() {
    let (case, finding) = fixture("bad-whole-pod");
    assert_eq!(
        finding.message,
        "the pod is refused by Pod Security `baseline:latest` of namespace `shop`: hostNamespaces, hostPorts"
    );
    assert_eq!(finding.subject.container, None);
    assert_eq!(case.text(&finding.primary), "true");
    assert_eq!(
        finding.help.unwrap(),
        "a pod that cannot do without belongs into a namespace of level `privileged`"
    );
}

#[test]
fn an_invalid_level_counts_as_restricted() {
    let (_, finding) = fixture("bad-invalid-level");
    assert!(
        finding.message.contains("`restricted:latest`"),
        "{}",
        finding.message
    );
    assert_eq!(finding.severity, Severity::Error);
}

#[test]
fn a_warning_and_an_audit_are_one_information() {
    let (_, finding) = fixture("bad-warning");
    assert_eq!(finding.severity, Severity::Info);
    assert!(
        finding
            .message
            .contains("violates Pod Security `restricted:latest`, of which namespace `shop` warns"),
        "{}",
        finding.message
    );
    let audited = only(&governed(
        &[("audit", "baseline")],
        "{hostPID: true, containers: [{name: a, image: i}]}",
    ));
    assert_eq!(audited.severity, Severity::Info);
    assert!(
        audited.message.contains("which namespace `shop` audits"),
        "{}",
        audited.message
    );
}

#[test]
fn what_is_refused_is_not_warned_of_too() {
    let case = governed(
        &[("enforce", "baseline"), ("warn", "restricted")],
        "{hostPID: true, containers: [{name: a, image: i}]}",
    );
    assert_eq!(only(&case).severity, Severity::Error);
}

#[test]
fn operators_may_add_to_the_pods_of_custom_resources() {
    assert_eq!(fixture("bad-custom-resource").1.confidence, Confidence::Medium);
}

#[test]
fn latest_is_the_version_of_the_cluster() {
    let manifest = "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {pod-security.kubernetes.io/enforce: restricted}}\n\
         ---\napiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {securityContext: {runAsNonRoot: true}, containers: [{name: a, image: i}]}\n";
    let count = |facts: &str| {
        let findings = Case::new(manifest, facts).findings();
        findings
            .iter()
            .filter(|finding| finding.rule.code == "WW401")
            .count()
    };
    assert_eq!(count("kubernetes: {version: '1.7'}"), 0);
    assert_eq!(count("kubernetes: {version: '1.8'}"), 1);
    assert_eq!(count(""), 1);
}

#[test]
fn many_places_are_cut_and_the_steps_name_all() {
    let containers: Vec<String> = (0..50)
        .map(|index| format!("{{name: c{index}, image: i, securityContext: {{privileged: true}}}}"))
        .collect();
    let case = governed(
        &[("enforce", "baseline")],
        &format!("{{containers: [{}]}}", containers.join(", ")),
    );
    let finding = only(&case);
    assert!(finding.related.len() < 12, "{}", finding.related.len());
    assert!(finding.why[0].contains("\"c49\""), "{}", finding.why[0]);
}

/// H3.2: given the namespace's enforce label and its pinned version, say whether the container is admitted. Kubernetes'
/// own data for this is judged by `cargo xtask psa`.
#[test]
fn h3_2_the_enforce_label_and_its_pinned_version_decide_about_an_init_container() {
    let root = "runAsUser: 0, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}";
    let chown_only =
        "runAsUser: 0, allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [CHOWN]}";
    let bare = "";
    let unprivileged = "runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}";
    for (level, version, security, refused_by) in [
        ("privileged", "latest", root, None),
        ("baseline", "latest", root, None),
        ("baseline", "latest", chown_only, None),
        ("restricted", "latest", unprivileged, None),
        ("restricted", "latest", root, Some("runAsUser")),
        ("restricted", "v1.23", root, Some("runAsUser")),
        // Before 1.23 nobody looked at the uid, before 1.22 at capabilities, before 1.8 at privilege escalation.
        ("restricted", "v1.22", root, None),
        ("restricted", "v1.22", chown_only, Some("capabilities_restricted")),
        ("restricted", "v1.21", chown_only, None),
        ("restricted", "v1.21", bare, Some("allowPrivilegeEscalation")),
        ("restricted", "v1.7", bare, None),
    ] {
        let case = governed(
            &[("enforce", level), ("enforce-version", version)],
            &format!(
                "{{securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}, \
                 initContainers: [{{name: own, image: i, securityContext: {{{security}}}}}], \
                 containers: [{{name: app, image: i, securityContext: {{{unprivileged}}}}}]}}"
            ),
        );
        let found: Vec<String> = case
            .findings()
            .iter()
            .filter(|finding| finding.rule.code == "WW401")
            .map(|finding| finding.message.clone())
            .collect();
        let expected: Vec<String> = refused_by
            .map(|check| {
                format!(
                    "init container `own` is refused by Pod Security `{level}:{version}` of namespace `shop`: {check}"
                )
            })
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{level}:{version} {security}");
    }
}
