// SPDX-License-Identifier: Apache-2.0
//! `fsGroup`, where kubelet applies it (pkg/volume/volume_linux.go, ChangePermissions) and the pod has none.

use writeway_check::{Demand, group_for};
use writeway_manifest::{VolumeSource, Workload};

use crate::case::Edits;
use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "fs-group",
    costs: "kubelet gives all that is on the pod's volumes to the group when a volume is first set up, which takes time on a \
            large one, and every process is in the group",
    limits: "hostPath, NFS and claims that are used read-only stay as they are; files that other users make later are \
             theirs",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(at) = VolumeNeed::of(case).filter(|at| at.need.demand == Demand::Writable) else {
        return Answer::NotMine;
    };
    // An fsGroup that is there is somebody's decision, and the processes are in it already.
    if at.is_read_only() || case.workload.pod.security.fs_group.is_some() {
        return Answer::NotMine;
    }
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let group = group_for(at.map);
    let title = format!("set the pod's `fsGroup` to {group}");
    let proposal = Proposal::safe(title, with_group(edits, case.workload, group).into_list());
    Answer::Try(match shared(case) {
        Some(danger) => proposal.but(danger),
        None => proposal,
    })
}

/// Gives the pod an fsGroup, unless it has one, and has kubelet visit volumes that stay once, and not at each start: that
/// takes minutes on a large one, and widens the modes that programs have set since.
pub(super) fn with_group<'a>(mut edits: Edits<'a>, workload: &Workload, group: u32) -> Edits<'a> {
    let security = &workload.pod.security;
    if security.fs_group.is_none() {
        edits = edits.set_in_pod_security("fsGroup", i64::from(group).into());
    }
    let mut volumes = workload.pod.volumes.iter();
    let any = !workload.claim_templates.is_empty() || volumes.any(|volume| stays(&volume.source));
    if any && security.fs_group_change_policy.is_none() {
        edits = edits.set_in_pod_security("fsGroupChangePolicy", "OnRootMismatch".into());
    }
    edits
}

/// Whether kubelet goes by the change policy: an emptyDir and the like are set up once anyway.
fn stays(source: &VolumeSource) -> bool {
    matches!(
        source,
        VolumeSource::Claim(_)
            | VolumeSource::Ephemeral { .. }
            | VolumeSource::Csi(_)
            | VolumeSource::Block { .. }
            | VolumeSource::FlexVolume { .. }
            | VolumeSource::Migrated { .. }
    )
}

/// Why a group for the volumes of the pod may be felt elsewhere.
pub(super) fn shared(case: &Case<'_>) -> Option<String> {
    let object = &case.workload.object;
    let inventory = case.context.inventory;
    case.workload.pod.volumes.iter().find_map(|volume| {
        let VolumeSource::Claim(reference) = &volume.source else {
            return None;
        };
        let users = inventory.users_of_claim(object.namespace.as_deref(), &reference.claim_name);
        let mut others = users.iter().map(|user| &inventory.workloads()[user.workload]);
        let other =
            others.find(|other| (&other.object.kind, &other.object.name) != (&object.kind, &object.name))?;
        Some(format!(
            "the files of claim `{}` get another group, and {} `{}` uses them, too",
            *reference.claim_name, other.object.kind, other.object.name
        ))
    })
}
