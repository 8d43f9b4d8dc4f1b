// SPDX-License-Identifier: Apache-2.0
//! CSI volumes: inline, migrated from in-tree plugins, or behind a claim.

use writeway_facts::ClassVolume;
use writeway_manifest::{CsiSource, Volume};

use super::driver::{self, CsiVolume, FsGroupPolicy};
use super::{MissingSubPath, Prepared, Setup};
use crate::map::Lifetime;
use crate::value::Reason;
use crate::world::{Inode, Kind};

impl Setup<'_> {
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
            self.startup.fail(
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
        self.csi_prepared(&volume.name, "csi", Lifetime::Pod, &csi, &reason)
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
        self.csi_prepared(&volume.name, plugin, Lifetime::External, &csi, &reason)
    }

    /// What decides about a CSI volume: facts, then the CSIDriver among the inputs, then what its project ships.
    pub(super) fn csi_volume(&self, name: &str, facts: &ClassVolume) -> CsiVolume {
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
        reason: &Reason,
    ) -> Prepared {
        let root = self
            .world
            .add(Inode::unknown(Kind::unlisted(reason.clone()), reason.clone()));
        if driver::is_served(&csi.driver) {
            self.world.serve(root);
        }
        let (effect, cause) = driver::effect(self.node, csi);
        let fs_group = self.settle_fs_group(root, effect, cause);
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
}

/// Whether an access mode names one node or pod (csi_util.go, hasReadWriteOnce).
pub(super) fn for_one_node(access_modes: &[String]) -> Option<bool> {
    if access_modes.is_empty() {
        return None;
    }
    Some(
        access_modes
            .iter()
            .any(|mode| mode == "ReadWriteOnce" || mode == "ReadWriteOncePod"),
    )
}
