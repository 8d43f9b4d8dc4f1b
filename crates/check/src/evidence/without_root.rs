// SPDX-License-Identifier: Apache-2.0
//! What to do where an init container that is root may not run: each cure that is named was tried on the map.

use writeway_access::{FsGroupEffect, Tri};
use writeway_manifest::{Container, Span, Spanned};

use crate::RuleContext;
use crate::evidence::chown::changes_of_owner;
use crate::evidence::fs_group::{Ignored, group_for, map_mounts};
use crate::evidence::writing::{WriteMount, path_of_mount, who, write_mounts, write_verdict};

/// What to do instead of an init container that is root.
pub(crate) fn instead_of_root(context: &RuleContext<'_>, init: &Container) -> String {
    let handed_over = write_mounts(context).find(|write| {
        let mut mounts = init.mounts.iter();
        mounts.any(|mount| mount.name.value == write.mount.name.value)
    });
    match handed_over {
        Some(write) if !changes_of_owner(context, init).is_empty() => instead_of_chown(context, init, &write),
        Some(write) => format!("run it as {}, whose files these are going to be", who(write.map)),
        None => "run it as the user of the main containers".to_owned(),
    }
}

/// What makes a volume the process's own without the init container that gives it away.
fn instead_of_chown(context: &RuleContext<'_>, init: &Container, write: &WriteMount<'_>) -> String {
    let who = who(write.map);
    let mut workload = context.workload.clone();
    workload
        .pod
        .retain_containers(|container| container.span != init.span);
    let there = workload.pod.security.fs_group;
    let group = there.unwrap_or_else(|| Spanned::new(i64::from(group_for(write.map)), Span::default()));
    workload.pod.security.fs_group = Some(group);

    let trial = map_mounts(context, &workload);
    let container = trial
        .containers
        .iter()
        .find(|map| map.name == *write.container.name);
    let path = container.and_then(|map| path_of_mount(map, write.index));
    let Some(path) = path else {
        return align(&who, write);
    };
    let volume = &write.volume.name.value;
    match (write_verdict(path).tri(), path.fs_group) {
        (Tri::Yes, _) if there.is_some() => format!(
            "leave it out: {who} can write to volume `{volume}` without it, which `fsGroup: {}` makes its own",
            group.value
        ),
        (Tri::Yes, FsGroupEffect::Applied) => format!(
            "leave it out, and set `securityContext.fsGroup: {}` on the pod, with which {who} can write to volume \
             `{volume}`",
            group.value
        ),
        (Tri::Yes, _) => format!("leave it out: {who} can write to volume `{volume}` without it"),
        (_, FsGroupEffect::Ignored) => {
            format!(
                "leave it out: {}",
                Ignored::of(context.access, context.workload, &write.volume).cure(&who)
            )
        }
        _ => align(&who, write),
    }
}

/// What always works, where nothing is known of the volume.
fn align(who: &str, write: &WriteMount<'_>) -> String {
    format!(
        "leave it out, and let the volume `{}` be {who}'s where it is made: `fsGroup` where kubelet applies it, else \
         `runAsUser` as the uid that owns the volume",
        write.volume.name.value
    )
}
