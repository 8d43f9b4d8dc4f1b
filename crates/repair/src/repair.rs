// SPDX-License-Identifier: Apache-2.0
//! Repairs what was found: one finding after the other, each on top of what was repaired before, and all of it judged in
//! the end by the rules that found it.

use std::collections::{BTreeMap, BTreeSet};

use writeway_access::Context;
use writeway_check::{Finding, Fix, FixAvailability, Need};
use writeway_manifest::{FileId, Inventory, ObjectRef};
use writeway_yaml::Edit;

use crate::desk::{Desk, PodId, Undo};
use crate::proposal::from_object;
use crate::search::{Accepted, Found, search};
use crate::{Considered, Options, Remedy, Safety, Turned};

/// How often the rules are run again after fixes were taken back.
const ROUNDS: usize = 10;

/// What was repaired, and what was not.
#[derive(Debug, Default)]
pub struct Repair {
    /// The fixes that are kept, in the order of the findings.
    pub applied: Vec<Applied>,
    /// The findings that stay, of those whose rules have fixes, each with why.
    pub refused: Vec<Refused>,
    /// The new texts of the files that are changed.
    pub texts: BTreeMap<FileId, String>,
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
    /// The remedies that were considered, each with why it is not used.
    pub remedies: Considered,
    /// Whether there is a remedy that `--unsafe-fixes` would use.
    pub needs_unsafe: bool,
}

/// What a finding is recognised by after a repair, when its places are others.
type Key = (
    &'static str,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
    String,
);

fn key(finding: &Finding) -> Key {
    let Finding { rule, subject, .. } = finding;
    let object = subject.object.as_ref();
    (
        rule.code,
        object.map(|object| object.kind.clone()),
        object.and_then(|object| object.namespace.clone()),
        object.map_or(String::new(), |object| object.name.clone()),
        subject.container.clone(),
        finding.message.clone(),
    )
}

/// What would repair a finding: the fix that `--fix` would apply, or else one that may change what works today.
pub fn offer(context: &Context<'_>, options: &Options, finding: &Finding) -> Vec<Fix> {
    let mut attempt = Attempt {
        desk: Desk::new(context),
        options: &Options {
            agent_image: options.agent_image.clone(),
            unsafe_fixes: true,
            // What is made from others is repaired by patches.
            frozen: BTreeSet::new(),
        },
        banned: &BTreeMap::new(),
    };
    match attempt.mend(0, finding) {
        Ok(applied) => applied
            .into_iter()
            .map(|applied| Fix {
                safe: applied.safety == Safety::Safe,
                title: applied.title,
            })
            .collect(),
        Err(_) => Vec::new(),
    }
}

