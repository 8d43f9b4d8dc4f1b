// SPDX-License-Identifier: Apache-2.0
//! `seed`: what a volume of kubelet shows becomes files of its program, whole, private, and never a mix of two sets.
//!
//! Some tests act as several users, and need root: they say so and fail without.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]
#![allow(
    clippy::print_stdout,
    reason = "what a race has tried is shown with `--nocapture`"
)]

mod attacks;
mod keys;
mod kills;
mod kubelet;
mod prefill;
mod runs;
mod sources;
mod swaps;
mod world;
