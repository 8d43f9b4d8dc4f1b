// SPDX-License-Identifier: Apache-2.0
//! The facts file as types. Every field that may be left out is an `Option`: absent means *unknown*.

use std::collections::BTreeMap;
use std::fmt;

/// Everything a facts file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// By image reference as written in manifests, with the default registry and tag made explicit, or by digest.
    pub images: BTreeMap<String, ImageFacts>,
    /// What a node directory is before the pod, by absolute path.
    pub host_paths: BTreeMap<String, HostPath>,
    /// What a new volume of a storage class is, by class name.
    pub storage_classes: BTreeMap<String, ClassVolume>,
    /// Existing volumes behind claims, by `namespace/name`, when they differ from their class.
    pub claims: BTreeMap<String, Claim>,
    /// The cluster's version and feature gates.
    pub kubernetes: Kubernetes,
    /// The node's runtime and kernel settings.
    pub node: Node,
}

/// What is known of one image: its config and (some of) its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Everything in the image is listed: a path that is not in `paths` does not exist.
    pub complete: bool,
    /// `USER` of the image config as written (`""` if it has none).
    pub user: Option<String>,
    /// `WORKDIR` of the image config.
    pub working_dir: Option<String>,
    /// `ENV` of the image config.
    pub env: Option<BTreeMap<String, String>>,
    /// `/etc/passwd` by name; complete when given.
    pub users: Option<BTreeMap<String, UserEntry>>,
    /// `/etc/group` by name; complete when given.
    pub groups: Option<BTreeMap<String, GroupEntry>>,
    /// `VOLUME` paths of the image config.
    pub volumes: Option<Vec<String>>,
    /// Files and directories by absolute path.
    pub paths: BTreeMap<String, PathFact>,
    /// Which implementation of the standard tools the image has.
    pub tools: Option<Tools>,
}

/// A line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEntry {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Home directory.
    pub home: Option<String>,
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupEntry {
    /// Group id.
    pub gid: u32,
    /// Names of the members.
    pub members: Vec<String>,
}

/// Owner of a file: `uid:gid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// Mode bits of a file (permission, setuid, setgid and sticky bits; at most `0o7777`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions(pub u16);

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

/// What a path in an image or a volume is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathFact {
    /// Owner, when known.
    pub owner: Option<Owner>,
    /// Mode, when known (of no meaning for links).
    pub mode: Option<Permissions>,
    /// Directory unless said otherwise.
    pub kind: EntryType,
}

impl PathFact {
    /// The target, if this is a symbolic link.
    pub fn link_target(&self) -> Option<&str> {
        match &self.kind {
            EntryType::Link(target) => Some(target),
            EntryType::Directory | EntryType::File | EntryType::Other => None,
        }
    }
}

/// The type of a directory entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EntryType {
    /// A directory.
    #[default]
    Directory,
    /// A regular file.
    File,
    /// A symbolic link and its target.
    Link(String),
    /// Anything else that is not a directory (device, socket, fifo).
    Other,
}

/// Which implementation of the standard tools (`chmod`, `cp`, …) an image has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// The implementation.
    pub kind: ToolsKind,
    /// Command names present; complete when given.
    pub commands: Option<Vec<String>>,
}

/// An implementation of the standard tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolsKind {
    /// BusyBox applets.
    Busybox,
    /// GNU coreutils.
    Coreutils,
    /// No shell tools at all.
    None,
}

/// What a node directory is before the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostPath {
    /// Nothing is at the path.
    Absent,
    /// Something is there.
    Present {
        /// The entry at the path itself.
        entry: PathFact,
        /// What lies below it, by relative path.
        contents: BTreeMap<String, PathFact>,
        /// Whether `contents` is everything, as it is unless the facts say `complete: false`: a directory described
        /// without contents is an empty one.
        complete: bool,
        /// File system type (`ext4`, `nfs` …).
        fs_type: Option<String>,
    },
}

/// The kind of PersistentVolume behind a class or claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeKind {
    /// `hostPath`: kubelet never applies fsGroup.
    HostPath,
    /// `local`: kubelet applies fsGroup.
    Local,
    /// `nfs`: kubelet never applies fsGroup and the server decides.
    Nfs,
    /// `iscsi`.
    Iscsi,
    /// `fc`.
    Fc,
    /// `csi`: the driver's fsGroupPolicy decides.
    Csi,
    /// `flexVolume`.
    FlexVolume,
}

/// What a new volume of a storage class is. Also used for existing claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassVolume {
    /// The PersistentVolume's source.
    pub source: Option<VolumeKind>,
    /// `hostPath.type` of the volumes made.
    pub host_path_type: Option<String>,
    /// Owner of the root directory.
    pub owner: Option<Owner>,
    /// Mode of the root directory.
    pub mode: Option<Permissions>,
    /// File system type; `""` when the PV has none.
    pub fs_type: Option<String>,
    /// `CSIDriver.spec.fsGroupPolicy`.
    pub fs_group_policy: Option<String>,
    /// The driver has the node capability `VOLUME_MOUNT_GROUP`.
    pub volume_mount_group: Option<bool>,
    /// What a new volume already holds, by relative path; an empty volume otherwise.
    pub contents: BTreeMap<String, PathFact>,
}

/// An existing volume behind a claim: overrides, field by field, what its class says.
pub type Claim = ClassVolume;

/// A Kubernetes minor version, e.g. 1.36.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionNumber {
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The cluster's version and feature gates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kubernetes {
    /// Minor version.
    pub version: Option<VersionNumber>,
    /// Feature gates set explicitly.
    pub feature_gates: BTreeMap<String, bool>,
}

/// The node's runtime and kernel settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Container runtime and version as kubelet reports it, e.g. `containerd 2.1.9`.
    pub runtime: Option<String>,
    /// Kernel version, e.g. `6.18`.
    pub kernel: Option<String>,
    /// Umask that the runtime gives to processes; 0022 by default (runc's finalizeRootfs).
    pub umask: Option<Permissions>,
    /// Sysctls by name.
    pub sysctls: BTreeMap<String, i64>,
}
