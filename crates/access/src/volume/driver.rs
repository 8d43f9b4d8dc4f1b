// SPDX-License-Identifier: Apache-2.0
//! CSI drivers: whether kubelet applies fsGroup (pkg/volume/csi/csi_mounter.go, supportsFSGroup), and what the
//! drivers that everybody uses ship.

use crate::map::FsGroupEffect;
use crate::node::Node;
use crate::version::Feature;

/// `CSIDriver.spec.fsGroupPolicy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FsGroupPolicy {
    /// Never.
    None,
    /// Always.
    File,
    /// With a file system type and an access mode for one node; the default.
    ReadWriteOnceWithFsType,
}

impl FsGroupPolicy {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "None" => Some(Self::None),
            "File" => Some(Self::File),
            "ReadWriteOnceWithFSType" => Some(Self::ReadWriteOnceWithFsType),
            _ => None,
        }
    }
}

/// A driver as its project ships it.
pub(super) struct Shipped {
    name: &'static str,
    /// Policy in the shipped CSIDriver object; `None` where releases differ.
    pub(super) policy: Option<FsGroupPolicy>,
    /// Node capability VOLUME_MOUNT_GROUP: the driver does it, kubelet never.
    pub(super) mount_group: bool,
    /// A new volume is a fresh file system on a block device, so 0755 root:root.
    pub(super) block: bool,
    /// An NFS server judges who may do what.
    server: bool,
}

const SHIPPED: &[Shipped] = &[
    Shipped {
        name: "ebs.csi.aws.com",
        policy: Some(FsGroupPolicy::File),
        mount_group: false,
        block: true,
        server: false,
    },
    Shipped {
        name: "efs.csi.aws.com",
        policy: None,
        mount_group: false,
        block: false,
        server: true,
    },
    Shipped {
        name: "nfs.csi.k8s.io",
        policy: Some(FsGroupPolicy::File),
        mount_group: false,
        block: false,
        server: true,
    },
    Shipped {
        name: "smb.csi.k8s.io",
        policy: Some(FsGroupPolicy::File),
        mount_group: true,
        block: false,
        server: false,
    },
    Shipped {
        name: "file.csi.azure.com",
        policy: Some(FsGroupPolicy::ReadWriteOnceWithFsType),
        mount_group: true,
        block: false,
        server: false,
    },
    Shipped {
        name: "hostpath.csi.k8s.io",
        policy: Some(FsGroupPolicy::File),
        mount_group: false,
        block: false,
        server: false,
    },
];

/// What is known of a driver beside the inputs.
pub(super) fn shipped(name: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|driver| driver.name == name)
}

/// Whether an NFS server is behind the driver's volumes.
pub(super) fn is_served(name: &str) -> bool {
    shipped(name).is_some_and(|driver| driver.server)
}

/// What decides about a CSI volume.
#[derive(Debug, Clone)]
pub(super) struct CsiVolume {
    /// Name of the driver; empty when a fact describes the volume without one.
    pub(super) driver: String,
    pub(super) policy: Option<FsGroupPolicy>,
    pub(super) mount_group: Option<bool>,
    /// `None` when it is not known; `Some("")` when the volume has none.
    pub(super) fs_type: Option<String>,
    /// Whether an access mode names one node or pod; `None` when the access modes are not known.
    pub(super) for_one_node: Option<bool>,
    pub(super) read_only: bool,
}

/// Whether kubelet applies fsGroup, with the sentence that explains it.
pub(super) fn effect(node: &Node, volume: &CsiVolume) -> (FsGroupEffect, String) {
    let CsiVolume { driver, .. } = volume;
    // Facts may describe a volume without naming its driver.
    let name = if driver.is_empty() {
        "the CSI driver".to_owned()
    } else {
        format!("CSI driver `{driver}`")
    };
    if volume.mount_group == Some(true) && node.version.has(Feature::DelegateFsGroupToCsiDriver) {
        return (
            FsGroupEffect::Unknown,
            format!("{name} has the capability VOLUME_MOUNT_GROUP: it gets the group, kubelet does nothing"),
        );
    }
    if volume.read_only {
        return (
            FsGroupEffect::Ignored,
            "the volume is mounted read-only on the node, so kubelet leaves it alone".into(),
        );
    }
    let Some(policy) = volume.policy else {
        return (
            FsGroupEffect::Unknown,
            format!("the fsGroupPolicy of {name} is not known: its CSIDriver object is not among the inputs"),
        );
    };
    let policy = if node.version.has(Feature::CsiVolumeFsGroupPolicy) {
        policy
    } else {
        FsGroupPolicy::ReadWriteOnceWithFsType
    };
    match policy {
        FsGroupPolicy::None => {
            (FsGroupEffect::Ignored, format!("fsGroupPolicy of {name} is None: kubelet leaves the volume alone"))
        }
        // Only a directory that cannot be listed fails the mount; a chgrp that the server refuses is logged and
        // forgotten (changePermissionsRecursively in pkg/volume/volume_linux.go).
        FsGroupPolicy::File if is_served(driver) => (
            FsGroupEffect::Unknown,
            format!(
                "{name} mounts NFS: whether kubelet's chgrp takes effect is up to the server, and nobody is \
                 told when it does not"
            ),
        ),
        FsGroupPolicy::File => (FsGroupEffect::Applied, format!("fsGroupPolicy of {name} is File")),
        FsGroupPolicy::ReadWriteOnceWithFsType => match (volume.fs_type.as_deref(), volume.for_one_node) {
            (Some(""), _) => (
                FsGroupEffect::Ignored,
                "fsGroupPolicy ReadWriteOnceWithFSType: the volume has no fsType, so kubelet leaves it alone".into(),
            ),
            (_, Some(false)) => (
                FsGroupEffect::Ignored,
                "fsGroupPolicy ReadWriteOnceWithFSType: the volume is not ReadWriteOnce, so kubelet leaves it alone".into(),
            ),
            (Some(_), Some(true)) => {
                (FsGroupEffect::Applied, "fsGroupPolicy ReadWriteOnceWithFSType, and the volume is ReadWriteOnce with an fsType".into())
            }
            _ => (
                FsGroupEffect::Unknown,
                "fsGroupPolicy ReadWriteOnceWithFSType: fsType or access mode of the volume is not known".into(),
            ),
        },
    }
}
