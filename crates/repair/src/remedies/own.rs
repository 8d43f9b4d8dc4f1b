// SPDX-License-Identifier: Apache-2.0
//! The volume handed over to the container's user by an init container as root, which has no capability but `CHOWN`.
//!
//! It is the last remedy: it works on any volume of the node. The agent enters closed directories of others with
//! `CHOWN` alone, which `chown -R` cannot.

use std::collections::BTreeSet;

use writeway_check::{Demand, group_for, holds_what_is_the_nodes, is_of_the_node};
use writeway_generate::{AgentOwn, Error, Image, Mount, Own};
use writeway_pod_security::Level;
use writeway_yaml::Value;

use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "own",
    costs: "an init container as root with the capability CHOWN, and a walk through the volume at the first start; while it \
            is in the pod, its service account token is readable for every user of the pod",
    limits: "Pod Security `restricted` refuses it, and so do servers of NFS that squash root; all that is on the volume \
             changes hands, and what others put there later does not",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(at) = VolumeNeed::of(case).filter(|at| at.need.demand != Demand::Sticky) else {
        return Answer::NotMine;
    };
    if let Some(why) = never(&at) {
        return Answer::Cannot(why);
    }
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let Some(uid) = at.map.identity.uid else {
        return Answer::cannot(format!(
            "nobody says which user container `{}` runs as: set `runAsUser`, or describe the image by a fact",
            *at.container.name
        ));
    };
    let target = Target::of(case, &at, uid);
    let own = match generated(case, &at, &target) {
        Ok(own) => own,
        Err(why) => return Answer::Cannot(why),
    };
    let Some(container) = own.render().init_containers.pop() else {
        return Answer::NotMine;
    };
    let mut edits = edits.init_container_at(at.first_user(), container);
    if let Some(group) = target.new_group {
        edits = edits.append_in_pod_security("supplementalGroups", Value::Int(group.into()));
    }
    let title = format!(
        "hand volume `{}` over to {}:{} by an init container as root",
        *at.mount.name, target.uid, target.gid
    );
    let proposal = Proposal::safe(title, edits.into_list());
    Answer::Try(match danger(&at, uid) {
        Some(danger) => proposal.but(danger),
        None => proposal,
    })
}

/// Why nobody can hand the volume over.
fn never(at: &VolumeNeed<'_>) -> Option<String> {
    let volume = &*at.mount.name;
    if at.is_read_only() {
        return Some(format!("volume `{volume}` is read-only for everybody"));
    }
    let node = at.node_path()?;
    (is_of_the_node(node) || holds_what_is_the_nodes(node))
        .then(|| format!("`{node}` is a directory of the node itself, which is not to be given away"))
}

/// Whom the volume is given to.
struct Target {
    uid: u32,
    gid: u32,
    /// Several users write: the group may, too.
    group_writable: bool,
    /// The group, where not every process that writes is in it.
    new_group: Option<u32>,
}

impl Target {
    /// The container's user, and a group that all users of the volume have when there is another user.
    fn of(case: &Case<'_>, at: &VolumeNeed<'_>, uid: u32) -> Self {
        let others: Vec<_> = at.other_writers().map(|(_, map)| &map.identity).collect();
        if others.iter().all(|other| other.uid == Some(uid)) {
            return Self {
                uid,
                gid: at.map.identity.gid.unwrap_or(uid),
                group_writable: false,
                new_group: None,
            };
        }
        let fs_group = case.workload.pod.security.fs_group;
        let gid = fs_group
            .and_then(|group| u32::try_from(group.value).ok())
            .unwrap_or_else(|| group_for(at.map));
        let is_member =
            |groups: &Option<Vec<u32>>| groups.as_ref().is_some_and(|groups| groups.contains(&gid));
        let all_in =
            is_member(&at.map.identity.groups) && others.iter().all(|other| is_member(&other.groups));
        // What one of the others has, it keeps.
        let owner = at
            .path
            .uid
            .filter(|owner| others.iter().any(|other| other.uid == Some(*owner)));
        Self {
            uid: owner.filter(|owner| *owner != 0).unwrap_or(uid),
            gid,
            group_writable: true,
            new_group: (!all_in).then_some(gid),
        }
    }
}

fn generated(case: &Case<'_>, at: &VolumeNeed<'_>, target: &Target) -> Result<Own, String> {
    let words = |error: Error| error.to_string();
    let mut mount = Mount::new(&at.mount.name, &at.mount.mount_path).map_err(words)?;
    if let Some(sub_path) = at.sub_path()? {
        mount = mount.sub_path(sub_path).map_err(words)?;
    }
    let image = Image::parse(&case.options.agent_image).map_err(words)?;
    let agent = AgentOwn {
        image,
        group_writable: target.group_writable,
        ..AgentOwn::default()
    };
    let own = Own::new(target.uid.into(), target.gid.into(), [mount])
        .and_then(|own| own.name(&case.new_container_name("own")))
        .map_err(words)?;
    let level = case.enforced_level().unwrap_or(Level::Privileged);
    Ok(own.for_level(level).map_err(words)?.agent(agent))
}

/// What may be lost.
fn danger(at: &VolumeNeed<'_>, uid: u32) -> Option<String> {
    let mut dangers = BTreeSet::new();
    match at.path.uid {
        Some(0) => {}
        Some(owner) if owner == uid => {}
        Some(owner) => {
            dangers.insert(format!(
                "`{}` belongs to uid {owner}, and is taken from it",
                at.path.path
            ));
        }
        None => {
            dangers.insert(format!("nobody says whom `{}` belongs to now", at.path.path));
        }
    }
    if let Some(other) = at.other_workload() {
        dangers.insert(format!("{other} uses the volume, too"));
    }
    let dangers: Vec<String> = dangers.into_iter().collect();
    (!dangers.is_empty() && at.outlives_the_pod()).then(|| dangers.join("; "))
}
