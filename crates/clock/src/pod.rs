// SPDX-License-Identifier: Apache-2.0
//! How long a pod takes that runs to its end.

use std::collections::BTreeSet;
use std::time::Duration;

use writeway_manifest::{Container, Role, Which, Workload};

use crate::{Assumptions, Bound, Evaluation, Reason, Timing};

/// The life of a pod, from its creation to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct PodClock<'a> {
    /// What happens one after the other; main containers run side by side.
    pub steps: Vec<PodStep<'a>>,
    /// Until every container has succeeded; `None`: that never happens.
    pub success: Option<Timing>,
    /// Until it has failed when nothing is started again; `None`: no container fails.
    pub failure: Option<Timing>,
    /// Why it may never end.
    pub never: Option<Reason>,
}

/// A step in the life of a pod.
#[derive(Debug, Clone, PartialEq)]
pub struct PodStep<'a> {
    /// What takes time.
    pub what: PodStepKind<'a>,
    /// How long.
    pub timing: Timing,
}

/// What takes time in the life of a pod.
#[derive(Debug, Clone, PartialEq)]
pub enum PodStepKind<'a> {
    /// A node is found, and kubelet starts to work.
    Scheduling,
    /// An image is pulled, unless the node has it.
    Pull(&'a str),
    /// A container runs.
    Run {
        /// The container.
        container: &'a Container,
        /// What it runs.
        evaluation: Box<Evaluation>,
    },
}

impl<'a> PodClock<'a> {
    /// The clock of a pod that runs to its end, whose containers run what `evaluate` says.
    pub fn new(
        workload: &'a Workload,
        assumptions: &Assumptions,
        evaluate: &dyn Fn(&'a Container) -> Evaluation,
    ) -> Self {
        let mut clock = Self::start(workload, assumptions, evaluate);
        let main = workload.pod.containers(Which::Main);
        let main: Vec<_> = main.map(|container| (container, evaluate(container))).collect();
        clock.runs(&main);
        let deadline = workload.pod.active_deadline_seconds.as_ref();
        if let Some(deadline) = deadline.and_then(|deadline| u64::try_from(deadline.value).ok()) {
            // It counts from kubelet's start of the pod (pkg/kubelet/active_deadline.go, pastActiveDeadline).
            clock.end_after(
                assumptions
                    .scheduling
                    .saturating_add(Duration::from_secs(deadline)),
            );
        }
        clock
    }

    /// The clock of a pod until its main containers are started: `success` is until then.
    ///
    /// Kubelet starts containers one after the other, so that the last one waits for the pulls of all
    /// (pkg/kubelet/kuberuntime/kuberuntime_manager.go, SyncPod).
    pub(crate) fn start(
        workload: &'a Workload,
        assumptions: &Assumptions,
        evaluate: &dyn Fn(&'a Container) -> Evaluation,
    ) -> Self {
        let mut clock = Self {
            steps: Vec::new(),
            success: Some(Timing::ZERO),
            failure: None,
            never: None,
        };
        let allowed = |allowance| Timing {
            best: Bound::ZERO,
            worst: Bound::Finite(allowance),
        };
        clock.then(PodStepKind::Scheduling, allowed(assumptions.scheduling));
        let mut pulled = BTreeSet::new();
        for container in workload.pod.containers(Which::Regular) {
            let image = container.image.as_ref().map_or("", |image| image.as_str());
            if pulled.insert(image) {
                clock.then(PodStepKind::Pull(image), allowed(assumptions.image_pull));
            }
            match container.role {
                Role::Init => clock.runs(&[(container, evaluate(container))]),
                Role::Sidecar if container.probes.startup.is_some() => {
                    let why = format!("how long sidecar `{}` takes to start", container.name.value);
                    clock.success = clock.success.map(|before| before.then(&Timing::unknown(why)));
                }
                Role::Sidecar | Role::Main | Role::Ephemeral => {}
            }
        }
        clock
    }

    /// Until it ends at all.
    pub fn end(&self) -> Timing {
        let ends = self.success.iter().chain(&self.failure);
        let end = ends.cloned().reduce(|one, other| one.or(&other));
        match (end, &self.never) {
            (end, None) => end.unwrap_or(Timing::ZERO),
            (end, Some(why)) => {
                let never = Bound::Unbounded(why.clone());
                Timing {
                    best: end.map_or_else(|| never.clone(), |end| end.best),
                    worst: never,
                }
            }
        }
    }

    /// The containers that run to an end, with what they run.
    pub fn runs_of(&self) -> impl Iterator<Item = (&'a Container, &Evaluation)> {
        self.steps.iter().filter_map(|step| match &step.what {
            PodStepKind::Run {
                container,
                evaluation,
            } => Some((*container, &**evaluation)),
            PodStepKind::Scheduling | PodStepKind::Pull(_) => None,
        })
    }

    /// Something ends it.
    fn end_after(&mut self, limit: Duration) {
        let end = self.end();
        if end.worst.compare(&Bound::Finite(limit)).is_le() {
            return;
        }
        let cut = |timing: &Timing| Timing {
            best: timing.best.shorter(&Bound::Finite(limit)),
            worst: timing.worst.cut(limit),
        };
        self.success = self.success.as_ref().map(cut);
        self.failure = Some(cut(&end));
        self.never = None;
    }

    /// A step that always succeeds.
    fn then(&mut self, what: PodStepKind<'a>, timing: Timing) {
        self.success = self.success.take().map(|before| before.then(&timing));
        self.steps.push(PodStep { what, timing });
    }

    /// Containers that run side by side. Each waits for the success of all before it.
    fn runs(&mut self, runs: &[(&'a Container, Evaluation)]) {
        let before = self.success.take();
        let mut success = Some(Timing::ZERO);
        let mut fails = false;
        let mut end: Option<Timing> = None;
        for (container, evaluation) in runs {
            let timing = evaluation.end();
            let succeeds = evaluation.success.as_ref().map(|success| &success.timing);
            success = success.zip(succeeds).map(|(all, this)| both(&all, this));
            fails |= evaluation.failure.is_some();
            end = Some(end.map_or_else(|| timing.clone(), |end| both(&end, &timing)));
            if before.is_some() && self.never.is_none() {
                self.never = evaluation.never.clone();
            }
            self.steps.push(PodStep {
                what: PodStepKind::Run {
                    container,
                    evaluation: Box::new(evaluation.clone()),
                },
                timing,
            });
        }
        // A pod whose containers are not started again has failed when all have ended and one has failed
        // (pkg/kubelet/kubelet_pods.go, getPhase).
        if let (Some(before), Some(end), true) = (&before, end, fails) {
            let failure = before.then(&end);
            self.failure = Some(match self.failure.take() {
                Some(earlier) => earlier.or(&failure),
                None => failure,
            });
        }
        self.success = before.zip(success).map(|(before, success)| before.then(&success));
    }
}

/// Both, side by side.
fn both(one: &Timing, other: &Timing) -> Timing {
    Timing {
        best: one.best.longer(&other.best),
        worst: one.worst.longer(&other.worst),
    }
}
