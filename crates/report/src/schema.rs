// SPDX-License-Identifier: Apache-2.0
//! The JSON Schemas (draft 2020-12) of the formats for machines.

/// A published schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// What `writeway map --format json` prints.
    Map,
    /// What `writeway check --format json` prints.
    Check,
    /// What `writeway admit --format json` prints.
    Admit,
    /// What `writeway map --compare FILE --format json` prints.
    Comparison,
}

impl Schema {
    /// The schema as JSON text.
    pub fn text(self) -> &'static str {
        match self {
            Self::Map => include_str!("../schema/map.schema.json"),
            Self::Check => include_str!("../schema/check.schema.json"),
            Self::Admit => include_str!("../schema/admit.schema.json"),
            Self::Comparison => include_str!("../schema/comparison.schema.json"),
        }
    }
}
