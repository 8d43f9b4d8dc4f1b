// SPDX-License-Identifier: Apache-2.0
//! What the user names, as documents: black-box tests on a folder of their own each.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bad;
mod files;
mod folders;
mod rendered;
mod tree;
mod unrendered;
