// SPDX-License-Identifier: Apache-2.0
//! What kubelet prepares before any container runs: every volume that some container mounts.
//!
//! One room per source below `volume/`; the match in [`prepare`] is the table of them.

mod backing;
mod claim;
mod csi;
mod driver;
mod empty_dir;
mod host_path;
pub(crate) mod image;
mod payload;
mod projected;
mod rival;

use std::collections::{BTreeMap, BTreeSet};

use writeway_facts::{EntryType, PathFact};
use writeway_manifest::{Volume, VolumeSource, Which, Workload};

use crate::Context;
use crate::fs_group::{self, ChangePolicy, Mask};
use crate::map::{FsGroupEffect, Lifetime};
use crate::mounts::PATH_MAX;
use crate::node::Node;
use crate::startup::Startup;
use crate::value::{Mode, Reason, Value};
use crate::version::Feature;
use crate::world::{Entry, Inode, InodeId, Kind, World};

/// A volume that is set up on the node.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) root: InodeId,
    /// The mounter is read-only: so is every mount of the volume.
    pub(crate) read_only: bool,
    /// Field name of the source.
    pub(crate) source: &'static str,
    pub(crate) lifetime: Lifetime,
    pub(crate) fs_group: FsGroupEffect,
    /// What the volume is, in plain words.
    pub(crate) why: Vec<Reason>,
    /// What happens when a `subPath` does not exist.
    pub(crate) missing_sub_path: MissingSubPath,
    /// Mountpoints of other volumes below it are made by kubelet, not by the runtime
    /// (pkg/volume/util/nested_volumes.go, MakeNestedMountpoints).
    pub(crate) nests: bool,
}

/// What happens when a `subPath` does not exist in a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingSubPath {
    /// kubelet makes it.
    Made,
    /// kubelet cannot make it, as the volume is mounted read-only on the node.
    ReadOnly,
    /// The volume's own directory does not exist when kubelet looks.
    NoVolume,
    /// The runtime wants an existing directory of the image.
    NotInImage,
}

/// The pod's preparation, shared by all sources.
pub(crate) struct Setup<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) node: &'a Node,
    pub(crate) workload: &'a Workload,
    pub(crate) world: World,
    pub(crate) startup: Startup,
    /// Node directories by path: two volumes of one path are one directory.
    host_paths: BTreeMap<String, host_path::OnNode>,
    /// Groups that PersistentVolumes' annotations add to every process.
    pub(crate) volume_groups: BTreeSet<u32>,
}

impl<'a> Setup<'a> {
    pub(crate) fn new(context: &'a Context<'a>, node: &'a Node, workload: &'a Workload) -> Self {
        Self {
            context,
            node,
            workload,
            world: World::default(),
            startup: Startup::default(),
            host_paths: BTreeMap::new(),
            volume_groups: BTreeSet::new(),
        }
    }

    /// Prepares every volume that some container mounts; the others are never set up
    /// (volumeutil.GetPodVolumeNames).
    pub(crate) fn volumes(&mut self) -> BTreeMap<String, Prepared> {
        let pod = &self.workload.pod;
        let used: BTreeSet<&str> = pod
            .containers(Which::All)
            .flat_map(|container| container.mounts.iter().map(|mount| mount.name.as_str()))
            .collect();
        let mut prepared = BTreeMap::new();
        for volume in &pod.volumes {
            if used.contains(volume.name.as_str()) && !prepared.contains_key(volume.name.as_str()) {
                let ready = self.prepare(volume);
                prepared.insert(volume.name.value.clone(), ready);
            }
        }
        // A StatefulSet's claim template makes a volume of its name, in place of one the pod may have
        // (pkg/controller/statefulset/stateful_set_utils.go, updateStorage).
        for template in &self.workload.claim_templates {
            if used.contains(template.name.as_str()) {
                let ready = self.claim_template(&template.name, &template.claim);
                prepared.insert(template.name.value.clone(), ready);
            }
        }
        prepared
    }

