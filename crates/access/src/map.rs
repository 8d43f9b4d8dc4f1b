// SPDX-License-Identifier: Apache-2.0
//! The write map: what the analysis answers.

use writeway_manifest::{Role, Span};

use crate::{Capability, Tri, Verdict};

/// The write map of one pod.
#[derive(Debug, Clone, PartialEq)]
pub struct PodMap {
    /// Whether every container that has to run gets to run.
    pub starts: Starts,
    /// The containers in start order; empty when the pod does not start.
    pub containers: Vec<ContainerMap>,
}

/// Whether a pod starts, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Starts {
    /// The answer.
    pub verdict: Tri,
    /// What keeps the pod from starting, or may: none for *yes*, at least one otherwise. What comes to light only
    /// after an obstacle is not among them.
    pub causes: Vec<Cause>,
}

impl Starts {
    /// The causes' texts.
    pub fn why(&self) -> impl ExactSizeIterator<Item = &str> {
        self.causes.iter().map(|cause| cause.why.as_str())
    }
}

/// Something that keeps a pod from starting, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What it is.
    pub why: String,
    /// The place in the manifest that decides.
    pub span: Span,
    /// How the pod ends; `None` when it may start.
    pub stop: Option<Stop>,
}

/// How a pod ends that does not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The API server refuses it, and a workload with it in its template.
    Refused,
    /// kubelet tries again and again, until something outside of the pod has changed.
    Waits,
    /// kubelet or the runtime cannot start it, or an init container fails: the pod has to change.
    Fails,
}

/// The write map of one container.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerMap {
    /// Name of the container.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Where the container stands in its file.
    pub span: Span,
    /// Who its process is.
    pub identity: Identity,
    /// Whether the root file system is mounted read-only.
    pub read_only_root: bool,
    /// Whether the table of public images says which paths the container's image writes to. Where it does not, the
    /// paths below are mounts and conventions only.
    pub writes_known: bool,
    /// The paths, in the order: mounts as written, well-known paths, paths the image is known to write to, paths asked
    /// for.
    pub paths: Vec<PathMap>,
}

/// Effective identity of a container's first process. A field is `None` when it is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// User id.
    pub uid: Option<u32>,
    /// Primary group id.
    pub gid: Option<u32>,
    /// Every group, the primary one included, sorted.
    pub groups: Option<Vec<u32>>,
    /// Effective capabilities, sorted by number.
    pub capabilities: Option<Vec<Capability>>,
    /// How these came about.
    pub why: Vec<String>,
}

/// What a container's process may do at one path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathMap {
    /// Absolute path in the container.
    pub path: String,
    /// What the path belongs to: `rootfs`, `runtime`, `imageVolume`, or the field name of the volume's source.
    pub source: &'static str,
    /// Name of the volume, when it belongs to one of the pod's.
    pub volume: Option<String>,
    /// Index in the container's `volumeMounts` of the mount that the path belongs to.
    pub mount: Option<usize>,
    /// Whether something is there.
    pub exists: Tri,
    /// What is there, when known.
    pub kind: Option<FileKind>,
    /// Mode bits, special bits included.
    pub mode: Option<u16>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Whether the mount is read-only, when known.
    pub read_only: Option<bool>,
    /// Making a new file in the directory.
    pub create: Verdict,
    /// Opening an existing file for writing.
    pub overwrite: FileVerdict,
    /// Renaming a new file over an existing one.
    pub replace: FileVerdict,
    /// Removing an existing entry.
    pub delete: FileVerdict,
    /// Running a file that was put there.
    pub exec: Verdict,
    /// What Ruby's `Dir.tmpdir` answers for the directory.
    pub ruby_tmpdir: Tri,
    /// How long what is written there lives.
    pub lifetime: Lifetime,
    /// What kubelet did with the pod's fsGroup there.
    pub fs_group: FsGroupEffect,
    /// kubelet makes what is there, since the `subPath` of a mount does not exist in its volume.
    pub for_sub_path: bool,
}

/// A verdict about a file: the first existing regular file known in the directory, or the path itself.
#[derive(Debug, Clone, PartialEq)]
pub struct FileVerdict {
    /// Name of the file in the directory; `None` when it is the path itself or none is known.
    pub file: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A directory.
    Directory,
    /// A file that is neither a directory nor a link.
    File,
    /// A symbolic link that leads nowhere.
    Link,
}

impl FileKind {
    /// The kind's name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "dir",
            Self::File => "file",
            Self::Link => "link",
        }
    }
}

/// How long what is written to a path lives (see D.4 of the reference on volume semantics).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the container restarts.
    Container,
    /// Until the pod ends.
    Pod,
    /// As long as the claim.
    Claim,
    /// As long as the node.
    Node,
    /// As long as the API object that the files come from.
    Object,
    /// As the image has it.
    Image,
    /// Decided outside of the cluster.
    External,
}

impl Lifetime {
    /// The lifetime's name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Pod => "pod",
            Self::Claim => "claim",
            Self::Node => "node",
            Self::Object => "object",
            Self::Image => "image",
            Self::External => "external",
        }
    }
}

/// What kubelet does with the pod's fsGroup on a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FsGroupEffect {
    /// The volume gets the group.
    Applied,
    /// The volume's plugin, policy or read-only-ness keeps kubelet from applying it.
    Ignored,
    /// The pod has none, or the path is on no volume.
    Unset,
    /// Not known from manifests and facts.
    Unknown,
}

impl FsGroupEffect {
    /// The effect's name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Unset => "unset",
            Self::Unknown => "unknown",
        }
    }
}
