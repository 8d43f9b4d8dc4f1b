// SPDX-License-Identifier: Apache-2.0
//! Claims: from a claim to what is known of the volume behind it, and what kubelet does with that.

use writeway_facts::{HostPath, VolumeKind};
use writeway_manifest::{ClaimRef, PersistentVolumeClaim, Span, Spanned, Volume};

use super::backing::Backing;
use super::csi::for_one_node;
use super::host_path::has_backsteps;
use super::{MissingSubPath, Prepared, Setup, driver, plant};
use crate::map::{FsGroupEffect, Lifetime};
use crate::path::clean;
use crate::value::{Mode, Reason, Value};
use crate::world::{Inode, InodeId, Kind};

/// How the pod comes to a claim.
struct Use<'a> {
    volume: &'a str,
    /// The claim's name, if other pods may use it too.
    claim: Option<&'a str>,
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
            claim: Some(&reference.claim_name),
            source: "persistentVolumeClaim",
            lifetime: Lifetime::Claim,
            read_only: reference.read_only.is_some_and(|read_only| read_only.value),
            span: volume.name.span,
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
            claim: None,
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
            claim: None,
            source: "ephemeral",
            lifetime: Lifetime::Pod,
            read_only: false,
            span: volume.name.span,
        };
        self.persistent(&usage, &backing)
    }

    /// Sets up the volume behind a claim.
    fn persistent(&mut self, usage: &Use<'_>, backing: &Backing) -> Prepared {
        let on_node = backing.kind == Some(VolumeKind::HostPath);
        let (root, mut missing_sub_path) = match &backing.on_node {
            Some(source) if backing.facts.owner.is_none() && backing.facts.mode.is_none() => {
                if has_backsteps(&source.path) {
                    let why = format!(
                        "volume `{}`: the API server refuses `..` in the path of its PersistentVolume, {}",
                        usage.volume, *source.path
                    );
                    self.startup.wait(why, usage.span);
                }
                let ready = self.on_node(usage.volume, source, usage.span);
                (ready.root, MissingSubPath::Made)
            }
            _ => (self.backed_root(usage, backing), MissingSubPath::Made),
        };
        if let (Some(VolumeKind::Local), Some(source)) = (&backing.kind, &backing.on_node)
            && self.context.facts.host_paths.get(&clean(&source.path)) == Some(&HostPath::Absent)
        {
            self.startup.wait(
                format!(
                    "volume `{}`: {} is absent on the node, and a local volume has to be there",
                    usage.volume, *source.path
                ),
                usage.span,
            );
        }
        self.world
            .get_mut(root)
            .history
            .splice(0..0, backing.why.iter().cloned());
        if backing.is_served() {
            self.world.serve(root);
        }
        let (effect, cause) = self.persistent_effect(usage, backing);
        let rivals = usage.claim.map(|claim| self.rivals(claim)).unwrap_or_default();
        let fs_group = if effect == FsGroupEffect::Applied && !rivals.is_empty() {
            self.contend(root, &rivals)
        } else {
            self.settle_fs_group(root, effect, cause)
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
}
