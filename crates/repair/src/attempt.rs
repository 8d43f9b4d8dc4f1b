// SPDX-License-Identifier: Apache-2.0
//! One attempt at all findings: each is repaired on top of what was repaired before, or stays with its reasons.

use std::collections::BTreeMap;

use rayon::prelude::*;
use writeway_access::Context;
use writeway_check::{Finding, FixAvailability, Need};
use writeway_manifest::ObjectRef;
use writeway_yaml::Edit;

use crate::desk::{Desk, PodId, Undo};
use crate::draft::DraftId;
use crate::proposal::from_object;
use crate::search::{Accepted, Found, search};
use crate::{Applied, Considered, Options, Remedy, Safety};

/// How many needs of one document are looked at in a pass: each costs a map of its pods.
const NEEDS: usize = 128;

/// Remedies that are not to be used for a finding, by the finding's index and the remedy's name, each with why.
pub(crate) type Banned = BTreeMap<(usize, &'static str), String>;

/// Why a finding stays.
#[derive(Default)]
pub(crate) struct Unmet {
    pub(crate) cause: Option<String>,
    pub(crate) remedies: Considered,
    pub(crate) needs_unsafe: bool,
}

/// What came of one finding: the fixes that were made, or why it stays; `Err(None)` when its rule has no fixes.
pub(crate) type Outcome = Result<Vec<Applied>, Option<Unmet>>;

/// Findings that are repaired one after the other.
pub(crate) struct Attempt<'a> {
    pub(crate) desk: Desk<'a>,
    options: &'a Options,
    banned: &'a Banned,
    /// How many needs of a document were looked at.
    looked_at: BTreeMap<DraftId, usize>,
}

impl<'a> Attempt<'a> {
    /// Nothing is repaired yet.
    pub(crate) fn new(context: &Context<'a>, options: &'a Options, banned: &'a Banned) -> Self {
        Self {
            desk: Desk::new(context),
            options,
            banned,
            looked_at: BTreeMap::new(),
        }
    }

    /// Repairs findings, each given with its index; answers also what came of each, in their order. Documents are repaired side
    /// by side, the findings of one document one after the other. A document whose repair reaches others is repaired
    /// again when all these are done.
    pub(crate) fn at_all(
        context: &Context<'a>,
        options: &'a Options,
        banned: &'a Banned,
        findings: &[(usize, &Finding)],
    ) -> (Self, Vec<(usize, Outcome)>) {
        let mut whole = Self::new(context, options, banned);
        let mut by_document: BTreeMap<Option<DraftId>, Vec<(usize, &Finding)>> = BTreeMap::new();
        for (index, finding) in findings {
            let document = whole.desk.pod_of(finding).map(|pod| pod.draft);
            by_document.entry(document).or_default().push((*index, *finding));
        }
        let repaired: Vec<_> = by_document
            .into_par_iter()
            .map(|(_, findings)| {
                let mut alone = Self::new(context, options, banned);
                let outcomes = alone.mend_each(&findings);
                (alone, findings, outcomes)
            })
            .collect();
        let mut outcomes = Vec::new();
        let mut reaching = Vec::new();
        for (alone, findings, of_document) in repaired {
            if alone.desk.reaches_others() {
                reaching.push(findings);
            } else {
                whole.desk.take_over(alone.desk);
                outcomes.extend(of_document);
            }
        }
        for findings in reaching {
            outcomes.extend(whole.mend_each(&findings));
        }
        let order = findings.iter().map(|(index, _)| *index).zip(0_usize..);
        let order: BTreeMap<usize, usize> = order.collect();
        outcomes.sort_by_key(|(index, _)| order.get(index).copied());
        (whole, outcomes)
    }

    fn mend_each(&mut self, findings: &[(usize, &Finding)]) -> Vec<(usize, Outcome)> {
        let mend = |(index, finding): &(usize, &Finding)| (*index, self.mend(*index, finding));
        findings.iter().map(mend).collect()
    }

    /// Repairs a finding, all that it needs or nothing; none when it needs nothing any more.
    ///
    /// # Errors
    /// The remedies that were considered and why none is used; `None` when its rule has no fixes.
    pub(crate) fn mend(&mut self, index: usize, finding: &Finding) -> Outcome {
        if finding.rule.fix == FixAvailability::None {
            return Err(None);
        }
        let pod = self.desk.pod_of(finding).ok_or(Some(Unmet::default()))?;
        if !self.desk.may_change(self.options, finding) {
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
        let looked_at = self.looked_at.entry(pod.draft).or_default();
        *looked_at += 1;
        if *looked_at > NEEDS {
            return Err(Unmet {
                cause: Some(format!(
                    "{NEEDS} needs of one document are enough for one run: run it again"
                )),
                ..Unmet::default()
            });
        }
        let Some(map) = self.desk.map(pod, need) else {
            return Err(Unmet::default());
        };
        let banned = |remedy: &Remedy| self.banned.get(&(index, remedy.name)).cloned();
        let (accepted, mut refused) =
            match search(&self.desk, self.options, (pod, &map), finding, need, &banned) {
                Found::Met => return Ok(None),
                Found::Nothing(remedies) => {
                    return Err(Unmet {
                        remedies,
                        ..Unmet::default()
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
                ..Unmet::default()
            });
        }
        let edits = edits_by_object(pod, &accepted);
        let Accepted {
            remedy,
            proposal,
            turned,
            drafts,
            map,
        } = accepted;
        let undo = self.desk.keep(drafts, !proposal.elsewhere.is_empty());
        self.desk.remember(pod, need, map);
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
}

/// The edits of a proposal, by objects.
fn edits_by_object(pod: PodId, accepted: &Accepted) -> Vec<(ObjectRef, Vec<Edit>)> {
    let proposal = &accepted.proposal;
    let mut edits = Vec::new();
    // Edits of a pod leave its object where it is.
    let draft = accepted.drafts.iter().find(|draft| draft.id() == pod.draft);
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
