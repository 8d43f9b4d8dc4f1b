// SPDX-License-Identifier: Apache-2.0
//! # WW509 permissions-of-hook-deleted
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds pods whose ServiceAccount, Role or binding is a hook of Helm that is deleted while they need it.
//!
//! - A workload that is no hook, with a ServiceAccount that is one: with `hook-succeeded` its pods cannot be created (error);
//!   without, every upgrade revokes the tokens of its pods (warning).
//! - A hook at an event at which its ServiceAccount, Role or binding is no hook, and `hook-succeeded` has deleted it (error).
//! - A Job that may go on when Helm has given up waiting for it, with a ServiceAccount, Role or binding that Helm then
//!   deletes: a warning where the Job writes Secrets, else worth knowing. A Job with `hook-failed` is deleted too, and one
//!   with an `activeDeadlineSeconds` below Helm's timeout (5 min, unless a HelmRelease of the inputs says otherwise) has
//!   ended by then.
//!
//! ## Why is this bad
//!
//! When a hook fails or is not ready in time, Helm deletes the hooks before it that have `hook-succeeded`. The Job stays,
//! and its pods try again: what needs no permission (minting a token) works each time, and what needs one (storing it)
//! fails each time. Nobody finds the tokens.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: v1
//! kind: ServiceAccount
//! metadata:
//!   name: minter
//!   annotations:
//!     helm.sh/hook: pre-install,pre-upgrade
//!     helm.sh/hook-weight: "5"
//!     helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: mint
//!   annotations:
//!     helm.sh/hook: pre-install,pre-upgrade
//!     helm.sh/hook-weight: "10"
//!     helm.sh/hook-delete-policy: before-hook-creation
//! spec:
//!   template:
//!     spec:
//!       serviceAccountName: minter
//!       restartPolicy: OnFailure
//!       containers:
//!         - name: mint
//!           image: docker.io/alpine/k8s:1.36.0
//!           command: [sh, -c, "mint > /tmp/token && kubectl patch secret token --patch-file /tmp/token"]
//! ```
//!
//! ## Use instead
//!
//! A ServiceAccount that stays, as a part of the release or a hook with `before-hook-creation` alone, and a Job that ends
//! by itself before Helm gives up.
//!
//! ```yaml
//! apiVersion: v1
//! kind: ServiceAccount
//! metadata:
//!   name: minter
//!   annotations:
//!     helm.sh/hook: pre-install,pre-upgrade
//!     helm.sh/hook-weight: "5"
//!     helm.sh/hook-delete-policy: before-hook-creation
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: mint
//!   annotations:
//!     helm.sh/hook: pre-install,pre-upgrade
//!     helm.sh/hook-weight: "10"
//!     helm.sh/hook-delete-policy: before-hook-creation
//! spec:
//!   activeDeadlineSeconds: 240
//!   template:
//!     spec:
//!       serviceAccountName: minter
//!       restartPolicy: OnFailure
//!       containers:
//!         - name: mint
//!           image: docker.io/alpine/k8s:1.36.0
//!           command: [sh, -c, "mint > /tmp/token && kubectl patch secret token --patch-file /tmp/token"]
//! ```
//!
//! ## References
//!
//! - Helm: pkg/action/hooks.go, execHook; helm#10279, helm#30673 and helm#30764: earlier hooks are deleted on failure
//! - Kubernetes: plugin/pkg/admission/serviceaccount: a pod needs its ServiceAccount to be created
//! - Kubernetes: pkg/serviceaccount/claims.go: a token is for the ServiceAccount with that UID

use std::collections::BTreeSet;
use std::time::Duration;

use writeway_manifest::{HelmHook, HelmRelease, HookDeletePolicy, Inventory, Spanned, Which, Workload};

use crate::evidence::hooks::{Hooked, listed};
use crate::evidence::secret_writes::secret_writes;
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww509_permissions_of_hook_deleted.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let found = judge(context);
    found.into_iter().collect()
}

