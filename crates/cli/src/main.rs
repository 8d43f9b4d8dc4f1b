// SPDX-License-Identifier: Apache-2.0
//! The `writeway` binary: arguments in, exit code out.
fn main() {}
