// SPDX-License-Identifier: Apache-2.0
//! One pod: which of its mounts cannot be written to, and what becomes of them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use writeway_access::{Context, PathMap, PodMap, Tri, map_pod};
use writeway_check::{
    Finding, Policy, RuleSet, Selection, Settings, Verdict, check_files, judge, write_verdict,
};
use writeway_facts::Facts;
use writeway_manifest::{FileId, Inventory, ParsedFile, Which, Workload};
use writeway_repair::{Options, Repair, repair};

use crate::ground_truth::case::Case;

/// The agent's image in repaired pods, which has to be pinned: zeros stand for the digest of a release.
const AGENT: &str =
    "ghcr.io/writeway/agent:0.1.0@sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A pod after its repair.
pub(super) struct Mended {
    pub(super) id: String,
    /// Mounts that could not be written to; none when the pod does not start.
    pub(super) mounts: Vec<ClosedMount>,
    /// What is wrong with the repair; it must be nothing.
    pub(super) faults: Vec<String>,
    /// The repaired objects and the facts; none when nothing was repaired.
    texts: Option<(String, String)>,
}

/// A mount that could not be written to.
pub(super) struct ClosedMount {
    /// The name of the volume's source.
    pub(super) source: &'static str,
    pub(super) outcome: Outcome,
}

/// What became of a mount.
pub(super) enum Outcome {
    /// A safe fix repaired it.
    Safe(&'static str),
    /// An unsafe fix did.
    Unsafe(&'static str),
    /// None did, for this reason.
    Refused(String),
}

/// Repairs a pod: with safe fixes, and what these leave with unsafe ones.
pub(super) fn mend(case: &Case) -> anyhow::Result<Mended> {
    let id = &case.id;
    let texts = case.objects.iter().enumerate();
    let files =
        texts.map(|(index, object)| ParsedFile::parse(format!("{id}/{index}.json"), object.to_string()));
    let inventory = Inventory::from_parsed(files.collect());
    let facts = writeway_facts::read(&case.facts.to_string()).with_context(|| format!("{id}: facts"))?;
    let probed: Vec<String> = case.probes.values().flatten().cloned().collect();
    let trial = Trial {
        facts: &facts,
        probed: &probed,
    };
    let mut mended = Mended {
        id: id.clone(),
        mounts: Vec::new(),
        faults: Vec::new(),
        texts: None,
    };
    let before = trial.map(&inventory).with_context(|| format!("{id}: no pod"))?;
    let closed = closed_mounts(pod(&inventory).with_context(|| format!("{id}: no pod"))?, &before);
    if closed.is_empty() {
        return Ok(mended);
    }
    let safe = trial.repair(&inventory, false);
    let all = trial.repair(&inventory, true);
    let after_safe = trial.after(&inventory, &safe, &before, &mut mended.faults);
    let after_all = trial.after(&inventory, &all, &before, &mut mended.faults);
    for (container, path) in closed {
        let is_open = |map: &PodMap| find(map, &container, &path).is_some_and(is_writable);
        let outcome = if is_open(&after_safe) {
            Outcome::Safe(safe.remedy(&container, &path))
        } else if is_open(&after_all) {
            Outcome::Unsafe(all.remedy(&container, &path))
        } else {
            let found = find(&before, &container, &path);
            Outcome::Refused(reason(&all, found, &container, &path))
        };
        let source = find(&before, &container, &path).map_or("", |path| path.source);
        mended.mounts.push(ClosedMount { source, outcome });
    }
    let stays = |mount: &ClosedMount| matches!(mount.outcome, Outcome::Refused(_));
    if !mended.mounts.iter().all(stays) {
        mended.texts = Some((all.objects(&inventory), case.facts.to_string()));
    }
    Ok(mended)
}

impl Mended {
    /// Writes the repaired pod, if there is one.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let Some((objects, facts)) = &self.texts else {
            return Ok(());
        };
        for (name, text) in [
            (format!("{}.json", self.id), objects),
            (format!("{}.facts.json", self.id), facts),
        ] {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// What a pod is mapped with.
struct Trial<'a> {
    facts: &'a Facts,
    probed: &'a [String],
}

/// A repair, and the findings that it is about.
struct Attempt {
    findings: Vec<Finding>,
    repair: Repair,
}

impl Trial<'_> {
    fn context<'c>(&'c self, inventory: &'c Inventory) -> Context<'c> {
        Context {
            inventory,
            facts: self.facts,
            extra_paths: self.probed,
        }
    }

    fn map(&self, inventory: &Inventory) -> Option<PodMap> {
        Some(map_pod(&self.context(inventory), pod(inventory)?))
    }

    fn repair(&self, inventory: &Inventory, unsafe_fixes: bool) -> Attempt {
        let findings = self.findings(inventory, &|_| true);
        let options = Options {
            agent_image: AGENT.to_owned(),
            unsafe_fixes,
            frozen: BTreeSet::new(),
            left_out: BTreeSet::new(),
        };
        let again =
            |after: &Inventory, files: &BTreeSet<FileId>| self.findings(after, &|file| files.contains(&file));
        let of_all: Vec<&Finding> = findings.iter().collect();
        let repair = repair(&self.context(inventory), &options, &of_all, &again);
        Attempt { findings, repair }
    }

    fn findings(&self, inventory: &Inventory, wanted: &(dyn Fn(FileId) -> bool + Sync)) -> Vec<Finding> {
        let settings = Settings {
            rules: RuleSet::resolve(&[Selection::default()]),
            clock: writeway_clock::Assumptions::default(),
            pin: writeway_check::PinPolicy::default(),
        };
        let found = check_files(&self.context(inventory), &settings, wanted);
        let judged = judge(inventory, found, &settings, &Policy::default()).into_iter();
        let reported = judged.filter(|judged| judged.verdict == Verdict::Reported);
        reported.map(|judged| judged.finding).collect()
    }

    /// The map of the repaired pod, and what is wrong with it.
    fn after(
        &self,
        inventory: &Inventory,
        attempt: &Attempt,
        before: &PodMap,
        faults: &mut Vec<String>,
    ) -> PodMap {
        let edited = inventory.edited(&attempt.repair.texts);
        let needs = attempt.repair.applied.iter();
        let needs = needs.flat_map(|applied| &attempt.findings[applied.finding].needs);
        let probed: Vec<_> = self
            .probed
            .iter()
            .chain(needs.map(|need| &need.path))
            .cloned()
            .collect();
        let with_needs = Trial {
            probed: &probed,
            ..*self
        };
        let Some(after) = with_needs.map(&edited) else {
            faults.push("the repaired pod is not read as one".to_owned());
            return before.clone();
        };
        if after.starts.verdict != Tri::Yes {
            faults.push("the repaired pod might not start".to_owned());
        }
        // A container that nobody needs may have been left out.
        let is_there = |name: &str| {
            pod(&edited).is_some_and(|workload| {
                let mut all = workload.pod.containers(Which::All);
                all.any(|container| *container.name == name)
            })
        };
        for container in before
            .containers
            .iter()
            .filter(|container| is_there(&container.name))
        {
            for path in container.paths.iter().filter(|path| is_writable(path)) {
                if !find(&after, &container.name, &path.path).is_some_and(is_writable) {
                    faults.push(format!("{} can no longer write to {}", container.name, path.path));
                }
            }
        }
        for applied in &attempt.repair.applied {
            for need in &attempt.findings[applied.finding].needs {
                if need.is_met(&after) != Tri::Yes {
                    faults.push(format!("{}: {} is not met", applied.title, need.path));
                }
            }
        }
        after
    }
}

impl Attempt {
    /// The remedy that opened a path of a container.
    fn remedy(&self, container: &str, path: &str) -> &'static str {
        let applied = self.repair.applied.iter().find(|applied| {
            let mut needs = self.findings[applied.finding].needs.iter();
            needs.any(|need| need.container == container && need.path == path)
        });
        applied.map_or("another mount's fix", |applied| applied.remedy.name)
    }