fn judge(context: &RuleContext<'_>) -> Option<Finding> {
    let workload = context.workload;
    let inventory = context.access.inventory;
    let account = workload
        .pod
        .service_account_name
        .as_ref()
        .filter(|name| !name.is_empty() && !workload.by_shape)?;
    let parts = parts(inventory, workload, account);
    match inventory.metadata(&workload.object)?.helm_hook() {
        None => {
            let own = parts.iter().find(|part| is_account(part))?;
            stays(context, account, own)
        }
        Some(hook) => {
            gone(context, account, &hook, &parts).or_else(|| outlasts(context, account, &hook, &parts))
        }
    }
}

/// The hooks that a pod's permissions are made of.
fn parts<'a>(inventory: &'a Inventory, workload: &'a Workload, account: &str) -> Vec<Hooked<'a>> {
    let namespace = workload.object.effective_namespace();
    let own = inventory.service_account(Some(namespace), account);
    let mut objects: Vec<_> = own.map(|own| &own.object).into_iter().collect();
    for grant in inventory.grants_of(namespace, account) {
        objects.push(&grant.binding.object);
        objects.extend(grant.role.map(|role| &role.object));
    }
    let mut seen = BTreeSet::new();
    objects
        .into_iter()
        .filter(|object| seen.insert((object.file, object.span)))
        .filter_map(|object| Hooked::of(inventory, object))
        .collect()
}

fn is_account(part: &Hooked<'_>) -> bool {
    part.object.kind == "ServiceAccount"
}

fn about(context: &RuleContext<'_>, account: &Spanned<String>, message: String, label: &str) -> Finding {
    Finding::new(&RULE, context.workload, message, account.span, label)
}

/// A workload that is no hook, whose ServiceAccount is one.
fn stays(context: &RuleContext<'_>, account: &Spanned<String>, own: &Hooked<'_>) -> Option<Finding> {
    let workload = context.workload;
    let name = format!("{} `{}`", workload.object.kind, workload.object.name);
    let help = format!(
        "make {} a part of the release: take its hook annotations away",
        own.shown()
    );
    if own.deleted_at_the_end() {
        let message = format!(
            "the pods of {name} cannot be created: {} is deleted by then",
            own.shown()
        );
        let found = about(context, account, message, "does not exist when a pod is created")
            .with_severity(Severity::Error)
            .related(
                own.policy_place(),
                format!("deleted when the hooks of {} have run", own.events()),
            )
            .because([format!(
                "{name} is no hook: it is made, and its pods are replaced, when none runs"
            )])
            .with_help(help);
        return Some(found);
    }
    if !own.replaced_by_upgrades() || !mounts_token(context) {
        return None;
    }
    let message = format!(
        "each upgrade revokes the tokens of the pods of {name}: {} is made anew",
        own.shown()
    );
    let found = about(context, account, message, "a new one with each upgrade")
        .with_confidence(Confidence::Medium)
        .related(own.policy_place(), "deleted and made anew by each upgrade")
        .because([
            "a token is good for the ServiceAccount with that UID, not for the next one of its name"
                .to_owned(),
            "kubelet asks for a new token when 80 % of the life of the old one, an hour, are over".to_owned(),
            format!("pods of {name} that the upgrade does not replace are refused until then"),
        ])
        .with_help(help);
    Some(found)
}

/// Whether the pod has a token by default. The pod's own field wins
/// (plugin/pkg/admission/serviceaccount, shouldAutomount).
fn mounts_token(context: &RuleContext<'_>) -> bool {
    let workload = context.workload;
    let pod = &workload.pod;
    let namespace = workload.object.namespace.as_deref();
    let of_account = || {
        let account = context
            .access
            .inventory
            .service_account(namespace, pod.service_account_name.as_ref()?)?;
        account.automount_token.as_ref().map(|token| token.value)
    };
    let written = pod.automount_service_account_token.as_ref();
    written
        .map(|token| token.value)
        .or_else(of_account)
        .unwrap_or(true)
}

