// SPDX-License-Identifier: Apache-2.0
//! What the pod's fsGroup would do, and what else to do where kubelet ignores it.

use std::cell::OnceCell;

use writeway_access::{ContainerMap, Context, PodMap, Tri, map_pod};
use writeway_facts::VolumeKind;
use writeway_manifest::{
    Container, PersistentSource, PersistentVolumeClaim, Span, Spanned, VolumeSource, Workload,
};

use crate::RuleContext;
use crate::evidence::mounted::{Mounted, Source};
use crate::evidence::writing::{path_of_mount, write_verdict};

/// The provisioner of k3s and kind (rancher/local-path-provisioner).
const LOCAL_PATH: &str = "rancher.io/local-path";

/// What would be if the pod had an fsGroup. It is worked out once for all mounts, since an fsGroup is a group of every
/// process of the pod.
pub(crate) struct FsGroupTrial<'a> {
    context: &'a RuleContext<'a>,
    /// The group that was tried and the map with it; `None` when the pod has an fsGroup already.
    outcome: OnceCell<Option<(u32, PodMap)>>,
}

impl<'a> FsGroupTrial<'a> {
    /// A trial that is run when it is first asked.
    pub(crate) fn new(context: &'a RuleContext<'a>) -> Self {
        Self {
            context,
            outcome: OnceCell::new(),
        }
    }

    /// The fsGroup with which the container's process is proven to be able to write to a mount.
    pub(crate) fn group_that_helps(&self, container: &Container, index: usize) -> Option<u32> {
        let (group, map) = self.outcome.get_or_init(|| self.run(container)).as_ref()?;
        let map = map.containers.iter().find(|map| map.name == *container.name)?;
        let helps = write_verdict(path_of_mount(map, index)?).tri() == Tri::Yes;
        helps.then_some(*group)
    }

    /// Tries the group that a reader would choose for the container.
    fn run(&self, container: &Container) -> Option<(u32, PodMap)> {
        if self.context.workload.pod.security.fs_group.is_some() {
            return None;
        }
        let group = group_for(self.context.container_map(container)?);
        let mut workload = self.context.workload.clone();
        workload.pod.security.fs_group = Some(Spanned::new(i64::from(group), Span::default()));
        Some((group, map_mounts(self.context, &workload)))
    }
}

/// The fsGroup that a reader would choose for a container: its own group, or its uid where that group is root's.
pub fn group_for(map: &ContainerMap) -> u32 {
    let identity = &map.identity;
    identity
        .gid
        .filter(|gid| *gid != 0)
        .or(identity.uid)
        .unwrap_or(1000)
}

/// The map of a changed workload, of its mounts and the paths of every map.
pub(crate) fn map_mounts(context: &RuleContext<'_>, workload: &Workload) -> PodMap {
    let access = Context {
        extra_paths: &[],
        ..*context.access
    };
    map_pod(&access, workload)
}

/// Why kubelet ignores fsGroup on a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// A `hostPath` in the pod.
    HostPath,
    /// A PersistentVolume of type `hostPath` that local-path-provisioner makes.
    LocalPath,
    /// Another PersistentVolume of type `hostPath`.
    HostPathVolume,
    /// NFS, in the pod or behind a claim.
    Nfs,
    /// The claim is used read-only.
    ReadOnly,
    /// The policy of a CSI driver.
    Driver,
}

