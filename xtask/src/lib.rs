// SPDX-License-Identifier: Apache-2.0
//! The chores of the workspace, as `cargo xtask` runs them.

use std::path::Path;

pub mod agent;
pub mod book;
pub mod browser;
pub mod corpus;
pub mod docs;
pub mod fuzz;
pub mod ground_truth;
pub mod image;
mod markdown;
pub mod pipelines;
mod process;
pub mod psa;
mod random;
pub mod readers;
mod repair_judge;
pub mod repairs;
mod repository;
pub mod sandbox;
pub mod shells;
pub mod test;
pub mod tools;
mod verdict;

/// The root of the repository.
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
