// SPDX-License-Identifier: Apache-2.0
//! Pods that share a claim and each want it for a group of their own.
//!
//! On a csi volume the pod that starts last wins, on a local one the first (SetUpAt in pkg/volume/csi/csi_mounter.go and
//! pkg/volume/local/local.go). Manifests do not say in which order pods start.

use writeway_manifest::{ObjectRef, VolumeSource, Workload};

use super::Setup;
use crate::fs_group::{self, Mask};
use crate::map::FsGroupEffect;
use crate::value::Reason;
use crate::world::InodeId;

/// Another pod among the inputs that uses the same claim with another fsGroup.
pub(super) struct Rival {
    who: String,
    gid: u32,
}

impl Setup<'_> {
    /// The rivals for a claim of the pod's namespace.
    pub(super) fn rivals(&self, claim: &str) -> Vec<Rival> {
        let Some(own) = self.fs_group() else {
            return Vec::new();
        };
        let inventory = self.context.inventory;
        let users = inventory.users_of_claim(self.workload.object.namespace.as_deref(), claim);
        let rivals = users.iter().filter_map(|user| {
            let workload = inventory.workloads().get(user.workload)?;
            let gid = u32::try_from(workload.pod.security.fs_group?.value).ok()?;
            (gid != own && writes(workload, claim)).then(|| {
                let ObjectRef { kind, name, .. } = &workload.object;
                Rival {
                    who: format!("{kind} `{name}`"),
                    gid,
                }
            })
        });
        rivals.collect()
    }

    /// Every pod's group may be the one that the volume has: only what they agree on is known.
    pub(super) fn contend(&mut self, root: InodeId, rivals: &[Rival]) -> FsGroupEffect {
        let before = self.world.clone();
        let policy = self.change_policy();
        self.apply_fs_group(root, policy);
        for Rival { who, gid } in rivals {
            let mut theirs = before.clone();
            fs_group::apply(&mut theirs, root, *gid, Mask::ReadWrite, policy);
            let reason: Reason = format!(
                "{who} uses the claim with fsGroup {gid}: whose group the volume has depends on the order in which the \
                 pods start"
            )
            .into();
            let world = std::mem::take(&mut self.world);
            self.world = world.join(theirs, before.len(), &reason);
        }
        FsGroupEffect::Unknown
    }
}

/// Whether the workload uses the claim other than read-only, so that kubelet applies its group.
fn writes(workload: &Workload, claim: &str) -> bool {
    workload.pod.volumes.iter().any(|volume| match &volume.source {
        VolumeSource::Claim(reference) => {
            reference.claim_name.as_str() == claim
                && !reference.read_only.is_some_and(|read_only| read_only.value)
        }
        _ => false,
    })
}
