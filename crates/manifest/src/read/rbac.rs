// SPDX-License-Identifier: Apache-2.0
//! Reads roles and their bindings.

use writeway_yaml::Node;

use super::{Fields, Reader, known};
use crate::{ObjectRef, PolicyRule, RbacRole, RoleBinding, Spanned, Subject};

pub(crate) fn rbac_role(reader: &mut Reader, node: Node<'_>) -> Option<RbacRole> {
    reader.mapping(node, "", known::RBAC_ROLE, |fields| RbacRole {
        span: fields.span(),
        rules: fields
            .objects("rules", known::POLICY_RULE, |rule| PolicyRule {
                span: rule.span(),
                api_groups: strings(rule, "apiGroups"),
                resources: strings(rule, "resources"),
                verbs: strings(rule, "verbs"),
                resource_names: strings(rule, "resourceNames"),
                non_resource_urls: strings(rule, "nonResourceURLs"),
            })
            .unwrap_or_default(),
        aggregated: fields.get("aggregationRule").is_some(),
    })
}

fn strings(fields: &mut Fields<'_, '_>, name: &str) -> Vec<Spanned<String>> {
    fields.strings(name).unwrap_or_default()
}

/// A ServiceAccount without a namespace is refused by the API server; `kubectl` and Helm fill in none. It is taken as
/// one of the binding's own namespace, which Kustomize and people mean by it.
pub(crate) fn role_binding(reader: &mut Reader, node: Node<'_>, object: &ObjectRef) -> Option<RoleBinding> {
    reader.mapping(node, "", known::ROLE_BINDING, |fields| {
        let (of_cluster_role, role) = fields
            .object("roleRef", known::ROLE_REF, |role| {
                let kind = role.string("kind");
                (
                    kind.is_some_and(|kind| kind.value == "ClusterRole"),
                    role.required("name"),
                )
            })
            .unwrap_or_default();
        let own = object.effective_namespace();
        RoleBinding {
            span: fields.span(),
            of_cluster_role,
            role,
            subjects: fields
                .objects("subjects", known::SUBJECT, |subject| Subject {
                    kind: subject.required("kind"),
                    namespace: subject
                        .string("namespace")
                        .filter(|namespace| !namespace.is_empty())
                        .or_else(|| Some(Spanned::new(own.to_owned(), subject.span()))),
                    name: subject.required("name"),
                })
                .unwrap_or_default(),
        }
    })
}
