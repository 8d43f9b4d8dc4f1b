// SPDX-License-Identifier: Apache-2.0
//! Floor 2: what the user names (files, folders, globs, standard input, charts) to documents in memory.
//!
//! [`collect`] never stops at a broken input: what could be read is in [`Collected::files`], what could not in
//! [`Collected::errors`], and what was left out on purpose in [`Collected::notes`].

mod candidate;
mod chart;
mod collect;
mod error;
mod kustomization;
mod load;
mod note;
mod options;
mod origin;
mod pattern;
mod plan;
mod render;
mod walk;

pub use collect::{Collected, collect, collect_with_stdin};
pub use error::InputError;
pub use kustomization::WRITTEN_KUSTOMIZATION;
pub use note::Note;
pub use options::CollectOptions;
pub use origin::Origin;
pub use pattern::PathGlobs;
pub use render::{RenderError, RenderOptions, Renderer};
