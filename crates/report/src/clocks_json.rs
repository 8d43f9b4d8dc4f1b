// SPDX-License-Identifier: Apache-2.0
//! The clocks in the JSON document of a check (`clocks` in `schema/check.schema.json`).

use serde::Serialize;
use writeway_clock::{
    ActionClock, Bound, Clocks, Part, PartClock, ReleaseClock, ReleaseStep, Row, Timeout, TimeoutSource,
    Timing,
};
use writeway_manifest::{Inventory, ObjectRef};

use crate::region::Region;

#[derive(Serialize)]
pub(crate) struct ClocksJson<'a> {
    releases: Vec<ReleaseJson<'a>>,
    jobs: Vec<PartJson<'a>>,
}

impl<'a> ClocksJson<'a> {
    pub(crate) fn new(inventory: &'a Inventory, clocks: &'a Clocks<'a>) -> Self {
        let release = |clock| ReleaseJson::new(inventory, clock);
        let jobs = clocks.jobs.iter().map(|(workload, job)| PartJson {
            object: ObjectJson::new(&workload.object),
            waited_for: true,
            timing: TimingJson::new(&job.end),
            rows: job.rows().into_iter().map(RowJson::new).collect(),
        });
        Self {
            releases: clocks.releases.iter().map(release).collect(),
            jobs: jobs.collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReleaseJson<'a> {
    name: Option<&'a str>,
    helm_release: Option<ObjectJson<'a>>,
    actions: Vec<ActionJson<'a>>,
}

impl<'a> ReleaseJson<'a> {
    fn new(inventory: &'a Inventory, clock: &'a ReleaseClock<'a>) -> Self {
        let release = &clock.release;
        let action = |clock| ActionJson::new(inventory, clock);
        Self {
            name: release.name.as_deref(),
            helm_release: release.declared.map(|declared| ObjectJson::new(&declared.object)),
            actions: clock.actions.iter().map(action).collect(),
        }
    }
}

#[derive(Serialize)]
struct ActionJson<'a> {
    action: &'static str,
    #[serde(flatten)]
    timing: TimingJson,
    steps: Vec<StepJson<'a>>,
}

impl<'a> ActionJson<'a> {
    fn new(inventory: &'a Inventory, clock: &'a ActionClock<'a>) -> Self {
        let step = |step| StepJson::new(inventory, step);
        Self {
            action: clock.action.as_str(),
            timing: TimingJson::new(&clock.end),
            steps: clock.steps.iter().map(step).collect(),
        }
    }
}

#[derive(Serialize)]
struct StepJson<'a> {
    hook: Option<HookJson>,
    timeout: Option<TimeoutJson<'a>>,
    #[serde(flatten)]
    timing: TimingJson,
    parts: Vec<PartJson<'a>>,
}

impl<'a> StepJson<'a> {
    fn new(inventory: &'a Inventory, step: &'a ReleaseStep<'a>) -> Self {
        Self {
            hook: step.hook.map(|(event, weight)| HookJson {
                event: event.as_str(),
                weight,
            }),
            timeout: step.timeout.map(|timeout| TimeoutJson::new(inventory, timeout)),
            timing: TimingJson::new(&step.end),
            parts: step.parts.iter().map(PartJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct HookJson {
    event: &'static str,
    weight: i64,
}

#[derive(Serialize)]
struct TimeoutJson<'a> {
    seconds: f64,
    source: &'static str,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'a> TimeoutJson<'a> {
    fn new(inventory: &'a Inventory, timeout: Timeout<'a>) -> Self {
        let (source, place) = match timeout.source {
            TimeoutSource::HelmRelease(_, Some(place)) => ("helmRelease", Some(place)),
            TimeoutSource::HelmRelease(_, None) => ("fluxDefault", None),
            TimeoutSource::Configured => ("configured", None),
            TimeoutSource::Default => ("helmDefault", None),
        };
        let region = place.map(|place| Region::of(inventory, place));
        Self {
            seconds: timeout.after.as_secs_f64(),
            source,
            file: region.as_ref().map(|region| region.file),
            line: region.as_ref().map(|region| region.line),
            column: region.as_ref().map(|region| region.column),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartJson<'a> {
    object: ObjectJson<'a>,
    waited_for: bool,
    #[serde(flatten)]
    timing: TimingJson,
    rows: Vec<RowJson>,
}

impl<'a> PartJson<'a> {
    fn new(part: &'a Part<'a>) -> Self {
        Self {
            object: ObjectJson::new(part.object),
            waited_for: !matches!(part.clock, PartClock::Created),
            timing: TimingJson::new(&part.clock.timing()),
            rows: part.clock.rows().into_iter().map(RowJson::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct RowJson {
    what: String,
    within: bool,
    best: Option<BoundJson>,
    worst: Option<BoundJson>,
    why: Option<String>,
}

impl RowJson {
    fn new(row: Row) -> Self {
        let bound = |bound: fn(&Timing) -> &Bound| row.timing.as_ref().map(bound).map(BoundJson::new);
        Self {
            best: bound(|timing| &timing.best),
            worst: bound(|timing| &timing.worst),
            what: row.what,
            within: row.within,
            why: row.why,
        }
    }
}

#[derive(Serialize)]
struct ObjectJson<'a> {
    kind: &'a str,
    namespace: Option<&'a str>,
    name: &'a str,
}

impl<'a> ObjectJson<'a> {
    fn new(object: &'a ObjectRef) -> Self {
        Self {
            kind: &object.kind,
            namespace: object.namespace.as_deref(),
            name: &object.name,
        }
    }
}

#[derive(Serialize)]
struct TimingJson {
    best: BoundJson,
    worst: BoundJson,
}

impl TimingJson {
    fn new(timing: &Timing) -> Self {
        Self {
            best: BoundJson::new(&timing.best),
            worst: BoundJson::new(&timing.worst),
        }
    }
}

/// `seconds` is the duration, or what is certain of one that is not known; null of one without limit.
#[derive(Serialize)]
struct BoundJson {
    kind: &'static str,
    seconds: Option<f64>,
    why: Option<String>,
}

impl BoundJson {
    fn new(bound: &Bound) -> Self {
        let kind = match bound {
            Bound::Finite(_) => "finite",
            Bound::Unknown { .. } => "unknown",
            Bound::Unbounded(_) => "unbounded",
        };
        let seconds = match bound {
            Bound::Finite(duration) => Some(*duration),
            Bound::Unknown { at_least, .. } => Some(*at_least),
            Bound::Unbounded(_) => None,
        };
        Self {
            kind,
            seconds: seconds.map(|seconds| seconds.as_secs_f64()),
            why: bound.why().map(|why| why.to_string()),
        }
    }
}
