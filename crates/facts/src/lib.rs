// SPDX-License-Identifier: Apache-2.0
//! Floor 1: what no manifest says.
//!
//! [`Facts`] are what the owner of a cluster declares about images, node directories, storage classes and the
//! node; [`knowledge`] is what is known of public images. Both answer *unknown* by absence, never by a default.

mod model;
mod names;

pub use model::{
    Claim, ClassVolume, EntryType, Facts, GroupEntry, HostPath, ImageFacts, Kubernetes, Node, Owner, PathFact,
    Permissions, Tools, ToolsKind, UserEntry, VersionNumber, VolumeKind,
};
