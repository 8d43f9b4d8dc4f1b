// SPDX-License-Identifier: Apache-2.0
//! Claims: from a claim to what is known of the volume behind it, and what kubelet does with that.

use writeway_facts::{ClassVolume, VolumeKind};
use writeway_manifest::{
    ClaimRef, CsiSource, HostPathSource, PersistentSource, PersistentVolume, PersistentVolumeClaim, Span,
    Spanned, Volume, VolumeSource,
};

use super::driver::{self, CsiVolume, FsGroupPolicy};
use super::{MissingSubPath, Prepared, Setup, plant};
use crate::fs_group::{self, Mask};
use crate::map::{FsGroupEffect, Lifetime};
use crate::value::{Mode, Reason, Value};
use crate::world::{Inode, InodeId, Kind};

/// Annotation that adds a group to every process (pkg/volume/util/util.go, VolumeGidAnnotationKey).
const GID_ANNOTATION: &str = "pv.beta.kubernetes.io/gid";

/// What is known of the volume behind a claim.
struct Backing {
    kind: Option<VolumeKind>,
    facts: ClassVolume,
    /// CSI driver, when one serves it.
    driver: Option<String>,
    /// Path and type of a volume on the node, when the PersistentVolume is among the inputs.
    on_node: Option<HostPathSource>,
    access_modes: Vec<String>,
    /// The volume exists already, so that it may hold anything; a new one is empty.
    existing: bool,
    why: Vec<Reason>,
    /// Why the kind is not known.
    unknown: Reason,
}

/// How the pod comes to a claim.
struct Use<'a> {
    volume: &'a str,
    source: &'static str,
    lifetime: Lifetime,
    read_only: bool,
    span: Span,
}

