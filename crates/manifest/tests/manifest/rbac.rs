// SPDX-License-Identifier: Apache-2.0
//! Roles, their bindings, and what a ServiceAccount is granted.

use writeway_manifest::{Inventory, PolicyRule, Spanned};

use crate::reading::{problems, read, slice};

fn rule(groups: &[&str], resources: &[&str], verbs: &[&str], names: &[&str]) -> PolicyRule {
    let list = |texts: &[&str]| {
        let spanned = texts
            .iter()
            .map(|text| Spanned::new((*text).to_owned(), Default::default()));
        spanned.collect()
    };
    PolicyRule {
        api_groups: list(groups),
        resources: list(resources),
        verbs: list(verbs),
        resource_names: list(names),
        ..PolicyRule::default()
    }
}

#[test]
fn a_rule_allows_what_the_api_server_would_allow() {
    let named = rule(&[""], &["secrets"], &["get", "create"], &["token"]);
    let every = rule(&["*"], &["*"], &["*"], &[]);
    let scale = rule(&["apps"], &["*/scale"], &["patch"], &[]);
    let rows = [
        (&named, ("", "secrets", "get", "token"), true),
        (&named, ("", "secrets", "get", "other"), false),
        (&named, ("apps", "secrets", "get", "token"), false),
        (&named, ("", "secrets", "patch", "token"), false),
        // A POST has no name when it is authorised; server-side apply has.
        (&named, ("", "secrets", "create", ""), false),
        (&named, ("", "secrets", "create", "token"), true),
        (&every, ("batch", "jobs/status", "update", ""), true),
        (&scale, ("apps", "deployments/scale", "patch", "web"), true),
        (&scale, ("apps", "deployments", "patch", "web"), false),
    ];
    for (rule, (group, resource, verb, name), expected) in rows {
        assert_eq!(
            rule.allows(group, resource, verb, name),
            expected,
            "{group}/{resource} {verb} {name}: {rule:?}"
        );
    }
}

const ROLES: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: minter, namespace: prod}
rules:
  - {apiGroups: [''], resources: [secrets], resourceNames: [token], verbs: [get, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: minter}
aggregationRule: {clusterRoleSelectors: []}
rules: []
---
";

fn bound(binding: &str) -> Inventory {
    let inventory = read(&format!("{ROLES}{binding}"));
    assert_eq!(problems(&inventory), [""; 0]);
    assert_eq!(inventory.unknown_fields(), []);
    inventory
}

#[test]
fn roles_keep_the_place_of_every_word() {
    let inventory = bound("");
    let role = inventory.rbac_roles().nth(1).unwrap();
    assert_eq!((role.object.name.as_str(), role.aggregated), ("minter", false));
    assert_eq!(slice(ROLES, role.rules[0].resource_names[0].span), "token");
    assert!(inventory.rbac_roles().next().unwrap().aggregated);
    assert!(inventory.others().is_empty());
}

#[test]
fn a_service_account_is_granted_what_its_bindings_say_where_they_say_it() {
    let sa = "subjects: [{kind: ServiceAccount, name: job, namespace: prod}]";
    let head = |kind: &str, namespace: &str| {
        format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: b{namespace}}}\n")
    };
    let in_prod = head("RoleBinding", ", namespace: prod");
    let group = "apiGroup: rbac.authorization.k8s.io, kind: Group";
    let rows = [
        // Binding, role's kind, subjects; the kind of the role that is found, and the namespace of the grant.
        (
            in_prod.clone(),
            "Role",
            sa.to_owned(),
            Some((Some("Role"), Some("prod"))),
        ),
        (
            in_prod.clone(),
            "ClusterRole",
            sa.to_owned(),
            Some((Some("ClusterRole"), Some("prod"))),
        ),
        (
            head("ClusterRoleBinding", ""),
            "ClusterRole",
            sa.to_owned(),
            Some((Some("ClusterRole"), None)),
        ),
        // A Role of another namespace is not found there.
        (
            head("RoleBinding", ""),
            "Role",
            sa.to_owned(),
            Some((None, Some("default"))),
        ),
        (
            in_prod.clone(),
            "Role",
            "subjects: [{kind: ServiceAccount, name: other, namespace: prod}]".to_owned(),
            None,
        ),
        (
            in_prod.clone(),
            "Role",
            "subjects: [{kind: ServiceAccount, name: job, namespace: test}]".to_owned(),
            None,
        ),
        (
            in_prod.clone(),
            "Role",
            "subjects: [{kind: ServiceAccount, name: job}]".to_owned(),
            Some((Some("Role"), Some("prod"))),
        ),
        (
            in_prod.clone(),
            "Role",
            format!("subjects: [{{{group}, name: 'system:serviceaccounts:prod'}}]"),
            Some((Some("Role"), Some("prod"))),
        ),
        (
            in_prod.clone(),
            "Role",
            "subjects: [{kind: User, name: 'system:serviceaccount:prod:job'}]".to_owned(),
            Some((Some("Role"), Some("prod"))),
        ),
        (
            in_prod,
            "Role",
            format!("subjects: [{{{group}, name: 'system:serviceaccounts:test'}}]"),
            None,
        ),
    ];
    for (head, kind, subjects, expected) in rows {
        let binding = format!(
            "{head}roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: minter}}\n{subjects}\n"
        );
        let inventory = bound(&binding);
        let found: Vec<_> = inventory
            .grants_of("prod", "job")
            .map(|grant| (grant.role.map(|role| role.object.kind.as_str()), grant.namespace))
            .collect();
        assert_eq!(found.first().copied(), expected, "{binding}");
        let Some((Some(_), _)) = expected else { continue };
        let role = inventory.grants_of("prod", "job").next().unwrap().role.unwrap();
        assert_eq!(inventory.bindings_of(&role.object).count(), 1, "{binding}");
    }
}