/// A hook at an event at which its permissions are deleted already.
fn gone(
    context: &RuleContext<'_>,
    account: &Spanned<String>,
    hook: &HelmHook,
    parts: &[Hooked<'_>],
) -> Option<Finding> {
    let (event, part) = hook.events.iter().find_map(|event| {
        let part = parts
            .iter()
            .find(|part| part.deleted_at_the_end() && !part.hook.runs_at(*event))?;
        Some((event.as_str(), part))
    })?;
    let name = format!(
        "{} `{}`",
        context.workload.object.kind, context.workload.object.name
    );
    let (what, label) = if is_account(part) {
        ("cannot be created".to_owned(), "does not exist then")
    } else {
        (
            format!("lack the permissions of {}", part.shown()),
            "has lost permissions by then",
        )
    };
    let message = format!(
        "the pods of {name} {what} at {event}: {} is made and deleted at {} only",
        part.shown(),
        part.events()
    );
    let found = about(context, account, message, label)
        .with_severity(Severity::Error)
        .related(
            part.policy_place(),
            format!("deleted when the hooks of {} have run", part.events()),
        )
        .with_help(format!(
            "take `hook-succeeded` from {}, or make it a hook of {event} too",
            part.shown()
        ));
    Some(found)
}

/// A Job that goes on when Helm has given up and deleted what it needs.
fn outlasts(
    context: &RuleContext<'_>,
    account: &Spanned<String>,
    hook: &HelmHook,
    parts: &[Hooked<'_>],
) -> Option<Finding> {
    let workload = context.workload;
    let job = workload
        .job
        .as_ref()
        .filter(|_| workload.object.kind == "Job" && !hook.is_deleted(HookDeletePolicy::HookFailed))?;
    let deadline = outlives_helm(context, job.active_deadline_seconds.as_ref())?;
    let lost: Vec<_> = parts
        .iter()
        .filter(|part| {
            let together = hook.events.iter().any(|event| part.hook.runs_at(*event));
            part.deleted_at_the_end() && together && part.hook.weight <= hook.weight
        })
        .collect();
    if lost.is_empty() || job.suspend.is_some_and(|suspend| suspend.value) {
        return None;
    }
    let writes = workload.pod.containers(Which::Regular).any(|container| {
        let found = context.commands(container);
        !secret_writes(found, workload, container).is_empty()
    });
    let names: Vec<_> = lost.iter().map(|part| part.shown()).collect();
    let message = format!(
        "Job `{}` goes on without permissions when Helm gives up waiting for it",
        workload.object.name
    );
    let mut found = about(
        context,
        account,
        message,
        "loses its permissions while it may still run",
    )
    .with_severity(if writes { Severity::Warning } else { Severity::Info })
    .with_confidence(Confidence::Medium);
    for part in &lost {
        let label = format!("{} is deleted when a hook behind it fails", part.shown());
        found = found.related(part.policy_place(), label);
    }
    let found = found
        .because([
            format!(
                "when the Job is not ready in time, Helm deletes {}, which have succeeded",
                listed(names.iter().map(String::as_str))
            ),
            "it leaves the Job, which has no `hook-failed`".to_owned(),
            deadline,
        ])
        .with_help(
            "leave `hook-succeeded` away on all but the Job, and give the Job an `activeDeadlineSeconds` below Helm's timeout",
        );
    Some(found)
}

/// Why a Job may still run when Helm gives up; `None` when it has ended by then.
fn outlives_helm(context: &RuleContext<'_>, deadline: Option<&Spanned<i64>>) -> Option<String> {
    let Some(deadline) = deadline else {
        return Some("it has no `activeDeadlineSeconds`, so that its pods go on trying".to_owned());
    };
    let releases = context.access.inventory.helm_releases().iter();
    let timeouts = releases.flat_map(|release| {
        let actions = [&release.install, &release.upgrade];
        actions.map(|action| release.timeout_of(action).0)
    });
    // Which release it belongs to is not known: the most patient one counts.
    let timeout = timeouts.max().unwrap_or(HelmRelease::DEFAULT_TIMEOUT);
    let longest = Duration::from_secs(u64::try_from(deadline.value).unwrap_or(0));
    (longest > timeout).then(|| {
        format!(
            "its `activeDeadlineSeconds` of {} s are more than the {} s that Helm waits",
            deadline.value,
            timeout.as_secs()
        )
    })
}
