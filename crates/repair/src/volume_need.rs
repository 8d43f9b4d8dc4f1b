// SPDX-License-Identifier: Apache-2.0
//! A need on a volume that is mounted for writing: whose the volume is now, and who else uses it.

use writeway_access::mount_path::{in_volume, is_within};
use writeway_access::{ContainerMap, PathMap};
use writeway_check::{Mounted, Need, NeedKind, Source};
use writeway_manifest::{Container, HostPathSource, Mount, PersistentSource, VolumeSource, Which, Workload};

use crate::Case;

/// A need on a volume of the pod.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VolumeNeed<'a> {
    case: Case<'a>,
    pub(crate) need: &'a Need,
    /// The container that writes.
    pub(crate) container: &'a Container,
    /// Its map.
    pub(crate) map: &'a ContainerMap,
    /// What is at the path.
    pub(crate) path: &'a PathMap,
    /// The mount that the path belongs to.
    pub(crate) mount: &'a Mount,
    /// What is mounted.
    pub(crate) volume: Mounted<'a>,
}

impl<'a> VolumeNeed<'a> {
    /// The case's need, if it is one on a volume.
    pub(crate) fn of(case: &Case<'a>) -> Option<Self> {
        let mount = case.mount()?;
        Some(Self {
            case: *case,
            need: case.need?,
            container: case.container()?,
            map: case.container_map()?,
            path: case.path()?,
            mount,
            volume: Mounted::find(case.workload, mount)?,
        })
    }

    /// Whether the mount cannot be written to, whoever tries.
    pub(crate) fn is_read_only(&self) -> bool {
        self.path.read_only == Some(true)
    }

    /// The bits of a mode that let a class of users write, as those of others.
    pub(crate) fn wanted_bits(&self) -> u16 {
        match self.need.kind {
            NeedKind::Directory => 0o3,
            NeedKind::File => 0o2,
        }
    }

    /// The path within the volume that the container mounts; `None` when a variable decides whose value is not known.
    pub(crate) fn part(&self) -> Option<String> {
        in_volume(self.mount, "")
    }

    /// The `subPath`, when there is one, with the values of variables in it.
    ///
    /// # Errors
    /// A value is not known.
    pub(crate) fn sub_path(&self) -> Result<Option<&'a str>, String> {
        let Some(part) = &self.mount.sub_path else {
            return Ok(None);
        };
        part.known().map(Some).ok_or_else(|| {
            format!(
                "the value of a variable in the subPath `{}` is not known, and an init container does not have it",
                part.written().as_str()
            )
        })
    }

    /// The other containers that are there when the pod runs and can write to the same part of the volume, or could.
    pub(crate) fn other_writers(&self) -> impl Iterator<Item = (&'a Container, &'a ContainerMap)> {
        let this = *self;
        let pod = &this.case.workload.pod;
        pod.containers(Which::LongRunning)
            .filter(move |container| container.name.value != this.container.name.value)
            .filter(move |container| {
                let mut mounts = container.mounts.iter();
                mounts.any(|mount| this.shares(mount) && !mount.read_only.is_some_and(|field| field.value))
            })
            .filter_map(move |container| {
                let map = this
                    .case
                    .map
                    .containers
                    .iter()
                    .find(|map| map.name == *container.name)?;
                Some((container, map))
            })
    }

    /// Whether a mount of another container shows something of what this one shows.
    fn shares(&self, mount: &Mount) -> bool {
        let same_part = match (self.part(), in_volume(mount, "")) {
            (Some(this), Some(other)) => is_within(&this, &other) || is_within(&other, &this),
            // A variable may make them the same.
            _ => true,
        };
        *mount.name == *self.mount.name && same_part
    }

    /// Another workload that uses the volume, in words, as far as the inputs say.
    pub(crate) fn other_workload(&self) -> Option<String> {
        let inventory = self.case.context.inventory;
        let this = &self.case.workload.object;
        let is_other = |workload: &&Workload| {
            let object = &workload.object;
            (&object.kind, &object.namespace, &object.name) != (&this.kind, &this.namespace, &this.name)
        };
        let other = match self.volume.source {
            Source::Volume(VolumeSource::Claim(reference)) => inventory
                .users_of_claim(this.namespace.as_deref(), &reference.claim_name)
                .iter()
                .map(|user| &inventory.workloads()[user.workload])
                .find(is_other),
            Source::Volume(VolumeSource::HostPath(source)) => {
                let overlaps = |workload: &&Workload| {
                    let volumes = workload.pod.volumes.iter();
                    volumes.filter_map(host_path).any(|other| {
                        is_within(&other.path, &source.path) || is_within(&source.path, &other.path)
                    })
                };
                inventory.workloads().iter().filter(is_other).find(overlaps)
            }
            _ => None,
        }?;
        Some(format!("{} `{}`", other.object.kind, other.object.name))
    }

    /// The directory on the node that is behind the volume, when that is known.
    pub(crate) fn node_path(&self) -> Option<&'a str> {
        let context = self.case.context;
        match self.volume.source {
            Source::Volume(VolumeSource::HostPath(source)) => Some(&source.path),
            Source::Volume(VolumeSource::Claim(reference)) => {
                let namespace = self.case.workload.object.namespace.as_deref();
                let volume = context
                    .inventory
                    .volume_bound_to(namespace, &reference.claim_name)?;
                match &volume.source {
                    PersistentSource::Local { path, .. } => Some(path),
                    PersistentSource::Inline(VolumeSource::HostPath(source)) => Some(&source.path),
                    PersistentSource::Inline(_) => None,
                }
            }
            _ => None,
        }
    }

    /// The number of the first container that uses the volume while the pod starts, in front of which the volume has to be
    /// prepared; `None` when there is none.
    pub(crate) fn first_user(&self) -> Option<usize> {
        let mut starting = self.case.workload.pod.containers(Which::Startup);
        let first = starting.find(|container| {
            let mut mounts = container.mounts.iter();
            mounts.any(|mount| *mount.name == *self.mount.name)
        })?;
        self.case.item_of(first)
    }

    /// Whether what is on the volume is there before the pod, and after it.
    pub(crate) fn outlives_the_pod(&self) -> bool {
        !matches!(
            self.volume.source,
            Source::Volume(VolumeSource::EmptyDir(_) | VolumeSource::Ephemeral { .. })
        )
    }
}

fn host_path(volume: &writeway_manifest::Volume) -> Option<&HostPathSource> {
    match &volume.source {
        VolumeSource::HostPath(source) => Some(source),
        _ => None,
    }
}
