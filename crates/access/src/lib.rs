// SPDX-License-Identifier: Apache-2.0
//! Floor 1: the write map. Identity, mounts, ownership, and verdicts with their derivation.
//!
//! The crate is a small model of the node: kubelet prepares volumes, the runtime puts containers together, init
//! containers run their scripts, and a kernel decides, step by step, who may do what. What manifests and facts do not
//! say is a value, `Unknown`, that every step carries on. Pure: no I/O, no async.

mod capability;
mod map;
mod verdict;

pub use capability::{Capability, CapabilitySet};
pub use map::{ContainerMap, FileKind, FileVerdict, FsGroupEffect, Identity, Lifetime, PathMap, PodMap, Starts};
pub use verdict::{Answer, Errno, Tri, Verdict};

/// Maps a workload's pod.
#[allow(unused)]
pub fn map_pod(context: &Context<'_>, workload: &writeway_manifest::Workload) -> PodMap {
    PodMap { starts: Starts { verdict: Tri::Unknown, why: vec![], span: None }, containers: vec![] }
}

/// Everything the map of a pod is made from, beside the pod.
pub struct Context<'a> {
    /// The objects of all inputs.
    pub inventory: &'a writeway_manifest::Inventory,
    /// What no manifest says.
    pub facts: &'a writeway_facts::Facts,
    /// Paths to map in every container beside its mounts and the well-known ones.
    pub extra_paths: &'a [String],
}
