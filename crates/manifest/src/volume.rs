// SPDX-License-Identifier: Apache-2.0
//! `spec.volumes` and their sources (VolumeSource in staging/src/k8s.io/api/core/v1/types.go).

use writeway_yaml::Span;

use crate::{PersistentVolumeClaim, Spanned};

/// A volume of a pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// The whole mapping.
    pub span: Span,
    /// Its name.
    pub name: Spanned<String>,
    /// What it is made from.
    pub source: VolumeSource,
    /// The name of every source that is written, in order. The API takes one; none is an `emptyDir`.
    pub source_fields: Vec<Spanned<&'static str>>,
}

/// What a volume is made from. A volume without any source is an `emptyDir`
/// (pkg/apis/core/v1/defaults.go, SetDefaults_Volume).
#[derive(Debug, Clone, PartialEq)]
pub enum VolumeSource {
    /// `emptyDir`.
    EmptyDir(EmptyDir),
    /// `secret`.
    Secret(SecretSource),
    /// `configMap`.
    ConfigMap(ConfigMapSource),
    /// `downwardAPI`.
    DownwardApi {
        /// Files, in order.
        items: Vec<DownwardItem>,
        /// Mode of files without their own.
        default_mode: Option<Spanned<i64>>,
    },
    /// `projected`.
    Projected {
        /// Sources, in order; later ones win at the same path.
        sources: Vec<ProjectedSource>,
        /// Mode of files without their own.
        default_mode: Option<Spanned<i64>>,
    },
    /// `hostPath`.
    HostPath(HostPathSource),
    /// `persistentVolumeClaim`.
    Claim(ClaimRef),
    /// `ephemeral`: a claim made with the pod and deleted with it.
    Ephemeral {
        /// `volumeClaimTemplate`; its name is empty.
        claim: Box<PersistentVolumeClaim>,
    },
    /// `csi`, inline.
    Csi(CsiSource),
    /// `image`.
    Image(ImageSource),
    /// `gitRepo`.
    GitRepo,
    /// `nfs`.
    Nfs {
        /// The volume's own `readOnly`.
        read_only: bool,
    },
    /// `iscsi` or `fc`: a block device with a file system.
    Block {
        /// The field's name in the API.
        plugin: &'static str,
        /// File system type; ext4 when empty.
        fs_type: Option<String>,
        /// The volume's own `readOnly`.
        read_only: bool,
    },
    /// `flexVolume`.
    FlexVolume {
        /// The volume's own `readOnly`.
        read_only: bool,
    },
    /// An in-tree disk that kubelet hands to a CSI driver (pkg/volume/csimigration/plugin_manager.go).
    Migrated {
        /// The field's name in the API, e.g. `awsElasticBlockStore`.
        plugin: &'static str,
        /// The CSI driver that serves it.
        driver: &'static str,
        /// File system type as written.
        fs_type: Option<String>,
        /// The volume's own `readOnly`.
        read_only: bool,
    },
    /// A source whose plugin was removed from Kubernetes, by its field name, e.g. `glusterfs`.
    Removed(&'static str),
    /// A source this model does not know, by its field name.
    Unknown(String),
}

impl VolumeSource {
    /// The modes that are written for the files of a Secret, ConfigMap, downward API or projected volume: the default
    /// one first.
    pub fn file_modes(&self) -> Vec<Spanned<i64>> {
        let keys = |items: &Items| items.iter().filter_map(|item| item.mode).collect::<Vec<_>>();
        let fields = |items: &[DownwardItem]| items.iter().filter_map(|item| item.mode).collect::<Vec<_>>();
        let (default_mode, modes) = match self {
            Self::Secret(source) => (source.default_mode, keys(&source.items)),
            Self::ConfigMap(source) => (source.default_mode, keys(&source.items)),
            Self::DownwardApi { items, default_mode } => (*default_mode, fields(items)),
            Self::Projected {
                sources,
                default_mode,
            } => {
                let modes = sources.iter().flat_map(|source| match source {
                    ProjectedSource::Secret(source) => keys(&source.items),
                    ProjectedSource::ConfigMap(source) => keys(&source.items),
                    ProjectedSource::DownwardApi(items) => fields(items),
                    _ => Vec::new(),
                });
                (*default_mode, modes.collect())
            }
            _ => (None, Vec::new()),
        };
        default_mode.into_iter().chain(modes).collect()
    }
}

/// `emptyDir`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EmptyDir {
    /// `""`, `Memory`, `HugePages` or `HugePages-SIZE`.
    pub medium: Option<Spanned<String>>,
    /// `sizeLimit` as written.
    pub size_limit: Option<Spanned<String>>,
    /// `mode` of Kubernetes 1.37 (alpha, KEP-5502).
    pub mode: Option<Spanned<i64>>,
}

