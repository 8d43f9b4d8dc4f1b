// SPDX-License-Identifier: Apache-2.0
//! # WW501 wait-exceeds-limit
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds Jobs and Helm hooks whose first attempt takes longer, at worst, than what is around them allows:
//! `activeDeadlineSeconds` of the Job, the timeout of the HelmRelease that runs the hook, `helm-timeout` or
//! `release-timeout` of the configuration.
//!
//! The worst case counts everything: scheduling and image pulls as `[clock]` in the configuration file allows them, init
//! containers, each look of a wait with its own timeout, each pause between two looks. `writeway check --explain-clock`
//! prints it step by step. It is an error when not even the best case fits. A hook that waits without any limit of its own
//! is only worth knowing: Helm ends the wait, not the pod; nothing is said of it where the Job has a deadline. Of a wait with
//! so many rounds whose looks may hang (`kubectl` without `--request-timeout`), the pauses are counted. Where nobody says how
//! long Helm waits, its default of `5m0s` counts, and the finding is a hint.
//!
//! ## Why is this bad
//!
//! The wait ends from outside before it is used up. The last looks, and whatever the script does when it has waited in
//! vain, never happen: Helm reports `timed out waiting for the condition` and the release has failed, while the Job goes
//! on and may well succeed a minute later. People count the pauses and forget the looks: 168 pauses of 5 s are 840 s, but
//! with `--max-time 3` for each look they are 1344 s.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: wait-for-gitea}
//! spec:
//!   activeDeadlineSeconds: 900
//!   backoffLimit: 0
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: wait
//!           image: docker.io/alpine/k8s:1.36.0
//!           command:
//!             - sh
//!             - -c
//!             - |
//!               for i in $(seq 1 168); do
//!                 curl -sSf --max-time 3 http://gitea:3000/api/v1/version && exit 0
//!                 sleep 5
//!               done
//!               exit 1
//! ```
//!
//! ## Use instead
//!
//! A budget that fits, with room for scheduling and image pulls, or a longer limit around it.
//!
//! ```yaml
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: wait-for-gitea}
//! spec:
//!   activeDeadlineSeconds: 900
//!   backoffLimit: 0
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers:
//!         - name: wait
//!           image: docker.io/alpine/k8s:1.36.0
//!           command:
//!             - sh
//!             - -c
//!             - |
//!               for i in $(seq 1 100); do
//!                 curl -sSf --max-time 3 http://gitea:3000/api/v1/version && exit 0
//!                 sleep 5
//!               done
//!               exit 1
//! ```
//!
//! ## References
//!
//! - Helm: pkg/action/hooks.go, execHook: each hook is waited for with the timeout
//! - Helm: pkg/kube/statuswait.go, WatchUntilReady: of hooks, Jobs and Pods are waited for
//! - Flux: helm-controller api/v2/helmrelease_types.go, GetTimeout: 5 minutes by default
//! - Kubernetes: pkg/controller/job/job_controller.go, pastActiveDeadline

use std::time::Duration;

use writeway_clock::{Bound, Seconds, Timing};

use crate::evidence::timing::wait_place;
use crate::evidence::waiting::{
    Ending, Limit, LimitBy, beside, counted, is_endless, longest, outer_limits, worst,
};
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww501_wait_exceeds_limit.rs"), run).asking_for_clocks();

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let Some(ending) = Ending::of(context) else {
        return Vec::new();
    };
    // The attempt, and the attempt as the Job's deadline ends it.
    let free = Timing {
        worst: worst(ending.pod()),
        ..ending.pod().end()
    };
    let deadline = match &ending {
        Ending::Job(job) => job.deadline,
        Ending::Pod(_) => None,
    };
    let ended = match (deadline, &free.worst) {
        (Some((after, _)), Bound::Unknown { at_least, why }) => Timing {
            worst: Bound::Unknown {
                at_least: (*at_least).min(after),
                why: why.clone(),
            },
            ..free.clone()
        },
        (Some((after, _)), worst) => Timing {
            worst: worst.cut(after),
            ..free.clone()
        },
        (None, _) => free.clone(),
    };
    let deadline = deadline.map(|(after, span)| Limit {
        after,
        by: LimitBy::Deadline(span),
        confidence: Confidence::High,
    });
    // A deadline is the right limit for a wait that has none.
    let unbounded = matches!(free.worst, Bound::Unbounded(_));
    let deadline = deadline.filter(|limit| !unbounded && free.worst.exceeds(limit.after));
    // A wait that is too long by itself is, whatever else may hang.
    let waits_beyond = |limit: Duration| {
        let mut waits = ending
            .pod()
            .runs_of()
            .flat_map(|(_, evaluation)| &evaluation.waits);
        !unbounded && waits.any(|wait| counted(wait) > limit)
    };
    let outer = outer_limits(context)
        .into_iter()
        .filter(|limit| ended.worst.exceeds(limit.after))
        .filter(|limit| limit.is_known() || ended.worst.finite().is_some() || waits_beyond(limit.after))
        .map(|limit| (limit, &ended));
    let limits = deadline.map(|limit| (limit, &free)).into_iter().chain(outer);
    let smallest = limits.min_by_key(|(limit, _)| limit.after);
    smallest
        .and_then(|(limit, timing)| judge(context, &ending, &limit, timing))
        .into_iter()
        .collect()
}