/// Repairs what can be repaired. `again` finds what there is to report about some files of changed inputs; what it finds
/// and `findings` does not have is new.
pub fn repair(
    context: &Context<'_>,
    options: &Options,
    findings: &[&Finding],
    again: &dyn Fn(&Inventory, &BTreeSet<FileId>) -> Vec<Finding>,
) -> Repair {
    let mut banned: BTreeMap<(usize, &'static str), String> = BTreeMap::new();
    let mut round = 0;
    loop {
        round += 1;
        let mut attempt = Attempt {
            desk: Desk::new(context),
            options,
            banned: &banned,
        };
        let mut applied: Vec<Applied> = Vec::new();
        let mut refused = Vec::new();
        for (index, finding) in findings.iter().enumerate() {
            match attempt.mend(index, finding) {
                Ok(fixes) => applied.extend(fixes),
                Err(Some(Unmet {
                    remedies,
                    needs_unsafe,
                })) => refused.push(Refused {
                    finding: index,
                    remedies,
                    needs_unsafe,
                }),
                Err(None) => {}
            }
        }
        let texts = attempt.desk.texts(&[]);
        if texts.is_empty() {
            return Repair {
                applied,
                refused,
                texts,
            };
        }
        let files: BTreeSet<_> = texts.keys().copied().collect();
        let after = again(&context.inventory.edited(&texts), &files);
        let failed = failed(findings, &applied, &after);
        if failed.is_empty() {
            return Repair {
                applied,
                refused,
                texts,
            };
        }
        if round < ROUNDS {
            banned.extend(failed);
            continue;
        }
        // Taking back one fix after the other comes to no end: then all, for what is left is unproven.
        let why = format!("after {ROUNDS} rounds fixes still bring new findings");
        let all = applied
            .iter()
            .map(|fix| ((fix.finding, fix.remedy.name), why.clone()));
        banned.extend(all);
    }
}

/// Fixes that are to be taken back, each with why: their findings are still there, or there are new ones.
fn failed(
    findings: &[&Finding],
    applied: &[Applied],
    after: &[Finding],
) -> Vec<((usize, &'static str), String)> {
    let before: BTreeSet<Key> = findings.iter().map(|finding| key(finding)).collect();
    let now: BTreeSet<Key> = after.iter().map(key).collect();
    let mut failed: Vec<_> = applied
        .iter()
        .filter(|fix| now.contains(&key(findings[fix.finding])))
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
            let fixed = findings[fix.finding];
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

/// Why a finding stays.
#[derive(Default)]
struct Unmet {
    remedies: Considered,
    needs_unsafe: bool,
}

/// Findings that are repaired one after the other.
struct Attempt<'a> {
    desk: Desk<'a>,
    options: &'a Options,
    banned: &'a BTreeMap<(usize, &'static str), String>,
}

impl Attempt<'_> {
    /// Repairs a finding, all that it needs or nothing; none when it needs nothing any more.
    ///
    /// # Errors
    /// The remedies that were considered and why none is used; `None` when its rule has no fixes.
    fn mend(&mut self, index: usize, finding: &Finding) -> Result<Vec<Applied>, Option<Unmet>> {
        if finding.rule.fix == FixAvailability::None {
            return Err(None);
        }
        let pod = self.desk.pod_of(finding).ok_or(Some(Unmet::default()))?;
        if self.options.frozen.contains(&pod.draft.file) {
            return Err(Some(Unmet::default()));
        }
        let needs: Vec<Option<&Need>> = match finding.needs.as_slice() {
            [] => vec![None],
            needs => needs.iter().map(Some).collect(),
        };
        let mut applied = Vec::new();
        let mut steps = Vec::new();
        for need in needs {
            match self.meet(index, pod, finding, need) {
                Ok(None) => {}
                Ok(Some((fix, undo))) => {
                    applied.push(fix);
                    steps.push(undo);
                }
                Err(refused) => {
                    while let Some(undo) = steps.pop() {
                        self.desk.undo(undo);
                    }
                    return Err(Some(refused));
                }
            }
        }
        Ok(applied)
    }

    fn meet(
        &mut self,
        index: usize,
        pod: PodId,
        finding: &Finding,
        need: Option<&Need>,
    ) -> Result<Option<(Applied, Undo)>, Unmet> {
        let banned = |remedy: &Remedy| self.banned.get(&(index, remedy.name)).cloned();
        let (accepted, mut refused) = match search(&self.desk, self.options, pod, finding, need, &banned) {
            Found::Met => return Ok(None),
            Found::Nothing(remedies) => {
                return Err(Unmet {
                    remedies,
                    needs_unsafe: false,
                });
            }
            Found::Remedy(accepted, refused) => (*accepted, refused),
        };
        if let Safety::Unsafe(danger) = &accepted.proposal.safety
            && !self.options.unsafe_fixes
        {
            let why = format!("needs --unsafe-fixes: {danger}");
            refused.push((accepted.remedy, why));
            return Err(Unmet {
                remedies: refused,
                needs_unsafe: true,
            });
        }
        let edits = self.edits(pod, &accepted);
        let Accepted {
            remedy,
            proposal,
            turned,
            drafts,
        } = accepted;
        let undo = self.desk.keep(drafts, !proposal.elsewhere.is_empty());
        let applied = Applied {
            finding: index,
            remedy,
            title: proposal.title,
            safety: proposal.safety,
            leaves: proposal.leaves,
            turned,
            edits,
        };
        Ok(Some((applied, undo)))
    }

    /// The edits of a proposal, by objects.
    fn edits(&self, pod: PodId, accepted: &Accepted) -> Vec<(ObjectRef, Vec<Edit>)> {
        let proposal = &accepted.proposal;
        let mut edits = Vec::new();
        let draft = self.desk.draft(pod.draft);
        let own = draft.and_then(|draft| {
            let object = draft.workloads().get(pod.index)?.object.clone();
            let start = draft.path_to(object.span)?;
            let own = proposal.edits.iter().filter_map(|edit| from_object(edit, &start));
            Some((object, own.collect()))
        });
        edits.extend(own.filter(|(_, edits): &(_, Vec<_>)| !edits.is_empty()));
        edits.extend(proposal.elsewhere.iter().cloned());
        edits
    }
}
