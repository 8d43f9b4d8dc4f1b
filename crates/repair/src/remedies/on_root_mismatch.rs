// SPDX-License-Identifier: Apache-2.0
//! `fsGroupChangePolicy: OnRootMismatch`: kubelet leaves a volume alone whose root is right
//! (`pkg/volume/volume_linux.go`, skipPermissionChange).

use std::collections::BTreeSet;

use writeway_check::Correction;
use writeway_manifest::{Container, VolumeSource, Which};

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "on-root-mismatch",
    costs: "nothing",
    limits: "files below a root that is right keep the group and mode that they have",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(Correction::GroupOnce { volumes }) = &case.finding.correction else {
        return Answer::NotMine;
    };
    let Some(edits) = case.edits() else {
        return Answer::cannot("the pod is not written where it could be changed");
    };
    let edits = edits.set_in_pod(
        &["securityContext", "fsGroupChangePolicy"],
        "OnRootMismatch".into(),
    );
    let title = "let kubelet give volumes to `fsGroup` only when their root is not right (`OnRootMismatch`)";
    let proposal = Proposal::safe(title, edits.into_list());
    Answer::Try(match volumes.iter().find_map(|volume| danger(case, volume)) {
        Some(danger) => proposal.but(danger),
        None => proposal,
    })
}

/// Why files might come into a volume, later than kubelet has walked it, that the pod's containers have to share by
/// their group; `None` when all files are made by one user of this pod.
fn danger(case: &Case<'_>, volume: &str) -> Option<String> {
    let closed = |why: &str| {
        Some(format!(
            "{why}, and what is made for one user in volume `{volume}` would stay closed to the group"
        ))
    };
    let uses = |container: &&Container| container.mounts.iter().any(|mount| *mount.name == *volume);
    let containers = case.workload.pod.containers(Which::All).filter(uses);
    let users: BTreeSet<Option<u32>> = containers
        .map(|container| {
            let mut maps = case.map.containers.iter();
            maps.find(|map| map.name == *container.name)
                .and_then(|map| map.identity.uid)
        })
        .collect();
    if users.contains(&None) {
        return closed("it is not known as which users the containers run");
    }
    if users.len() > 1 {
        return closed("the containers run as several users");
    }
    let mut templates = case.workload.claim_templates.iter();
    if templates.any(|template| *template.name == *volume) {
        return None;
    }
    let namespace = case.workload.object.namespace.as_deref();
    match case.workload.pod.volume(volume).map(|volume| &volume.source) {
        Some(VolumeSource::Ephemeral { .. }) => None,
        Some(VolumeSource::Claim(reference)) => {
            let inventory = case.context.inventory;
            match inventory.claim(namespace, &reference.claim_name) {
                None => closed("the claim is not among the inputs, so that others may write to it"),
                Some(claim) if claim.volume_name.is_some() => {
                    closed("the claim is bound to a volume that was made beforehand")
                }
                Some(_) if inventory.users_of_claim(namespace, &reference.claim_name).len() > 1 => {
                    closed("other pods use the claim")
                }
                Some(_) => None,
            }
        }
        _ => closed("others may write to the volume"),
    }
}