fn judge(
    context: &RuleContext<'_>,
    ending: &Ending<'_, '_>,
    limit: &Limit<'_>,
    timing: &Timing,
) -> Option<Finding> {
    let pod = ending.pod();
    let (container, wait) = longest(pod)?;
    let name = &container.name.value;
    let alone = wait.map_or(Duration::ZERO, counted);
    let clause = limit.clause();
    let takes = match (&timing.worst, wait) {
        (Bound::Unbounded(why), _) => format!("may never end ({why})"),
        (worst, _) if timing.best.exceeds(limit.after) => {
            let least = timing.best.at_least();
            let most = Seconds(worst.at_least());
            format!("takes {} at best and {most} at worst", Seconds(least))
        }
        (_, Some(wait)) if alone > limit.after => {
            let finite = wait.timing.worst.finite().is_some();
            let more = if finite { "" } else { " and more" };
            format!("may wait {}{more}", wait.worst_steps)
        }
        (Bound::Unknown { at_least, .. }, _) => format!("may take {} and more", Seconds(*at_least)),
        (Bound::Finite(worst), _) => format!("may take {} until it ends", Seconds(*worst)),
    };
    let place = wait_place(context.access.inventory, context.workload, container, wait);
    let label = match wait {
        Some(wait) => match &wait.timing.worst {
            Bound::Finite(worst) => format!("waits up to {}", Seconds(*worst)),
            Bound::Unknown { at_least, .. } => format!("waits {} or more", Seconds(*at_least)),
            Bound::Unbounded(_) if is_endless(wait) => "waits without limit".to_owned(),
            Bound::Unbounded(_) => format!("waits {} or more", Seconds(counted(wait))),
        },
        None => "takes that long".to_owned(),
    };
    let unbounded = matches!(timing.worst, Bound::Unbounded(_));
    let severity = match timing.worst {
        Bound::Unbounded(_) => Severity::Info,
        _ if timing.best.exceeds(limit.after) => Severity::Error,
        _ => Severity::Warning,
    };
    // That it does not fit may be due to what is only allowed for.
    let by_allowance = !unbounded && alone <= limit.after && limit.confidence == Confidence::High;
    let confidence = if by_allowance {
        Confidence::Medium
    } else {
        limit.confidence
    };
    let mut why = Vec::new();
    if let Some(wait) = wait.filter(|wait| wait.timing.worst.finite().is_some()) {
        why.push(format!("the wait of container `{name}`: {}", wait.worst_steps));
    }
    if !unbounded {
        why.extend(beside(pod, container));
        why.push(match &timing.worst {
            Bound::Unknown { at_least, why } => {
                format!(
                    "the first attempt takes {} at worst, not counting what is not known: {why}",
                    Seconds(*at_least)
                )
            }
            worst => format!("the first attempt ends after {worst} at worst"),
        });
    }
    why.push(limit.why());
    let help = if unbounded {
        "give the Job an `activeDeadlineSeconds` below that, or the wait a budget: Helm only stops waiting, the pod goes on"
    } else {
        "look less often or for a shorter time, so that the sum fits, or give it more time from outside"
    };
    let message = format!("container `{name}` {takes}, but {clause}");
    let finding = Finding::about(&RULE, Some(&context.workload.object), message, place, label)
        .in_container(name)
        .with_severity(severity)
        .with_confidence(confidence)
        .because(why)
        .with_help(help);
    Some(match limit.place(context) {
        Some((place, label)) => finding.related(place, label),
        None => finding,
    })
}
