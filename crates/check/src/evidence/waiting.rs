// SPDX-License-Identifier: Apache-2.0
//! What ends a wait from outside, and which wait in a pod is the longest.

use std::time::Duration;

use writeway_clock::{
    Bound, Exhaustion, JobClock, PartClock, PodClock, PodStepKind, Seconds, Timeout, TimeoutSource, Wait,
    WaitKind,
};
use writeway_manifest::{Container, Place, Span, Workload};

use crate::evidence::release_clocks::PartOfRelease;
use crate::{Confidence, RuleContext};

/// What ends a pod or a Job, or the wait for it, from outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit<'a> {
    /// After how long.
    pub(crate) after: Duration,
    /// Who does it.
    pub(crate) by: LimitBy<'a>,
    /// How sure it is that this is the limit.
    pub(crate) confidence: Confidence,
}

/// Who ends it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LimitBy<'a> {
    /// The Job's `activeDeadlineSeconds`, at a place of its file.
    Deadline(Span),
    /// Helm, which gives up waiting; `hook` for one, or for everything that is none.
    Helm { timeout: Timeout<'a>, hook: bool },
    /// Nobody, but more was not meant to be spent: `release-timeout` of the configuration.
    Budget,
}

impl<'a> Limit<'a> {
    /// The limit of a part of a release, unless nobody says one.
    pub(crate) fn of_part(part: &PartOfRelease<'_, 'a>) -> Option<Self> {
        let timeout = part.step.timeout?;
        let hook = part.step.hook.is_some();
        let named = part.release.release.hooks.iter().all(|hook| hook.named);
        let confidence = match timeout.source {
            TimeoutSource::Default => Confidence::Low,
            _ if named && hook => Confidence::High,
            _ => Confidence::Medium,
        };
        Some(Self {
            after: timeout.after,
            by: LimitBy::Helm { timeout, hook },
            confidence,
        })
    }

    /// Whether somebody wrote it down.
    pub(crate) fn is_known(&self) -> bool {
        match self.by {
            LimitBy::Helm { timeout, .. } => !matches!(timeout.source, TimeoutSource::Default),
            LimitBy::Deadline(_) | LimitBy::Budget => true,
        }
    }

    /// Where it is written, with a label.
    pub(crate) fn place(&self, context: &RuleContext<'_>) -> Option<(Place, String)> {
        let after = Seconds(self.after);
        match self.by {
            LimitBy::Deadline(span) => {
                Some((context.place(span), format!("everything is ended after {after}")))
            }
            LimitBy::Helm { timeout, .. } => match timeout.source {
                TimeoutSource::HelmRelease(_, Some(place)) => Some((place, format!("Helm waits {after}"))),
                TimeoutSource::HelmRelease(object, None) => {
                    let place = Place {
                        file: object.file,
                        span: object.name_span,
                    };
                    Some((place, format!("Helm waits {after}, Flux's default")))
                }
                TimeoutSource::Configured | TimeoutSource::Default => None,
            },
            LimitBy::Budget => None,
        }
    }

    /// What it does, e.g. `Helm waits 900 s for it`.
    pub(crate) fn clause(&self) -> String {
        let after = Seconds(self.after);
        match self.by {
            LimitBy::Deadline(_) => format!("its Job is ended after {after}"),
            LimitBy::Helm { hook: true, .. } => format!("Helm waits {after} for the hook"),
            LimitBy::Helm { hook: false, .. } => format!("Helm waits {after} for all that is no hook"),
            LimitBy::Budget => format!("a release may take {after}"),
        }
    }

    /// Who says so, as a step of a proof.
    pub(crate) fn why(&self) -> String {
        let after = Seconds(self.after);
        match self.by {
            LimitBy::Deadline(_) => {
                format!("activeDeadlineSeconds counts from the Job's start: {after} for all attempts")
            }
            LimitBy::Helm { timeout, .. } => {
                let action = timeout.action.as_str();
                match timeout.source {
                    TimeoutSource::HelmRelease(object, Some(_)) => format!(
                        "HelmRelease `{}` gives Helm {after} for each wait of its {action}",
                        object.name
                    ),
                    TimeoutSource::HelmRelease(object, None) => format!(
                        "HelmRelease `{}` has no timeout: Flux gives Helm {after} for each wait of its {action}",
                        object.name
                    ),
                    TimeoutSource::Configured => {
                        format!("`helm-timeout` in the configuration is {after} for each wait")
                    }
                    TimeoutSource::Default => {
                        format!(
                            "no HelmRelease and no `helm-timeout` says otherwise: Helm's default is {after} for each wait"
                        )
                    }
                }
            }
            LimitBy::Budget => {
                format!("`release-timeout` in the configuration is {after} for the whole release")
            }
        }
    }
}

/// The limits of a workload from outside its Job: Helm's in each action of its release, and the configured one.
pub(crate) fn outer_limits<'a>(context: &RuleContext<'a>) -> Vec<Limit<'a>> {
    let mut limits: Vec<_> = context
        .clocks
        .parts(context.workload)
        .filter_map(|part| Limit::of_part(&part))
        .collect();
    let budget = context.settings.clock.release_timeout;
    if let (Some(after), false) = (budget, limits.is_empty()) {
        limits.push(Limit {
            after,
            by: LimitBy::Budget,
            confidence: Confidence::High,
        });
    }
    limits.sort_by_key(|limit| limit.after);
    limits
}

