// SPDX-License-Identifier: Apache-2.0
//! # WW513 works-with-helm-only
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds what works with Helm and not with Argo CD, in charts that Argo CD is shown to deploy.
//!
//! - A Job that is a hook of installs alone runs at every sync (a warning where it writes Secrets, else worth knowing); so
//!   does one of installs and upgrades that writes Secrets without looking first (worth knowing).
//! - A Job that is a hook of upgrades alone runs at the first sync too, when there is nothing to upgrade.
//! - A hook of rollbacks alone never runs (worth knowing).
//! - A template that calls `lookup` gets nothing; with a function that generates values (`randAlphaNum`, `genCA`) beside
//!   it, each rendering has new ones.
//!
//! That Argo CD deploys an object is seen in its tracking mark, in an Application of the inputs whose path, chart or
//! release it is, or in another `argocd.argoproj.io/` annotation. Objects with a hook annotation of Argo CD's own are left
//! out: it ignores Helm's there. Templates that were not rendered are looked at where an Application names their folder.
//!
//! ## Why is this bad
//!
//! Argo CD renders a chart with `helm template` and syncs the result. It cannot tell an install from an upgrade, so that
//! `pre-install` and `pre-upgrade` are both `PreSync`: what was to happen once happens each time somebody changes a label.
//! `lookup` is answered from a cluster that the rendering has no access to: the password that a chart would keep is made
//! anew, and no longer fits the database that was set up with it.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: portal, namespace: argocd}
//! spec:
//!   source: {repoURL: "https://charts.example.com", chart: portal, targetRevision: 0.4.0}
//!   destination: {server: "https://kubernetes.default.svc", namespace: portal}
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: mint
//!   namespace: portal
//!   labels: {helm.sh/chart: portal-0.4.0}
//!   annotations: {helm.sh/hook: pre-install}
//! spec:
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: mint
//!           image: docker.io/alpine/k8s:1.36.0
//!           command: [sh, -c, "kubectl create secret generic token --from-file=/work/token"]
//! ```
//!
//! ## Use instead
//!
//! A Job that may run at any time, because it looks first: a hook of both.
//!
//! ```yaml
//! apiVersion: argoproj.io/v1alpha1
//! kind: Application
//! metadata: {name: portal, namespace: argocd}
//! spec:
//!   source: {repoURL: "https://charts.example.com", chart: portal, targetRevision: 0.4.0}
//!   destination: {server: "https://kubernetes.default.svc", namespace: portal}
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: mint
//!   namespace: portal
//!   labels: {helm.sh/chart: portal-0.4.0}
//!   annotations: {helm.sh/hook: "pre-install,pre-upgrade"}
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
//!             - |
//!               if ! kubectl get secret token; then
//!                 kubectl create secret generic token --from-file=/work/token
//!               fi
//! ```
//!
//! ## References
//!
//! - Argo CD: "Helm", "Helm Hooks" (install, upgrade and sync; hooks that are not supported)
//! - Argo CD: gitops-engine/pkg/sync/hook/helm/type.go, hookTypes; pkg/sync/hook/hook.go, Types
//! - Argo CD #5202: `lookup`

use writeway_manifest::{
    Application, Declared, HelmHook, HookEvent, Place, SkipReason, Span, Which, Workload,
};

use crate::evidence::argo::{DeployedByArgo, deployed_by_argo, in_folder};
use crate::evidence::hooks::Hooked;
use crate::evidence::secret_writes::secret_writes;
use crate::evidence::template_text::{first_lookup, random_function};
use crate::rule::ObjectContext;
use crate::{Confidence, Finding, Rule, Severity};

pub(super) static RULE: Rule = Rule::of_object(include_str!("ww513_works_with_helm_only.rs"), run);

fn run(context: &ObjectContext<'_>) -> Vec<Finding> {
    let object = &context.object.object;
    if object.group() == "argoproj.io" && object.kind == "Application" {
        let application = context.inventory().application(object);
        return application.map_or_else(Vec::new, |application| lookups(context, application));
    }
    hook(context).into_iter().collect()
}

