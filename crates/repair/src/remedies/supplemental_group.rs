// SPDX-License-Identifier: Apache-2.0
//! A further group of the processes: the one that may write to the volume as it is.

use writeway_check::{Demand, is_of_the_node};
use writeway_yaml::Value;

use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "supplemental-group",
    costs: "every process of the pod is in the group, wherever else that may write",
    limits: "what the group may not write to stays closed, new files get the group only where the directory is setgid, and \
             NFS looks at 16 groups",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(at) = VolumeNeed::of(case).filter(|at| at.need.demand == Demand::Writable) else {
        return Answer::NotMine;
    };
    let (Some(group), Some(mode)) = (at.path.gid, at.path.mode) else {
        return Answer::NotMine;
    };
    let wanted = at.wanted_bits();
    let is_member = |groups: &Vec<u32>| groups.contains(&group);
    if at.is_read_only()
        || (mode >> 3) & wanted != wanted
        || at.map.identity.groups.as_ref().is_some_and(is_member)
    {
        return Answer::NotMine;
    }
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let edits = edits.append_in_pod_security("supplementalGroups", Value::Int(group.into()));
    let title = format!(
        "add {group}, the group of `{}`, to the pod's `supplementalGroups`",
        at.path.path
    );
    let proposal = Proposal::safe(title, edits.into_list());
    Answer::Try(match at.node_path().filter(|path| is_of_the_node(path)) {
        Some(path) => proposal.but(format!("group {group} may do on the node what `{path}` is for")),
        None if group == 0 => proposal.but("group 0 is root's, and may write to other files, too"),
        None => proposal,
    })
}