impl Ignored {
    /// The cause, for a volume on which fsGroup is known to be ignored.
    pub fn of(context: &Context<'_>, workload: &Workload, volume: &Mounted<'_>) -> Self {
        let inventory = context.inventory;
        let namespace = workload.object.namespace.as_deref();
        let (name, claim) = match volume.source {
            Source::Template(claim) => (
                format!("{}-{}-0", **volume.name, workload.object.name),
                Some(claim),
            ),
            Source::Volume(VolumeSource::HostPath(_)) => return Self::HostPath,
            Source::Volume(VolumeSource::Nfs { .. }) => return Self::Nfs,
            Source::Volume(VolumeSource::Ephemeral { claim }) => (String::new(), Some(&**claim)),
            Source::Volume(VolumeSource::Claim(reference)) => {
                if reference.read_only.is_some_and(|field| field.value) {
                    return Self::ReadOnly;
                }
                let claim = inventory.claim(namespace, &reference.claim_name);
                (
                    reference.claim_name.value.clone(),
                    claim.map(|claim| &claim.value),
                )
            }
            Source::Volume(_) => return Self::Driver,
        };
        let provisioned = claim.map_or(Self::Driver, |claim| Self::provisioned(context, claim));
        let fact = context
            .facts
            .claims
            .get(&format!("{}/{name}", namespace.unwrap_or("default")));
        match inventory
            .volume_bound_to(namespace, &name)
            .map(|volume| &volume.source)
        {
            Some(PersistentSource::Inline(VolumeSource::HostPath(_))) if provisioned != Self::LocalPath => {
                Self::HostPathVolume
            }
            Some(PersistentSource::Inline(VolumeSource::Nfs { .. })) => Self::Nfs,
            Some(PersistentSource::Inline(VolumeSource::Csi(_) | VolumeSource::Migrated { .. })) => {
                Self::Driver
            }
            _ => match fact.and_then(|fact| fact.source.as_ref()) {
                Some(kind) if provisioned != Self::LocalPath => Self::of_kind(kind),
                _ => provisioned,
            },
        }
    }

    /// The cause for the new volumes of a claim's class.
    fn provisioned(context: &Context<'_>, claim: &PersistentVolumeClaim) -> Self {
        let inventory = context.inventory;
        let (name, class) = match &claim.storage_class_name {
            Some(name) => (Some(name.as_str()), inventory.class(name)),
            None => (None, inventory.default_class()),
        };
        let provisioner = class.and_then(|class| class.provisioner.as_ref());
        let name = name.or(class.map(|class| class.object.name.as_str()));
        let local_path = match provisioner {
            Some(provisioner) => provisioner.as_str() == LOCAL_PATH,
            None => name == Some("local-path"),
        };
        let fact = name.and_then(|name| context.facts.storage_classes.get(name));
        match fact.and_then(|fact| fact.source.as_ref()) {
            _ if local_path => Self::LocalPath,
            Some(kind) => Self::of_kind(kind),
            None => Self::Driver,
        }
    }

    fn of_kind(kind: &VolumeKind) -> Self {
        match kind {
            VolumeKind::HostPath => Self::HostPathVolume,
            VolumeKind::Nfs => Self::Nfs,
            _ => Self::Driver,
        }
    }

    /// What to do instead, for a process that is described in words.
    pub(crate) fn cure(self, who: &str) -> String {
        match self {
            Self::HostPath => format!(
                "`fsGroup` cannot help here: give the directory to {who} on the node, or use a claim for a \
                 PersistentVolume of type `local`, to which kubelet applies `fsGroup`"
            ),
            // createPersistentVolumeSource in rancher/local-path-provisioner's provisioner.go.
            Self::LocalPath => "annotate the claim with `volumeType: local` (or the class with `defaultVolumeType: local`): \
                 kubelet applies `fsGroup` to volumes of that type. A PersistentVolume that exists keeps its type, so the \
                 claim has to be made anew"
                .to_owned(),
            Self::HostPathVolume => format!(
                "`fsGroup` cannot help here: give the directory to {who} on the node, or make the PersistentVolume one of \
                 type `local`, to which kubelet applies `fsGroup`"
            ),
            Self::Nfs => format!(
                "`fsGroup` cannot help here: give the directory to {who} on the server (the process has the group \
                 of `fsGroup` there, too)"
            ),
            Self::ReadOnly => {
                "kubelet leaves a claim alone that is used with `readOnly: true`; say `readOnly: true` at the mounts \
                 instead, or let the pod that writes set owner and mode"
                    .to_owned()
            }
            Self::Driver => format!(
                "kubelet goes by the driver's `fsGroupPolicy`: `File` always applies `fsGroup`, the default only to a \
                 ReadWriteOnce volume with an `fsType`; else give the volume to {who} where it is made"
            ),
        }
    }
}
