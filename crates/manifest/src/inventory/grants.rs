// SPDX-License-Identifier: Apache-2.0
//! Roles by name, and what a ServiceAccount is granted.

use std::collections::BTreeMap;

use super::in_file;
use crate::{Declared, FileId, Grant, Inventory, ObjectRef, RbacRole, RoleBinding};

/// Roles and bindings of all inputs.
#[derive(Debug, Default)]
pub(super) struct Grants {
    /// By namespace, which is `None` for a ClusterRole, and name.
    roles: BTreeMap<(Option<String>, String), Declared<RbacRole>>,
    bindings: Vec<Declared<RoleBinding>>,
}

impl Grants {
    /// Adds those of a file. Of two roles with one name the first counts; one may be in several overlays, so that
    /// nothing is said.
    pub(super) fn extend(
        &mut self,
        file: FileId,
        roles: Vec<Declared<RbacRole>>,
        bindings: Vec<Declared<RoleBinding>>,
    ) {
        for role in in_file(file, roles) {
            let key = (scope(&role.object).map(str::to_owned), role.object.name.clone());
            self.roles.entry(key).or_insert(role);
        }
        self.bindings.extend(in_file(file, bindings));
    }

    fn role_of(&self, binding: &Declared<RoleBinding>) -> Option<&Declared<RbacRole>> {
        let namespace = if binding.of_cluster_role {
            None
        } else {
            Some(scope(&binding.object)?.to_owned())
        };
        self.roles.get(&(namespace, binding.role.value.clone()))
    }
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

    /// Every `RoleBinding` and `ClusterRoleBinding`, in input order.
    pub fn role_bindings(&self) -> &[Declared<RoleBinding>] {
        &self.grants.bindings
    }

    /// What the bindings among the inputs grant to a ServiceAccount, in input order.
    pub fn grants_of(&self, namespace: &str, service_account: &str) -> impl Iterator<Item = Grant<'_>> {
        let means = move |binding: &&Declared<RoleBinding>| {
            let mut subjects = binding.subjects.iter();
            subjects.any(|subject| subject.means(namespace, service_account))
        };
        self.grants.bindings.iter().filter(means).map(|binding| Grant {
            binding,
            role: self.grants.role_of(binding),
            namespace: scope(&binding.object),
        })
    }

    /// The bindings that grant a role.
    pub fn bindings_of(&self, role: &ObjectRef) -> impl Iterator<Item = &Declared<RoleBinding>> {
        let named = move |binding: &&Declared<RoleBinding>| binding.role.value == role.name;
        self.grants.bindings.iter().filter(named).filter(move |binding| {
            let found = self.grants.role_of(binding);
            found.is_some_and(|found| (found.object.file, found.object.span) == (role.file, role.span))
        })
    }
}