    fn prepare(&mut self, volume: &Volume) -> Prepared {
        match &volume.source {
            VolumeSource::EmptyDir(source) => self.empty_dir(volume, source),
            VolumeSource::Secret(source) => self.secret(volume, source),
            VolumeSource::ConfigMap(source) => self.config_map(volume, source),
            VolumeSource::DownwardApi { items, default_mode } => {
                self.downward_api(volume, items, *default_mode)
            }
            VolumeSource::Projected {
                sources,
                default_mode,
            } => self.projected(volume, sources, *default_mode),
            VolumeSource::HostPath(source) => self.host_path(volume, source),
            VolumeSource::Claim(reference) => self.claim(volume, reference),
            VolumeSource::Ephemeral { claim } => self.ephemeral(volume, claim),
            VolumeSource::Csi(source) => self.inline_csi(volume, source),
            VolumeSource::Migrated {
                plugin,
                driver,
                fs_type,
                ..
            } => self.migrated(volume, plugin, driver, fs_type.as_deref()),
            VolumeSource::Image(source) => self.image(volume, source),
            VolumeSource::Nfs { read_only } => {
                let prepared = self.foreign(
                    volume,
                    "nfs",
                    *read_only,
                    FsGroupEffect::Ignored,
                    "the NFS server decides who may write",
                );
                self.world.serve(prepared.root);
                prepared
            }
            VolumeSource::Block {
                plugin,
                fs_type,
                read_only,
            } => self.block(volume, plugin, fs_type.as_deref(), *read_only),
            VolumeSource::FlexVolume { read_only } => {
                let effect = if *read_only {
                    FsGroupEffect::Ignored
                } else {
                    FsGroupEffect::Unknown
                };
                self.foreign(
                    volume,
                    "flexVolume",
                    *read_only,
                    effect,
                    "the flexVolume driver decides what it mounts",
                )
            }
            VolumeSource::GitRepo => self.git_repo(volume),
            VolumeSource::Removed(plugin) => self.removed(volume, plugin),
            VolumeSource::Unknown(field) => {
                self.startup.doubt(
                    format!(
                        "volume `{}` has a source that is not known: {field}",
                        *volume.name
                    ),
                    volume.span,
                );
                self.foreign(
                    volume,
                    "unknown",
                    false,
                    FsGroupEffect::Unknown,
                    "its source is not known",
                )
            }
        }
    }

    /// A source whose plugin newer versions do not have.
    fn removed(&mut self, volume: &Volume, plugin: &'static str) -> Prepared {
        if self.node.version.has_plugin(plugin) {
            return self.foreign(
                volume,
                plugin,
                false,
                FsGroupEffect::Unknown,
                "its plugin, which newer versions do not have, is not modelled",
            );
        }
        self.startup.fail(
            format!(
                "volume `{}`: kubelet has no plugin for {plugin} any more",
                *volume.name
            ),
            volume.name.span,
        );
        self.foreign(
            volume,
            plugin,
            false,
            FsGroupEffect::Ignored,
            "no plugin mounts it",
        )
    }

    /// The pod's fsGroup.
    fn fs_group(&self) -> Option<u32> {
        self.workload
            .pod
            .security
            .fs_group
            .and_then(|gid| u32::try_from(gid.value).ok())
    }

    /// The pod's fsGroupChangePolicy, as the plugins get it that pass it on.
    fn change_policy(&self) -> ChangePolicy {
        let policy = self
            .workload
            .pod
            .security
            .fs_group_change_policy
            .as_ref()
            .map(|policy| policy.as_str());
        if policy == Some("OnRootMismatch") && self.node.version.has(Feature::ConfigurableFsGroupPolicy) {
            ChangePolicy::OnRootMismatch
        } else {
            ChangePolicy::Always
        }
    }

    /// Applies the pod's fsGroup, if it has one.
    fn apply_fs_group(&mut self, root: InodeId, policy: ChangePolicy) -> FsGroupEffect {
        match self.fs_group() {
            None => FsGroupEffect::Unset,
            Some(gid) => {
                fs_group::apply(&mut self.world, root, gid, Mask::ReadWrite, policy);
                FsGroupEffect::Applied
            }
        }
    }

