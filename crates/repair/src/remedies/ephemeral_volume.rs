// SPDX-License-Identifier: Apache-2.0
//! A generic ephemeral volume of a class that honours `fsGroup`: a disk for the pod alone, which not everybody may write
//! to.

use writeway_access::Tri;
use writeway_check::{Demand, NeedKind};
use writeway_yaml::{Edit, Operation, Value};

use super::new_volume::NewVolume;
use crate::ground::Ground;
use crate::{Answer, Case, Proposal, Remedy, desk};

pub(super) static REMEDY: Remedy = Remedy {
    name: "ephemeral-volume",
    costs: "a volume of the storage class for each pod, and the time to provision it",
    limits: "needs a class that honours fsGroup, and its capacity; it is lost with the pod",
    propose,
};

/// How much is asked of the class: what is put there is too much for an `emptyDir`.
const SIZE: &str = "1Gi";
/// Classes that are tried, at most.
const MAX_CLASSES: usize = 4;

fn propose(case: &Case<'_>) -> Answer {
    let (Some(need), Some(volume)) = (case.need, NewVolume::of(case)) else {
        return Answer::NotMine;
    };
    let for_it = need.demand == Demand::Sticky && need.kind == NeedKind::Directory;
    if !for_it || !need.purpose.is_for_the_pod() {
        return Answer::NotMine;
    }
    let Some(group) = group(case) else {
        return Answer::cannot("no group is known that the volume could be given to: set `fsGroup`");
    };
    let classes = classes(case);
    if classes.is_empty() {
        return Answer::cannot("no storage class is known");
    }
    let mut why = "no storage class is known whose volumes would do".to_owned();
    for class in classes {
        let edits = match edits(case, &volume, &class, group) {
            Ok(edits) => edits,
            Err(refusal) => return Answer::Cannot(refusal),
        };
        match would_do(case, &edits) {
            Ok(true) => {
                let title = format!(
                    "mount a generic ephemeral volume of class `{class}` at `{}` in container `{}`",
                    volume.path, *volume.container.name
                );
                let proposal = Proposal::safe(title, edits);
                return Answer::Try(proposal.but(format!(
                    "each pod gets a claim of class `{class}`, and does not start before it is bound"
                )));
            }
            Ok(false) => {}
            Err(refusal) => why = refusal,
        }
    }
    Answer::Cannot(why)
}

/// The group that the volume is given to: the pod's, or else one that its process has.
fn group(case: &Case<'_>) -> Option<i64> {
    if let Some(group) = &case.workload.pod.security.fs_group {
        return Some(group.value);
    }
    let identity = &case.container_map()?.identity;
    identity
        .gid
        .filter(|gid| *gid != 0)
        .or(identity.uid)
        .map(i64::from)
}

/// The default class, then those that facts tell of, then those among the inputs.
pub(super) fn classes(case: &Case<'_>) -> Vec<String> {
    let inventory = case.context.inventory;
    let facts = case.context.facts.storage_classes.keys().map(String::as_str);
    let declared = inventory.classes().map(|class| class.object.name.as_str());
    let default = inventory.default_class().map(|class| class.object.name.as_str());
    let mut classes: Vec<String> = Vec::new();
    for name in default.into_iter().chain(facts).chain(declared) {
        if classes.len() < MAX_CLASSES && !classes.iter().any(|class| class == name) {
            classes.push(name.to_owned());
        }
    }
    classes
}

fn edits(case: &Case<'_>, volume: &NewVolume<'_>, class: &str, group: i64) -> Result<Vec<Edit>, String> {
    const ELSEWHERE: &str = "the pod is not written where it could be changed";
    let name = volume.name();
    let mut edits = case.edits().ok_or(ELSEWHERE)?;
    if case.workload.pod.security.fs_group.is_none() {
        edits = edits.set_in_pod(&["securityContext", "fsGroup"], Value::Int(group));
    }
    match Ground::of(case) {
        Some(Ground::EmptyDir(scratch)) if scratch.is_mount => {
            let mount = case.draft.path_to(scratch.mount.span).ok_or(ELSEWHERE)?;
            if let Some(part) = &scratch.mount.sub_path {
                edits = edits.edit(mount.join(part.key()), Operation::Remove);
            }
            edits = edits.edit(mount.join("name"), Operation::Set(name.as_str().into()));
        }
        _ => {
            if let Some(refusal) = volume.refusal() {
                return Err(refusal);
            }
            edits = edits.mount(
                volume.container,
                Value::map([
                    ("name", Value::from(name.as_str())),
                    ("mountPath", volume.path.into()),
                ]),
            );
        }
    }
    let spec = Value::map([
        ("accessModes", Value::list(["ReadWriteOnce"])),
        ("storageClassName", class.into()),
        (
            "resources",
            Value::map([("requests", Value::map([("storage", Value::from(SIZE))]))]),
        ),
    ]);
    let template = Value::map([("volumeClaimTemplate", Value::map([("spec", spec)]))]);
    let volume = Value::map([("name", Value::from(name)), ("ephemeral", template)]);
    Ok(edits.volume(volume).into_list())
}

/// Whether the need is met after these edits.
pub(super) fn would_do(case: &Case<'_>, edits: &[Edit]) -> Result<bool, String> {
    let draft = case.draft.edited(edits).map_err(|refusal| refusal.to_string())?;
    let mut workloads = case.draft.workloads().iter();
    let index = workloads.position(|workload| workload.pod.span == case.workload.pod.span);
    let after = index.and_then(|index| draft.workloads().get(index));
    let (Some(after), Some(need)) = (after, case.need) else {
        return Ok(false);
    };
    let map = desk::map(case.context, after, Some(need));
    Ok(need.is_met(&map) == Tri::Yes)
}
