// SPDX-License-Identifier: Apache-2.0
//! Floor 1: what makes a path writable, as parts of a pod: init containers, volumes and mounts. Pure: no I/O, no async.
//!
//! Each generator is a builder that cannot be made wrong, and has one `render`:
//!
//! | generator | what it makes |
//! |---|---|
//! | [`Own`] | a root init container that hands volumes over to a user |
//! | [`Seed`] | a copy of a Secret that its program may change |
//! | [`Directory`] | the directory that a `subPath` names |
//! | [`Prefill`] | a volume with what an image has in a directory |
//! | [`Tmp`] | a volume for temporary files |
//! | [`Wait`] | an init container that waits within a budget |
//!
//! What they render is [`Rendered`]: ordered [`Value`]s, JSON maps ([`Rendered::to_json`]), and with the feature
//! `k8s-openapi` its typed objects. The init containers run [`writeway-agent`](Image::agent); `Own` and `Tmp` can also
//! run the shell of an image that has one.
//!
//! ```
//! use writeway_generate::{Mount, Own};
//!
//! let own = Own::new(1000, 1000, [Mount::new("data", "/var/lib/ledger")?])?;
//! let init_container = &own.render().to_json().init_containers[0];
//! assert_eq!(init_container["name"], "own");
//! assert_eq!(init_container["securityContext"]["capabilities"]["add"], serde_json::json!(["CHOWN"]));
//! # Ok::<(), writeway_generate::Error>(())
//! ```

mod container;
mod directory;
mod error;
mod image;
mod json;
mod k8sperm;
mod mount;
mod name;
mod own;
mod prefill;
mod rendered;
mod seed;
mod size;
mod tmp;
#[cfg(feature = "k8s-openapi")]
mod typed;
mod user;
mod wait;
mod warning;

pub use directory::Directory;
pub use error::Error;
pub use image::{Image, PullPolicy};
pub use json::{JsonObject, JsonParts};
pub use k8sperm::{chown_command, root_chown_init_container};
pub use mount::Mount;
pub use own::{AgentOwn, ExtraCapability, Own};
pub use prefill::Prefill;
pub use rendered::Rendered;
pub use seed::{OnConflict, Seed, Source};
pub use size::Size;
pub use tmp::{Tmp, TmpDirectory};
#[cfg(feature = "k8s-openapi")]
pub use typed::TypedParts;
pub use user::User;
pub use wait::Wait;
pub use warning::Warning;
pub use writeway_pod_security::Level;
pub use writeway_yaml::Value;
