// SPDX-License-Identifier: Apache-2.0
//! The chores of the workspace.
fn main() {}
