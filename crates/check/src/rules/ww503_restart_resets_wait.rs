// SPDX-License-Identifier: Apache-2.0
//! # WW503 restart-resets-wait
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds Jobs whose script has a budget for waiting and fails when it is used up, while the Job tries again: each attempt
//! begins with a new budget. Reported is the sum of all attempts with the pauses between them, where it exceeds what Helm
//! waits, and, as worth knowing, where nothing at all limits it. Where a single look has no limit (`kubectl` without
//! `--request-timeout`), the pauses between the looks are what is counted.
//!
//! Nothing is said when `activeDeadlineSeconds` limits all attempts together, unless Helm gives up before that.
//!
//! ## Why is this bad
//!
//! A script that waits five minutes and then fails looks like one that takes five minutes. With `backoffLimit: 8` it takes
//! forty, and with no `backoffLimit` at all half an hour. Helm has given up long before; the Job goes on, and does its
//! work at a moment when nobody expects it any more, next to the one that the next upgrade has started.
//!
//! With `restartPolicy: OnFailure` kubelet starts the container again in the same pod, at once the first time and then
//! after 10 s, 20 s and so on up to 5 minutes. A container that ran for more than 10 minutes is always started again at
//! once. With `Never` the Job makes another pod, after 10 s, 20 s and so on up to 10 minutes.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: wait-for-gitea}
//! spec:
//!   backoffLimit: 8
//!   template:
//!     spec:
//!       restartPolicy: OnFailure
//!       containers:
//!         - name: wait
//!           image: docker.io/alpine/k8s:1.36.0
//!           command:
//!             - sh
//!             - -c
//!             - |
//!               for i in $(seq 1 60); do
//!                 curl -sSf --max-time 3 http://gitea:3000/api/v1/version && exit 0
//!                 sleep 5
//!               done
//!               exit 1
//! ```
//!
//! ## Use instead
//!
//! One attempt where the script waits itself, or a deadline for all of them.
//!
//! ```yaml
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: wait-for-gitea}
//! spec:
//!   backoffLimit: 8
//!   activeDeadlineSeconds: 840
//!   template:
//!     spec:
//!       restartPolicy: OnFailure
//!       containers:
//!         - name: wait
//!           image: docker.io/alpine/k8s:1.36.0
//!           command:
//!             - sh
//!             - -c
//!             - |
//!               for i in $(seq 1 60); do
//!                 curl -sSf --max-time 3 http://gitea:3000/api/v1/version && exit 0
//!                 sleep 5
//!               done
//!               exit 1
//! ```
//!
//! ## References
//!
//! - Kubernetes: pkg/controller/job/job_controller.go, pastBackoffLimitOnFailure: restarts count, the last one runs no more
//! - Kubernetes: pkg/controller/job/backoff_utils.go, getRemainingTimeForFailuresCount
//! - Kubernetes: pkg/kubelet/kuberuntime/kuberuntime_manager.go, doBackOff; pkg/kubelet/kubelet.go, crashLoopBackOff
//! - Helm: pkg/action/hooks.go, execHook: a hook that is not done in time has failed, its Job stays

use writeway_clock::{Again, Bound, JobClock, Retries, Seconds, Wait};
use writeway_manifest::Container;

use crate::evidence::timing::wait_place;
use crate::evidence::waiting::{Ending, Limit, counted, is_budget, outer_limits, retry_span};
use crate::{Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww503_restart_resets_wait.rs"), run).asking_for_clocks();

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let Some(Ending::Job(job)) = Ending::of(context) else {
        return Vec::new();
    };
    judge(context, job).into_iter().collect()
}

