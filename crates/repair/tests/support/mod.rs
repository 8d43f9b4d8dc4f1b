// SPDX-License-Identifier: Apache-2.0
//! Files and facts, checked and repaired.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test uses some of it, and a test may fail"
)]

use std::collections::BTreeSet;

use writeway_access::{Context, PodMap, map_pod};
use writeway_check::{Finding, Policy, RuleSet, Selection, Settings, Verdict, check_files, judge};
use writeway_facts::Facts;
use writeway_manifest::{FileId, Inventory, ParsedFile};
use writeway_repair::{Options, Repair, repair};

/// Inputs, and what came of their repair.
pub(crate) struct Repaired {
    pub(crate) inventory: Inventory,
    pub(crate) findings: Vec<Finding>,
    pub(crate) repair: Repair,
}

impl Repaired {
    /// The text of a file as it becomes, by its number.
    pub(crate) fn text(&self, file: usize) -> &str {
        let (id, file) = self.inventory.files().nth(file).unwrap();
        self.repair
            .texts
            .get(&id)
            .map_or(file.stream.text(), String::as_str)
    }

    /// The titles of the fixes that are kept.
    pub(crate) fn titles(&self) -> Vec<&str> {
        self.repair.applied.iter().map(|fix| fix.title.as_str()).collect()
    }

    /// The names of the remedies that are kept.
    pub(crate) fn remedies(&self) -> Vec<&str> {
        self.repair.applied.iter().map(|fix| fix.remedy.name).collect()
    }

    /// Why findings stay: code, remedy and reason.
    pub(crate) fn refused(&self) -> Vec<(&str, &str, &str)> {
        let refused = self.repair.refused.iter();
        refused
            .flat_map(|refused| {
                let code = self.findings[refused.finding].rule.code;
                let remedies = refused.remedies.iter();
                remedies.map(move |(remedy, why)| (code, remedy.name, why.as_str()))
            })
            .collect()
    }

    /// The write maps of the repaired workloads, with these paths, too.
    pub(crate) fn maps(&self, facts: &Facts, paths: &[&str]) -> Vec<PodMap> {
        let after = self.inventory.edited(&self.repair.texts);
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let context = Context {
            inventory: &after,
            facts,
            extra_paths: &paths,
        };
        let workloads = after.workloads().iter();
        workloads.map(|workload| map_pod(&context, workload)).collect()
    }

    /// What is found in the repaired files.
    pub(crate) fn left(&self, facts: &Facts) -> Vec<Finding> {
        let after = self.inventory.edited(&self.repair.texts);
        reported(&after, facts, &settings(), &|_| true)
    }
}

/// Facts from text.
pub(crate) fn facts(text: &str) -> Facts {
    writeway_facts::read(text).unwrap()
}

/// What a user has who says nothing.
pub(crate) fn options() -> Options {
    Options {
        agent_image: "ghcr.io/writeway/agent:0.1.0".to_owned(),
        unsafe_fixes: false,
        frozen: BTreeSet::new(),
        left_out: BTreeSet::new(),
    }
}

/// What runs when nobody says anything.
pub(crate) fn settings() -> Settings {
    Settings {
        rules: RuleSet::resolve(&[Selection::default()]),
        clock: writeway_clock::Assumptions::default(),
        pin: writeway_check::PinPolicy::default(),
    }
}

/// What is reported about some files.
pub(crate) fn reported(
    inventory: &Inventory,
    facts: &Facts,
    settings: &Settings,
    wanted: &(dyn Fn(FileId) -> bool + Sync),
) -> Vec<Finding> {
    let context = Context {
        inventory,
        facts,
        extra_paths: &[],
    };
    let findings = check_files(&context, settings, wanted);
    let judged = judge(inventory, findings, settings, &Policy::default());
    let judged = judged
        .into_iter()
        .filter(|judged| judged.verdict == Verdict::Reported && wanted(judged.finding.primary.place.file));
    judged.map(|judged| judged.finding).collect()
}

/// Checks and repairs files.
pub(crate) fn repaired(files: &[&str], facts: &Facts, options: &Options) -> Repaired {
    let parsed = files.iter().enumerate();
    let parsed = parsed.map(|(index, text)| ParsedFile::parse(format!("{index}.yaml"), *text));
    let inventory = Inventory::from_parsed(parsed.collect());
    let settings = settings();
    let findings = reported(&inventory, facts, &settings, &|_| true);
    let context = Context {
        inventory: &inventory,
        facts,
        extra_paths: &[],
    };
    let again = |after: &Inventory, files: &BTreeSet<FileId>| {
        reported(after, facts, &settings, &|file| files.contains(&file))
    };
    let of_all: Vec<_> = findings.iter().collect();
    let repair = repair(&context, options, &of_all, &again);
    Repaired {
        inventory,
        findings,
        repair,
    }
}
