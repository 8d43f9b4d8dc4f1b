// SPDX-License-Identifier: Apache-2.0
//! Pods to judge.

use writeway_manifest::{Inventory, ParsedFile};
use writeway_pod_security::{Level, Policy, PolicyVersion, Verdict, evaluate};

/// What the pod of every level and version has in its security context.
pub(crate) const HARDENED_POD: &str = "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}";

/// What the container of every level and version has in its security context.
pub(crate) const HARDENED_CONTAINER: &str = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}";

/// A pod as text, with these lines in its spec.
pub(crate) fn pod(spec: &str) -> String {
    annotated("", spec)
}

/// A pod as text, with annotations in flow style.
pub(crate) fn annotated(annotations: &str, spec: &str) -> String {
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web, annotations: {{{annotations}}}}}\nspec:\n{spec}"
    )
}

/// A pod that nothing refuses, with more fields in flow style: in its spec, its security context, its container, and
/// that one's security context.
pub(crate) fn hardened(spec: &str, security: &str, container: &str, container_security: &str) -> String {
    pod(&format!(
        "{{{spec}{}securityContext: {{{security}{}{HARDENED_POD}}}, containers: [{{name: a, {container}{}\
         securityContext: {{{container_security}{}{HARDENED_CONTAINER}}}}}]}}",
        comma(spec),
        comma(security),
        comma(container),
        comma(container_security),
    ))
}

fn comma(fields: &str) -> &'static str {
    if fields.is_empty() { "" } else { ", " }
}

/// The objects of a text in which nothing is misspelt.
pub(crate) fn read(text: &str) -> Inventory {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", text)]);
    assert_eq!(inventory.unknown_fields(), [], "{text}");
    assert_eq!(inventory.workloads().len(), 1, "{text}");
    inventory
}

pub(crate) fn judge(text: &str, level: Level, version: PolicyVersion) -> Verdict {
    evaluate(&read(text).workloads()[0], Policy { level, version })
}

/// The checks that refuse a pod of which everything is known.
pub(crate) fn checks(inventory: &Inventory, level: Level, version: PolicyVersion) -> Vec<&'static str> {
    let verdict = evaluate(&inventory.workloads()[0], Policy { level, version });
    assert_eq!(verdict.unknown, []);
    verdict.refusals.iter().map(|refusal| refusal.check).collect()
}