fn judge(context: &RuleContext<'_>, job: &JobClock<'_>) -> Option<Finding> {
    let (again, how) = match &job.retries {
        Retries::Restarts(again) => (again, "kubelet starts the container again in its pod"),
        Retries::Pods(again) => (again, "the Job makes another pod"),
        Retries::None | Retries::Unknown(_) => return None,
    };
    if again.further() == 0 {
        return None;
    }
    let (container, wait) = budget(job)?;
    let budget = counted(wait);
    let attempts = again.attempts;
    // The waits alone where something else may hang.
    let least = budget.saturating_mul(attempts).saturating_add(again.pauses);
    let (total, shown) = match &job.attempts.worst {
        Bound::Finite(total) => (*total, Seconds(*total).to_string()),
        Bound::Unknown { at_least, .. } => (*at_least, format!("{} and more", Seconds(*at_least))),
        Bound::Unbounded(_) => (least, format!("{} and more", Seconds(least))),
    };
    let ended = job.deadline.map_or(total, |(deadline, _)| total.min(deadline));
    let limit = outer_limits(context).into_iter().find(Limit::is_known);
    let exceeded = match &limit {
        Some(limit) => ended > limit.after,
        None => job.deadline.is_none(),
    };
    if !exceeded {
        return None;
    }
    // Where a look may hang, only the pauses are counted.
    let budget = match wait.timing.worst {
        Bound::Finite(_) => format!("up to {}", Seconds(budget)),
        _ => format!("{} and more", Seconds(budget)),
    };
    let name = &container.name.value;
    let clause = match &limit {
        Some(limit) => format!(", but {}", limit.clause()),
        None => ", and nothing ends it earlier".to_owned(),
    };
    let message = format!(
        "each of {attempts} attempts of container `{name}` waits {budget} anew: {shown} in all{clause}"
    );
    let place = context.place(retry_span(context.workload)?);
    let finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        place,
        format!("{attempts} attempts"),
    )
    .in_container(name)
    .with_severity(if limit.is_some() { Severity::Warning } else { Severity::Info })
    .related(
        wait_place(context.access.inventory, context.workload, container, Some(wait)),
        format!("waits {budget} each time"),
    )
    .because([format!("the wait: {}", wait.worst_steps)])
    .because(sum(job, again, how))
    .because(limit.iter().map(Limit::why))
    .with_help(
        "set `backoffLimit: 0` where the script waits itself, or `activeDeadlineSeconds`, which counts for all attempts together",
    );
    let finding = match limit.as_ref().and_then(|limit| limit.place(context)) {
        Some((place, label)) => finding.related(place, label),
        None => finding,
    };
    Some(match limit {
        Some(limit) => finding.with_confidence(limit.confidence),
        None => finding,
    })
}

/// The longest wait that has a budget, in a container that fails.
fn budget<'c, 'a>(job: &'c JobClock<'a>) -> Option<(&'a Container, &'c Wait)> {
    let runs = job
        .pod
        .runs_of()
        .filter(|(_, evaluation)| evaluation.failure.is_some());
    let waits = runs.flat_map(|(container, evaluation)| {
        let waits = evaluation.waits.iter().filter(|wait| is_budget(wait));
        waits.map(move |wait| (container, wait))
    });
    waits.max_by_key(|(_, wait)| counted(wait))
}

/// How the sum of all attempts comes about.
fn sum(job: &JobClock<'_>, again: &Again, how: &str) -> Vec<String> {
    let attempts = again.attempts;
    let tried = format!(
        "{}: {attempts} attempts can run to their end; {how}",
        again.limit_text()
    );
    if let Bound::Unbounded(why) = &job.attempts.worst {
        return vec![tried, format!("not counted: {why}")];
    }
    let first = Seconds(job.pod.end().worst.at_least());
    let each = Seconds(again.each.worst.at_least());
    let further = again.further();
    let pauses = if again.pauses.is_zero() {
        "no pauses between them".to_owned()
    } else {
        format!("{} of pauses between them", Seconds(again.pauses))
    };
    let sum = format!(
        "{first} for the first with scheduling and image pulls + {further} × {each}, {pauses}: {}",
        job.attempts.worst
    );
    vec![tried, sum]
}
