// SPDX-License-Identifier: Apache-2.0
//! # WW506 scope-wider-than-needed
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds Roles and ClusterRoles that allow more than their holders do, or less than their text says, and tokens that are
//! minted for everything.
//!
//! - `create` together with `resourceNames`: a POST has no name when it is authorised, so that the rule allows none. An
//!   error where a script of a holder needs it. The same with `list` where a script lists; and with `deletecollection`.
//! - `get`, `update`, `patch` or `delete` of every Secret, or every verb or resource, where the scripts of all holders are
//!   known and touch Secrets by known names alone.
//! - Verbs on named Secrets that no holder's script uses (worth knowing).
//! - A script that mints an access token of Gitea or Forgejo with the scope `all`, or one of GitLab with `sudo`.
//!
//! What a holder needs is read from its commands, not guessed: a Role is only judged when all who have it are
//! ServiceAccounts whose pods are among the inputs, and every command of these is known. Controllers and programs that talk
//! to the API server themselves are never judged. Server-side apply, which has a name, may create by it.
//!
//! ## Why is this bad
//!
//! A Role without names lets a bootstrap Job, and whoever gets hold of its token, read every password of the namespace. A
//! token with the scope `all` may do whatever the user may who minted it, and that is often the administrator. A Role that
//! seems to limit `create` by name does not work, and is made to work by taking the names away.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: Role
//! metadata: {name: minter}
//! rules:
//!   - apiGroups: [""]
//!     resources: [secrets]
//!     resourceNames: [gitea-token]
//!     verbs: [get, create, patch]
//! ```
//!
//! ## Use instead
//!
//! `create` in a rule of its own, without names; or no `create`, and a Secret that the chart makes.
//!
//! ```yaml
//! apiVersion: rbac.authorization.k8s.io/v1
//! kind: Role
//! metadata: {name: minter}
//! rules:
//!   - apiGroups: [""]
//!     resources: [secrets]
//!     resourceNames: [gitea-token]
//!     verbs: [get, patch]
//!   - apiGroups: [""]
//!     resources: [secrets]
//!     verbs: [create]
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Using RBAC Authorization", "Referring to resources"
//! - Kubernetes: pkg/apis/rbac/v1/evaluation_helpers.go, ResourceNameMatches
//! - Gitea: models/auth/access_token_scope.go, AccessTokenScopeAll; GitLab: "Personal access tokens", scopes
//! - Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go, createAuthorizerAttributes: apply has a name

use std::collections::BTreeSet;

use writeway_manifest::{Declared, PolicyRule, RbacRole, Span, Spanned, Which, Workload};

use crate::evidence::commands::Invocation;
use crate::evidence::hooks::listed;
use crate::evidence::http_request::HttpRequest;
use crate::evidence::minting::mints;
use crate::evidence::secret_requests::{SecretRequest, secret_requests};
use crate::rule::ObjectContext;
use crate::{Confidence, Finding, Rule, Severity};

pub(super) static RULE: Rule = Rule::of_object(include_str!("ww506_scope_wider_than_needed.rs"), run);

const RBAC: &str = "rbac.authorization.k8s.io";

/// Verbs whose requests have no name, which a rule with names can so not allow.
const NAMELESS: &[&str] = &["create", "deletecollection"];

/// Verbs that names limit.
const NAMED: &[&str] = &["delete", "get", "patch", "update"];

fn run(context: &ObjectContext<'_>) -> Vec<Finding> {
    let object = &context.object.object;
    if object.group() != RBAC {
        return minted(context);
    }
    if !matches!(object.kind.as_str(), "Role" | "ClusterRole") {
        return Vec::new();
    }
    let role = context
        .inventory()
        .rbac_role(object)
        .filter(|role| !role.aggregated);
    role.map_or_else(Vec::new, |role| judge(context, role))
}

fn judge(context: &ObjectContext<'_>, role: &Declared<RbacRole>) -> Vec<Finding> {
    let holders = holders(context, role);
    let rules = role.rules.iter();
    let found = rules.filter_map(|rule| {
        nameless(context, role, rule, holders.as_deref()).or_else(|| {
            let holders = holders.as_deref()?;
            too_wide(context, role, rule, holders).or_else(|| unused(context, role, rule, holders))
        })
    });
    found.collect()
}

