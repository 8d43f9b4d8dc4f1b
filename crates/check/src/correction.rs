// SPDX-License-Identifier: Apache-2.0
//! What a finding asks for where nothing has to become writable: as a [`Need`](crate::Need) by names and paths, never by
//! places in a text.

use writeway_access::path::clean;
use writeway_manifest::{Which, Workload};

/// What has to be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// kubelet should give volumes to `fsGroup` once, and not at every start.
    GroupOnce {
        /// The names of the volumes.
        volumes: Vec<String>,
    },
    /// The container has neither requests nor limits.
    Resources {
        /// What it runs.
        footprint: Footprint,
    },
    /// A directory in a volume, which the image declares as a `VOLUME`, should be the volume's.
    MountDeclared {
        /// Where the volume is mounted.
        mounted: String,
        /// The directory, below that.
        directory: String,
    },
    /// Nobody needs the container.
    LeaveOut,
    /// The container should copy in another way.
    CopyAnew {
        /// What it copies; `None` when it does more than that, or when that is not known.
        copy: Option<PlainCopy>,
    },
}

impl Correction {
    /// Whether nothing is left to do in a workload, for the container that the finding is about.
    pub fn is_made(&self, workload: &Workload, container: Option<&str>) -> bool {
        let mut containers = workload.pod.containers(Which::All);
        let container = containers.find(|it| Some(it.name.as_str()) == container);
        match (self, container) {
            (Self::GroupOnce { .. }, _) => {
                let policy = &workload.pod.security.fs_group_change_policy;
                policy
                    .as_ref()
                    .is_some_and(|policy| policy.value == "OnRootMismatch")
            }
            (Self::Resources { .. }, Some(container)) => {
                !container.resources.requests.is_empty() || !container.resources.limits.is_empty()
            }
            (Self::MountDeclared { directory, .. }, Some(container)) => {
                let mut mounts = container.mounts.iter();
                mounts.any(|mount| clean(&mount.mount_path) == *directory)
            }
            (Self::CopyAnew { .. }, Some(_)) | (Self::LeaveOut, Some(_)) => false,
            (
                Self::Resources { .. } | Self::MountDeclared { .. } | Self::CopyAnew { .. } | Self::LeaveOut,
                None,
            ) => true,
        }
    }
}

/// How much memory the programs of a container take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Footprint {
    /// Nothing but `writeway-agent`.
    Agent,
    /// Nothing but small programs for files, as BusyBox and coreutils have them.
    FileTools,
    /// Something of which that is not known.
    Unknown,
}

/// The files that a container copies, when its script does nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainCopy {
    /// Absolute paths of files, and of directories whose files are meant.
    pub sources: Vec<String>,
    /// Absolute path of the directory that they are copied to, under their own names.
    pub target: String,
    /// The mode that the script gives to the copies.
    pub mode: Option<u16>,
    /// The user that the script gives the copies to.
    pub owner: Option<u32>,
}
