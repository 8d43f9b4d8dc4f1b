// SPDX-License-Identifier: Apache-2.0
//! `probe`: what it says is so, nothing stays, nothing changes, and nobody can use it against its user.
//!
//! These tests run as root: they mount, and become other users.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod agreement;
mod arguments;
mod fakeowner;
mod harmless;
mod room;
mod situations;
