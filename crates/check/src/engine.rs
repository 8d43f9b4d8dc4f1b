// SPDX-License-Identifier: Apache-2.0
//! Runs the map and the rules over an inventory, in parallel and in a fixed order.

use rayon::prelude::*;
use writeway_access::{Context, PodMap, map_pod};
use writeway_manifest::{FileId, Place, Which, Workload};

use crate::evidence::commands::WorkloadCommands;
use crate::evidence::release_clocks::ReleaseClocks;
use crate::rules::ww903_unreadable_document;
use crate::{Finding, ObjectContext, Rule, RuleContext, Settings};

/// Workloads that are worked on at a time: enough for every core, few enough that the maps of a large repository are
/// never in memory together.
const BATCH: usize = 128;

/// The write map of every workload, in input order. Maps are made as the iterator is read, a batch at a time.
pub fn map_all<'a>(context: &'a Context<'a>) -> impl Iterator<Item = (&'a Workload, PodMap)> {
    context.inventory.workloads().chunks(BATCH).flat_map(|batch| {
        let maps: Vec<_> = batch
            .par_iter()
            .map(|workload| (workload, map_pod(context, workload)))
            .collect();
        maps
    })
}

/// What the rules find, by file, place and code.
pub fn check(context: &Context<'_>, settings: &Settings) -> Vec<Finding> {
    check_files(context, settings, &|_| true)
}

/// What the rules find about the objects of some files, in the light of all, by file, place and code.
pub fn check_files(
    context: &Context<'_>,
    settings: &Settings,
    wanted: &(dyn Fn(FileId) -> bool + Sync),
) -> Vec<Finding> {
    let inventory = context.inventory;
    let commands = WorkloadCommands::new(inventory);
    let clocks = if settings.rules.iter().any(Rule::asks_for_clocks) {
        ReleaseClocks::new(inventory, &settings.clock)
    } else {
        ReleaseClocks::default()
    };
    let shared = Shared {
        commands: &commands,
        clocks: &clocks,
    };
    let mut findings: Vec<_> = inventory
        .workloads()
        .par_iter()
        .filter(|workload| wanted(workload.object.file))
        .flat_map_iter(|workload| judge(context, settings, workload, shared))
        .collect();
    findings.extend(judge_objects(context, settings, shared, wanted));
    if settings.rules.contains(&ww903_unreadable_document::RULE) {
        let unreadable = ww903_unreadable_document::findings(context.inventory);
        findings.extend(
            unreadable
                .into_iter()
                .filter(|finding| wanted(finding.primary.place.file)),
        );
    }
    findings.sort_by_cached_key(order);
    findings
}

/// What is found out once for all rules.
#[derive(Clone, Copy)]
struct Shared<'a> {
    commands: &'a WorkloadCommands,
    clocks: &'a ReleaseClocks<'a>,
}

fn judge(
    context: &Context<'_>,
    settings: &Settings,
    workload: &Workload,
    shared: Shared<'_>,
) -> Vec<Finding> {
    let mut paths = context.extra_paths.to_vec();
    let asked = settings
        .rules
        .iter()
        .flat_map(|rule| rule.paths(workload, context.facts));
    paths.extend(asked);
    let access = Context {
        extra_paths: &paths,
        ..*context
    };
    let map = map_pod(&access, workload);
    let context = RuleContext {
        access: &access,
        settings,
        workload,
        map: &map,
        commands: shared.commands,
        clocks: shared.clocks,
    };
    settings
        .rules
        .iter()
        .flat_map(|rule| rule.run(&context))
        .map(|finding| tied(&context, finding))
        .collect()
}

/// A finding in a script that stands in another object, with the container that runs it.
fn tied(context: &RuleContext<'_>, finding: Finding) -> Finding {
    let object = &context.workload.object;
    let is_own = |place: Place| place.file == object.file && object.span.contains(place.span);
    let places = std::iter::once(&finding.primary).chain(&finding.related);
    if places.into_iter().any(|location| is_own(location.place)) {
        return finding;
    }
    let named = finding.subject.container.as_deref();
    let container = context
        .workload
        .pod
        .containers(Which::All)
        .find(|container| Some(container.name.as_str()) == named);
    match container {
        Some(container) => finding.related(context.place(container.name.span), "runs it"),
        None => finding,
    }
}

/// What the rules about objects of any kind find.
fn judge_objects(
    context: &Context<'_>,
    settings: &Settings,
    shared: Shared<'_>,
    wanted: &(dyn Fn(FileId) -> bool + Sync),
) -> Vec<Finding> {
    let rules: Vec<_> = settings.rules.iter().filter_map(Rule::object_run).collect();
    if rules.is_empty() {
        return Vec::new();
    }
    let objects = context.inventory.objects().par_iter();
    let objects = objects.filter(|object| wanted(object.object.file));
    let judged = objects.flat_map_iter(|object| {
        let context = ObjectContext {
            access: context,
            settings,
            object,
            commands: shared.commands,
            clocks: shared.clocks,
        };
        rules.iter().flat_map(move |run| run(&context))
    });
    judged.collect()
}

/// By file, place and code.
pub(crate) fn order(finding: &Finding) -> impl Ord + use<> {
    (
        finding.primary.place,
        finding.rule.code,
        finding.subject.container.clone(),
        finding.message.clone(),
    )
}
