// SPDX-License-Identifier: Apache-2.0
//! Repairs what was found: one finding after the other, each on top of what was repaired before, and all of it judged in
//! the end by the rules that found it.

use std::collections::{BTreeMap, BTreeSet};

use writeway_access::Context;
use writeway_check::{Correction, Finding, Fix};
use writeway_manifest::{FileId, Inventory, ObjectRef};
use writeway_yaml::Edit;

use crate::attempt::{Attempt, Banned, Unmet};
use crate::{Considered, Options, Remedy, Safety, Turned};

/// How often the rules are run again after fixes were taken back.
const ROUNDS: usize = 10;
/// How often what is left is tried again on what was repaired.
const PASSES: usize = 10;

/// The rules, to run them again.
pub trait Rules {
    /// What they find in some files of changed inputs.
    fn find(&self, inventory: &Inventory, files: &BTreeSet<FileId>) -> Vec<Finding>;

    /// What of that is reported: what is repaired, and what a repair may not bring. All, unless something else is said.
    fn report(&self, _inventory: &Inventory, _files: &BTreeSet<FileId>, found: &[Finding]) -> Vec<Finding> {
        found.to_vec()
    }
}

/// Rules of which everything is reported.
impl<F: Fn(&Inventory, &BTreeSet<FileId>) -> Vec<Finding>> Rules for F {
    fn find(&self, inventory: &Inventory, files: &BTreeSet<FileId>) -> Vec<Finding> {
        self(inventory, files)
    }
}

/// What was repaired, and what was not.
#[derive(Debug, Default)]
pub struct Repair {
    /// The fixes that are kept; those of one document in the order in which they were made.
    pub applied: Vec<Applied>,
    /// The findings that stay, of those whose rules have fixes, each with why.
    pub refused: Vec<Refused>,
    /// The new texts of the files that are changed.
    pub texts: BTreeMap<FileId, String>,
    /// The inputs with these texts; `None` when nothing is changed.
    pub inventory: Option<Inventory>,
    /// What the rules find in the files that are changed, as they are now.
    pub found: Vec<Finding>,
}

/// A fix that is kept.
#[derive(Debug, Clone)]
pub struct Applied {
    /// Index of its finding among those given.
    pub finding: usize,
    /// The remedy.
    pub remedy: &'static Remedy,
    /// What it did.
    pub title: String,
    /// Whether it may change what worked before.
    pub safety: Safety,
    /// How the verdict's derivation changed.
    pub turned: Turned,
    /// The codes of rules that find what is left of the fault, when something is.
    pub leaves: Vec<&'static str>,
    /// What it changed: objects, each with edits by paths from the object.
    pub edits: Vec<(ObjectRef, Vec<Edit>)>,
}

/// A finding that stays.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Index of the finding among those given.
    pub finding: usize,
    /// Why no remedy was looked for; `None` when remedies were.
    pub cause: Option<String>,
    /// The remedies that were considered, each with why it is not used.
    pub remedies: Considered,
    /// Whether there is a remedy that `--unsafe-fixes` would use.
    pub needs_unsafe: bool,
}

/// What a finding is recognised by after a repair, when its places are others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    code: &'static str,
    /// Variants of one installation have objects of one name in several files.
    file: FileId,
    object: Option<(String, Option<String>, String)>,
    container: Option<String>,
    message: String,
}

fn key(finding: &Finding) -> Key {
    let object = finding.subject.object.as_ref();
    Key {
        code: finding.rule.code,
        file: finding.primary.place.file,
        object: object.map(|object| (object.kind.clone(), object.namespace.clone(), object.name.clone())),
        container: finding.subject.container.clone(),
        message: finding.message.clone(),
    }
}

/// What would repair a finding: the fix that `--fix` would apply, or else one that may change what works today; in frozen
/// files, too, which patches repair.
pub fn offer(context: &Context<'_>, options: &Options, finding: &Finding) -> Vec<Fix> {
    let frozen = &options.frozen;
    let options = Options {
        agent_image: options.agent_image.clone(),
        unsafe_fixes: true,
        frozen: BTreeSet::new(),
        left_out: BTreeSet::new(),
    };
    let banned = Banned::new();
    match Attempt::new(context, &options, &banned).mend(0, finding) {
        Ok(applied) => applied
            .into_iter()
            .map(|applied| Fix {
                safe: applied.safety == Safety::Safe,
                in_place: !applied
                    .edits
                    .iter()
                    .any(|(object, _)| frozen.contains(&object.file)),
                title: applied.title,
            })
            .collect(),
        Err(_) => Vec::new(),
    }
}

