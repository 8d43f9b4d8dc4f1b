// SPDX-License-Identifier: Apache-2.0
//! Roles and who has them (staging/src/k8s.io/api/rbac/v1/types.go).

use writeway_yaml::Span;

use crate::{Declared, Spanned};

/// `Role` or `ClusterRole`. Named after its API, because containers have roles too.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RbacRole {
    /// The whole mapping.
    pub span: Span,
    /// `rules`.
    pub rules: Vec<PolicyRule>,
    /// It has an `aggregationRule`: a controller overwrites its rules with those of other ClusterRoles.
    pub aggregated: bool,
}

/// A rule of a role: verbs on resources, or on URLs that are no resources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PolicyRule {
    /// The whole mapping.
    pub span: Span,
    /// `apiGroups`; `""` is the core group, `*` every group.
    pub api_groups: Vec<Spanned<String>>,
    /// `resources`, sub-resources as `pods/exec`; `*` is every resource.
    pub resources: Vec<Spanned<String>>,
    /// `verbs`; `*` is every verb.
    pub verbs: Vec<Spanned<String>>,
    /// `resourceNames`; empty is every name.
    pub resource_names: Vec<Spanned<String>>,
    /// `nonResourceURLs`.
    pub non_resource_urls: Vec<Spanned<String>>,
}

impl PolicyRule {
    /// Whether it lets its holders do something with a resource of a group, leaving names aside
    /// (pkg/apis/rbac/v1/evaluation_helpers.go: VerbMatches, APIGroupMatches, ResourceMatches).
    pub fn covers(&self, group: &str, resource: &str, verb: &str) -> bool {
        let has = |list: &[Spanned<String>], wanted: &str| {
            list.iter()
                .any(|entry| entry.value == "*" || entry.value == wanted)
        };
        let of_every_kind = resource.split_once('/').is_some_and(|(_, sub)| {
            self.resources
                .iter()
                .any(|entry| entry.value == format!("*/{sub}"))
        });
        has(&self.verbs, verb)
            && has(&self.api_groups, group)
            && (has(&self.resources, resource) || of_every_kind)
    }

    /// Whether it lets its holders do something with the object of that name. A request without a name (`create` by
    /// POST, `list` and `watch` without a field selector, `deletecollection`) has the name `""`, which no rule with
    /// names allows (evaluation_helpers.go, ResourceNameMatches).
    pub fn allows(&self, group: &str, resource: &str, verb: &str, name: &str) -> bool {
        let named =
            self.resource_names.is_empty() || self.resource_names.iter().any(|entry| entry.value == name);
        named && self.covers(group, resource, verb)
    }
}

/// `RoleBinding` or `ClusterRoleBinding`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoleBinding {
    /// The whole mapping.
    pub span: Span,
    /// `roleRef.kind` is `ClusterRole`.
    pub of_cluster_role: bool,
    /// `roleRef.name`.
    pub role: Spanned<String>,
    /// `subjects`.
    pub subjects: Vec<Subject>,
}

/// A holder of a role.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subject {
    /// `kind`: `ServiceAccount`, `User` or `Group`.
    pub kind: Spanned<String>,
    /// `name`.
    pub name: Spanned<String>,
    /// `namespace` of a ServiceAccount.
    pub namespace: Option<Spanned<String>>,
}

impl Subject {
    /// Whether a ServiceAccount is meant: by its name, or as a member of a group that the API server puts it into
    /// (staging/src/k8s.io/apiserver/pkg/authentication/serviceaccount/util.go, MakeGroupNames).
    pub fn means(&self, namespace: &str, service_account: &str) -> bool {
        let name = self.name.value.as_str();
        match self.kind.value.as_str() {
            "ServiceAccount" => {
                name == service_account && self.namespace.as_ref().is_some_and(|of| of.value == namespace)
            }
            "User" => {
                name.strip_prefix("system:serviceaccount:")
                    .and_then(|name| name.split_once(':'))
                    == Some((namespace, service_account))
            }
            "Group" => {
                matches!(name, "system:serviceaccounts" | "system:authenticated")
                    || name.strip_prefix("system:serviceaccounts:") == Some(namespace)
            }
            _ => false,
        }
    }
}

/// What a ServiceAccount is granted by one binding.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// The binding.
    pub binding: &'a Declared<RoleBinding>,
    /// The role; `None` when it is not among the inputs.
    pub role: Option<&'a Declared<RbacRole>>,
    /// The namespace that it is granted in; `None` is the whole cluster.
    pub namespace: Option<&'a str>,
}
