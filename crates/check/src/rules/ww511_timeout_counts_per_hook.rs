// SPDX-License-Identifier: Apache-2.0
//! # WW511 timeout-counts-per-hook
//!
//! - severity: info
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds releases whose waits fit into Helm's timeout one by one, while all of them together do not: Helm counts the
//! timeout for each hook anew, and once more for everything that is no hook.
//!
//! It says so where the sum is longer than the timeout of the HelmRelease or than `helm-timeout` of the configuration, or
//! than `release-timeout` where that is configured. What nobody knows counts as nothing, what has no limit as one timeout.
//!
//! ## Why is this bad
//!
//! Nothing is wrong with it, if it is meant so. But `timeout: 15m` reads as if a release was done after 15 minutes, and
//! people keep a slack of one minute "for the rest" that the rest does not need, while the pipeline, the Kustomization or
//! the person that waits for the release gives up long before it is done.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: helm.toolkit.fluxcd.io/v2
//! kind: HelmRelease
//! metadata: {name: shop}
//! spec:
//!   interval: 10m
//!   timeout: 5m
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: wait-for-db
//!   annotations: {helm.sh/hook: pre-install}
//! spec:
//!   backoffLimit: 0
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: wait
//!           image: docker.io/library/busybox:1.37.0
//!           command: [sh, -c, "for i in $(seq 40); do nc -z -w 1 db 5432 && exit 0; sleep 4; done; exit 1"]
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: wait-for-queue
//!   annotations: {helm.sh/hook: pre-install}
//! spec:
//!   backoffLimit: 0
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: wait
//!           image: docker.io/library/busybox:1.37.0
//!           command: [sh, -c, "for i in $(seq 40); do nc -z -w 1 queue 5672 && exit 0; sleep 4; done; exit 1"]
//! ```
//!
//! ## Use instead
//!
//! One hook that waits for both, or budgets that fit together.
//!
//! ```yaml
//! apiVersion: helm.toolkit.fluxcd.io/v2
//! kind: HelmRelease
//! metadata: {name: shop}
//! spec:
//!   interval: 10m
//!   timeout: 5m
//! ---
//! apiVersion: batch/v1
//! kind: Job
//! metadata:
//!   name: wait-for-db-and-queue
//!   annotations: {helm.sh/hook: pre-install}
//! spec:
//!   backoffLimit: 0
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: wait
//!           image: docker.io/library/busybox:1.37.0
//!           command: [sh, -c, "for i in $(seq 30); do nc -z -w 1 db 5432 && nc -z -w 1 queue 5672 && exit 0; sleep 4; done; exit 1"]
//! ```
//!
//! ## References
//!
//! - Helm: pkg/action/hooks.go, execHook: `WatchUntilReady(resources, timeout)` for each hook
//! - Helm: pkg/action/install.go, performInstall: hooks, the wait for the rest, hooks again, each with the timeout
//! - Flux: helm-controller internal/action/install.go: the timeout is Helm's

use std::time::Duration;

use writeway_clock::{
    ActionClock, Bound, PartClock, PodClock, ReleaseClock, ReleaseStep, Seconds, TimeoutSource,
};
use writeway_manifest::Place;

use crate::{Confidence, Finding, ObjectContext, Rule};

pub(super) static RULE: Rule =
    Rule::of_object(include_str!("ww511_timeout_counts_per_hook.rs"), run).asking_for_clocks();

fn run(context: &ObjectContext<'_>) -> Vec<Finding> {
    let Some(clock) = context.clocks.release(&context.object.object) else {
        return Vec::new();
    };
    // Of actions that take the same steps one is enough.
    let alike = clock.actions.chunk_by(|one, other| one.is_like(other));
    alike
        .filter_map(|actions| judge(context, clock, actions))
        .collect()
}