/// Which keys of a Secret or ConfigMap become files. Empty: all of them.
pub type Items = Vec<KeyToPath>;

/// An entry of `items`.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyToPath {
    /// The key.
    pub key: Spanned<String>,
    /// Relative path of the file.
    pub path: Spanned<String>,
    /// Mode of the file.
    pub mode: Option<Spanned<i64>>,
}

/// `secret` (as a volume or inside `projected`).
#[derive(Debug, Clone, PartialEq)]
pub struct SecretSource {
    /// Name of the Secret.
    pub name: Option<Spanned<String>>,
    /// Selected keys.
    pub items: Items,
    /// Mode of files without their own (`projected` has its own instead).
    pub default_mode: Option<Spanned<i64>>,
    /// The pod starts without it.
    pub optional: bool,
}

/// `configMap` (as a volume or inside `projected`).
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigMapSource {
    /// Name of the ConfigMap.
    pub name: Option<Spanned<String>>,
    /// Selected keys.
    pub items: Items,
    /// Mode of files without their own (`projected` has its own instead).
    pub default_mode: Option<Spanned<i64>>,
    /// The pod starts without it.
    pub optional: bool,
}

/// A file of `downwardAPI`.
#[derive(Debug, Clone, PartialEq)]
pub struct DownwardItem {
    /// Relative path of the file.
    pub path: Spanned<String>,
    /// Mode of the file.
    pub mode: Option<Spanned<i64>>,
}

/// An entry of `projected.sources`.
#[derive(Debug, Clone, PartialEq)]
pub enum ProjectedSource {
    /// `secret`.
    Secret(SecretSource),
    /// `configMap`.
    ConfigMap(ConfigMapSource),
    /// `downwardAPI`.
    DownwardApi(Vec<DownwardItem>),
    /// `serviceAccountToken`.
    Token {
        /// Relative path of the file.
        path: Spanned<String>,
    },
    /// `clusterTrustBundle`.
    TrustBundle {
        /// Relative path of the file.
        path: Spanned<String>,
    },
    /// `podCertificate`, with the relative paths of the files it writes.
    PodCertificate {
        /// `keyPath`, `certificateChainPath` and `credentialBundlePath`, as far as they are set.
        paths: Vec<Spanned<String>>,
    },
    /// A source this model does not know, by its field name.
    Unknown(String),
}

/// `hostPath`.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPathSource {
    /// Path on the node.
    pub path: Spanned<String>,
    /// `""`, `DirectoryOrCreate`, `Directory`, `FileOrCreate`, `File`, `Socket`, `CharDevice` or `BlockDevice`.
    pub kind: Option<Spanned<String>>,
}

/// `persistentVolumeClaim`.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimRef {
    /// Name of the claim.
    pub claim_name: Spanned<String>,
    /// Mounts the volume itself read-only.
    pub read_only: Option<Spanned<bool>>,
}

/// `csi`, inline or in a PersistentVolume.
#[derive(Debug, Clone, PartialEq)]
pub struct CsiSource {
    /// Name of the driver.
    pub driver: Spanned<String>,
    /// File system type.
    pub fs_type: Option<Spanned<String>>,
    /// The source's own `readOnly`.
    pub read_only: bool,
}

/// `image`.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSource {
    /// Image reference.
    pub reference: Option<Spanned<String>>,
}
