// SPDX-License-Identifier: Apache-2.0
//! What the time of an object is made of, in words.

use writeway_manifest::Role;

use crate::{
    Again, Bound, Evaluation, JobClock, PartClock, PodClock, PodStep, PodStepKind, ReadyClock, Retries,
    Seconds, Timing, Wait,
};

/// One thing that takes time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What takes time, e.g. ``container `wait` ``.
    pub what: String,
    /// It is a part of the last row that is none.
    pub within: bool,
    /// How long; `None` of a limit, which takes no time itself.
    pub timing: Option<Timing>,
    /// What that is made of, or why it is not known.
    pub why: Option<String>,
}

impl PartClock<'_> {
    /// What its time is made of, in order.
    pub fn rows(&self) -> Vec<Row> {
        match self {
            Self::Job(job) => job.rows(),
            Self::Pod(pod) => pod.rows(),
            Self::Ready(ready) => ready.rows(),
            Self::Created => Vec::new(),
        }
    }
}

impl JobClock<'_> {
    /// What its time is made of, in order.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.pod.rows();
        rows.extend(self.retries.row());
        rows.extend(self.deadline.map(|(deadline, _)| Row {
            what: "activeDeadlineSeconds".to_owned(),
            within: false,
            timing: None,
            why: Some(format!("all attempts are ended after {}", Seconds(deadline))),
        }));
        rows
    }
}

impl PodClock<'_> {
    /// What its time is made of, in order.
    pub fn rows(&self) -> Vec<Row> {
        self.steps.iter().flat_map(PodStep::rows).collect()
    }
}

impl PodStep<'_> {
    /// The step, and the waits in it where these are not all of it.
    fn rows(&self) -> Vec<Row> {
        let row = |what: String, why| Row {
            what,
            within: false,
            timing: Some(self.timing.clone()),
            why,
        };
        match &self.what {
            PodStepKind::Scheduling => {
                vec![row(
                    "scheduling".to_owned(),
                    Some("allowed by `scheduling`".to_owned()),
                )]
            }
            PodStepKind::Pull(image) => {
                let image = if image.is_empty() { "its image" } else { image };
                vec![row(
                    format!("pull of {image}"),
                    Some("allowed by `image-pull`".to_owned()),
                )]
            }
            PodStepKind::Run {
                container,
                evaluation,
            } => {
                let role = match container.role {
                    Role::Init => "init container",
                    Role::Sidecar | Role::Main | Role::Ephemeral => "container",
                };
                let why = sum(evaluation).or_else(|| reason(&self.timing));
                let mut rows = vec![row(format!("{role} `{}`", container.name.value), why)];
                if self.timing.worst.finite().is_none() {
                    rows.extend(evaluation.waits.iter().filter_map(wait_row));
                }
                rows
            }
        }
    }
}

/// A wait that takes time and ends.
fn wait_row(wait: &Wait) -> Option<Row> {
    wait.timing.worst.finite().filter(|worst| !worst.is_zero())?;
    let what = match wait.probes.as_slice() {
        [] => "a wait".to_owned(),
        probes => format!("a wait with {}", probes.join(", ")),
    };
    Some(Row {
        what,
        within: true,
        timing: Some(wait.timing.clone()),
        why: Some(wait.worst_steps.to_string()),
    })
}

impl ReadyClock<'_> {
    /// What its time is made of, in order.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.start.rows();
        rows.extend(self.probes.iter().map(|step| Row {
            what: format!("probes of `{}`", step.container.name.value),
            within: false,
            timing: Some(step.timing.clone()),
            why: step.describe().or_else(|| reason(&step.timing)),
        }));
        rows
    }
}

impl Retries {
    /// What is tried again, when something is.
    fn row(&self) -> Option<Row> {
        let (again, policy) = match self {
            Self::None => return None,
            Self::Unknown(why) => {
                return Some(Row {
                    what: "further attempts".to_owned(),
                    within: false,
                    timing: Some(Timing {
                        best: Bound::ZERO,
                        worst: Bound::unknown(*why),
                    }),
                    why: Some((*why).to_owned()),
                });
            }
            Self::Restarts(again) => (again, "OnFailure"),
            Self::Pods(again) => (again, "Never"),
        };
        let further = again.further();
        if further == 0 {
            return None;
        }
        let worst = again.each.worst.times(u64::from(further));
        let sum = match again.each.worst.finite() {
            Some(each) => format!(
                "{further} × {} + {} of pauses, for ",
                Seconds(each),
                Seconds(again.pauses)
            ),
            None => String::new(),
        };
        Some(Row {
            what: format!("{further} more attempt{}", if further == 1 { "" } else { "s" }),
            within: false,
            timing: Some(Timing {
                best: Bound::ZERO,
                worst: worst.plus(&Bound::Finite(again.pauses)),
            }),
            why: Some(format!("{sum}{}, restartPolicy {policy}", again.limit_text())),
        })
    }
}

impl Again {
    /// Attempts behind the first one.
    pub fn further(&self) -> u32 {
        self.attempts.saturating_sub(1)
    }

    /// `backoffLimit 6`, and whether that is written.
    pub fn limit_text(&self) -> String {
        let default = if self.written.is_none() { " by default" } else { "" };
        format!("backoffLimit {}{default}", self.limit)
    }
}

/// What the longest run of a container is made of, when it takes time and all of it is known.
fn sum(evaluation: &Evaluation) -> Option<String> {
    if evaluation.never.is_some() {
        return None;
    }
    let longest = evaluation.longest()?;
    let known = longest.timing.worst.finite()?;
    (!known.is_zero()).then(|| longest.worst_steps.to_string())
}

/// Why a duration is none.
fn reason(timing: &Timing) -> Option<String> {
    timing.worst.why().map(|why| why.to_string())
}