impl Setup<'_> {
    pub(super) fn claim(&mut self, volume: &Volume, reference: &ClaimRef) -> Prepared {
        let namespace = self.workload.object.namespace.clone();
        let backing = self.backing(namespace.as_deref(), &reference.claim_name, None);
        let usage = Use {
            volume: &volume.name,
            source: "persistentVolumeClaim",
            lifetime: Lifetime::Claim,
            read_only: reference.read_only.is_some_and(|read_only| read_only.value),
            span: volume.span,
        };
        self.persistent(&usage, &backing)
    }

    pub(super) fn claim_template(
        &mut self,
        name: &Spanned<String>,
        claim: &PersistentVolumeClaim,
    ) -> Prepared {
        let namespace = self.workload.object.namespace.clone();
        let claim_name = format!("{}-{}-0", **name, self.workload.object.name);
        let backing = self.backing(namespace.as_deref(), &claim_name, Some(claim));
        let usage = Use {
            volume: name,
            source: "persistentVolumeClaim",
            lifetime: Lifetime::Claim,
            read_only: false,
            span: name.span,
        };
        self.persistent(&usage, &backing)
    }

    pub(super) fn ephemeral(&mut self, volume: &Volume, claim: &PersistentVolumeClaim) -> Prepared {
        let namespace = self.workload.object.namespace.clone();
        let claim_name = format!("{}-{}", self.workload.object.name, *volume.name);
        let backing = self.backing(namespace.as_deref(), &claim_name, Some(claim));
        let usage = Use {
            volume: &volume.name,
            source: "ephemeral",
            lifetime: Lifetime::Pod,
            read_only: false,
            span: volume.span,
        };
        self.persistent(&usage, &backing)
    }

    /// `csi` inline: the driver makes a volume for the pod.
    pub(super) fn inline_csi(&mut self, volume: &Volume, source: &CsiSource) -> Prepared {
        let name = source.driver.as_str();
        if let Some(object) = self.context.inventory.driver(name)
            && !object
                .value
                .volume_lifecycle_modes
                .iter()
                .any(|mode| mode.as_str() == "Ephemeral")
        {
            self.startup.forbid(
                format!(
                    "volume `{}`: CSI driver `{name}` does not list the lifecycle mode Ephemeral, so kubelet never mounts it",
                    *volume.name
                ),
                source.driver.span,
            );
        }
        let reason: Reason = format!(
            "volume `{}`: CSI driver `{name}` decides what it mounts",
            *volume.name
        )
        .into();
        let mut csi = self.csi_volume(name, &ClassVolume::default());
        csi.fs_type = Some(
            source
                .fs_type
                .as_ref()
                .map_or(String::new(), |fs_type| fs_type.value.clone()),
        );
        csi.for_one_node = Some(true);
        csi.read_only = source.read_only;
        self.csi_prepared(&volume.name, "csi", Lifetime::Pod, &csi, None, &reason)
    }

    /// An in-tree disk that a CSI driver serves: translated into a ReadWriteOnce volume, its `readOnly` lost
    /// (pkg/volume/csimigration/plugin_manager.go).
    pub(super) fn migrated(
        &mut self,
        volume: &Volume,
        plugin: &'static str,
        driver: &str,
        fs_type: Option<&str>,
    ) -> Prepared {
        let reason: Reason = format!(
            "volume `{}` ({plugin}): what the existing disk holds is not known",
            *volume.name
        )
        .into();
        let mut csi = self.csi_volume(driver, &ClassVolume::default());
        csi.fs_type = Some(fs_type.unwrap_or_default().to_owned());
        csi.for_one_node = Some(plugin != "azureFile");
        self.csi_prepared(&volume.name, plugin, Lifetime::External, &csi, None, &reason)
    }

    /// What is known of the volume behind a claim, from the most to the least specific: the PersistentVolume among the
    /// inputs, facts of the claim, facts of its class, its StorageClass among the inputs.
    fn backing(
        &mut self,
        namespace: Option<&str>,
        name: &str,
        template: Option<&PersistentVolumeClaim>,
    ) -> Backing {
        let inventory = self.context.inventory;
        let declared = inventory.claim(namespace, name).map(|claim| &claim.value);
        let claim = declared.or(template);
        let mut backing = Backing {
            kind: None,
            facts: ClassVolume::default(),
            driver: None,
            on_node: None,
            access_modes: claim
                .map(|claim| claim.access_modes.iter().map(|mode| mode.value.clone()).collect())
                .unwrap_or_default(),
            existing: false,
            why: Vec::new(),
            unknown: format!("what is behind the claim `{name}` is not known").into(),
        };
        let class_name = match claim {
            None => {
                backing.unknown =
                    format!("the claim `{name}` is not among the inputs and no fact describes its volume")
                        .into();
                None
            }
            Some(claim) => match &claim.storage_class_name {
                Some(class) => Some(class.value.clone()),
                None => inventory.default_class().map(|class| class.object.name.clone()),
            },
        };
        if let Some(class_name) = &class_name {
            self.class(&mut backing, class_name, claim);
        } else if claim.is_some() {
            backing.unknown = format!(
                "the claim `{name}` names no storage class, and which is the default one is not known"
            )
            .into();
        }
        let key = format!("{}/{name}", namespace.unwrap_or("default"));
        if let Some(fact) = self.context.facts.claims.get(&key) {
            backing
                .why
                .push(format!("facts describe the volume of the claim `{key}`").into());
            overlay(&mut backing.facts, fact);
            backing.kind = backing.facts.source.clone();
            backing.existing = true;
        }
        let bound = claim
            .and_then(|claim| claim.volume_name.as_ref())
            .and_then(|volume| inventory.volume(volume))
            .or_else(|| inventory.volume_bound_to(namespace, name));
        if let Some(volume) = bound {
            self.bound(&mut backing, &volume.object.name, &volume.value);
        }
        backing
    }

    fn class(&self, backing: &mut Backing, class_name: &str, claim: Option<&PersistentVolumeClaim>) {
        let object = self.context.inventory.class(class_name).map(|class| &class.value);
        if let Some(object) = object
            && let Some(provisioner) = &object.provisioner
        {
            let provisioner = provisioner.as_str();
            backing
                .why
                .push(format!("storage class `{class_name}` is provisioned by {provisioner}").into());
            if provisioner == "rancher.io/local-path" {
                // createPersistentVolumeSource in rancher/local-path-provisioner's provisioner.go.
                let by_claim = claim.and_then(|claim| claim.annotations.get("volumeType"));
                let wanted = by_claim
                    .or_else(|| object.annotations.get("defaultVolumeType"))
                    .map(String::as_str);
                let local = wanted.is_some_and(|kind| kind.eq_ignore_ascii_case("local"));
                backing.kind = Some(if local {
                    VolumeKind::Local
                } else {
                    VolumeKind::HostPath
                });
                backing.unknown = format!(
                    "the mode that storage class `{class_name}` gives new volumes is set in its provisioner"
                )
                .into();
            } else if !provisioner.starts_with("kubernetes.io/") {
                backing.kind = Some(VolumeKind::Csi);
                backing.driver = Some(provisioner.to_owned());
                let fs_type = ["csi.storage.k8s.io/fstype", "fsType", "fstype"]
                    .iter()
                    .find_map(|key| object.parameters.get(*key).cloned());
                let shipped = driver::shipped(provisioner);
                backing.facts.fs_type =
                    fs_type.or_else(|| shipped.filter(|driver| driver.block).map(|_| "ext4".to_owned()));
                backing.unknown =
                    format!("what a new volume of CSI driver `{provisioner}` looks like is not known").into();
                if shipped.is_some_and(|driver| driver.block) {
                    backing.facts.owner = Some(writeway_facts::Owner { uid: 0, gid: 0 });
                    backing.facts.mode = Some(writeway_facts::Permissions(0o755));
                    backing.why.push(
                        format!("a new volume of `{provisioner}` is a fresh file system, 0755 root:root")
                            .into(),
                    );
                }
            }
        }
        match self.context.facts.storage_classes.get(class_name) {
            Some(fact) => {
                backing
                    .why
                    .push(format!("facts describe the storage class `{class_name}`").into());
                overlay(&mut backing.facts, fact);
                if fact.source.is_some() {
                    backing.kind.clone_from(&fact.source);
                }
                backing.unknown =
                    format!("no fact states owner and mode of new volumes of class `{class_name}`").into();
            }
            None if object.is_none() => {
                backing.unknown = format!(
                    "what the storage class `{class_name}` provisions is not known: neither the StorageClass nor a fact \
                     is among the inputs"
                )
                .into();
            }
            None => {}
        }
    }

    fn bound(&mut self, backing: &mut Backing, name: &str, volume: &PersistentVolume) {
        backing.existing = true;
        backing.access_modes = volume
            .access_modes
            .iter()
            .map(|mode| mode.value.clone())
            .collect();
        if let Some(gid) = volume
            .annotations
            .get(GID_ANNOTATION)
            .and_then(|gid| gid.parse().ok())
        {
            self.volume_groups.insert(gid);
        }
        let (kind, what) = match &volume.source {
            PersistentSource::Local { path, fs_type } => {
                backing.on_node = Some(HostPathSource {
                    path: path.clone(),
                    kind: None,
                });
                if let Some(fs_type) = fs_type {
                    backing.facts.fs_type = Some(fs_type.clone());
                }
                (VolumeKind::Local, "local")
            }
            PersistentSource::Inline(VolumeSource::HostPath(source)) => {
                backing.on_node = Some(source.clone());
                (VolumeKind::HostPath, "hostPath")
            }
            PersistentSource::Inline(VolumeSource::Csi(source)) => {
                backing.driver = Some(source.driver.value.clone());
                backing.facts.fs_type = Some(
                    source
                        .fs_type
                        .as_ref()
                        .map_or(String::new(), |name| name.value.clone()),
                );
                (VolumeKind::Csi, "csi")
            }
            PersistentSource::Inline(VolumeSource::Nfs { .. }) => (VolumeKind::Nfs, "nfs"),
            PersistentSource::Inline(VolumeSource::Block { plugin, fs_type, .. }) => {
                if fs_type.is_some() {
                    backing.facts.fs_type.clone_from(fs_type);
                }
                (
                    if *plugin == "iscsi" {
                        VolumeKind::Iscsi
                    } else {
                        VolumeKind::Fc
                    },
                    *plugin,
                )
            }
            PersistentSource::Inline(VolumeSource::FlexVolume { .. }) => {
                (VolumeKind::FlexVolume, "flexVolume")
            }
            PersistentSource::Inline(VolumeSource::Migrated {
                plugin,
                driver,
                fs_type,
                ..
            }) => {
                backing.driver = Some((*driver).to_owned());
                backing.facts.fs_type = Some(fs_type.clone().unwrap_or_default());
                (VolumeKind::Csi, *plugin)
            }
            PersistentSource::Inline(_) => return,
        };
        backing.kind = Some(kind);
        backing.unknown = format!("what the existing PersistentVolume `{name}` holds is not known").into();
        backing
            .why
            .push(format!("the claim is bound to PersistentVolume `{name}` ({what})").into());
    }

    /// Sets up the volume behind a claim.
    fn persistent(&mut self, usage: &Use<'_>, backing: &Backing) -> Prepared {
        let on_node = backing.kind == Some(VolumeKind::HostPath);
        let (root, mut missing_sub_path) = match &backing.on_node {
            Some(source) if backing.facts.owner.is_none() && backing.facts.mode.is_none() => {
                let ready = self.on_node(usage.volume, source, usage.span);
                (ready.root, MissingSubPath::Made)
            }
            _ => (self.backed_root(usage, backing), MissingSubPath::Made),
        };
        self.world
            .get_mut(root)
            .history
            .splice(0..0, backing.why.iter().cloned());
        let (fs_group, cause) = self.persistent_effect(usage, backing);
        let fs_group = match fs_group {
            _ if self.fs_group().is_none() => FsGroupEffect::Unset,
            FsGroupEffect::Applied => {
                self.world.get_mut(root).history.push(cause.into());
                let policy = self.change_policy();
                self.apply_fs_group(root, policy)
            }
            FsGroupEffect::Ignored => self.ignore_fs_group(root, &cause),
            FsGroupEffect::Unset | FsGroupEffect::Unknown => {
                self.maybe_fs_group(root, &cause.into());
                FsGroupEffect::Unknown
            }
        };
        // kubelet does not mount a hostPath volume, so only the others are read-only to kubelet itself.
        if usage.read_only && !on_node {
            missing_sub_path = MissingSubPath::ReadOnly;
        }
        let mut why: Vec<Reason> = backing.why.clone();
        if usage.read_only {
            why.push("the claim is used with readOnly: true".into());
        }
        Prepared {
            root,
            read_only: usage.read_only,
            source: usage.source,
            lifetime: usage.lifetime,
            fs_group,
            why,
            missing_sub_path,
            nests: false,
        }
    }

    fn backed_root(&mut self, usage: &Use<'_>, backing: &Backing) -> InodeId {
        let facts = &backing.facts;
        let reason: Reason = format!("volume `{}`: {}", usage.volume, backing.unknown).into();
        let described = facts.owner.is_some() || facts.mode.is_some();
        let kind = if described && !backing.existing {
            Kind::empty()
        } else {
            Kind::unlisted(reason.clone())
        };
        let mut inode = Inode::unknown(kind, reason.clone());
        if let Some(owner) = facts.owner {
            inode.uid = Value::Known(owner.uid);
            inode.gid = Value::Known(owner.gid);
        }
        if let Some(mode) = facts.mode {
            inode.mode = Mode::new(mode.0);
        }
        if described {
            let note = format!("the volume's root is {} {}:{}", inode.mode, inode.uid, inode.gid).into();
            inode.history.push(note);
        }
        let root = self.world.add(inode);
        plant(&mut self.world, root, &facts.contents, &reason, &|_| {
            Inode::unknown(Kind::empty(), reason.clone())
        });
        root
    }

    /// Whether kubelet applies fsGroup to the volume, and why.
    fn persistent_effect(&self, usage: &Use<'_>, backing: &Backing) -> (FsGroupEffect, String) {
        let volume = usage.volume;
        match &backing.kind {
            None => (
                FsGroupEffect::Unknown,
                format!("volume `{volume}`: {}", backing.unknown),
            ),
            Some(VolumeKind::HostPath) => (
                FsGroupEffect::Ignored,
                "the PersistentVolume is hostPath, and kubelet never applies it there".into(),
            ),
            Some(VolumeKind::Nfs) => (
                FsGroupEffect::Ignored,
                "the PersistentVolume is nfs, and kubelet never applies it there".into(),
            ),
            Some(VolumeKind::Csi) => {
                let name = backing.driver.clone().unwrap_or_default();
                let mut csi = self.csi_volume(&name, &backing.facts);
                csi.for_one_node = for_one_node(&backing.access_modes);
                csi.read_only = usage.read_only;
                driver::effect(self.node, &csi)
            }
            Some(VolumeKind::Local | VolumeKind::Iscsi | VolumeKind::Fc | VolumeKind::FlexVolume)
                if usage.read_only =>
            {
                (
                    FsGroupEffect::Ignored,
                    "the claim is used read-only, so kubelet leaves the volume alone".into(),
                )
            }
            Some(VolumeKind::FlexVolume) => (
                FsGroupEffect::Unknown,
                "the flexVolume driver says whether kubelet does".into(),
            ),
            Some(VolumeKind::Local) => (
                FsGroupEffect::Applied,
                "the PersistentVolume is local, and kubelet applies fsGroup there".into(),
            ),
            Some(VolumeKind::Iscsi | VolumeKind::Fc) => (
                FsGroupEffect::Applied,
                "the PersistentVolume is a block device, and kubelet applies fsGroup there".into(),
            ),
        }
    }

    /// What decides about a CSI volume: facts, then the CSIDriver among the inputs, then what its project ships.
    fn csi_volume(&self, name: &str, facts: &ClassVolume) -> CsiVolume {
        let object = self.context.inventory.driver(name).map(|driver| &driver.value);
        let shipped = driver::shipped(name);
        let of_object = object.map(|object| {
            object
                .fs_group_policy
                .as_ref()
                .and_then(|policy| FsGroupPolicy::from_name(policy))
                .unwrap_or(FsGroupPolicy::ReadWriteOnceWithFsType)
        });
        let of_facts = facts
            .fs_group_policy
            .as_deref()
            .and_then(FsGroupPolicy::from_name);
        CsiVolume {
            driver: name.to_owned(),
            policy: of_facts
                .or(of_object)
                .or_else(|| shipped.and_then(|driver| driver.policy)),
            mount_group: facts
                .volume_mount_group
                .or_else(|| shipped.map(|driver| driver.mount_group)),
            fs_type: facts.fs_type.clone(),
            for_one_node: None,
            read_only: false,
        }
    }

    fn csi_prepared(
        &mut self,
        volume: &str,
        source: &'static str,
        lifetime: Lifetime,
        csi: &CsiVolume,
        root: Option<InodeId>,
        reason: &Reason,
    ) -> Prepared {
        let root = root.unwrap_or_else(|| {
            self.world
                .add(Inode::unknown(Kind::unlisted(reason.clone()), reason.clone()))
        });
        let (effect, cause) = driver::effect(self.node, csi);
        let fs_group = match effect {
            _ if self.fs_group().is_none() => FsGroupEffect::Unset,
            FsGroupEffect::Applied => {
                let policy = self.change_policy();
                self.apply_fs_group(root, policy)
            }
            FsGroupEffect::Ignored => self.ignore_fs_group(root, &cause),
            FsGroupEffect::Unset | FsGroupEffect::Unknown => {
                self.maybe_fs_group(root, &cause.into());
                FsGroupEffect::Unknown
            }
        };
        Prepared {
            root,
            read_only: csi.read_only,
            source,
            lifetime,
            fs_group,
            why: vec![format!("volume `{volume}` is served by CSI driver `{}`", csi.driver).into()],
            missing_sub_path: if csi.read_only {
                MissingSubPath::ReadOnly
            } else {
                MissingSubPath::Made
            },
            nests: false,
        }
    }

    /// The group may have been applied, or not: only what both agree on is known.
    fn maybe_fs_group(&mut self, root: InodeId, reason: &Reason) {
        let Some(gid) = self.fs_group() else { return };
        let mut applied = self.world.clone();
        fs_group::apply(&mut applied, root, gid, Mask::ReadWrite, self.change_policy());
        let world = std::mem::take(&mut self.world);
        let shared = world.len();
        self.world = world.join(applied, shared, reason);
    }
}

/// Whether an access mode names one node or pod (csi_util.go, hasReadWriteOnce).
fn for_one_node(access_modes: &[String]) -> Option<bool> {
    if access_modes.is_empty() {
        return None;
    }
    Some(
        access_modes
            .iter()
            .any(|mode| mode == "ReadWriteOnce" || mode == "ReadWriteOncePod"),
    )
}

/// Facts that are more specific win, field by field.
fn overlay(base: &mut ClassVolume, over: &ClassVolume) {
    let ClassVolume {
        source,
        host_path_type,
        owner,
        mode,
        fs_type,
        fs_group_policy,
        volume_mount_group,
        contents,
    } = over.clone();
    base.source = source.or(base.source.take());
    base.host_path_type = host_path_type.or(base.host_path_type.take());
    base.owner = owner.or(base.owner);
    base.mode = mode.or(base.mode);
    base.fs_type = fs_type.or(base.fs_type.take());
    base.fs_group_policy = fs_group_policy.or(base.fs_group_policy.take());
    base.volume_mount_group = volume_mount_group.or(base.volume_mount_group);
    if !contents.is_empty() {
        base.contents = contents;
    }
}
