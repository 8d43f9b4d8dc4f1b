// SPDX-License-Identifier: Apache-2.0
//! What the user decides about repairs.

/// What the user decides about repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The image of the init containers that remedies add.
    pub agent_image: String,
    /// Whether fixes are applied, too, that may change what works today.
    pub unsafe_fixes: bool,
}