/// Repairs what can be repaired, to a fixed point: a fix may make another one possible. `findings` are what is reported of
/// the inputs; what is reported later and not among them is new.
pub fn repair(context: &Context<'_>, options: &Options, findings: &[&Finding], rules: &dyn Rules) -> Repair {
    let mut whole = Repair::default();
    // The findings of later passes are others, of other texts; what was not there in the beginning is left alone.
    let index_of: BTreeMap<Key, usize> = findings
        .iter()
        .zip(0..)
        .map(|(finding, index)| (key(finding), index))
        .collect();
    let mut present: Vec<Finding> = findings.iter().copied().cloned().collect();
    let mut indices: Vec<Option<usize>> = (0..present.len()).map(Some).collect();
    for _ in 0..PASSES {
        let context = Context {
            inventory: whole.inventory.as_ref().unwrap_or(context.inventory),
            ..*context
        };
        let (pass, after) = pass(&context, options, &present, &indices, rules);
        let of_pass = |index: usize| indices.get(index).copied().flatten();
        // What a later pass says of a finding counts.
        let judged: BTreeSet<usize> = indices.iter().copied().flatten().collect();
        whole.refused.retain(|refused| !judged.contains(&refused.finding));
        whole.applied.extend(pass.applied.into_iter().filter_map(|fix| {
            Some(Applied {
                finding: of_pass(fix.finding)?,
                ..fix
            })
        }));
        whole
            .refused
            .extend(pass.refused.into_iter().filter_map(|refused| {
                Some(Refused {
                    finding: of_pass(refused.finding)?,
                    ..refused
                })
            }));
        if pass.texts.is_empty() {
            break;
        }
        present.retain(|finding| !pass.texts.contains_key(&finding.primary.place.file));
        // Nothing is new in files that did not change.
        indices = vec![None; present.len()];
        indices.extend(after.iter().map(|finding| index_of.get(&key(finding)).copied()));
        present.extend(after);
        whole
            .found
            .retain(|finding| !pass.texts.contains_key(&finding.primary.place.file));
        whole.found.extend(pass.found);
        whole.texts.extend(pass.texts);
        whole.inventory = pass.inventory;
        // What was enough for one run is not to be had by another pass.
        if whole.refused.iter().any(|refused| refused.cause.is_some()) {
            break;
        }
    }
    whole.refused.sort_by_key(|refused| refused.finding);
    whole
}

/// One pass over all findings that have an index, and what is reported of the files that it changed.
fn pass(
    context: &Context<'_>,
    options: &Options,
    findings: &[Finding],
    indices: &[Option<usize>],
    rules: &dyn Rules,
) -> (Repair, Vec<Finding>) {
    let mut wanted: Vec<_> = findings
        .iter()
        .enumerate()
        .filter(|(index, _)| indices.get(*index).is_some_and(Option::is_some))
        .collect();
    // How much memory a container takes is known when it is known what it runs.
    wanted.sort_by_key(|(_, finding)| matches!(finding.correction, Some(Correction::Resources { .. })));
    let mut banned = Banned::new();
    let mut round = 0;
    loop {
        round += 1;
        let (attempt, outcomes) = Attempt::at_all(context, options, &banned, &wanted);
        let mut repair = Repair::default();
        for (index, outcome) in outcomes {
            match outcome {
                Ok(fixes) => repair.applied.extend(fixes),
                Err(Some(Unmet {
                    cause,
                    remedies,
                    needs_unsafe,
                })) => repair.refused.push(Refused {
                    finding: index,
                    cause,
                    remedies,
                    needs_unsafe,
                }),
                Err(None) => {}
            }
        }
        let files = attempt.desk.changed_files();
        if files.is_empty() {
            return (repair, Vec::new());
        }
        let edited = attempt.desk.with(&[]);
        let found = rules.find(&edited, &files);
        let after = rules.report(&edited, &files, &found);
        let failed = failed(findings, &repair.applied, &after);
        if failed.is_empty() {
            let text = |id: FileId| edited.file(id).stream.text().to_owned();
            repair.texts = files.into_iter().map(|id| (id, text(id))).collect();
            repair.found = found;
            repair.inventory = Some(edited);
            return (repair, after);
        }
        if round < ROUNDS {
            banned.extend(failed);
            continue;
        }
        // Taking back one fix after the other comes to no end: then all, for what is left is unproven.
        let why = format!("after {ROUNDS} rounds fixes still bring new findings");
        let all = repair.applied.iter();
        banned.extend(all.map(|fix| ((fix.finding, fix.remedy.name), why.clone())));
    }
}

/// Fixes that are to be taken back, each with why: their findings are still there, or there are new ones.
fn failed(
    findings: &[Finding],
    applied: &[Applied],
    after: &[Finding],
) -> Vec<((usize, &'static str), String)> {
    let before: BTreeSet<Key> = findings.iter().map(key).collect();
    let now: BTreeSet<Key> = after.iter().map(key).collect();
    let mut failed: Vec<_> = applied
        .iter()
        .filter(|fix| now.contains(&key(&findings[fix.finding])))
        .map(|fix| {
            let why = "the finding would still be there".to_owned();
            ((fix.finding, fix.remedy.name), why)
        })
        .collect();
    let is_left = |new: &Finding| {
        applied.iter().any(|fix| {
            fix.leaves.contains(&new.rule.code) && findings[fix.finding].subject.object == new.subject.object
        })
    };
    let new = |finding: &&Finding| !before.contains(&key(finding)) && !is_left(finding);
    for new in after.iter().filter(new) {
        // The last fix of that object first: what it stands on may be sound.
        let blamed = applied.iter().rev().find(|fix| {
            let fixed = &findings[fix.finding];
            fixed.subject.object == new.subject.object
                || fix.edits.iter().any(|(object, _)| {
                    new.subject
                        .object
                        .as_ref()
                        .is_some_and(|subject| subject.kind == object.kind && subject.name == object.name)
                })
        });
        // A finding in an object that nobody changed: whatever came last is the likeliest cause.
        if let Some(fix) = blamed.or(applied.last()) {
            let why = format!("it would bring {}: {}", new.rule.code, new.message);
            failed.push(((fix.finding, fix.remedy.name), why));
        }
    }
    failed
}
