// SPDX-License-Identifier: Apache-2.0
//! The Pod Security Standards from outside: which check refuses what, since when, in which words, and where.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod culprits;
mod details;
mod pods;
mod unknown;
mod versions;
