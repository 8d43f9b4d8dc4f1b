// SPDX-License-Identifier: Apache-2.0
//! Roles by name, and what a ServiceAccount is granted.

use std::collections::{BTreeMap, BTreeSet};

use super::in_file;
use crate::object::effective_namespace;
use crate::{Declared, FileId, Grant, Inventory, ObjectRef, PolicyRule, RbacRole, RoleBinding};

/// Roles and bindings of all inputs.
#[derive(Debug, Default)]
pub(super) struct Grants {
    roles: BTreeMap<RoleKey, Declared<RbacRole>>,
    bindings: Vec<Declared<RoleBinding>>,
    /// Places in `bindings`, by the role.
    by_role: BTreeMap<RoleKey, Vec<usize>>,
    /// Places in `bindings`, by namespace and name of a ServiceAccount that is a subject.
    by_account: BTreeMap<(String, String), BTreeSet<usize>>,
    /// Those with users and groups, which may be ServiceAccounts.
    by_others: BTreeSet<usize>,
}

/// Namespace, which is `None` for a ClusterRole, and name.
type RoleKey = (Option<String>, String);

impl Grants {
    /// Adds those of a file. Of two roles with one name the first counts; one may be in several overlays, so that
    /// nothing is said.
    pub(super) fn extend(
        &mut self,
        file: FileId,
        roles: &[Declared<RbacRole>],
        bindings: &[Declared<RoleBinding>],
    ) {
        for role in in_file(file, roles) {
            let key = (scope(&role.object).map(str::to_owned), role.object.name.clone());
            self.roles.entry(key).or_insert(role);
        }
        for binding in in_file(file, bindings) {
            let index = self.bindings.len();
            self.by_role.entry(role_key(&binding)).or_default().push(index);
            for subject in &binding.subjects {
                match (subject.kind.as_str(), &subject.namespace) {
                    ("ServiceAccount", Some(namespace)) => {
                        let key = (namespace.value.clone(), subject.name.value.clone());
                        self.by_account.entry(key).or_default().insert(index);
                    }
                    _ => drop(self.by_others.insert(index)),
                }
            }
            self.bindings.push(binding);
        }
    }

    fn role_of(&self, binding: &Declared<RoleBinding>) -> Option<&Declared<RbacRole>> {
        self.roles.get(&role_key(binding))
    }
}

/// The role that a binding names. A ClusterRoleBinding can only name a ClusterRole
/// (pkg/apis/rbac/validation, ValidateClusterRoleBinding).
fn role_key(binding: &Declared<RoleBinding>) -> RoleKey {
    let namespace = scope(&binding.object).filter(|_| !binding.of_cluster_role);
    (namespace.map(str::to_owned), binding.role.value.clone())
}

/// The namespace of a role or binding; `None` for those of the cluster.
fn scope(object: &ObjectRef) -> Option<&str> {
    (!object.kind.starts_with("Cluster")).then(|| object.effective_namespace())
}

impl Inventory {
    /// Every `Role` and `ClusterRole`, the ClusterRoles first, then by namespace and name.
    pub fn rbac_roles(&self) -> impl Iterator<Item = &Declared<RbacRole>> {
        self.grants.roles.values()
    }

    /// The role that an object is; `None` when another one of its name came first.
    pub fn rbac_role(&self, object: &ObjectRef) -> Option<&Declared<RbacRole>> {
        let key = (scope(object).map(str::to_owned), object.name.clone());
        let found = self.grants.roles.get(&key)?;
        ((found.object.file, found.object.span) == (object.file, object.span)).then_some(found)
    }

    /// The first Role that lets its holders change a Secret by its name: somebody is there to fill it.
    pub fn role_that_fills(&self, namespace: Option<&str>, secret: &str) -> Option<&Declared<RbacRole>> {
        let fills = |rule: &PolicyRule| {
            let mut verbs = ["update", "patch"].into_iter();
            !rule.resource_names.is_empty() && verbs.any(|verb| rule.allows("", "secrets", verb, secret))
        };
        let namespace = Some(effective_namespace(namespace).to_owned());
        let roles = self.grants.roles.range((namespace.clone(), String::new())..);
        roles
            .take_while(|((of, _), _)| *of == namespace)
            .map(|(_, role)| role)
            .find(|role| role.rules.iter().any(fills))
    }

    /// Every `RoleBinding` and `ClusterRoleBinding`, in input order.
    pub fn role_bindings(&self) -> &[Declared<RoleBinding>] {
        &self.grants.bindings
    }

    /// What the bindings among the inputs grant to a ServiceAccount, in input order.
    pub fn grants_of(&self, namespace: &str, service_account: &str) -> impl Iterator<Item = Grant<'_>> {
        let key = (namespace.to_owned(), service_account.to_owned());
        let mut found = self.grants.by_account.get(&key).cloned().unwrap_or_default();
        let others = self.grants.by_others.iter().copied().filter(|index| {
            let mut subjects = self.grants.bindings[*index].subjects.iter();
            subjects.any(|subject| subject.means(namespace, service_account))
        });
        found.extend(others);
        found.into_iter().map(|index| {
            let binding = &self.grants.bindings[index];
            Grant {
                binding,
                role: self.grants.role_of(binding),
                namespace: scope(&binding.object),
            }
        })
    }

    /// The bindings that grant a role.
    pub fn bindings_of(&self, role: &ObjectRef) -> impl Iterator<Item = &Declared<RoleBinding>> {
        let key = (scope(role).map(str::to_owned), role.name.clone());
        let found = self
            .grants
            .by_role
            .get(&key)
            .filter(|_| self.rbac_role(role).is_some());
        let indices = found.map_or(&[][..], Vec::as_slice);
        indices.iter().map(|index| &self.grants.bindings[*index])
    }
}
