// SPDX-License-Identifier: Apache-2.0
//! Looks for a remedy that holds.

use writeway_access::{PodMap, Tri};
use writeway_check::{Finding, Need};

use crate::admission::{self, Admission};
use crate::case::Case;
use crate::desk::{self, Desk, PodId};
use crate::draft::Draft;
use crate::proof::prove;
use crate::proposal::from_root;
use crate::remedy::Answer;
use crate::{Considered, Options, Proposal, REMEDIES, Remedy, Turned};

/// A proposal that holds.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) remedy: &'static Remedy,
    pub(crate) proposal: Proposal,
    pub(crate) turned: Turned,
    /// The documents as they become.
    pub(crate) drafts: Vec<Draft>,
    /// The pod's map as it becomes.
    pub(crate) map: PodMap,
}

/// What came of a search.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// There is nothing to do any more.
    Met,
    /// The first safe remedy that holds, else the first one; with the remedies before it that do not, each with why.
    Remedy(Box<Accepted>, Considered),
    /// None holds; what was considered, each with why not.
    Nothing(Considered),
}

/// Tries the remedies for a need of a finding, or for the finding itself; `map` is the pod's.
pub(crate) fn search(
    desk: &Desk<'_>,
    options: &Options,
    (pod, map): (PodId, &PodMap),
    finding: &Finding,
    need: Option<&Need>,
    banned: &dyn Fn(&Remedy) -> Option<String>,
) -> Found {
    let context = desk.context();
    let Some(draft) = desk.draft(pod.draft) else {
        return Found::Nothing(Vec::new());
    };
    let Some(workload) = draft.workloads().get(pod.index) else {
        return Found::Nothing(Vec::new());
    };
    let met = match (need, &finding.correction) {
        // A volume that hides files which are needed may well be writable.
        (Some(need), _) => !need.prefill && need.is_met(map) == Tri::Yes,
        (None, Some(correction)) => correction.is_made(workload, finding.subject.container.as_deref()),
        (None, None) => false,
    };
    if met {
        return Found::Met;
    }
    let case = Case {
        context: &context,
        options,
        draft: &draft,
        workload,
        map,
        finding,
        need,
    };
    let mut refused = Vec::new();
    let mut second_best = None;
    for &remedy in REMEDIES {
        let proposal = match (remedy.propose)(&case) {
            Answer::NotMine => continue,
            Answer::Cannot(why) => {
                refused.push((remedy, why));
                continue;
            }
            Answer::Try(proposal) => proposal,
        };
        let tried = match banned(remedy) {
            Some(why) => Err(why),
            None => attempt(desk, &case, pod, remedy, proposal),
        };
        match tried {
            Ok(accepted) if accepted.proposal.is_safe() => return Found::Remedy(Box::new(accepted), refused),
            Ok(accepted) => second_best = second_best.or(Some(accepted)),
            Err(why) => refused.push((remedy, why)),
        }
    }
    match second_best {
        Some(accepted) => Found::Remedy(Box::new(accepted), refused),
        None => Found::Nothing(refused),
    }
}

/// Makes a proposal's edits and judges what comes of them.
fn attempt(
    desk: &Desk<'_>,
    case: &Case<'_>,
    pod: PodId,
    remedy: &'static Remedy,
    mut proposal: Proposal,
) -> Result<Accepted, String> {
    let refuse = |refusal: writeway_yaml::Refusal| format!("the text cannot be changed: {refusal}");
    let mut drafts = vec![case.draft.edited(&proposal.edits).map_err(refuse)?];
    for (object, edits) in &proposal.elsewhere {
        let id = crate::DraftId::of(object);
        if !case.options.may_change(case.context.inventory, object) {
            return Err(format!(
                "{} `{}` cannot be changed here: it is made from other files, or is left out",
                object.kind, object.name
            ));
        }
        let index = drafts.iter().position(|draft| draft.id() == id);
        let present = match index {
            Some(index) => drafts.remove(index),
            None => desk
                .draft(id)
                .ok_or_else(|| {
                    format!(
                        "the document of {} `{}` does not stand alone",
                        object.kind, object.name
                    )
                })?
                .into_owned(),
        };
        let start = present
            .object(object)
            .ok_or_else(|| format!("{} `{}` is not found any more", object.kind, object.name))?;
        let edits: Vec<_> = edits.iter().map(|edit| from_root(edit, &start)).collect();
        drafts.push(present.edited(&edits).map_err(refuse)?);
    }
    let inventory = (!proposal.elsewhere.is_empty()).then(|| desk.with(&drafts));
    let context = writeway_access::Context {
        inventory: inventory.as_ref().unwrap_or(case.context.inventory),
        ..*case.context
    };
    let after = drafts
        .iter()
        .find(|draft| draft.id() == pod.draft)
        .and_then(|draft| draft.workloads().get(pod.index))
        .ok_or("the workload is not found any more")?;
    let map = desk::map(&context, after, case.need);
    let turned = prove(case.map, &map, case.need)?;
    match admission::compare(&context, case.workload, after) {
        Admission::AsBefore => {}
        Admission::Refused(why) => return Err(why),
        Admission::LosesLevel(level) => {
            proposal = proposal.but(format!(
                "a namespace that enforces Pod Security level {level} would no longer take the pod, and no Namespace among \
                 the inputs says what this one enforces"
            ));
        }
    }
    Ok(Accepted {
        remedy,
        proposal,
        turned,
        drafts,
        map,
    })
}
