// SPDX-License-Identifier: Apache-2.0
//! Foreign programs that took part in an answer.

use serde::Serialize;

/// A program that rendered some of the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    /// What was run, e.g. `helm template`.
    pub name: String,
    /// Its version, as it gives it.
    pub version: String,
}
