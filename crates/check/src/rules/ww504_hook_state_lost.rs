// SPDX-License-Identifier: Apache-2.0
//! # WW504 hook-state-lost
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds Secrets, ConfigMaps and claims that are hooks of Helm, whose content Helm deletes while somebody fills or reads
//! them.
//!
//! - A Secret that a script of the inputs writes: with `before-hook-creation`, which is also what Helm does without a
//!   policy, every upgrade makes it anew with what the chart says; with `hook-succeeded` it is gone as soon as the hooks have
//!   run.
//! - With `hook-succeeded`, a Secret, ConfigMap or claim that a workload needs which is no hook: its pods never start.
//! - With `before-hook-creation`, a claim that a workload mounts which is no hook; and (a warning) a Secret without values
//!   that such a workload reads, as somebody has to fill it.
//!
//! Hooks of `pre-install` and `post-install` alone are not touched by upgrades; where Argo CD deploys the chart, they are
//! made anew by every sync, and count. What only hooks hand to each other is left out, and so is an object of which the
//! inputs have a second one that is no hook.
//!
//! ## Why is this bad
//!
//! A token that a Job has minted is in no chart: the upgrade that blanks its Secret takes the only copy. Whatever reads the
//! Secret before the Job has minted another one reads an empty token; when the Job fails, everybody does, and the token
//! before is still valid and in nobody's hands. `helm.sh/resource-policy: keep` does nothing about it: Helm reads that of
//! objects that are no hooks.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: v1
//! kind: Secret
//! metadata:
//!   name: gitea-token
//!   annotations:
//!     helm.sh/hook: pre-install,pre-upgrade
//!     helm.sh/hook-delete-policy: before-hook-creation
//!     helm.sh/resource-policy: keep
//! stringData:
//!   token: ""
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: mint
//!   annotations:
//!     helm.sh/hook: pre-install,pre-upgrade
//!     helm.sh/hook-weight: "5"
//! spec:
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: mint
//!           image: docker.io/alpine/k8s:1.36.0
//!           command: [sh, -c, "kubectl patch secret gitea-token --patch-file /work/patch.json"]
//! ```
//!
//! ## Use instead
//!
//! No hook, and no Secret in the chart: the Job makes it when there is none.
//!
//! ```yaml
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: mint
//!   annotations:
//!     helm.sh/hook: pre-install,pre-upgrade
//!     helm.sh/hook-weight: "5"
//! spec:
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: mint
//!           image: docker.io/alpine/k8s:1.36.0
//!           command:
//!             - sh
//!             - -c
//!             - kubectl get secret gitea-token || kubectl create secret generic gitea-token --from-file=/work/token
//! ```
//!
//! ## References
//!
//! - Helm: pkg/action/hooks.go, execHook, hookSetDeletePolicy and deleteHookByPolicy; pkg/action/resource_policy.go
//! - Helm: "Chart Hooks", "Hook resources are not managed with corresponding releases"
//! - Kubernetes: "Storage Object in Use Protection" (claims)

use writeway_manifest::{
    EnvFromSource, EnvSource, HookDeletePolicy, Place, ProjectedSource, Use, Via, VolumeSource, Which,
    Workload,
};

use crate::evidence::argo::{DeployedByArgo, deployed_by_argo};
use crate::evidence::hooks::Hooked;
use crate::rule::ObjectContext;
use crate::{Confidence, Finding, Rule, Severity};

pub(super) static RULE: Rule = Rule::of_object(include_str!("ww504_hook_state_lost.rs"), run);

/// Helm does not look at it on hooks.
const RESOURCE_POLICY: &str = "helm.sh/resource-policy";

fn run(context: &ObjectContext<'_>) -> Vec<Finding> {
    judge(context).into_iter().collect()
}

/// When Helm, or Argo CD, deletes the object.
enum Deleted {
    /// When the hooks of its event have run.
    AtTheEnd,
    /// Before each upgrade makes it anew.
    EachUpgrade,
    /// Before each sync of Argo CD, which is shown to deploy it, makes it anew.
    EachSync(DeployedByArgo),
}

impl Deleted {
    /// What makes it anew, for a sentence.
    fn each(&self) -> &'static str {
        match self {
            Self::AtTheEnd | Self::EachUpgrade => "upgrade",
            Self::EachSync(_) => "sync",
        }
    }
}

/// Somebody who fills the object.
struct Writer<'a> {
    workload: &'a Workload,
    place: Place,
    verb: String,
}

