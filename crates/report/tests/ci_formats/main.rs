// SPDX-License-Identifier: Apache-2.0
//! Findings for CI systems: pinned as a whole, and read back by schemas and readers that others wrote, with every text in
//! them hostile.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

#[path = "../common/mod.rs"]
mod common;
mod github;
mod gitlab;
mod junit;
mod markdown;
mod sarif;
