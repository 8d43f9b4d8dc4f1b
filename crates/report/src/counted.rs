// SPDX-License-Identifier: Apache-2.0
//! Numbers of things.

/// The number and the noun, which takes an `s` unless there is one: `1 file`, `2 files`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