fn judge(context: &ObjectContext<'_>) -> Option<Finding> {
    let object = &context.object.object;
    if !object.group().is_empty()
        || !matches!(
            object.kind.as_str(),
            "Secret" | "ConfigMap" | "PersistentVolumeClaim"
        )
    {
        return None;
    }
    let hooked = Hooked::of(context.inventory(), object)?;
    let deleted = deleted(context, &hooked)?;
    if let Some(writer) = writer(context) {
        return lost(context, &hooked, &deleted, &writer);
    }
    let (workload, needed) = reader(context)?;
    let name = format!("{} `{}`", workload.object.kind, workload.object.name);
    let reads = Place {
        file: workload.object.file,
        span: needed.span,
    };
    let claim = object.kind == "PersistentVolumeClaim";
    let each = deleted.each();
    let (message, label, severity, confidence) = match &deleted {
        Deleted::AtTheEnd => (
            format!(
                "{name} needs {}, which Helm deletes when the hooks have run",
                hooked.shown()
            ),
            "needs what is gone by then",
            Severity::Error,
            Confidence::High,
        ),
        _ if claim => (
            format!(
                "every {each} deletes {} with its data, or waits for {name} to let go of it",
                hooked.shown()
            ),
            "keeps its data there",
            Severity::Error,
            Confidence::High,
        ),
        _ if is_blank(context) => (
            format!("every {each} empties {}, which {name} reads", hooked.shown()),
            "reads what somebody has to fill",
            Severity::Warning,
            Confidence::Medium,
        ),
        _ => return None,
    };
    let found = finding(&hooked, &deleted, message, confidence)
        .with_severity(severity)
        .related(reads, label);
    Some(with_policy(context, found))
}

/// When the object is deleted, the worse of the two ways first.
fn deleted(context: &ObjectContext<'_>, hooked: &Hooked<'_>) -> Option<Deleted> {
    use writeway_manifest::HookEvent::{PostInstall, PostUpgrade, PreInstall, PreUpgrade};
    let of_a_release = [PreInstall, PostInstall, PreUpgrade, PostUpgrade]
        .into_iter()
        .any(|event| hooked.hook.runs_at(event));
    if !of_a_release {
        return None;
    }
    if hooked.deleted_at_the_end() {
        return Some(Deleted::AtTheEnd);
    }
    if hooked.replaced_by_upgrades() {
        return Some(Deleted::EachUpgrade);
    }
    let again = hooked.hook.is_deleted(HookDeletePolicy::BeforeHookCreation);
    let shown = deployed_by_argo(context.inventory(), context.object).filter(|_| again)?;
    Some(Deleted::EachSync(shown))
}

/// A Secret that is written: what was written is lost.
fn lost(
    context: &ObjectContext<'_>,
    hooked: &Hooked<'_>,
    deleted: &Deleted,
    writer: &Writer<'_>,
) -> Option<Finding> {
    let name = format!(
        "{} `{}`",
        writer.workload.object.kind, writer.workload.object.name
    );
    let each = deleted.each();
    let (message, confidence) = match deleted {
        Deleted::EachUpgrade | Deleted::EachSync(_) => (
            format!(
                "every {each} blanks {}: what {name} writes into it is lost",
                hooked.shown()
            ),
            Confidence::High,
        ),
        Deleted::AtTheEnd => {
            let readers = users(context);
            // One hook fills it for another: that is what hooks are for.
            if !readers.is_empty() && reader(context).is_none() {
                return None;
            }
            let confidence = if readers.is_empty() {
                Confidence::Medium
            } else {
                Confidence::High
            };
            (
                format!(
                    "{} is deleted when the hooks have run: what {name} writes into it is lost",
                    hooked.shown()
                ),
                confidence,
            )
        }
    };
    let mut found = finding(hooked, deleted, message, confidence)
        .related(writer.place, format!("`{}` fills it", writer.verb));
    if let Some((workload, needed)) = reader(context) {
        let place = Place {
            file: workload.object.file,
            span: needed.span,
        };
        found = found.related(
            place,
            format!("{} `{}` reads it", workload.object.kind, workload.object.name),
        );
    }
    Some(with_policy(context, found))
}

