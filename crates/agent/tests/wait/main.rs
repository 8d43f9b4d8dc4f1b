// SPDX-License-Identifier: Apache-2.0
//! `wait`, the built program, against real servers that misbehave in every way one can think of.
//!
//! Servers listen on 127.0.0.1, on a port that the kernel chooses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod agent;
mod authority;
mod budget;
mod credentials;
mod files;
mod garbage;
mod kubernetes;
mod names;
mod server;
mod signals;
mod status;
mod tls;
mod usage;
