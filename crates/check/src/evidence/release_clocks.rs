// SPDX-License-Identifier: Apache-2.0
//! The clocks of the inputs, as rules ask for them: by workload, and by the object that stands for a release.

use std::collections::BTreeMap;

use rayon::prelude::*;
use writeway_clock::{Assumptions, Clocks, JobClock, PartClock, ReleaseClock, ReleaseStep};
use writeway_manifest::{Container, FileId, Inventory, ObjectRef, Span, Which, Workload};

use crate::evidence::timing::timing;

/// The clocks of all inputs.
pub fn clocks<'a>(inventory: &'a Inventory, assumptions: &Assumptions) -> Clocks<'a> {
    // Scripts are what takes time here; of most inputs none belongs to a Job or to a release that is waited for.
    let all = if inventory.helm_releases().is_empty() {
        None
    } else {
        Some(Which::Init)
    };
    let evaluations: BTreeMap<_, _> = inventory
        .workloads()
        .par_iter()
        .flat_map_iter(|workload| {
            let which = workload.job.as_ref().map(|_| Which::Regular).or(all);
            let containers = which.into_iter().flat_map(|which| workload.pod.containers(which));
            containers.map(|container| (place(workload, container), timing(inventory, workload, container)))
        })
        .collect();
    Clocks::new(inventory, assumptions, &|workload, container| match evaluations
        .get(&place(workload, container))
    {
        Some(evaluation) => evaluation.clone(),
        None => timing(inventory, workload, container),
    })
}

fn place(workload: &Workload, container: &Container) -> (FileId, Span) {
    (workload.object.file, container.span)
}

/// The clocks of all inputs, found by their objects.
#[derive(Debug, Default)]
pub(crate) struct ReleaseClocks<'a> {
    clocks: Clocks<'a>,
    /// By the place of the pod: the Job's index in the clocks.
    jobs: BTreeMap<(FileId, Span), usize>,
    /// By the place of the pod: release, action, step and part.
    parts: BTreeMap<(FileId, Span), Vec<[usize; 4]>>,
    /// By the place of the name of the object that stands for it: the release.
    releases: BTreeMap<(FileId, Span), usize>,
}

/// A workload as a part of a release.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartOfRelease<'c, 'a> {
    /// The release.
    pub(crate) release: &'c ReleaseClock<'a>,
    /// The step that it is, or is part of.
    pub(crate) step: &'c ReleaseStep<'a>,
    /// Its clock.
    pub(crate) clock: &'c PartClock<'a>,
}

impl<'a> ReleaseClocks<'a> {
    /// The clocks of all inputs.
    pub(crate) fn new(inventory: &'a Inventory, assumptions: &Assumptions) -> Self {
        let mut found = Self {
            clocks: clocks(inventory, assumptions),
            ..Self::default()
        };
        let jobs = found.clocks.jobs.iter().enumerate();
        found.jobs = jobs
            .map(|(index, (workload, _))| (pod(workload), index))
            .collect();
        let mut by_name = BTreeMap::new();
        for (r, clock) in found.clocks.releases.iter().enumerate() {
            let release = &clock.release;
            let pods = release
                .hooks
                .iter()
                .filter_map(|hook| Some((hook.object, hook.workload?)));
            let pods = pods.chain(
                release
                    .workloads
                    .iter()
                    .map(|workload| (&workload.object, *workload)),
            );
            by_name.extend(pods.map(|(object, workload)| (name(object), pod(workload))));
            if let Some(object) = home(clock) {
                found.releases.entry(name(object)).or_insert(r);
            }
            for (a, action) in clock.actions.iter().enumerate() {
                for (s, step) in action.steps.iter().enumerate() {
                    for (p, part) in step.parts.iter().enumerate() {
                        let Some(pod) = by_name.get(&name(part.object)) else {
                            continue;
                        };
                        found.parts.entry(*pod).or_default().push([r, a, s, p]);
                    }
                }
            }
        }
        found
    }

    /// The clock of a Job of no release.
    pub(crate) fn job(&self, workload: &Workload) -> Option<&JobClock<'a>> {
        let index = self.jobs.get(&pod(workload))?;
        self.clocks.jobs.get(*index).map(|(_, job)| job)
    }

    /// A workload in each action of its release.
    pub(crate) fn parts(&self, workload: &Workload) -> impl Iterator<Item = PartOfRelease<'_, 'a>> {
        let places = self.parts.get(&pod(workload)).into_iter().flatten();
        places.filter_map(|[r, a, s, p]| {
            let release = self.clocks.releases.get(*r)?;
            let action = release.actions.get(*a)?;
            let step = action.steps.get(*s)?;
            let clock = &step.parts.get(*p)?.clock;
            Some(PartOfRelease { release, step, clock })
        })
    }

    /// The release that an object stands for: its HelmRelease, or the first hook that Helm waits for.
    pub(crate) fn release(&self, object: &ObjectRef) -> Option<&ReleaseClock<'a>> {
        let index = self.releases.get(&name(object))?;
        self.clocks.releases.get(*index)
    }
}

/// The object that stands for a release.
fn home<'a>(clock: &ReleaseClock<'a>) -> Option<&'a ObjectRef> {
    let declared = clock.release.declared.map(|declared| &declared.object);
    let mut waited = clock.release.hooks.iter().filter(|hook| hook.is_waited_for());
    declared.or_else(|| waited.next().map(|hook| hook.object))
}

fn pod(workload: &Workload) -> (FileId, Span) {
    (workload.object.file, workload.pod.span)
}

fn name(object: &ObjectRef) -> (FileId, Span) {
    (object.file, object.name_span)
}