fn judge(
    context: &ObjectContext<'_>,
    clock: &ReleaseClock<'_>,
    actions: &[ActionClock<'_>],
) -> Option<Finding> {
    let action = actions.first()?;
    // Hooks that name no release may belong to several.
    clock.release.name.as_ref()?;
    let waits: Vec<_> = action.steps.iter().filter_map(known_wait).collect();
    let timeout = action.steps.iter().find_map(|step| step.timeout)?;
    let budget = context.settings.clock.release_timeout;
    let known = !matches!(timeout.source, TimeoutSource::Default);
    let limit = budget.or(known.then_some(timeout.after))?;
    let sum = waits
        .iter()
        .map(|(_, takes)| *takes)
        .fold(Duration::ZERO, Duration::saturating_add);
    let waits_itself =
        |(step, _): &(&ReleaseStep<'_>, Duration)| step.hook.is_some() && runs(step) > Duration::ZERO;
    if waits.len() < 2 || sum <= limit || !waits.iter().any(waits_itself) {
        return None;
    }
    let names: Vec<_> = actions.iter().map(|clock| clock.action.as_str()).collect();
    let (number, sum, after) = (waits.len(), Seconds(sum), Seconds(timeout.after));
    let but = match budget {
        Some(budget) => format!("`release-timeout` is {}", Seconds(budget)),
        None => format!("the timeout of {after} counts for each of {number} waits anew"),
    };
    let message = format!("an {} may take {sum}: {but}", names.join(" or "));
    let (place, label) = match timeout.source {
        TimeoutSource::HelmRelease(_, Some(place)) => (place, format!("for each of {number} waits")),
        _ => {
            let span = context.object.object.name_span;
            (
                context.place(span),
                format!("Helm waits {number} times, {after} each at most"),
            )
        }
    };
    let rest = waits.iter().any(|(step, _)| step.hook.is_none());
    let finding = Finding::about(&RULE, Some(&context.object.object), message, place, label)
        .with_confidence(if rest { Confidence::Medium } else { Confidence::High })
        .because(waits.iter().map(|(step, takes)| said(step, *takes)))
        .with_help("nothing, if each wait may take that long; else let the waits fit together, or wait for several things in one hook");
    let places = waits.iter().filter_map(|(step, takes)| {
        let part = step.parts.first().filter(|_| step.hook.is_some())?;
        let place = Place {
            file: part.object.file,
            span: part.object.name_span,
        };
        Some((place, format!("up to {}", Seconds(*takes))))
    });
    Some(places.fold(finding, |finding, (place, label)| finding.related(place, label)))
}

/// A step that Helm waits for, with what it may take at least in its worst case; `None` when that is nothing.
fn known_wait<'c, 'a>(step: &'c ReleaseStep<'a>) -> Option<(&'c ReleaseStep<'a>, Duration)> {
    let timeout = step.timeout?;
    let takes = step.timing.worst.at_least().min(timeout.after);
    (!takes.is_zero()).then_some((step, takes))
}

/// What the scripts of a step take at least in the worst case, without what is only allowed for.
fn runs(step: &ReleaseStep<'_>) -> Duration {
    let pods = step.parts.iter().filter_map(|part| match &part.clock {
        PartClock::Job(job) => Some(&job.pod),
        PartClock::Pod(pod) => Some(pod),
        PartClock::Ready(_) | PartClock::Created => None,
    });
    let runs = pods.flat_map(PodClock::runs_of);
    let longest = runs
        .map(|(_, evaluation)| evaluation.end().worst.at_least())
        .max();
    longest.unwrap_or_default()
}

fn said(step: &ReleaseStep<'_>, takes: Duration) -> String {
    let what = match (step.hook, step.parts.first()) {
        (Some((event, weight)), Some(part)) => {
            format!(
                "{} {weight}, {} `{}`",
                event.as_str(),
                part.object.kind,
                part.object.name
            )
        }
        _ => "what is no hook, all of it together".to_owned(),
    };
    let takes = Seconds(takes);
    match &step.timing.worst {
        Bound::Finite(worst) if Seconds(*worst) == takes => format!("{what}: up to {takes}"),
        Bound::Unbounded(_) => format!("{what}: without limit, ended by Helm after {takes}"),
        Bound::Finite(worst) => format!("{what}: up to {}, ended by Helm after {takes}", Seconds(*worst)),
        Bound::Unknown { .. } => format!("{what}: {takes} at least in the worst case"),
    }
}
