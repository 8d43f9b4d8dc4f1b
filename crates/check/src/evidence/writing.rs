// SPDX-License-Identifier: Apache-2.0
//! Whether a path is of use to somebody who wants to write.

use writeway_access::{ContainerMap, FileKind, FsGroupEffect, PathMap, Verdict};
use writeway_manifest::{Container, Mount, Which};

use crate::evidence::mounted::Mounted;
use crate::{Finding, Need, NeedKind, Purpose, RuleContext};

/// A volume that is mounted where somebody is expected to write: into a main container or sidecar, neither read-only nor
/// of a kind that always is.
#[derive(Clone, Copy)]
pub(crate) struct WriteMount<'a> {
    /// The container.
    pub(crate) container: &'a Container,
    /// Its map.
    pub(crate) map: &'a ContainerMap,
    /// The mount's index in the container.
    pub(crate) index: usize,
    /// The mount.
    pub(crate) mount: &'a Mount,
    /// What its name refers to.
    pub(crate) volume: Mounted<'a>,
    /// What is at the mount path.
    pub(crate) path: &'a PathMap,
}

/// The mounts of a workload where somebody is expected to write.
pub(crate) fn write_mounts<'a>(context: &RuleContext<'a>) -> impl Iterator<Item = WriteMount<'a>> {
    let context = *context;
    let workload = context.workload;
    let containers = workload.pod.containers(Which::LongRunning);
    let mounts =
        containers.flat_map(|container| container.mounts.iter().enumerate().map(move |it| (container, it)));
    mounts.filter_map(move |(container, (index, mount))| {
        let volume = Mounted::find(workload, mount)?;
        if mount.read_only.is_some_and(|field| field.value) || volume.is_read_only() {
            return None;
        }
        let map = context.container_map(container)?;
        Some(WriteMount {
            container,
            map,
            index,
            mount,
            volume,
            path: path_of_mount(map, index)?,
        })
    })
}

/// What is at the mount path itself: of a mount's paths the first in the map.
pub(crate) fn path_of_mount(map: &ContainerMap, index: usize) -> Option<&PathMap> {
    map.paths.iter().find(|path| path.mount == Some(index))
}

/// Adds the fields that decide who the process is, and whether the volume is its group's.
pub(crate) fn explain_identity(
    context: &RuleContext<'_>,
    container: &Container,
    path: &PathMap,
    mut finding: Finding,
) -> Finding {
    let pod = &context.workload.pod.security;
    if let Some(user) = container.security.run_as_user.or(pod.run_as_user) {
        finding = finding.related(context.place(user.span), format!("runs as uid {}", user.value));
    }
    if let (Some(group), FsGroupEffect::Ignored) = (&pod.fs_group, path.fs_group) {
        finding = finding.related(context.place(group.span), "has no effect on this volume");
    }
    finding
}

/// Who a container's process is, in words.
pub(crate) fn who(map: &ContainerMap) -> String {
    map.identity
        .uid
        .map_or("the process".to_owned(), |uid| format!("uid {uid}"))
}

/// What is needed of such a mount.
pub(crate) fn need_of(it: &WriteMount<'_>) -> Need {
    Need {
        kind: if is_file(it.path) {
            NeedKind::File
        } else {
            NeedKind::Directory
        },
        ..Need::directory(&it.container.name, &it.path.path, Purpose::Data)
    }
}

/// The verdict that matters at a path: overwriting what is there, unless that is a directory, or nothing is known to
/// be there; else creating a file.
pub fn write_verdict(path: &PathMap) -> &Verdict {
    if is_file(path) {
        &path.overwrite.verdict
    } else {
        &path.create
    }
}

/// Whether something else than a directory is at the path.
pub fn is_file(path: &PathMap) -> bool {
    matches!(path.kind, Some(FileKind::File | FileKind::Link))
}

/// The errno of a verdict in parentheses, after a space; nothing when there is none.
pub(crate) fn errno_note(verdict: &Verdict) -> String {
    verdict
        .errno()
        .map_or(String::new(), |errno| format!(" ({errno})"))
}
