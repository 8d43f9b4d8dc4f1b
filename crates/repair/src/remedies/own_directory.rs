// SPDX-License-Identifier: Apache-2.0
//! A directory that an init container makes as the program's own user, in a volume on the node's disk.
//!
//! It has the mode and the owner that any program accepts. fsGroup is applied to the volume before, so that it does not
//! widen what is made (`pkg/volume/emptydir/empty_dir.go`: at the first set-up only).

use writeway_access::path::clean;
use writeway_check::{Demand, NeedKind};
use writeway_generate::{Error, Image, Rendered, Size, Tmp, TmpDirectory, User};
use writeway_yaml::{Operation, Value};

use super::new_volume::{NewVolume, SIZE_ON_DISK};
use crate::ground::{Ground, Scratch};
use crate::{Answer, Case, Edits, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "own-directory",
    costs: "an init container, whose image has to be pulled, and disk space of the node",
    limits: "the user has to be known; it is lost with the pod",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let (Some(need), Some(volume)) = (case.need, NewVolume::of(case)) else {
        return Answer::NotMine;
    };
    if need.kind == NeedKind::File || need.prefill || !need.purpose.is_for_the_pod() {
        return Answer::NotMine;
    }
    let writable_will_do = need.demand == Demand::Writable;
    match Ground::of(case) {
        Some(Ground::EmptyDir(scratch)) if !scratch.is_mount || !writable_will_do => {
            within(case, &volume, &scratch)
        }
        Some(Ground::Bare) if !writable_will_do => anew(case, &volume),
        _ => Answer::NotMine,
    }
}

/// A new volume, of which the program sees the directory only.
fn anew(case: &Case<'_>, volume: &NewVolume<'_>) -> Answer {
    let rendered = match render(case, volume.path, &volume.name(), "tmp") {
        Ok(rendered) => rendered,
        Err(why) => return Answer::Cannot(why),
    };
    let title = format!(
        "mount a directory at `{}` in container `{}` that an init container makes as its user",
        volume.path, *volume.container.name
    );
    volume.propose_parts(title, rendered)
}

/// The volume that is there gets the directory.
fn within(case: &Case<'_>, volume: &NewVolume<'_>, scratch: &Scratch<'_>) -> Answer {
    let name = scratch.volume.name.as_str();
    let mount = &scratch.mount.mount_path;
    let part = scratch.mount.sub_path.as_ref().map(|part| part.known());
    let (directory, shared) = match (part, scratch.is_mount) {
        (None, true) => ("tmp", scratch.other_user(case.workload)),
        (Some(Some(path)), true) => (path, None),
        (None, false) => {
            let mount = clean(mount);
            let below = volume.path.strip_prefix(&mount).unwrap_or_default();
            (below.trim_start_matches('/'), None)
        }
        _ => {
            return Answer::cannot(format!(
                "it is in a part of volume `{name}` whose name is not known"
            ));
        }
    };
    if directory.is_empty() || directory.contains('/') {
        return Answer::cannot(format!(
            "`{directory}` in volume `{name}` is more than one directory below its root"
        ));
    }
    let rendered = match render(case, volume.path, name, directory) {
        Ok(rendered) => rendered,
        Err(why) => return Answer::Cannot(why),
    };
    let (Some(mut edits), Some(path)) = (case.edits(), case.draft.path_to(scratch.mount.span)) else {
        return Answer::cannot("the pod is not written where it could be changed");
    };
    if scratch.mount.sub_path.is_none() && scratch.is_mount {
        edits = edits.edit(path.join("subPath"), Operation::Set(Value::from(directory)));
    }
    let init_containers = rendered.init_containers.into_iter().rev();
    let edits = init_containers.fold(edits, Edits::first_init_container);
    let title = format!(
        "let an init container make `{}` of container `{}` as its user, in volume `{name}`",
        volume.path, *volume.container.name
    );
    let proposal = Proposal::safe(title, edits.into_list());
    Answer::Try(match shared {
        Some(other) => proposal.but(format!(
            "container `{other}` has the volume, too, and would no longer have the same files"
        )),
        None => proposal,
    })
}

fn render(case: &Case<'_>, path: &str, volume: &str, directory: &str) -> Result<Rendered, String> {
    let identity = case.container_map().map(|map| &map.identity);
    let (Some(uid), Some(gid)) = (
        identity.and_then(|identity| identity.uid),
        identity.and_then(|identity| identity.gid),
    ) else {
        return Err(
            "the user that the container runs as is not known: set `runAsUser` and `runAsGroup`".to_owned(),
        );
    };
    let mode = match case.need.map(|need| need.demand) {
        Some(Demand::Owned) => 0o700,
        _ => 0o1777,
    };
    let make = || -> Result<Rendered, Error> {
        let directory = TmpDirectory::new(User::new(uid.into(), gid.into())?)
            .name(&case.new_container_name("make-tmp"))?
            .directory(directory)?
            .mode(mode)?
            .agent(Image::parse(&case.options.agent_image)?);
        let tmp = Tmp::directory(path, Size::parse(SIZE_ON_DISK)?, directory)?;
        Ok(tmp.volume(volume)?.render())
    };
    make().map_err(|error| error.to_string())
}