    /// A volume to which kubelet never applies fsGroup.
    fn ignore_fs_group(&mut self, root: InodeId, cause: &str) -> FsGroupEffect {
        match self.fs_group() {
            None => FsGroupEffect::Unset,
            Some(gid) => {
                self.world
                    .get_mut(root)
                    .history
                    .push(format!("fsGroup {gid} changes nothing here: {cause}").into());
                FsGroupEffect::Ignored
            }
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

    /// Does to the volume what kubelet does with fsGroup there.
    fn settle_fs_group(&mut self, root: InodeId, effect: FsGroupEffect, cause: String) -> FsGroupEffect {
        match effect {
            _ if self.fs_group().is_none() => FsGroupEffect::Unset,
            FsGroupEffect::Applied => {
                self.world.get_mut(root).history.push(cause.into());
                self.apply_fs_group(root, self.change_policy())
            }
            FsGroupEffect::Ignored => self.ignore_fs_group(root, &cause),
            FsGroupEffect::Unset | FsGroupEffect::Unknown => {
                self.maybe_fs_group(root, &cause.into());
                FsGroupEffect::Unknown
            }
        }
    }

    /// A volume whose contents somebody outside of the cluster decides.
    fn foreign(
        &mut self,
        volume: &Volume,
        source: &'static str,
        read_only: bool,
        effect: FsGroupEffect,
        cause: &str,
    ) -> Prepared {
        let reason: Reason = format!("volume `{}` ({source}): {cause}", *volume.name).into();
        let root = self
            .world
            .add(Inode::unknown(Kind::unlisted(reason.clone()), reason.clone()));
        let fs_group = if self.fs_group().is_some() {
            effect
        } else {
            FsGroupEffect::Unset
        };
        Prepared {
            root,
            read_only,
            source,
            lifetime: Lifetime::External,
            fs_group,
            why: vec![reason],
            missing_sub_path: MissingSubPath::Made,
            nests: false,
        }
    }

    /// `iscsi` and `fc`: a file system that is made when the device has none, 0755 root:root.
    fn block(
        &mut self,
        volume: &Volume,
        plugin: &'static str,
        fs_type: Option<&str>,
        read_only: bool,
    ) -> Prepared {
        let fs_type = fs_type.filter(|name| !name.is_empty()).unwrap_or("ext4");
        let reason: Reason = format!(
            "volume `{}` ({plugin}, {fs_type}): what the existing device holds is not known",
            *volume.name
        )
        .into();
        let root = self
            .world
            .add(Inode::unknown(Kind::unlisted(reason.clone()), reason.clone()));
        let fs_group = if read_only {
            self.ignore_fs_group(root, "the volume is read-only")
        } else {
            let policy = self.change_policy();
            self.apply_fs_group(root, policy)
        };
        Prepared {
            root,
            read_only,
            source: plugin,
            lifetime: Lifetime::External,
            fs_group,
            why: vec![reason],
            missing_sub_path: if read_only {
                MissingSubPath::ReadOnly
            } else {
                MissingSubPath::Made
            },
            nests: false,
        }
    }

    /// `gitRepo`: off since 1.33, a checkout in an emptyDir before.
    fn git_repo(&mut self, volume: &Volume) -> Prepared {
        if !self.node.version.has(Feature::GitRepoVolumeDriver) {
            self.startup.fail(
                format!(
                    "volume `{}`: the gitRepo plugin is disabled in Kubernetes {}; kubelet never sets the volume up",
                    *volume.name, self.node.version.number
                ),
                volume.name.span,
            );
        }
        let reason: Reason = format!(
            "volume `{}` (gitRepo): a checkout whose files are not known",
            *volume.name
        )
        .into();
        let root = self.world.add(Inode::new(
            Kind::unlisted(reason.clone()),
            0,
            0,
            0o777,
            reason.clone(),
        ));
        let fs_group = self.apply_fs_group(root, ChangePolicy::Always);
        Prepared {
            root,
            read_only: false,
            source: "gitRepo",
            lifetime: Lifetime::Pod,
            fs_group,
            why: vec![reason],
            missing_sub_path: MissingSubPath::Made,
            nests: false,
        }
    }
}

/// Puts listed files below a directory. `implied` makes the parents that are not listed themselves. A path that is too
/// long for the kernel is out of every program's reach.
pub(crate) fn plant(
    world: &mut World,
    root: InodeId,
    files: &BTreeMap<String, PathFact>,
    missing: &Reason,
    implied: &dyn Fn(&str) -> Inode,
) {
    // Sorted by path, so that a directory comes before what lies in it.
    for (path, fact) in files.iter().filter(|(path, _)| path.len() < PATH_MAX) {
        let mut directory = root;
        let mut walked = String::new();
        let mut components = path.split('/').filter(|part| !part.is_empty()).peekable();
        while let Some(name) = components.next() {
            walked = format!("{walked}/{name}");
            let existing = world
                .directory(directory)
                .and_then(|listing| listing.entries.get(name))
                .cloned();
            directory = match existing {
                Some(Entry::Present(id)) => id,
                _ => {
                    let inode = if components.peek().is_none() {
                        from_fact(fact, missing)
                    } else {
                        implied(&walked)
                    };
                    let id = world.add(inode);
                    world.set_entry(directory, name, Entry::Present(id));
                    id
                }
            };
        }
    }
}

/// An inode as a fact describes it.
pub(crate) fn from_fact(fact: &PathFact, missing: &Reason) -> Inode {
    let kind = match &fact.kind {
        EntryType::Directory => Kind::empty(),
        EntryType::File => Kind::File,
        EntryType::Link(target) => Kind::Link(target.clone()),
        EntryType::Other => Kind::Other,
    };
    let mut inode = Inode::unknown(kind, missing.clone());
    if let Some(owner) = fact.owner {
        inode.uid = Value::Known(owner.uid);
        inode.gid = Value::Known(owner.gid);
    }
    if let Some(mode) = fact.mode {
        inode.mode = Mode::new(mode.0);
    }
    inode
}
