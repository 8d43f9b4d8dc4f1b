// SPDX-License-Identifier: Apache-2.0
//! What a Kubernetes version does: feature gates and their stages (pkg/features/kube_features.go).

use std::collections::BTreeMap;

use writeway_facts::VersionNumber;

/// The version that is taken when neither a flag nor a fact names one.
pub const DEFAULT_VERSION: VersionNumber = VersionNumber { major: 1, minor: 37 };

/// A behaviour that versions differ in and the write map depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    /// `emptyDir.mode` (KEP-5502).
    EmptyDirVolumeMode,
    /// `image` volumes.
    ImageVolume,
    /// `gitRepo` volumes.
    GitRepoVolumeDriver,
    /// `recursiveReadOnly` of a volumeMount.
    RecursiveReadOnlyMounts,
    /// `hostUsers: false`.
    UserNamespacesSupport,
    /// `supplementalGroupsPolicy`.
    SupplementalGroupsPolicy,
    /// `restartPolicy: Always` on init containers.
    SidecarContainers,
    /// `fsGroupChangePolicy`.
    ConfigurableFsGroupPolicy,
    /// `CSIDriver.spec.fsGroupPolicy`.
    CsiVolumeFsGroupPolicy,
    /// The CSI node capability VOLUME_MOUNT_GROUP.
    DelegateFsGroupToCsiDriver,
    /// Generic ephemeral volumes.
    GenericEphemeralVolume,
    /// `clusterTrustBundle` in projected volumes.
    ClusterTrustBundleProjection,
    /// `podCertificate` in projected volumes.
    PodCertificateRequest,
    /// The owner of projected tokens follows the containers' common runAsUser.
    BoundTokenOwner,
}

struct Stages {
    feature: Feature,
    gate: &'static str,
    /// First minor version that knows the gate at all.
    known: u16,
    /// From this minor version on by default.
    on: Option<u16>,
    /// From this minor version off by default again.
    off_again: Option<u16>,
    /// From this minor version the default cannot be changed.
    locked: Option<u16>,
}

const fn stages(
    feature: Feature,
    gate: &'static str,
    known: u16,
    on: Option<u16>,
    locked: Option<u16>,
) -> Stages {
    Stages {
        feature,
        gate,
        known,
        on,
        off_again: None,
        locked,
    }
}

const TABLE: &[Stages] = &[
    stages(Feature::EmptyDirVolumeMode, "EmptyDirVolumeMode", 37, None, None),
    stages(Feature::ImageVolume, "ImageVolume", 31, Some(35), Some(36)),
    Stages {
        feature: Feature::GitRepoVolumeDriver,
        gate: "GitRepoVolumeDriver",
        known: 0,
        on: Some(0),
        off_again: Some(33),
        locked: Some(36),
    },
    stages(
        Feature::RecursiveReadOnlyMounts,
        "RecursiveReadOnlyMounts",
        30,
        Some(31),
        Some(33),
    ),
    stages(
        Feature::UserNamespacesSupport,
        "UserNamespacesSupport",
        25,
        Some(33),
        Some(36),
    ),
    stages(
        Feature::SupplementalGroupsPolicy,
        "SupplementalGroupsPolicy",
        31,
        Some(33),
        Some(35),
    ),
    stages(
        Feature::SidecarContainers,
        "SidecarContainers",
        28,
        Some(29),
        Some(33),
    ),
    stages(
        Feature::ConfigurableFsGroupPolicy,
        "ConfigurableFSGroupPolicy",
        18,
        Some(20),
        Some(23),
    ),
    stages(
        Feature::CsiVolumeFsGroupPolicy,
        "CSIVolumeFSGroupPolicy",
        19,
        Some(20),
        Some(23),
    ),
    stages(
        Feature::DelegateFsGroupToCsiDriver,
        "DelegateFSGroupToCSIDriver",
        22,
        Some(23),
        Some(26),
    ),
    stages(
        Feature::GenericEphemeralVolume,
        "GenericEphemeralVolume",
        19,
        Some(21),
        Some(23),
    ),
    stages(
        Feature::ClusterTrustBundleProjection,
        "ClusterTrustBundleProjection",
        29,
        None,
        None,
    ),
    stages(
        Feature::PodCertificateRequest,
        "PodCertificateRequest",
        34,
        None,
        None,
    ),
    stages(
        Feature::BoundTokenOwner,
        "BoundServiceAccountTokenVolume",
        20,
        Some(21),
        Some(22),
    ),
];

