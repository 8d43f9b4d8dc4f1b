// SPDX-License-Identifier: Apache-2.0
//! `writeway rule`: what the rules say about themselves.

use std::io::Write;

use clap::{Args, ValueEnum};
use writeway_check::{RULES, Rule, UnknownRule, find};
use writeway_report::{write_rule_list, write_rule_page, write_rules_json};

use crate::exit::Outcome;
use crate::formats::given_or_shared;
use crate::terminal::Terminal;

/// Explain a rule, or list all of them
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// Code or name of the rule, e.g. WW101; all are listed without it
    #[arg(value_name = "CODE|NAME")]
    rule: Option<String>,
    /// Explain every rule
    #[arg(long, conflicts_with = "rule")]
    all: bool,
    /// How rules are written: as text unless said otherwise
    #[arg(long, value_enum, help_heading = "Output")]
    format: Option<RuleFormat>,
}

/// How rules are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RuleFormat {
    /// Markdown for people
    #[value(aliases = ["human", "table"])]
    Text,
    /// One JSON document
    Json,
}

/// Prints rules.
///
/// # Errors
/// When there is no such rule, or nothing can be written.
pub(crate) fn run(args: &RuleArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let format = given_or_shared(args.format, RuleFormat::Text)?;
    let rules = match &args.rule {
        Some(wanted) => vec![known(wanted)?],
        None => RULES.to_vec(),
    };
    let mut out = terminal.stdout();
    match format {
        RuleFormat::Json => write_rules_json(&mut out, &rules)?,
        RuleFormat::Text if args.rule.is_none() && !args.all => write_rule_list(&mut out, &rules)?,
        RuleFormat::Text => {
            for (index, rule) in rules.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                write_rule_page(&mut out, rule)?;
            }
        }
    }
    out.flush()?;
    Ok(Outcome::Clean)
}

fn known(wanted: &str) -> Result<&'static Rule, UnknownRule> {
    find(wanted).ok_or_else(|| UnknownRule::new(wanted))
}
