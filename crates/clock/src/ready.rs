// SPDX-License-Identifier: Apache-2.0
//! How long a pod takes that runs on until it is ready.

use std::time::Duration;

use writeway_manifest::{Container, Probe, Which, Workload};

use crate::{Assumptions, Bound, Evaluation, PodClock, Seconds, Timing};

/// The life of a pod, from its creation until it counts as ready.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadyClock<'a> {
    /// Until its main containers are started.
    pub start: PodClock<'a>,
    /// What its probes say about each main container that has some.
    pub probes: Vec<ReadyStep<'a>>,
    /// Until it is ready.
    pub timing: Timing,
}

/// What the probes of a container say about its start.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadyStep<'a> {
    /// The container.
    pub container: &'a Container,
    /// From its start until it is ready.
    pub timing: Timing,
    /// When kubelet gives it up and starts it anew, with the probe that says so.
    pub patience: Option<(Duration, &'a Probe)>,
}

impl<'a> ReadyClock<'a> {
    /// The clock of a pod, whose init containers run what `evaluate` says.
    pub fn new(
        workload: &'a Workload,
        assumptions: &Assumptions,
        evaluate: &dyn Fn(&'a Container) -> Evaluation,
    ) -> Self {
        let start = PodClock::start(workload, assumptions, evaluate);
        let probes: Vec<_> = workload
            .pod
            .containers(Which::Main)
            .filter_map(ReadyStep::of)
            .collect();
        let side_by_side = |one: Timing, step: &ReadyStep<'_>| Timing {
            best: one.best.longer(&step.timing.best),
            worst: one.worst.longer(&step.timing.worst),
        };
        let ready = probes.iter().fold(Timing::ZERO, side_by_side);
        let timing = match &start.success {
            Some(started) => started.then(&ready),
            None => start.end(),
        };
        Self {
            start,
            probes,
            timing,
        }
    }
}

impl<'a> ReadyStep<'a> {
    /// Without a probe a container is ready when it is started.
    fn of(container: &'a Container) -> Option<Self> {
        let probes = &container.probes;
        let least = |probe: &Probe| {
            let further = probe.period().saturating_mul(probe.successes().saturating_sub(1));
            probe.initial_delay().saturating_add(further)
        };
        let startup = probes.startup.as_ref();
        let readiness = probes.readiness.as_ref();
        if startup.is_none() && readiness.is_none() {
            return None;
        }
        // The readiness probe begins when the startup probe has succeeded; its delay counts from the container's start
        // (pkg/kubelet/prober/worker.go, doProbe).
        let best = startup.map_or(Duration::ZERO, least);
        let best = best.max(readiness.map_or(Duration::ZERO, least));
        let why = format!("when container `{}` answers its probes", container.name.value);
        Some(Self {
            container,
            timing: Timing {
                best: Bound::Finite(best),
                worst: Bound::Unknown {
                    at_least: best,
                    why: why.into(),
                },
            },
            patience: startup.map(|probe| (patience(probe), probe)),
        })
    }

    /// What the probes do, in words.
    pub fn describe(&self) -> Option<String> {
        let (patience, probe) = self.patience?;
        Some(format!(
            "started anew after {} = {} + {} × {}",
            Seconds(patience),
            Seconds(probe.initial_delay()),
            probe.failures(),
            Seconds(probe.period()),
        ))
    }
}

/// From the container's start until the probe has failed for good.
fn patience(probe: &Probe) -> Duration {
    let attempts = probe.period().saturating_mul(probe.failures());
    probe.initial_delay().saturating_add(attempts)
}
