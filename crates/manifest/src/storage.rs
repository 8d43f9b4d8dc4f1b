// SPDX-License-Identifier: Apache-2.0
//! Claims, volumes, classes and drivers.

use std::collections::BTreeMap;

use writeway_yaml::Span;

use crate::{Spanned, VolumeSource};

/// `PersistentVolumeClaim`, or a template of one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersistentVolumeClaim {
    /// The whole mapping.
    pub span: Span,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// `storageClassName`; `Some("")` asks for no class, `None` for the default one.
    pub storage_class_name: Option<Spanned<String>>,
    /// `accessModes`.
    pub access_modes: Vec<Spanned<String>>,
    /// `volumeName`: bound, or to be bound, to this PersistentVolume.
    pub volume_name: Option<Spanned<String>>,
    /// `volumeMode`: `Filesystem` unless `Block`.
    pub volume_mode: Option<Spanned<String>>,
    /// What the volume is filled from before it is bound; a new volume is empty without it.
    pub data_source: Option<DataSource>,
}

/// What a claim's volume is filled from: `dataSourceRef`, or a `dataSource` that is a claim or a VolumeSnapshot. The API
/// server drops any other `dataSource` (`EnforceDataSourceBackwardsCompatibility` in
/// pkg/api/persistentvolumeclaim/util.go).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSource {
    /// `kind`, e.g. `VolumeSnapshot`.
    pub kind: String,
    /// `name`.
    pub name: String,
}

/// `PersistentVolume`.
#[derive(Debug, Clone, PartialEq)]
pub struct PersistentVolume {
    /// The whole mapping.
    pub span: Span,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// `storageClassName`.
    pub storage_class_name: Option<Spanned<String>>,
    /// `accessModes`.
    pub access_modes: Vec<Spanned<String>>,
    /// `claimRef`: namespace and name of the claim it is (to be) bound to.
    pub claim_ref: Option<(Option<String>, String)>,
    /// The volume's source. `local` is only possible here.
    pub source: PersistentSource,
}

/// The source of a PersistentVolume.
#[derive(Debug, Clone, PartialEq)]
pub enum PersistentSource {
    /// `local`: a node directory or device to which kubelet applies fsGroup.
    Local {
        /// Path on the node.
        path: Spanned<String>,
        /// File system type of a device.
        fs_type: Option<String>,
    },
    /// A source that pods can use inline, too.
    Inline(VolumeSource),
}

/// `StorageClass`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StorageClass {
    /// The whole mapping.
    pub span: Span,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// `provisioner`.
    pub provisioner: Option<Spanned<String>>,
    /// `parameters`.
    pub parameters: BTreeMap<String, String>,
    /// `mountOptions`.
    pub mount_options: Vec<String>,
}

/// `CSIDriver`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CsiDriver {
    /// The whole mapping.
    pub span: Span,
    /// `spec.fsGroupPolicy`; `ReadWriteOnceWithFSType` by default (pkg/apis/storage/v1/defaults.go).
    pub fs_group_policy: Option<Spanned<String>>,
    /// `spec.volumeLifecycleModes`; `Persistent` by default.
    pub volume_lifecycle_modes: Vec<Spanned<String>>,
}