    /// The objects after the repair, as a List.
    fn objects(&self, inventory: &Inventory) -> String {
        let texts = inventory.files().map(|(id, file)| {
            let edited = self.repair.texts.get(&id).map(String::as_str);
            edited.unwrap_or_else(|| file.stream.text())
        });
        let items: Vec<&str> = texts.collect();
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{}]}}\n",
            items.join(",\n")
        )
    }
}

fn pod(inventory: &Inventory) -> Option<&Workload> {
    inventory.workloads().first()
}

/// The mounts of main containers and sidecars that somebody means to write to, and cannot: container and path. None when
/// the pod does not start.
fn closed_mounts(workload: &Workload, map: &PodMap) -> Vec<(String, String)> {
    if map.starts.verdict != Tri::Yes {
        return Vec::new();
    }
    let containers = workload.pod.containers(Which::LongRunning);
    let mounts = containers.flat_map(|container| {
        let written = container.mounts.iter().enumerate();
        let written = written.filter(|(_, mount)| !mount.read_only.is_some_and(|field| field.value));
        written.filter_map(|(index, _)| {
            let map = map.containers.iter().find(|map| map.name == *container.name)?;
            let path = map.paths.iter().find(|path| path.mount == Some(index))?;
            (write_verdict(path).tri() == Tri::No).then(|| (map.name.clone(), path.path.clone()))
        })
    });
    mounts.collect()
}

fn find<'m>(map: &'m PodMap, container: &str, path: &str) -> Option<&'m PathMap> {
    let container = map.containers.iter().find(|map| map.name == container)?;
    container.paths.iter().find(|found| found.path == path)
}

fn is_writable(path: &PathMap) -> bool {
    write_verdict(path).tri() == Tri::Yes
}

/// Why a mount stays closed: what kind of volume it is, else what the last remedy said.
fn reason(attempt: &Attempt, found: Option<&PathMap>, container: &str, path: &str) -> String {
    if let Some(found) = found.filter(|found| found.read_only == Some(true)) {
        return match found.source {
            "persistentVolumeClaim" => "the claim is used with readOnly: true".to_owned(),
            source => format!("a volume of type {source} is always read-only"),
        };
    }
    let refused = attempt.repair.refused.iter().find(|refused| {
        let mut needs = attempt.findings[refused.finding].needs.iter();
        needs.any(|need| need.container == container && need.path == path)
    });
    match refused.and_then(|refused| refused.remedies.last()) {
        Some((remedy, why)) => format!("{}: {}", remedy.name, without_names(why)),
        None => "no remedy says why".to_owned(),
    }
}

/// A reason for many: what stands in backticks, and numbers, are this pod's.
fn without_names(why: &str) -> String {
    let parts = why.split('`').enumerate();
    let text: String = parts
        .map(|(index, part)| if index % 2 == 0 { part } else { "…" })
        .collect();
    let mut words = text.split(' ').map(|word| {
        if word.contains(|letter: char| letter.is_ascii_digit() || matches!(letter, '/' | '?')) {
            "N"
        } else {
            word
        }
    });
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + " " + word)
}
