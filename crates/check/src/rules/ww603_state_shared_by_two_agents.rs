// SPDX-License-Identifier: Apache-2.0
//! # WW603 state-shared-by-two-agents
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds daemons of Flux v1 that keep what they applied last in one place: in one tag of one repository, or in one Secret.
//!
//! The tag is `--git-label`, else `--git-sync-tag`, else `flux-sync`; branches and paths make no difference to it. The
//! Secret is `--k8s-secret-name`, else `flux-git-deploy`, of the daemon's own namespace. URLs are compared by host and
//! path, whichever way they are written. Two daemons of one name are one in two clusters, so that they share the tag, but
//! not the Secret; where all their flags are the same, too, they may be one and the same, and nothing is said.
//!
//! ## Why is this bad
//!
//! Each moves the mark to where it is itself. The other takes the commits between for applied ones: events and
//! notifications for them are never sent, and with verified signatures the range that is verified is the wrong one. Flux
//! says so in its log, once in the life of a process.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: flux-staging
//! spec:
//!   selector: {matchLabels: {app: flux-staging}}
//!   template:
//!     metadata: {labels: {app: flux-staging}}
//!     spec:
//!       containers:
//!         - name: flux
//!           image: docker.io/fluxcd/flux:1.25.4
//!           args: ["--git-url=git@github.com:acme/fleet", "--git-path=staging"]
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: flux-prod
//! spec:
//!   selector: {matchLabels: {app: flux-prod}}
//!   template:
//!     metadata: {labels: {app: flux-prod}}
//!     spec:
//!       containers:
//!         - name: flux
//!           image: docker.io/fluxcd/flux:1.25.4
//!           args: ["--git-url=git@github.com:acme/fleet", "--git-path=prod"]
//! ```
//!
//! ## Use instead
//!
//! A label of its own for each.
//!
//! ```yaml
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: flux-staging
//! spec:
//!   selector: {matchLabels: {app: flux-staging}}
//!   template:
//!     metadata: {labels: {app: flux-staging}}
//!     spec:
//!       containers:
//!         - name: flux
//!           image: docker.io/fluxcd/flux:1.25.4
//!           args: ["--git-url=git@github.com:acme/fleet", "--git-path=staging", "--git-label=flux-staging"]
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata:
//!   name: flux-prod
//! spec:
//!   selector: {matchLabels: {app: flux-prod}}
//!   template:
//!     metadata: {labels: {app: flux-prod}}
//!     spec:
//!       containers:
//!         - name: flux
//!           image: docker.io/fluxcd/flux:1.25.4
//!           args: ["--git-url=git@github.com:acme/fleet", "--git-path=prod", "--git-label=flux-prod"]
//! ```
//!
//! ## References
//!
//! - fluxcd/flux: pkg/daemon/loop.go, lastKnownSyncState: "the sync state should not be shared by fluxd instances"
//! - fluxcd/flux#1695, #2408, #2684: several daemons on one tag

use writeway_manifest::{Place, Span, Workload};

use crate::evidence::fluxd::{Fluxd, State};
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww603_state_shared_by_two_agents.rs"), run);

/// Daemons that one is compared with: more than anybody has.
const MAX_RIVALS: usize = 200;

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let Some(daemon) = Fluxd::of(context.workload) else {
        return Vec::new();
    };
    let Some(state) = daemon.state() else {
        return Vec::new();
    };
    let workloads = context.access.inventory.workloads().iter();
    // Each pair is told once, about the later of the two.
    let earlier = workloads.take_while(|other| !std::ptr::eq(*other, context.workload));
    let rivals = earlier.filter_map(|other| Some((other, Fluxd::of(other)?)));
    let shared = rivals.take(MAX_RIVALS).find_map(|(other, rival)| {
        let confidence = shares(context.workload, &daemon, other, &rival, &state)?;
        Some((other, rival, confidence))
    });
    let found = shared.map(|(other, rival, confidence)| {
        report(context, &daemon, other, &rival, &state).with_confidence(confidence)
    });
    found.into_iter().collect()
}

/// How sure it is that two daemons keep their state in one place.
fn shares(
    workload: &Workload,
    daemon: &Fluxd<'_>,
    other: &Workload,
    rival: &Fluxd<'_>,
    state: &State,
) -> Option<Confidence> {
    if rival.state().as_ref() != Some(state) {
        return None;
    }
    let (object, twin) = (&workload.object, &other.object);
    let namespace = object.effective_namespace() == twin.effective_namespace();
    let same_name = namespace && object.name == twin.name;
    match state {
        State::Secret(_) => (namespace && !same_name).then_some(Confidence::High),
        State::Tag(_) => {
            if !daemon.url()?.same_repository(&rival.url()?) {
                return None;
            }
            match same_name {
                false => Some(Confidence::High),
                // One daemon, as it is in two clusters.
                true => daemon.differs_from(rival).then_some(Confidence::Medium),
            }
        }
    }
}

fn report(
    context: &RuleContext<'_>,
    daemon: &Fluxd<'_>,
    other: &Workload,
    rival: &Fluxd<'_>,
    state: &State,
) -> Finding {
    let name = |workload: &Workload| format!("{} `{}`", workload.object.kind, workload.object.name);
    let (what, flags, help) = match state {
        State::Tag(tag) => (
            format!("tag `{tag}` of the repository"),
            ["git-label", "git-sync-tag", "git-url"],
            "give each a `--git-label` of its own",
        ),
        State::Secret(secret) => (
            format!("Secret `{secret}`"),
            ["k8s-secret-name", "sync-state", "git-readonly"],
            "give each a `--k8s-secret-name` of its own, or a namespace",
        ),
    };
    let place = |daemon: &Fluxd<'_>| -> Span {
        let flag = flags.iter().find_map(|flag| daemon.flag(flag));
        flag.map_or(daemon.container.name.span, |flag| flag.span)
    };
    let message = format!(
        "{} keeps its state where {} keeps its own: in {what}",
        name(context.workload),
        name(other)
    );
    let there = Place {
        file: other.object.file,
        span: place(rival),
    };
    Finding::new(&RULE, context.workload, message, place(daemon), what)
        .in_container(&daemon.container.name)
        .related(there, "the other one")
        .with_help(help)
}
