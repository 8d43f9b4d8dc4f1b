// SPDX-License-Identifier: Apache-2.0
//! The directory that a `subPath` names, made by an init container as the container's own user, before kubelet makes it
//! for root.

use writeway_check::Demand;
use writeway_generate::{Directory, Error, Image, User};

use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "sub-path-directory",
    costs: "an init container as the container's own user, without any capability",
    limits: "the user has to be able to write to the root of the volume, and a directory that kubelet has made before stays \
             root's",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(at) = VolumeNeed::of(case) else {
        return Answer::NotMine;
    };
    let for_writing = matches!(at.need.demand, Demand::Writable | Demand::Owned);
    if !for_writing || !at.path.for_sub_path || at.is_read_only() {
        return Answer::NotMine;
    }
    let directory = match generated(case, &at) {
        Ok(directory) => directory,
        Err(why) => return Answer::Cannot(why),
    };
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let Some(container) = directory.render().init_containers.pop() else {
        return Answer::NotMine;
    };
    let title = format!(
        "make the directory of `{}` in volume `{}` by an init container as the same user",
        at.path.path, *at.mount.name
    );
    Answer::Try(Proposal::safe(
        title,
        edits.init_container_at(at.first_user(), container).into_list(),
    ))
}

fn generated(case: &Case<'_>, at: &VolumeNeed<'_>) -> Result<Directory, String> {
    let words = |error: Error| error.to_string();
    let identity = &at.map.identity;
    let uid = identity
        .uid
        .ok_or("nobody says which user would have to make the directory")?;
    let sub_path = at.sub_path()?.unwrap_or_default();
    let user = User::new(uid.into(), identity.gid.unwrap_or(uid).into()).map_err(words)?;
    let image = Image::parse(&case.options.agent_image).map_err(words)?;
    // As kubelet would make it, for others are used to that.
    let mode = at.path.mode.unwrap_or(0o755) & 0o1777 | 0o700;
    Directory::new(user, &at.mount.name, sub_path)
        .and_then(|directory| directory.mode(mode.into()))
        .and_then(|directory| directory.name(&case.new_container_name("make-directory")))
        .map(|directory| directory.agent(image))
        .map_err(words)
}
