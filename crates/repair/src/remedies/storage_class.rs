// SPDX-License-Identifier: Apache-2.0
//! Another class for a generic ephemeral volume whose class makes volumes that the container cannot write to.
//!
//! The claim is new with each pod, and deleted with it (pkg/controller/volume/ephemeral/controller.go), so that another
//! class takes no data away. A claim that exists keeps its class (pkg/apis/core/validation/validation.go,
//! ValidatePersistentVolumeClaimUpdate), and so do the claim templates of a StatefulSet (pkg/apis/apps/validation,
//! ValidateStatefulSetUpdate).

use writeway_access::FsGroupEffect;
use writeway_check::{Demand, NeedKind, Source, group_for};
use writeway_manifest::{PersistentVolumeClaim, VolumeSource};
use writeway_yaml::{Edit, Operation};

use super::ephemeral_volume::{classes, would_do};
use super::fs_group::{shared, with_group};
use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "storage-class",
    costs: "what a volume of the other class costs, and the time to provision it",
    limits: "for generic ephemeral volumes, and classes whose volumes are known: a claim that exists keeps its class",
    propose,
};

/// What any class can make; a volume for several nodes is not for all.
const FOR_ONE_NODE: [&str; 2] = ["ReadWriteOnce", "ReadWriteOncePod"];

fn propose(case: &Case<'_>) -> Answer {
    let Some(at) = VolumeNeed::of(case).filter(|at| at.need.kind == NeedKind::Directory) else {
        return Answer::NotMine;
    };
    let for_it = matches!(at.need.demand, Demand::Writable | Demand::Sticky);
    if !for_it || at.is_read_only() {
        return Answer::NotMine;
    }
    let volume = &*at.mount.name;
    match at.volume.source {
        Source::Volume(VolumeSource::Ephemeral { claim }) => another_class(case, &at, claim),
        Source::Template(_) if at.path.fs_group == FsGroupEffect::Ignored => Answer::cannot(format!(
            "the claim template `{volume}` of a StatefulSet that exists cannot be changed, and its claims keep their class"
        )),
        Source::Volume(_) | Source::Template(_) => Answer::NotMine,
    }
}

fn another_class(case: &Case<'_>, at: &VolumeNeed<'_>, claim: &PersistentVolumeClaim) -> Answer {
    let volume = &*at.mount.name;
    if claim.volume_name.is_some() {
        return Answer::cannot(format!(
            "the claim of volume `{volume}` asks for one PersistentVolume"
        ));
    }
    let default = case.context.inventory.default_class();
    let present = match &claim.storage_class_name {
        Some(class) => Some(class.as_str()),
        None => default.map(|class| class.object.name.as_str()),
    };
    let mut others = classes(case);
    others.retain(|class| Some(class.as_str()) != present);
    if others.is_empty() {
        return Answer::cannot("no other storage class is known");
    }
    for class in others {
        for with_fs_group in [false, true] {
            let Some(edits) = edits(case, at, claim, &class, with_fs_group) else {
                return Answer::not_reachable();
            };
            match would_do(case, &edits) {
                Ok(true) => return Answer::Try(proposal(case, at, claim, &class, edits, with_fs_group)),
                Ok(false) => {}
                Err(why) => return Answer::Cannot(why),
            }
        }
    }
    Answer::cannot("no storage class is known whose volumes would do")
}

fn edits(
    case: &Case<'_>,
    at: &VolumeNeed<'_>,
    claim: &PersistentVolumeClaim,
    class: &str,
    with_fs_group: bool,
) -> Option<Vec<Edit>> {
    let path = case
        .draft
        .path_to(claim.span)?
        .join("spec")
        .join("storageClassName");
    let mut edits = case.edits()?;
    if with_fs_group {
        edits = with_group(edits, case.workload, group_for(at.map));
    }
    Some(edits.edit(path, Operation::Set(class.into())).into_list())
}

fn proposal(
    case: &Case<'_>,
    at: &VolumeNeed<'_>,
    claim: &PersistentVolumeClaim,
    class: &str,
    edits: Vec<Edit>,
    with_fs_group: bool,
) -> Proposal {
    let volume = &*at.mount.name;
    let mut proposal = Proposal::safe(format!("ask for volume `{volume}` of class `{class}`"), edits);
    let mut modes = claim.access_modes.iter();
    if let Some(mode) = modes.find(|mode| !FOR_ONE_NODE.contains(&mode.as_str())) {
        proposal = proposal.but(format!(
            "whether class `{class}` makes volumes with access mode {} is not known",
            **mode
        ));
    }
    let new_group = with_fs_group && case.workload.pod.security.fs_group.is_none();
    match shared(case).filter(|_| new_group) {
        Some(danger) => proposal.but(danger),
        None => proposal,
    }
}
