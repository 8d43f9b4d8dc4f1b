// SPDX-License-Identifier: Apache-2.0
//! An independent count of workloads: lines of text, no YAML reader.

/// Kinds that make pods.
const KINDS: [&str; 11] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "DeploymentConfig",
    "Job",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "Rollout",
    "StatefulSet",
];

/// Documents of a stream whose top level says that they are a workload, and that have containers: without them they are
/// patches, which nobody applies as they are. Lists and custom resources are not looked into: the count is a lower bound.
pub(super) fn workloads(text: &str) -> usize {
    let mut found = 0;
    let (mut kind, mut group, mut containers) = ("", "", false);
    for line in text.lines().chain(["---"]) {
        if line == "---" || line.starts_with("--- ") {
            let knative = kind == "Service" && group.starts_with("serving.knative.dev/");
            found += usize::from(containers && (KINDS.contains(&kind) || knative));
            (kind, group, containers) = ("", "", false);
        } else if line.trim_start().starts_with("containers:") {
            containers = true;
        } else if let Some(value) = line.strip_prefix("kind:") {
            kind = scalar(value);
        } else if let Some(value) = line.strip_prefix("apiVersion:") {
            group = scalar(value);
        }
    }
    found
}

fn scalar(value: &str) -> &str {
    let value = value.split_once(" #").map_or(value, |(value, _)| value);
    value.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::workloads;

    #[test]
    fn workloads_are_documents_with_such_a_kind_at_their_top_level() {
        for (text, count) in [
            ("kind: Pod\nspec:\n  containers:\n", 1),
            (
                "kind: \"Pod\" # the app\r\n  containers:\n---\nkind: Service\n---\nkind: Job\n      containers: []",
                2,
            ),
            (
                "apiVersion: serving.knative.dev/v1\nkind: Service\n  containers:\n",
                1,
            ),
            ("kind: Service\n  containers:\n", 0),
            (
                "kind: HorizontalPodAutoscaler\nspec:\n  scaleTargetRef:\n    kind: Deployment\n  containers:\n",
                0,
            ),
            ("# kind: Pod\n  containers:\n", 0),
            ("kind: Deployment\nspec:\n  replicas: 2\n", 0),
        ] {
            assert_eq!(workloads(text), count, "{text}");
        }
    }
}