fn hook(context: &ObjectContext<'_>) -> Option<Finding> {
    let object = &context.object.object;
    let hooked = Hooked::of(context.inventory(), object)?;
    if context.object.argo_hook().is_some() {
        return None;
    }
    let hook = &hooked.hook;
    let workload = context
        .inventory()
        .workload_at(context.place(object.span))
        .filter(|_| matches!(object.kind.as_str(), "Job" | "Pod"));
    let only = |events: &[HookEvent]| hook.events.iter().all(|event| events.contains(event));
    let (installs, upgrades, rollbacks) = (
        [HookEvent::PreInstall, HookEvent::PostInstall],
        [HookEvent::PreUpgrade, HookEvent::PostUpgrade],
        [HookEvent::PreRollback, HookEvent::PostRollback],
    );
    let shown = deployed_by_argo(context.inventory(), context.object)?;
    let phase = phase(hook);
    let name = hooked.shown();
    let (message, severity, label, help) = if only(&rollbacks) {
        (
            format!("{name} never runs: Argo CD knows no hooks of rollbacks"),
            Severity::Info,
            "ignored".to_owned(),
            "give it the annotation `argocd.argoproj.io/hook` with a phase of Argo CD",
        )
    } else if only(&upgrades) && workload.is_some() {
        (
            format!("{name} runs at the first sync of Argo CD too, when there is nothing to upgrade"),
            Severity::Warning,
            format!("{phase}, at every sync"),
            "let it look first whether there is something to upgrade, and succeed when there is not",
        )
    } else if only(&installs) {
        let workload = workload?;
        let severity = if writes(context, workload) {
            Severity::Warning
        } else {
            Severity::Info
        };
        (
            format!("{name} runs at every sync of Argo CD, not at installs alone"),
            severity,
            format!("{phase}, at every sync"),
            "let it look first whether its work is done",
        )
    } else if only(&[installs, upgrades].concat())
        && writes(context, workload?)
        && !is_guarded(context, workload?)
    {
        (
            format!(
                "{name}, which writes Secrets, runs at every sync of Argo CD, not at installs and upgrades alone"
            ),
            Severity::Info,
            format!("{phase}, at every sync"),
            "let it look first whether its work is done",
        )
    } else {
        return None;
    };
    let DeployedByArgo {
        place,
        label: how,
        confidence,
    } = shown;
    let found = Finding::about(
        &RULE,
        Some(object),
        message,
        context.place(hook.events.span),
        label,
    )
    .with_severity(severity)
    .with_confidence(confidence)
    .related(place, how)
    .with_help(help);
    Some(found)
}

/// The phase of Argo CD that the events become.
fn phase(hook: &HelmHook) -> &'static str {
    let before = hook.runs_at(HookEvent::PreInstall) || hook.runs_at(HookEvent::PreUpgrade);
    let after = hook.runs_at(HookEvent::PostInstall) || hook.runs_at(HookEvent::PostUpgrade);
    match (before, after) {
        (true, true) => "PreSync and PostSync",
        (true, false) => "PreSync",
        (false, _) => "PostSync",
    }
}

fn writes(context: &ObjectContext<'_>, workload: &Workload) -> bool {
    workload.pod.containers(Which::Regular).any(|container| {
        let found = context.commands_of(workload, container);
        !secret_writes(found, workload, container).is_empty()
    })
}

/// Whether every write of a Secret runs only if something before it says so.
fn is_guarded(context: &ObjectContext<'_>, workload: &Workload) -> bool {
    workload.pod.containers(Which::Regular).all(|container| {
        let found = context.commands_of(workload, container);
        let writes = secret_writes(found, workload, container);
        writes.iter().all(|write| {
            let mut commands = found.iter().filter(|command| command.place == write.place);
            commands.all(|command| command.guarded)
        })
    })
}

/// The templates of an Application's folder that call `lookup`.
fn lookups(context: &ObjectContext<'_>, application: &Declared<Application>) -> Vec<Finding> {
    let inventory = context.inventory();
    let mut findings = Vec::new();
    for path in application
        .sources
        .iter()
        .filter_map(|source| source.path.as_ref())
    {
        for skipped in inventory.skipped() {
            let file = inventory.file(skipped.place.file);
            if skipped.reason != SkipReason::Templated || !in_folder(&file.name, path) {
                continue;
            }
            let text = file.stream.text();
            let Some((start, end)) = first_lookup(text)
                .and_then(|found| Some((u32::try_from(found.start).ok()?, u32::try_from(found.end).ok()?)))
            else {
                continue;
            };
            let random = random_function(text);
            let message = match random {
                Some(function) => format!(
                    "`lookup` finds nothing when Argo CD renders this: `{function}` makes a new value each time"
                ),
                None => "`lookup` finds nothing when Argo CD renders this".to_owned(),
            };
            let place = Place {
                file: skipped.place.file,
                span: Span::new(start, end),
            };
            let found = Finding::about(&RULE, Some(&application.object), message, place, "always empty")
                .with_severity(random.map_or(Severity::Info, |_| Severity::Warning))
                .with_confidence(Confidence::Medium)
                .related(
                    context.place(path.span),
                    "rendered with `helm template`, without a cluster",
                )
                .with_help("let the value be given in a Secret that exists already, or be made by a Job");
            findings.push(found);
        }
    }
    findings
}
