// SPDX-License-Identifier: Apache-2.0
//! `seed`: what a volume of kubelet shows becomes files of its program, whole, private, and never a mix of two sets.
//!
//! They run in mount namespaces of their own, and some act as several users: they need root, say so and fail without.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]
#![allow(
    clippy::print_stdout,
    reason = "what a race has tried is shown with `--nocapture`"
)]

#[path = "../support/contained.rs"]
mod contained;

mod attacks;
mod keys;
mod kills;
mod kubelet;
mod prefill;
mod runs;
mod sources;
mod swaps;
mod world;