/// A workload that has the role, with what its commands ask about Secrets where the role counts.
struct Holder<'a> {
    workload: &'a Workload,
    requests: Vec<SecretRequest>,
}

/// Everybody who has the role; `None` when somebody, or something that they do, is not known, and when nobody has it.
fn holders<'a>(context: &ObjectContext<'a>, role: &Declared<RbacRole>) -> Option<Vec<Holder<'a>>> {
    let inventory = context.inventory();
    let mut holders = Vec::new();
    for binding in inventory.bindings_of(&role.object) {
        let everywhere = binding.object.kind == "ClusterRoleBinding";
        let counts_in = binding.object.effective_namespace();
        for subject in &binding.subjects {
            let namespace = subject
                .namespace
                .as_ref()
                .filter(|_| subject.kind.value == "ServiceAccount")?;
            let users = inventory.users_of_service_account(Some(namespace), &subject.name);
            if users.is_empty() {
                return None;
            }
            for used in users {
                let workload = inventory.workloads().get(used.workload)?;
                let own = workload.object.effective_namespace();
                let mut requests = requests_of(context, workload)?;
                requests
                    .retain(|request| everywhere || request.namespace.as_deref().unwrap_or(own) == counts_in);
                holders.push(Holder { workload, requests });
            }
        }
    }
    (!holders.is_empty()).then_some(holders)
}

/// What the containers of a workload ask about Secrets; `None` where that is not known.
fn requests_of(context: &ObjectContext<'_>, workload: &Workload) -> Option<Vec<SecretRequest>> {
    let mut requests = Vec::new();
    for container in workload.pod.containers(Which::Regular) {
        let found = context.commands_of(workload, container);
        // The image's own program runs, or something that cannot be read.
        if found.is_empty() || workload.by_shape {
            return None;
        }
        requests.extend(secret_requests(found)?);
    }
    Some(requests)
}

fn finding(
    context: &ObjectContext<'_>,
    role: &Declared<RbacRole>,
    message: String,
    span: Span,
    label: &str,
) -> Finding {
    Finding::about(&RULE, Some(&role.object), message, context.place(span), label)
}

fn shown(role: &Declared<RbacRole>) -> String {
    format!("{} `{}`", role.object.kind, role.object.name)
}

/// Who has the role, for a sentence.
fn who(holders: &[Holder<'_>]) -> String {
    let names: BTreeSet<_> = holders
        .iter()
        .map(|holder| {
            format!(
                "{} `{}`",
                holder.workload.object.kind, holder.workload.object.name
            )
        })
        .collect();
    listed(names.iter().map(String::as_str))
}

/// Verbs without a name in a rule with names.
fn nameless(
    context: &ObjectContext<'_>,
    role: &Declared<RbacRole>,
    rule: &PolicyRule,
    holders: Option<&[Holder<'_>]>,
) -> Option<Finding> {
    let names = rule.resource_names.first()?;
    // Requests for sub-resources have the name of what they belong to: `pods/exec`.
    let resource = rule
        .resources
        .iter()
        .find(|resource| !resource.contains(['/', '*']))?;
    let listing = || requests(holders).any(|(_, request)| request.verb == "list" && request.name.is_none());
    let verb = rule.verbs.iter().find(|verb| {
        NAMELESS.contains(&verb.as_str())
            || (verb.value == "list" && resource.value == "secrets" && listing())
    })?;
    let group = rule.api_groups.first()?;
    let allowed = |other: &PolicyRule| other.allows(group, resource, verb, "");
    let by_name = requests(holders).any(|(_, request)| request.verb == verb.value && request.name.is_some());
    if role.rules.iter().any(allowed) || by_name {
        return None;
    }
    let needs = requests(holders)
        .find(|(_, request)| {
            resource.value == "secrets" && request.verb == verb.value && request.name.is_none()
        })
        .filter(|(workload, _)| !is_allowed_elsewhere(context, workload, &allowed));
    let (verb_text, label) = (&verb.value, "never allowed by a rule with names");
    let why = match verb_text.as_str() {
        "create" => {
            "a request to create has its name in its body, which is not read when it is authorised".to_owned()
        }
        _ => format!("a request to `{verb_text}` is about all objects, and has no name"),
    };
    let found = match needs {
        Some((workload, request)) => finding(
            context,
            role,
            format!(
                "`{}` of {} `{}` is forbidden: `{verb_text}` cannot be limited by name",
                request.what, workload.object.kind, workload.object.name
            ),
            verb.span,
            label,
        )
        .with_severity(Severity::Error)
        .with_confidence(Confidence::High)
        .related(request.place, "needs it"),
        None => finding(
            context,
            role,
            format!(
                "`{verb_text}` in {} allows nothing: it cannot be limited by name, as `resourceNames` says",
                shown(role)
            ),
            verb.span,
            label,
        ),
    };
    let help = match verb_text.as_str() {
        "create" => {
            "give `create` a rule of its own, without names, or leave it away and let the chart make the object"
        }
        _ => "give it a rule of its own, without names, or leave it away",
    };
    Some(
        found
            .related(context.place(names.span), "limits the rule to this name")
            .because([why])
            .with_help(help),
    )
}

fn requests<'h>(
    holders: Option<&'h [Holder<'h>]>,
) -> impl Iterator<Item = (&'h Workload, &'h SecretRequest)> {
    holders.into_iter().flatten().flat_map(|holder| {
        let requests = holder.requests.iter();
        requests.map(|request| (holder.workload, request))
    })
}