/// Volume plugins that kubelet lost, each with the first minor version without it (CHANGELOG-1.25.md, CHANGELOG-1.26.md,
/// CHANGELOG-1.31.md). Those that are not listed were gone before.
const REMOVED_PLUGINS: &[(&str, u16)] = &[
    ("cephfs", 31),
    ("flocker", 25),
    ("glusterfs", 26),
    ("quobyte", 25),
    ("rbd", 31),
    ("storageos", 25),
];

/// A cluster's version with its feature gates.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) number: VersionNumber,
    gates: BTreeMap<String, bool>,
}

impl Version {
    pub(crate) fn new(number: VersionNumber, gates: &BTreeMap<String, bool>) -> Self {
        Self {
            number,
            gates: gates.clone(),
        }
    }

    /// Whether the version is at least 1.`minor`.
    pub(crate) fn at_least(&self, minor: u16) -> bool {
        self.number >= (VersionNumber { major: 1, minor })
    }

    /// Whether kubelet still has a volume plugin that newer versions do not have.
    pub(crate) fn has_plugin(&self, name: &str) -> bool {
        REMOVED_PLUGINS
            .iter()
            .any(|(plugin, removed)| *plugin == name && !self.at_least(*removed))
    }

    /// Whether the cluster has the feature.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        let Some(row) = TABLE.iter().find(|row| row.feature == feature) else {
            return false;
        };
        if !self.at_least(row.known) {
            return false;
        }
        let default = row.on.is_some_and(|on| self.at_least(on))
            && !row.off_again.is_some_and(|off| self.at_least(off));
        if row.locked.is_some_and(|locked| self.at_least(locked)) {
            return default;
        }
        self.gates.get(row.gate).copied().unwrap_or(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_there_until_the_version_that_removed_it() {
        for (name, last) in [("rbd", Some(30)), ("glusterfs", Some(25)), ("scaleIO", None)] {
            for minor in 20..38 {
                let expected = last.is_some_and(|last| minor <= last);
                assert_eq!(
                    version(minor, &[]).has_plugin(name),
                    expected,
                    "{name} in 1.{minor}"
                );
            }
        }
    }

    fn version(minor: u16, gates: &[(&str, bool)]) -> Version {
        let gates = gates.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect();
        Version::new(VersionNumber { major: 1, minor }, &gates)
    }

    #[test]
    fn defaults_follow_the_stages_and_gates_win_until_they_are_locked() {
        type Gates = &'static [(&'static str, bool)];
        let rows: &[(u16, Gates, Feature, bool)] = &[
            (
                36,
                &[("EmptyDirVolumeMode", true)],
                Feature::EmptyDirVolumeMode,
                false,
            ),
            (37, &[], Feature::EmptyDirVolumeMode, false),
            (
                37,
                &[("EmptyDirVolumeMode", true)],
                Feature::EmptyDirVolumeMode,
                true,
            ),
            (34, &[], Feature::ImageVolume, false),
            (34, &[("ImageVolume", true)], Feature::ImageVolume, true),
            (35, &[], Feature::ImageVolume, true),
            (36, &[("ImageVolume", false)], Feature::ImageVolume, true),
            (32, &[], Feature::GitRepoVolumeDriver, true),
            (33, &[], Feature::GitRepoVolumeDriver, false),
            (
                35,
                &[("GitRepoVolumeDriver", true)],
                Feature::GitRepoVolumeDriver,
                true,
            ),
            (
                36,
                &[("GitRepoVolumeDriver", true)],
                Feature::GitRepoVolumeDriver,
                false,
            ),
            (20, &[], Feature::ConfigurableFsGroupPolicy, true),
        ];
        for (minor, gates, feature, expected) in rows {
            assert_eq!(
                version(*minor, gates).has(*feature),
                *expected,
                "{feature:?} in 1.{minor} with {gates:?}"
            );
        }
    }
}
