// SPDX-License-Identifier: Apache-2.0
//! Floor 3: maps and findings for people and machines.
//!
//! Each format is one file. Formats for machines have a version and a JSON Schema ([`Schema`]) and say everything;
//! formats for people say what fits, in words that keep their meaning without colour.

mod admissions_human;
mod admissions_json;
mod check_format;
mod check_report;
mod clocks_human;
mod clocks_json;
mod comparison;
mod comparison_human;
mod comparison_json;
mod counted;
mod excerpt;
mod explanation;
mod findings_concise;
mod findings_github;
mod findings_gitlab;
mod findings_html;
mod findings_human;
mod findings_json;
mod findings_json_lines;
mod findings_junit;
mod findings_markdown;
mod findings_sarif;
mod fix_text;
mod heading;
mod json_text;
mod map_html;
mod map_json;
mod map_svg;
mod map_table;
mod page;
mod paint;
mod printable;
mod probe_document;
mod program;
mod region;
mod rules;
mod schema;
mod shortened;
mod summary;
mod unified_diff;
mod xml_text;

pub use admissions_human::write_admissions_human;
pub use admissions_json::write_admissions_json;
pub use check_format::{CHECK_FORMATS, CheckFormat};
pub use check_report::{CheckReport, Unread};
pub use comparison::{
    Agreement, Compared, ComparedContainer, Comparison, Unmatched, find_container, find_workload,
};
pub use comparison_human::write_comparison_human;
pub use comparison_json::write_comparison_json;
pub use counted::counted;
pub use findings_concise::write_findings_concise;
pub use findings_github::write_findings_github;
pub use findings_gitlab::write_findings_gitlab;
pub use findings_html::write_findings_html;
pub use findings_human::{HumanOptions, write_findings_human};
pub use findings_json::write_findings_json;
pub use findings_json_lines::write_findings_json_lines;
pub use findings_junit::write_findings_junit;
pub use findings_markdown::write_findings_markdown;
pub use findings_sarif::write_findings_sarif;
pub use heading::object_name;
pub use map_html::write_map_html;
pub use map_json::write_map_json;
pub use map_svg::write_map_svg;
pub use map_table::{TableOptions, write_workload_table};
pub use printable::printable;
pub use probe_document::{
    ProbeDocument, ProbedAnswer, ProbedContainer, ProbedIdentity, ProbedMount, ProbedPath, ProbedWorkload,
};
pub use program::Program;
pub use rules::{write_rule_list, write_rule_page, write_rules_json};
pub use schema::Schema;
pub use summary::Summary;
pub use unified_diff::write_unified_diff;
