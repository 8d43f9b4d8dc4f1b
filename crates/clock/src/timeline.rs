// SPDX-License-Identifier: Apache-2.0
//! The timeline of every release of the inputs.

use std::collections::BTreeSet;

use writeway_manifest::{Container, FileId, HookEvent, Inventory, ObjectRef, Span, Workload};

use crate::release::releases;
use crate::{
    Action, Assumptions, Bound, Evaluation, Hook, JobClock, PodClock, ReadyClock, Release, Timeout, Timing,
};

/// What the containers of workloads run.
pub type Evaluate<'e, 'a> = &'e (dyn Fn(&'a Workload, &'a Container) -> Evaluation + Sync);

/// The clocks of all inputs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clocks<'a> {
    /// What was taken for granted.
    pub assumptions: Assumptions,
    /// Those of releases, in the order of [`releases`].
    pub releases: Vec<ReleaseClock<'a>>,
    /// Those of Jobs and CronJobs of no release, in input order.
    pub jobs: Vec<(&'a Workload, JobClock<'a>)>,
}

/// The clock of a release.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseClock<'a> {
    /// The release.
    pub release: Release<'a>,
    /// What Helm may do with it that takes time.
    pub actions: Vec<ActionClock<'a>>,
}

/// The clock of one run of Helm.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionClock<'a> {
    /// What Helm does.
    pub action: Action,
    /// What it waits for, one after the other.
    pub steps: Vec<ReleaseStep<'a>>,
    /// Until it is done, each step ended by its timeout.
    pub end: Timing,
}

/// Something that Helm waits for, or could wait for.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseStep<'a> {
    /// The event and the weight of a hook; `None` for what is no hook.
    pub hook: Option<(HookEvent, i64)>,
    /// A hook, or everything that is no hook and is waited for together.
    pub parts: Vec<Part<'a>>,
    /// How long Helm waits; `None` when that is not known.
    pub timeout: Option<Timeout<'a>>,
    /// As far as no timeout ends it.
    pub timing: Timing,
    /// Until it is done, or Helm gives up.
    pub end: Timing,
}

/// An object that Helm creates.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// How long it takes.
    pub clock: PartClock<'a>,
}

/// How long an object takes.
#[derive(Debug, Clone, PartialEq)]
pub enum PartClock<'a> {
    /// Until the Job is complete or has failed.
    Job(Box<JobClock<'a>>),
    /// Until the pod has ended.
    Pod(PodClock<'a>),
    /// Until the pods are ready.
    Ready(ReadyClock<'a>),
    /// Helm does not wait for it.
    Created,
}

impl PartClock<'_> {
    /// From its creation until it is what Helm waits for.
    pub fn timing(&self) -> Timing {
        match self {
            Self::Job(job) => job.end.clone(),
            Self::Pod(pod) => pod.end(),
            Self::Ready(ready) => ready.timing.clone(),
            Self::Created => Timing::ZERO,
        }
    }
}

impl<'a> Clocks<'a> {
    /// The clocks of all inputs.
    pub fn new(inventory: &'a Inventory, assumptions: &Assumptions, evaluate: Evaluate<'_, 'a>) -> Self {
        let releases: Vec<_> = releases(inventory)
            .into_iter()
            .map(|release| ReleaseClock::new(release, assumptions, evaluate))
            .collect();
        let place = |workload: &Workload| (workload.object.file, workload.pod.span);
        let counted: BTreeSet<(FileId, Span)> = releases
            .iter()
            .flat_map(|clock| {
                let hooks = clock.release.hooks.iter().filter_map(|hook| hook.workload);
                hooks.chain(clock.release.workloads.iter().copied())
            })
            .map(place)
            .collect();
        let jobs = inventory
            .workloads()
            .iter()
            .filter(|workload| !counted.contains(&place(workload)))
            .filter_map(|workload| Some((workload, job_clock(workload, assumptions, evaluate)?)))
            .collect();
        Self {
            assumptions: *assumptions,
            releases,
            jobs,
        }
    }
}

impl<'a> ReleaseClock<'a> {
    /// The clock of a release.
    pub fn new(release: Release<'a>, assumptions: &Assumptions, evaluate: Evaluate<'_, 'a>) -> Self {
        let actions = Action::ALL
            .into_iter()
            .map(|action| ActionClock::new(&release, action, assumptions, evaluate))
            .filter(|clock| !clock.steps.is_empty())
            .collect();
        Self { release, actions }
    }
}

impl<'a> ActionClock<'a> {
    fn new(
        release: &Release<'a>,
        action: Action,
        assumptions: &Assumptions,
        evaluate: Evaluate<'_, 'a>,
    ) -> Self {
        let hooks = |event: HookEvent| {
            let hooks = if release.runs_hooks(action) {
                release.hooks_of(event)
            } else {
                Vec::new()
            };
            let timeout = release.hook_timeout(action, assumptions);
            hooks.into_iter().map(move |hook| {
                let clock = hook_clock(hook, assumptions, evaluate);
                let waited = !matches!(clock, PartClock::Created);
                let part = Part {
                    object: hook.object,
                    clock,
                };
                let hook = Some((event, hook.hook.weight));
                ReleaseStep::new(hook, vec![part], timeout.filter(|_| waited))
            })
        };
        let (before, after) = action.events();
        let mut steps: Vec<_> = hooks(before).collect();
        let timeout = release.rest_timeout(action, assumptions);
        if timeout.is_some() {
            let parts: Vec<_> = release
                .workloads
                .iter()
                .filter_map(|workload| rest_part(workload, assumptions, evaluate))
                .collect();
            if !parts.is_empty() {
                steps.push(ReleaseStep::new(None, parts, timeout));
            }
        }
        steps.extend(after.into_iter().flat_map(hooks));
        let end = steps.iter().fold(Timing::ZERO, |end, step| end.then(&step.end));
        Self { action, steps, end }
    }
}

impl<'a> ActionClock<'a> {
    /// Whether another action takes the same steps, each as long, so that one table will do for both.
    pub fn is_like(&self, other: &Self) -> bool {
        self.steps().eq(other.steps()) && self.parts().eq(other.parts())
    }

    /// What tells steps apart beside their parts: before or after everything else, the weight, the timeout.
    fn steps(&self) -> impl Iterator<Item = impl PartialEq> {
        let (before, _) = self.action.events();
        self.steps.iter().map(move |step| {
            let hook = step.hook.map(|(event, weight)| (event == before, weight));
            let timeout = step.timeout.map(|timeout| (timeout.after, timeout.source));
            (hook, timeout)
        })
    }

    fn parts(&self) -> impl Iterator<Item = &Part<'a>> {
        self.steps.iter().flat_map(|step| &step.parts)
    }
}

