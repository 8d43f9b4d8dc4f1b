// SPDX-License-Identifier: Apache-2.0
//! Which volumes kubelet gives to the pod's fsGroup, and what else to do where it does not.

use writeway_access::{ContainerMap, Context, FsGroupEffect};
use writeway_facts::VolumeKind;
use writeway_manifest::{PersistentSource, PersistentVolumeClaim, VolumeSource, Workload};

use crate::RuleContext;
use crate::evidence::mounted::{Mounted, Source};
use crate::evidence::writing::{WriteMount, who};

/// The provisioner of k3s and kind (rancher/local-path-provisioner).
const LOCAL_PATH: &str = "rancher.io/local-path";

/// The fsGroup that a reader would choose for a container: its own group, or its uid where that group is root's.
pub fn group_for(map: &ContainerMap) -> u32 {
    let identity = &map.identity;
    identity
        .gid
        .filter(|gid| *gid != 0)
        .or(identity.uid)
        .unwrap_or(1000)
}

/// What makes a volume one that the process may write to. The kind of volume decides, as far as it is known; where a driver
/// does, that is said.
pub(crate) fn hand_over(context: &RuleContext<'_>, it: &WriteMount<'_>) -> String {
    let who = who(it.map);
    // kubelet makes it 0777 (pkg/volume/emptydir/empty_dir.go, setupDir), and fsGroup comes before all containers.
    if let Source::Volume(VolumeSource::EmptyDir(_)) = it.volume.source {
        return format!(
            "everybody may write to an `emptyDir`, unless its `mode` or a container changes that: leave it to {who} there"
        );
    }
    let cause = Ignored::of(context.access, context.workload, &it.volume);
    let group = group_for(it.map);
    match (it.path.fs_group, cause) {
        (FsGroupEffect::Ignored, _) => cause.cure(&who),
        (FsGroupEffect::Unset, Ignored::Driver) => format!(
            "set `securityContext.fsGroup: {group}` on the pod where kubelet applies it: to `local` volumes and block \
             devices always, to those of a CSI driver as its `fsGroupPolicy` says (`File`: always, the default: \
             ReadWriteOnce with an `fsType`); else give the volume to {who} where it is made"
        ),
        (FsGroupEffect::Unset, Ignored::LocalPath) => format!(
            "set `securityContext.fsGroup: {group}` on the pod, which kubelet applies where the claim is annotated with \
             `volumeType: local` (or the class with `defaultVolumeType: local`). A PersistentVolume that exists keeps its \
             type, so the claim may have to be made anew"
        ),
        (FsGroupEffect::Unset, _) => cause.cure(&who),
        (FsGroupEffect::Applied | FsGroupEffect::Unknown, _) => {
            format!("give the volume to {who} where it is made")
        }
    }
}

/// Why kubelet ignores fsGroup on a volume, if it does.
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
    /// The policy of a CSI driver; no other kind that is known ignores it.
    Driver,
}

impl Ignored {
    /// The cause, from the kind of volume.
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
                    claim.map(|claim| &*claim.value),
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
            Some(PersistentSource::Inline(VolumeSource::HostPath(_))) => Self::LocalPath,
            Some(_) => Self::Driver,
            None => match fact.and_then(|fact| fact.source.as_ref()) {
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
