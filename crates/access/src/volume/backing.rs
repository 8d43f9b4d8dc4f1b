// SPDX-License-Identifier: Apache-2.0
//! What is known of the volume behind a claim.

use writeway_facts::{ClassVolume, VolumeKind};
use writeway_manifest::{
    DataSource, HostPathSource, PersistentSource, PersistentVolume, PersistentVolumeClaim, VolumeSource,
};

use super::{Setup, driver};
use crate::value::Reason;

/// Annotation that adds a group to every process (pkg/volume/util/util.go, VolumeGidAnnotationKey).
const GID_ANNOTATION: &str = "pv.beta.kubernetes.io/gid";

/// What is known of the volume behind a claim.
pub(super) struct Backing {
    pub(super) kind: Option<VolumeKind>,
    pub(super) facts: ClassVolume,
    /// CSI driver, when one serves it.
    pub(super) driver: Option<String>,
    /// Path and type of a volume on the node, when the PersistentVolume is among the inputs.
    pub(super) on_node: Option<HostPathSource>,
    pub(super) access_modes: Vec<String>,
    /// The volume exists already, or is filled before it is bound, so that it may hold anything; a new one is empty.
    pub(super) existing: bool,
    pub(super) why: Vec<Reason>,
    /// Why the kind is not known.
    pub(super) unknown: Reason,
}

impl Backing {
    /// What is known of new volumes does not hold for one that gets the content of another, its root included.
    fn filled_from(&mut self, source: &DataSource, claim: &str) {
        self.existing = true;
        self.facts.owner = None;
        self.facts.mode = None;
        self.facts.contents.clear();
        let source = format!("{} `{}`", source.kind, source.name);
        self.why
            .push(format!("the volume of the claim `{claim}` is filled from {source}").into());
        self.unknown =
            format!("what the volume of the claim `{claim}` gets from {source} is not known").into();
    }

    /// Whether an NFS server judges who may do what.
    pub(super) fn is_served(&self) -> bool {
        match self.kind {
            Some(VolumeKind::Nfs) => true,
            Some(VolumeKind::Csi) => self.driver.as_deref().is_some_and(driver::is_served),
            _ => false,
        }
    }
}

impl Setup<'_> {
    /// What is known of the volume behind a claim, from the most to the least specific: the PersistentVolume among the
    /// inputs, facts of the claim, facts of its class, its StorageClass among the inputs.
    pub(super) fn backing(
        &mut self,
        namespace: Option<&str>,
        name: &str,
        template: Option<&PersistentVolumeClaim>,
    ) -> Backing {
        let inventory = self.context.inventory;
        let declared = inventory.claim(namespace, name).map(|claim| &*claim.value);
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
        if let Some(source) = claim.and_then(|claim| claim.data_source.as_ref()) {
            backing.filled_from(source, name);
        }
        let key = format!("{}/{name}", namespace.unwrap_or("default"));
        if let Some(fact) = self.context.facts.claims.get(&key) {
            backing
                .why
                .push(format!("facts describe the volume of the claim `{key}`").into());
            overlay(&mut backing.facts, fact);
            if backing.facts.source.is_some() {
                backing.kind.clone_from(&backing.facts.source);
            }
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
        // What the claim itself asks for is more specific than what facts say of its class.
        let mut asked_for = false;
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
                asked_for = by_claim.is_some();
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
                let is_filled = claim.is_some_and(|claim| claim.data_source.is_some());
                if !is_filled && shipped.is_some_and(|driver| driver.block) {
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
                if fact.source.is_some() && !asked_for {
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
