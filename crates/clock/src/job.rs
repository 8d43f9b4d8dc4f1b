// SPDX-License-Identifier: Apache-2.0
//! How long a Job takes, with every attempt that it is allowed.

use std::time::Duration;

use writeway_manifest::{JobSpec, Span, Spanned, Workload};

use crate::backoff::{job_pauses, kubelet_pauses};
use crate::{Bound, PodClock, Timing};

/// The life of a Job, from its creation until it is complete or has failed.
#[derive(Debug, Clone, PartialEq)]
pub struct JobClock<'a> {
    /// One attempt.
    pub pod: PodClock<'a>,
    /// What comes after an attempt that failed.
    pub retries: Retries,
    /// `activeDeadlineSeconds`: when all attempts are ended.
    pub deadline: Option<(Duration, Span)>,
    /// One attempt, as far as no deadline ends it.
    pub attempt: Timing,
    /// All attempts, as if there was no deadline.
    pub attempts: Timing,
    /// Until it is complete or has failed.
    pub end: Timing,
}

/// What comes after an attempt that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retries {
    /// Nothing: no attempt fails, or the first one was the last.
    None,
    /// The container that failed is started again in its pod, `restartPolicy: OnFailure`.
    Restarts(Again),
    /// Another pod is made, `restartPolicy: Never`.
    Pods(Again),
    /// What comes is not known.
    Unknown(&'static str),
}

/// How often something is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// Attempts, the first one included, that can run to their end.
    pub attempts: u32,
    /// The pauses between them, together, when each takes as long as it may.
    pub pauses: Duration,
    /// The limit that says so, `backoffLimit`.
    pub limit: u32,
    /// Where it is written; it is Kubernetes' default otherwise.
    pub written: Option<Span>,
    /// What one more attempt takes.
    pub each: Timing,
}

impl<'a> JobClock<'a> {
    /// The clock of a Job with that pod.
    pub fn new(workload: &'a Workload, job: &JobSpec, pod: PodClock<'a>) -> Self {
        let deadline = job.active_deadline_seconds.as_ref().and_then(|deadline| {
            let seconds = u64::try_from(deadline.value).ok()?;
            Some((Duration::from_secs(seconds), deadline.span))
        });
        let retries = Retries::of(workload, job, &pod);
        let first = pod.end();
        let attempts = match &retries {
            Retries::None => first.clone(),
            Retries::Restarts(again) | Retries::Pods(again) => {
                let further = again
                    .each
                    .worst
                    .times(u64::from(again.attempts.saturating_sub(1)));
                Timing {
                    best: first.best.clone(),
                    worst: first.worst.plus(&further).plus(&Bound::Finite(again.pauses)),
                }
            }
            Retries::Unknown(why) => Timing {
                best: first.best.clone(),
                worst: first.worst.plus(&Bound::unknown(*why)),
            },
        };
        let ended = |timing: &Timing| match deadline {
            None => timing.clone(),
            Some((deadline, _)) => Timing {
                best: timing.best.shorter(&Bound::Finite(deadline)),
                worst: timing.worst.cut(deadline),
            },
        };
        let suspended = job.suspend.as_ref().is_some_and(|suspend| suspend.value);
        let end = if suspended {
            Timing::unknown("it is suspended until somebody changes that")
        } else {
            ended(&attempts)
        };
        Self {
            attempt: ended(&first),
            end,
            attempts,
            pod,
            retries,
            deadline,
        }
    }
}

impl Retries {
    fn of(workload: &Workload, job: &JobSpec, pod: &PodClock<'_>) -> Self {
        let Some(failure) = &pod.failure else {
            return Self::None;
        };
        let several = |number: &Option<Spanned<i64>>| number.as_ref().is_some_and(|number| number.value > 1);
        if several(&job.completions) || several(&job.parallelism) {
            return Self::Unknown("several pods of the Job share its retries");
        }
        if job.pod_failure_policy.is_some() {
            return Self::Unknown("its podFailurePolicy decides about retries");
        }
        let Some(limit) = job.retries() else {
            return Self::Unknown("each index of the Job has retries of its own");
        };
        let written = job.backoff_limit.as_ref().map(|limit| limit.span);
        let policy = workload.pod.restart_policy.as_ref().map(|policy| policy.as_str());
        match policy {
            Some("Never") if limit == 0 => Self::None,
            Some("Never") => Self::Pods(Again {
                attempts: limit.saturating_add(1),
                pauses: job_pauses(limit),
                limit,
                written,
                each: failure.clone(),
            }),
            Some("OnFailure") if workload.pod.active_deadline_seconds.is_some() => {
                Self::Unknown("activeDeadlineSeconds of its pod ends restarts, and another pod begins")
            }
            Some("OnFailure") => {
                // The Job has failed when the restarts reach the limit, which is when the attempt behind the last one
                // begins; without retries, when the first restart does
                // (pkg/controller/job/job_controller.go, pastBackoffLimitOnFailure).
                let attempts = limit.max(1);
                let runs = pod
                    .runs_of()
                    .filter_map(|(_, evaluation)| evaluation.failure.as_ref());
                let each = runs
                    .map(|failure| failure.timing.clone())
                    .reduce(|one, other| one.or(&other));
                let each = each.unwrap_or(Timing::ZERO);
                Self::Restarts(Again {
                    attempts,
                    pauses: kubelet_pauses(attempts, each.worst.finite()),
                    limit,
                    written,
                    each,
                })
            }
            // A Job must have one of the two (pkg/apis/batch/validation/validation.go, validateJobSpec).
            _ => Self::Unknown("its restartPolicy is not one that a Job may have"),
        }
    }

    /// How often it is tried, when that is known; 1 without retries.
    pub fn attempts(&self) -> Option<u32> {
        match self {
            Self::None => Some(1),
            Self::Restarts(again) | Self::Pods(again) => Some(again.attempts),
            Self::Unknown(_) => None,
        }
    }
}
