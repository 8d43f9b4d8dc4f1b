// SPDX-License-Identifier: Apache-2.0
//! What is mounted where something has to become writable, as far as a remedy for a pod's own files may change it.

use writeway_access::path::clean;
use writeway_manifest::{EmptyDir, Mount, Volume, VolumeSource, Which, Workload};

use crate::Case;

/// What a needed path stands on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ground<'a> {
    /// The container's own file system: a volume may be mounted there.
    Bare,
    /// An `emptyDir`.
    EmptyDir(Scratch<'a>),
    /// Any other volume, which is not to be covered.
    Other(&'a Mount),
}

/// An `emptyDir` that a needed path is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scratch<'a> {
    /// The mount.
    pub(crate) mount: &'a Mount,
    /// The volume.
    pub(crate) volume: &'a Volume,
    /// What the volume says of itself.
    pub(crate) source: &'a EmptyDir,
    /// Whether the needed path is the mount itself, and not below it.
    pub(crate) is_mount: bool,
}

impl<'a> Ground<'a> {
    /// What the case's path stands on; `None` when the pod does not start, or nothing has to become writable.
    pub(crate) fn of(case: &Case<'a>) -> Option<Self> {
        let path = case.path()?;
        if path.mount.is_none() {
            return Some(Self::Bare);
        }
        let mount = case.mount()?;
        let template = |name: &str| {
            let mut templates = case.workload.claim_templates.iter();
            templates.any(|template| *template.name == name)
        };
        match case.volume() {
            // A claim template replaces a volume of its name.
            Some(volume) if !template(&mount.name) => match &volume.source {
                VolumeSource::EmptyDir(source) => Some(Self::EmptyDir(Scratch {
                    mount,
                    volume,
                    source,
                    is_mount: clean(&mount.mount_path) == path.path,
                })),
                _ => Some(Self::Other(mount)),
            },
            _ => Some(Self::Other(mount)),
        }
    }
}

impl Scratch<'_> {
    /// Whether files of the volume are on the node's disk.
    pub(crate) fn is_on_disk(&self) -> bool {
        self.source.medium.as_ref().is_none_or(|medium| medium.is_empty())
    }

    /// The container that mounts the volume, too, or mounts it once more.
    pub(crate) fn other_user<'w>(&self, workload: &'w Workload) -> Option<&'w str> {
        let containers = workload.pod.containers(Which::All);
        let mut users = containers.filter(|container| {
            let mut mounts = container.mounts.iter();
            mounts.any(|mount| *mount.name == *self.volume.name && mount.span != self.mount.span)
        });
        users.next().map(|container| container.name.value.as_str())
    }
}