impl<'a> ReleaseStep<'a> {
    fn new(hook: Option<(HookEvent, i64)>, parts: Vec<Part<'a>>, timeout: Option<Timeout<'a>>) -> Self {
        let timing = parts
            .iter()
            .map(|part| part.clock.timing())
            .fold(Timing::ZERO, |one, other| Timing {
                best: one.best.longer(&other.best),
                worst: one.worst.longer(&other.worst),
            });
        let end = match timeout {
            Some(Timeout { after, .. }) => Timing {
                best: timing.best.shorter(&Bound::Finite(after)),
                worst: timing.worst.cut(after),
            },
            None => timing.clone(),
        };
        Self {
            hook,
            parts,
            timeout,
            timing,
            end,
        }
    }

    /// Whether Helm waits for it.
    pub fn is_waited_for(&self) -> bool {
        self.parts
            .iter()
            .any(|part| !matches!(part.clock, PartClock::Created))
    }
}

/// The clock of a Job, or of the Job of a CronJob; `None` of anything else.
pub fn job_clock<'a>(
    workload: &'a Workload,
    assumptions: &Assumptions,
    evaluate: Evaluate<'_, 'a>,
) -> Option<JobClock<'a>> {
    let job = workload.job.as_ref()?;
    let pod = PodClock::new(workload, assumptions, &|container| evaluate(workload, container));
    Some(JobClock::new(workload, job, pod))
}

fn hook_clock<'a>(hook: &Hook<'a>, assumptions: &Assumptions, evaluate: Evaluate<'_, 'a>) -> PartClock<'a> {
    let Some(workload) = hook.workload.filter(|_| hook.is_waited_for()) else {
        return PartClock::Created;
    };
    match job_clock(workload, assumptions, evaluate) {
        Some(job) => PartClock::Job(Box::new(job)),
        None => PartClock::Pod(PodClock::new(workload, assumptions, &|container| {
            evaluate(workload, container)
        })),
    }
}

/// What is no hook, when Helm waits for its pods (helm pkg/kube/ready.go, IsReady).
fn rest_part<'a>(
    workload: &'a Workload,
    assumptions: &Assumptions,
    evaluate: Evaluate<'_, 'a>,
) -> Option<Part<'a>> {
    let object = &workload.object;
    let clock = match object.kind.as_str() {
        "Job" => PartClock::Job(Box::new(job_clock(workload, assumptions, evaluate)?)),
        "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" => {
            PartClock::Ready(ReadyClock::new(workload, assumptions, &|container| {
                evaluate(workload, container)
            }))
        }
        _ => return None,
    };
    Some(Part { object, clock })
}