/// The clock of a workload that runs to its end: that of its Job, or of the pod that is a hook.
pub(crate) enum Ending<'c, 'a> {
    /// A Job.
    Job(&'c JobClock<'a>),
    /// A pod that is a hook.
    Pod(&'c PodClock<'a>),
}

impl<'c, 'a> Ending<'c, 'a> {
    /// The clock of a workload; `None` when it runs on.
    pub(crate) fn of(context: &RuleContext<'a>) -> Option<Self>
    where
        'a: 'c,
    {
        let part = context.clocks.parts(context.workload).next();
        match part.map(|part| part.clock) {
            Some(PartClock::Job(job)) => Some(Self::Job(job)),
            Some(PartClock::Pod(pod)) => Some(Self::Pod(pod)),
            Some(PartClock::Ready(_) | PartClock::Created) => None,
            None => context.clocks.job(context.workload).map(Self::Job),
        }
    }

    /// One pod of it.
    pub(crate) fn pod(&self) -> &'c PodClock<'a> {
        match self {
            Self::Job(job) => &job.pod,
            Self::Pod(pod) => pod,
        }
    }
}

/// The container that takes longest at worst, with its longest wait, if it has one.
pub(crate) fn longest<'c, 'a>(pod: &'c PodClock<'a>) -> Option<(&'a Container, Option<&'c Wait>)> {
    // Of what is certain: a program of which nothing is known is not longer than a wait of an hour.
    let certain = |bound: &Bound| bound.at_least();
    let (container, evaluation) = pod
        .runs_of()
        .max_by_key(|(_, evaluation)| certain(&evaluation.end().worst))?;
    // One without limit is the longest, unless it has its rounds: then only a look may hang.
    let wait = evaluation
        .waits
        .iter()
        .max_by_key(|wait| (is_endless(wait), counted(wait)));
    Some((container, wait))
}

/// What a wait takes at worst, as far as it is counted: where a look may hang, the pauses of all rounds.
pub(crate) fn counted(wait: &Wait) -> Duration {
    match &wait.timing.worst {
        Bound::Unbounded(_) => wait.worst_steps.total(),
        known => known.at_least(),
    }
}

/// Whether nothing limits how often a wait goes round, or nothing of it is counted.
pub(crate) fn is_endless(wait: &Wait) -> bool {
    matches!(wait.timing.worst, Bound::Unbounded(_)) && counted(wait).is_zero()
}

/// The worst case of a pod. What is only unbounded because a command may hang (`kubectl` without `--request-timeout`)
/// counts as not known behind the longest wait: nobody means to wait there.
pub(crate) fn worst(pod: &PodClock<'_>) -> Bound {
    let worst = pod.end().worst;
    let waits = || pod.runs_of().flat_map(|(_, evaluation)| &evaluation.waits);
    match worst {
        Bound::Unbounded(why) if pod.never.is_none() && !waits().any(is_endless) => {
            let longest = waits().map(counted).max();
            Bound::Unknown {
                at_least: allowed(pod).saturating_add(longest.unwrap_or_default()),
                why,
            }
        }
        worst => worst,
    }
}

/// What scheduling and image pulls may take.
fn allowed(pod: &PodClock<'_>) -> Duration {
    let steps = pod.steps.iter();
    let allowed = steps.filter(|step| !matches!(step.what, PodStepKind::Run { .. }));
    allowed
        .map(|step| step.timing.worst.at_least())
        .fold(Duration::ZERO, Duration::saturating_add)
}

/// Whether a wait has a budget that is used up at some time, after which its script fails.
pub(crate) fn is_budget(wait: &Wait) -> bool {
    let takes_time = !counted(wait).is_zero();
    let fails = matches!(
        wait.exhausted,
        Exhaustion::Fails | Exhaustion::Handled | Exhaustion::FallsThrough { .. }
    );
    takes_time && fails && wait.kind != WaitKind::Pause && wait.attempts != Some(1)
}

/// What a pod takes beside its longest container, as steps of a proof.
pub(crate) fn beside(pod: &PodClock<'_>, container: &Container) -> Vec<String> {
    let mut steps = Vec::new();
    for step in &pod.steps {
        if let PodStepKind::Run { container: other, .. } = &step.what {
            let worst = &step.timing.worst;
            if other.span != container.span && *worst != Bound::ZERO && worst.finite().is_some() {
                steps.push(format!("container `{}` takes up to {worst}", other.name.value));
            }
        }
    }
    let allowed = allowed(pod);
    if !allowed.is_zero() {
        let pulls = pod
            .steps
            .iter()
            .filter(|step| matches!(step.what, PodStepKind::Pull(_)))
            .count();
        let images = if pulls == 1 {
            "an image".to_owned()
        } else {
            format!("{pulls} images")
        };
        steps.insert(
            0,
            format!(
                "scheduling and the pull of {images} may take {}, as `[clock]` allows",
                Seconds(allowed)
            ),
        );
    }
    steps
}

/// Where the workload's Job says how often it tries.
pub(crate) fn retry_span(workload: &Workload) -> Option<Span> {
    let written = workload.job.as_ref()?.backoff_limit.as_ref();
    let policy = workload.pod.restart_policy.as_ref();
    written
        .map(|limit| limit.span)
        .or(policy.map(|policy| policy.span))
}