fn finding(hooked: &Hooked<'_>, deleted: &Deleted, message: String, confidence: Confidence) -> Finding {
    let place = hooked.policy_place();
    let events = hooked.events();
    let written = hooked.hook.written_policies.is_some();
    let each = deleted.each();
    let label = match deleted {
        Deleted::AtTheEnd => format!("deleted when the hooks of {events} have run"),
        _ if written => format!("deleted and made anew by every {each}"),
        _ => format!("a hook without a policy is deleted and made anew by every {each}"),
    };
    let found = Finding::about(&RULE, Some(hooked.object), message, place, label)
        .because([format!(
            "{} is a hook of {events}, so that it is no part of the release",
            hooked.shown()
        )])
        .with_help(format!(
            "take the hook annotations from {}, or let a Job make it when there is none",
            hooked.shown()
        ));
    match deleted {
        Deleted::EachSync(shown) => found
            .with_confidence(confidence.max(shown.confidence))
            .related(shown.place, shown.label.clone()),
        _ => found.with_confidence(confidence),
    }
}

/// The finding, with what `keep` does not do.
fn with_policy(context: &ObjectContext<'_>, found: Finding) -> Finding {
    let Some(policy) = context.object.annotation(RESOURCE_POLICY) else {
        return found;
    };
    found
        .related(context.place(policy.span), "has no effect on a hook")
        .because([format!(
            "`{RESOURCE_POLICY}: {}` is read of objects that are no hooks, when a release is upgraded or uninstalled",
            policy.value
        )])
}

/// Who fills the object: the first command that writes the Secret.
fn writer<'a>(context: &ObjectContext<'a>) -> Option<Writer<'a>> {
    let object = &context.object.object;
    if object.kind != "Secret" {
        return None;
    }
    let (workload, write) =
        context
            .commands
            .writer_of_secret(context.inventory(), object.effective_namespace(), &object.name)?;
    Some(Writer {
        workload,
        place: write.place,
        verb: write.verb.clone(),
    })
}

fn users<'a>(context: &ObjectContext<'a>) -> &'a [Use] {
    let object = &context.object.object;
    let (inventory, namespace) = (context.inventory(), object.namespace.as_deref());
    match object.kind.as_str() {
        "Secret" => inventory.users_of_secret(namespace, &object.name),
        "ConfigMap" => inventory.users_of_config_map(namespace, &object.name),
        _ => inventory.users_of_claim(namespace, &object.name),
    }
}

/// A workload that needs the object and is no hook.
fn reader<'a>(context: &ObjectContext<'a>) -> Option<(&'a Workload, &'a Use)> {
    let inventory = context.inventory();
    users(context).iter().find_map(|used| {
        let workload = inventory.workloads().get(used.workload)?;
        let hook = inventory
            .metadata(&workload.object)
            .is_some_and(|metadata| metadata.helm_hook().is_some());
        (!hook && !is_optional(workload, used)).then_some((workload, used))
    })
}

/// Whether the pod starts without what a use names.
fn is_optional(workload: &Workload, used: &Use) -> bool {
    let pod = &workload.pod;
    match used.via {
        Via::Identity => false,
        Via::Volume => pod.volumes.iter().any(|volume| {
            let at = |name: &Option<writeway_manifest::Spanned<String>>| {
                name.as_ref().is_some_and(|name| name.span == used.span)
            };
            match &volume.source {
                VolumeSource::Secret(secret) => at(&secret.name) && secret.optional,
                VolumeSource::ConfigMap(map) => at(&map.name) && map.optional,
                VolumeSource::Projected { sources, .. } => sources.iter().any(|source| match source {
                    ProjectedSource::Secret(secret) => at(&secret.name) && secret.optional,
                    ProjectedSource::ConfigMap(map) => at(&map.name) && map.optional,
                    _ => false,
                }),
                _ => false,
            }
        }),
        Via::Env | Via::EnvFrom => pod.containers(Which::All).any(|container| {
            let in_env = container.env.iter().any(|variable| match &variable.source {
                EnvSource::SecretKey { name, optional, .. }
                | EnvSource::ConfigMapKey { name, optional, .. } => name.span == used.span && *optional,
                _ => false,
            });
            let mut sources = container.env_from_sources.iter();
            in_env
                || sources.any(|source| match source {
                    EnvFromSource::Secret { name, optional }
                    | EnvFromSource::ConfigMap { name, optional } => name.span == used.span && *optional,
                })
        }),
    }
}

/// Whether the manifest leaves a Secret for somebody to fill: no key, or one without a value.
fn is_blank(context: &ObjectContext<'_>) -> bool {
    let object = &context.object.object;
    let namespace = object.namespace.as_deref();
    object.kind == "Secret"
        && context
            .inventory()
            .secret(namespace, &object.name)
            .is_some_and(|secret| secret.keys.is_empty() || secret.keys.values().any(|key| key.empty))
}
