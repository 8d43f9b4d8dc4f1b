// SPDX-License-Identifier: Apache-2.0
//! The JSON Schema of the file, for editors and for programs that write one.

/// The schema (JSON Schema draft 2020-12) as JSON text. TOML maps to JSON as one expects.
pub const SCHEMA: &str = include_str!("../schema/config.schema.json");
