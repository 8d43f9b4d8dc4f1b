// SPDX-License-Identifier: Apache-2.0
//! The container as the user that the volume belongs to.

use writeway_yaml::Value;

use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "align-user",
    costs: "nothing on the node",
    limits: "the image has to work as any user, and files that belong to its own user may be closed to the new one",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(at) = VolumeNeed::of(case).filter(|at| !at.is_read_only()) else {
        return Answer::NotMine;
    };
    let (Some(owner), Some(group)) = (at.path.uid, at.path.gid) else {
        return Answer::NotMine;
    };
    // Root is nobody to become, and what kubelet makes for a subPath is root's.
    if owner == 0 || Some(owner) == at.map.identity.uid {
        return Answer::NotMine;
    }
    let name = &*at.container.name;
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let mut edits = edits.set_in_container(
        at.container,
        &["securityContext", "runAsUser"],
        Value::Int(owner.into()),
    );
    // Group 0 is root's: what the owner may, it may without.
    if group != 0 {
        edits = edits.set_in_container(
            at.container,
            &["securityContext", "runAsGroup"],
            Value::Int(group.into()),
        );
    }
    let title = format!(
        "run container `{name}` as uid {owner}, which `{}` belongs to",
        at.path.path
    );
    Answer::Try(
        Proposal::safe(title, edits.into_list())
            .but("the image may have files that only its own user can use"),
    )
}
