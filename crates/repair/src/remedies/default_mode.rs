// SPDX-License-Identifier: Apache-2.0
//! `defaultMode: 0400` of a Secret volume whose files nobody but root reads.
//!
//! The files belong to root, and `fsGroup` would add `r` for its group (`pkg/volume/volume_linux.go`,
//! changeFilePermission).

use writeway_check::Demand;
use writeway_manifest::{VolumeSource, Which};
use writeway_yaml::Operation;

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "default-mode",
    costs: "nothing",
    limits: "only root can read the files, and `fsGroup` opens them for its group again",
    propose,
};

/// Only the owner reads.
const PRIVATE: i64 = 0o400;

fn propose(case: &Case<'_>) -> Answer {
    let strict = |demand| matches!(demand, Demand::Strict { .. });
    if !case.need.is_some_and(|need| strict(need.demand)) {
        return Answer::NotMine;
    }
    let Some(volume) = case.volume() else {
        return Answer::NotMine;
    };
    let VolumeSource::Secret(secret) = &volume.source else {
        return Answer::NotMine;
    };
    let name = &*volume.name;
    if case.workload.pod.security.fs_group.is_some() {
        return Answer::cannot("`fsGroup` would open the files for its group again");
    }
    let is_root = |name: &str| {
        let map = case.map.containers.iter().find(|map| map.name == name);
        map.is_some_and(|map| map.identity.uid == Some(0))
    };
    let mut users = case.workload.pod.containers(Which::All).filter(|container| {
        let mut mounts = container.mounts.iter();
        mounts.any(|mount| *mount.name == *name)
    });
    if let Some(user) = users.find(|container| !is_root(&container.name)) {
        return Answer::cannot(format!(
            "container `{}`, which is not known to run as root, could no longer read volume `{name}`",
            *user.name
        ));
    }
    let Some(path) = case.draft.path_to(volume.span) else {
        return Answer::cannot("the volume is not written where it could be changed");
    };
    let Some(mut edits) = case.edits() else {
        return Answer::NotMine;
    };
    let source = path.join("secret");
    edits = edits.edit(source.join("defaultMode"), Operation::Set(PRIVATE.into()));
    // A key's own mode wins.
    for (index, item) in secret.items.iter().enumerate() {
        if item.mode.is_some() {
            let mode = source.join("items").join(index).join("mode");
            edits = edits.edit(mode, Operation::Set(PRIVATE.into()));
        }
    }
    let title = format!("give the files of volume `{name}` the mode 0400");
    Answer::Try(Proposal::safe(title, edits.into_list()))
}
