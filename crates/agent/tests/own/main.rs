// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent own`, from outside: the built program on real trees. Files of other users are made here, so all of it
//! runs as root.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

#[path = "../support/contained.rs"]
mod contained;

mod attacks;
mod capabilities;
mod killed;
mod limits;
mod modes;
mod mounts;
mod random;
mod tree;
mod walks;
