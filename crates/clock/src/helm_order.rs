// SPDX-License-Identifier: Apache-2.0
//! The order in which Helm runs the hooks of an event.

/// Kinds in the order in which Helm creates them (helm pkg/release/v1/util/kind_sorter.go, InstallOrder).
const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Sorts hooks of one event as Helm runs them: by weight, then by kind in the order of an install, kinds that are not in
/// it last and by name of the kind, then by name (helm pkg/action/hooks.go, hookByWeight).
pub fn hook_order(weight: i64, kind: &str, name: &str) -> impl Ord + use<> {
    let rank = INSTALL_ORDER.iter().position(|known| *known == kind);
    let unknown = if rank.is_none() { kind } else { "" };
    let rank = rank.unwrap_or(INSTALL_ORDER.len());
    (weight, rank, unknown.to_owned(), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_run_by_weight_then_kind_then_name() {
        let expected = [
            (-10, "Job", "z"),
            (0, "ServiceAccount", "b"),
            (0, "Secret", "a"),
            (0, "RoleBinding", "a"),
            (0, "Pod", "a"),
            (0, "Job", "a"),
            (0, "Job", "b"),
            (0, "Certificate", "z"),
            (0, "Widget", "a"),
            (2, "Job", "a"),
            (10, "ConfigMap", "a"),
        ];
        let mut hooks = expected;
        hooks.reverse();
        hooks.sort_by_cached_key(|(weight, kind, name)| hook_order(*weight, kind, name));
        assert_eq!(hooks, expected);
    }
}
