// SPDX-License-Identifier: Apache-2.0
//! Floor 1: what no manifest says.
//!
//! [`Facts`] are what the owner of a cluster declares about images, node directories, storage classes and the
//! node; [`knowledge`] is what is known of public images. Both answer *unknown* by absence, never by a default.

mod closest;
mod error;
pub mod knowledge;
mod merge;
mod model;
mod names;
mod notation;
mod read;
mod reference;
mod schema;
mod write;

pub use closest::closest;
pub use error::{FactsError, FactsErrors};
pub use model::{
    Claim, ClassVolume, EntryType, Facts, GroupEntry, HostPath, ImageFacts, Kubernetes, Node, Owner,
    PathFact, Permissions, Tools, ToolsKind, UserEntry, VersionNumber, VolumeKind,
};
pub use notation::NotationError;
pub use read::read;
pub use reference::{ImageReference, ReferenceError};
pub use schema::SCHEMA;
pub use write::{to_json, to_yaml};
