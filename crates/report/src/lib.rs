// SPDX-License-Identifier: Apache-2.0
//! Floor 3: maps and findings for people and machines.
//!
//! Each format is one file. Formats for machines have a version and a JSON Schema ([`Schema`]) and say everything;
//! formats for people say what fits, in words that keep their meaning without colour.

mod counted;
mod excerpt;
mod findings_human;
mod findings_json;
mod map_json;
mod map_table;
mod paint;
mod printable;
mod program;
mod rules;
mod schema;
mod summary;

pub use counted::counted;
pub use findings_human::{HumanOptions, write_findings_human, write_statistics};
pub use findings_json::write_findings_json;
pub use map_json::write_map_json;
pub use map_table::{TableOptions, write_workload_table};
pub use printable::printable;
pub use program::Program;
pub use rules::{write_rule_list, write_rule_page, write_rules_json};
pub use schema::Schema;
pub use summary::Summary;
