// SPDX-License-Identifier: Apache-2.0
//! The rules, as they describe themselves.

use std::io::{self, Write};

use serde::Serialize;
use writeway_check::Rule;

use crate::json_text::write_document;

/// Writes a line for each rule: code, name, and what it does.
///
/// # Errors
/// When the writer fails.
pub fn write_rule_list(out: &mut dyn Write, rules: &[&Rule]) -> io::Result<()> {
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in rules {
        writeln!(
            out,
            "{}  {:width$}  {}",
            rule.code,
            rule.name,
            rule.severity.as_str()
        )?;
    }
    Ok(())
}

/// Writes the page of a rule in Markdown.
///
/// # Errors
/// When the writer fails.
pub fn write_rule_page(out: &mut dyn Write, rule: &Rule) -> io::Result<()> {
    writeln!(out, "# {} {}\n", rule.code, rule.name)?;
    let (severity, confidence, fix) = (
        rule.severity.as_str(),
        rule.confidence.as_str(),
        rule.fix.as_str(),
    );
    writeln!(
        out,
        "Severity: {severity}. Confidence: {confidence}. Fix: {fix}. Since {}.\n",
        rule.since
    )?;
    out.write_all(rule.documentation().as_bytes())
}

/// Writes rules as one JSON document.
///
/// # Errors
/// When the writer fails.
pub fn write_rules_json(out: &mut dyn Write, rules: &[&Rule]) -> io::Result<()> {
    let rules = rules.iter().map(|rule| RuleJson::new(rule)).collect();
    write_document(out, &Document { version: 1, rules })
}

#[derive(Serialize)]
struct Document {
    version: u32,
    rules: Vec<RuleJson>,
}

#[derive(Serialize)]
struct RuleJson {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    confidence: &'static str,
    since: &'static str,
    fix: &'static str,
    summary: String,
    documentation: String,
}

impl RuleJson {
    fn new(rule: &Rule) -> Self {
        Self {
            code: rule.code,
            name: rule.name,
            severity: rule.severity.as_str(),
            confidence: rule.confidence.as_str(),
            since: rule.since,
            fix: rule.fix.as_str(),
            summary: rule.summary(),
            documentation: rule.documentation(),
        }
    }
}