/// Whether another role of the workload's ServiceAccount allows it.
fn is_allowed_elsewhere(
    context: &ObjectContext<'_>,
    workload: &Workload,
    allowed: &impl Fn(&PolicyRule) -> bool,
) -> bool {
    let Some(account) = &workload.pod.service_account_name else {
        return true;
    };
    let mut grants = context
        .inventory()
        .grants_of(workload.object.effective_namespace(), account);
    // A role that is not among the inputs may allow it.
    grants.any(|grant| grant.role.is_none_or(|role| role.rules.iter().any(allowed)))
}

/// Every Secret, or everything, for who touches some by name.
fn too_wide(
    context: &ObjectContext<'_>,
    role: &Declared<RbacRole>,
    rule: &PolicyRule,
    holders: &[Holder<'_>],
) -> Option<Finding> {
    let touched: BTreeSet<_> = requests(Some(holders))
        .map(|(_, request)| request.name.as_deref())
        .collect();
    let names: Vec<_> = touched.iter().flatten().map(|name| format!("`{name}`")).collect();
    let lists = requests(Some(holders)).any(|(_, request)| request.verb == "list");
    let who = who(holders);
    let does = if names.is_empty() {
        "which touches no Secret".to_owned()
    } else {
        format!("which touches {} alone", listed(names.iter().map(String::as_str)))
    };
    let everything = star(&rule.verbs).or(star(&rule.resources));
    if let Some(everything) = everything {
        let what = if star(&rule.verbs).is_some() {
            "every verb"
        } else {
            "every resource"
        };
        let found = finding(
            context,
            role,
            format!("{} allows {who} {what}", shown(role)),
            everything.span,
            "more than its scripts do",
        )
        .with_help("name what the scripts need: they are all known");
        return Some(found);
    }
    let secrets = rule
        .resources
        .iter()
        .find(|resource| resource.value == "secrets")?;
    let verbs: Vec<_> = NAMED
        .iter()
        .filter(|verb| rule.covers("", "secrets", verb))
        .copied()
        .collect();
    if !rule.resource_names.is_empty() || verbs.is_empty() || lists {
        return None;
    }
    let scope = if role.object.kind == "ClusterRole"
        && context
            .inventory()
            .bindings_of(&role.object)
            .any(|binding| binding.object.kind == "ClusterRoleBinding")
    {
        "the cluster"
    } else {
        "the namespace"
    };
    let found = finding(
        context,
        role,
        format!(
            "{} allows {who}, {does}, to {} every Secret of {scope}",
            shown(role),
            listed(verbs.iter().copied())
        ),
        secrets.span,
        "of every name",
    );
    let help = match names.is_empty() {
        true => "leave the rule away".to_owned(),
        false => {
            let create = if rule.covers("", "secrets", "create") {
                "; `create`, which cannot be limited by name, needs a rule of its own"
            } else {
                ""
            };
            format!(
                "add `resourceNames` with {}{create}",
                listed(names.iter().map(String::as_str))
            )
        }
    };
    Some(found.with_help(help))
}

fn star(list: &[Spanned<String>]) -> Option<&Spanned<String>> {
    list.iter().find(|entry| entry.value == "*")
}

/// Verbs on named Secrets that nobody uses.
fn unused(
    context: &ObjectContext<'_>,
    role: &Declared<RbacRole>,
    rule: &PolicyRule,
    holders: &[Holder<'_>],
) -> Option<Finding> {
    let only_secrets = rule.resources.iter().all(|resource| resource.value == "secrets");
    if rule.resource_names.is_empty() || rule.resources.is_empty() || !only_secrets {
        return None;
    }
    let of_rule = |request: &SecretRequest| {
        let mut names = rule.resource_names.iter();
        names.any(|name| request.name.as_ref() == Some(&name.value))
    };
    let used: BTreeSet<_> = requests(Some(holders))
        .filter(|(_, request)| of_rule(request))
        .map(|(_, request)| request.verb)
        .collect();
    let unused: Vec<_> = rule
        .verbs
        .iter()
        .filter(|verb| NAMED.contains(&verb.as_str()) && !used.contains(verb.as_str()))
        .collect();
    let first = unused.first()?;
    let verbs: Vec<_> = unused.iter().map(|verb| format!("`{}`", verb.value)).collect();
    let verbs = listed(verbs.iter().map(String::as_str));
    let found = finding(
        context,
        role,
        format!(
            "{} allows {} to {verbs} Secrets, which none of its commands does",
            shown(role),
            who(holders)
        ),
        first.span,
        "not used",
    )
    .with_severity(Severity::Info)
    .with_help(format!("leave {verbs} away"));
    Some(found)
}

/// Scopes of servers that are the whole of what the token's user may.
const WHOLE: &[(&str, &str)] = &[("Gitea", "all"), ("GitLab", "sudo")];

/// Tokens that a workload mints with the widest scope.
fn minted(context: &ObjectContext<'_>) -> Vec<Finding> {
    let object = &context.object.object;
    let found = context.inventory().workload_at(context.place(object.span));
    let Some(workload) = found.filter(|workload| workload.object.span == object.span) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for container in workload.pod.containers(Which::Regular) {
        for mint in mints(context.commands_of(workload, container)) {
            let widest = WHOLE
                .iter()
                .find(|(server, scope)| *server == mint.server && asks_for(mint.command, scope));
            let Some((server, scope)) = widest else { continue };
            let message = format!(
                "container `{}` mints a token of {server} with the scope `{scope}`",
                container.name.value
            );
            let mut found = Finding::about(
                &RULE,
                Some(object),
                message,
                mint.command.place,
                "may do whatever the user may who mints it",
            )
            .with_confidence(Confidence::High)
            .with_help(
                "name the scopes that the token is for, such as `read:repository`, and mint it for a user of its own",
            );
            found.subject.container = Some(container.name.value.clone());
            findings.push(found);
        }
    }
    findings
}

/// Whether a request, or a program that mints, asks for a scope.
fn asks_for(command: &Invocation, scope: &str) -> bool {
    let Some(request) = HttpRequest::of(command) else {
        let texts: Vec<_> = command.texts().collect();
        let attached = format!("--scopes={scope}");
        return texts.contains(&attached.as_str()) || texts.windows(2).any(|two| two == ["--scopes", scope]);
    };
    request.bodies.iter().any(|body| {
        let Some((_, behind)) = body.text().split_once("scopes") else {
            return false;
        };
        // A list of JSON or of a form, up to its end. Scopes have colons in them: `read:repository`.
        let list = behind.trim_start_matches(['"', ':', ' ']);
        let list = list.split([']', '}', '&']).next().unwrap_or_default();
        let mut words =
            list.split(|character: char| !(character.is_ascii_alphanumeric() || character == ':'));
        words.any(|word| word == scope)
    })
}
