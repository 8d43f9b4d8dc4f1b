// SPDX-License-Identifier: Apache-2.0
//! Saved images, made by the tests, read back.

#![expect(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not see helpers of tests as such"
)]

mod build;
mod damage;
mod formats;
mod hostile;
mod layers;
mod stacks;
mod tools;
