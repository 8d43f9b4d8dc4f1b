// SPDX-License-Identifier: Apache-2.0
//! The commands, one file each: their options, and what they do with the crates below.

pub(crate) mod admit;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod facts;
pub(crate) mod generate;
pub(crate) mod man;
pub(crate) mod map;
pub(crate) mod rule;
pub(crate) mod schema;
