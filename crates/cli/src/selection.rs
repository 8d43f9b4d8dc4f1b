// SPDX-License-Identifier: Apache-2.0
//! The options that say which findings are wanted.

use clap::Args;
use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser};
use writeway_check::{Confidence, RuleSet, Selection, Selector, Settings, Severity};
use writeway_config::Config;

/// Which findings are wanted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    /// Run only these rules: codes, beginnings of codes (`WW1`), names, or ALL
    ///
    /// Of --select, --extend-select and --ignore the most specific one decides about a rule: `WW101` beats `WW10` beats
    /// `WW1` beats `ALL`; of equals --ignore.
    #[arg(
        long,
        value_name = "RULES",
        env = "WRITEWAY_SELECT",
        hide_env = true,
        value_delimiter = ','
    )]
    select: Vec<Selector>,
    /// Run these rules too
    #[arg(
        long,
        value_name = "RULES",
        env = "WRITEWAY_EXTEND_SELECT",
        hide_env = true,
        value_delimiter = ','
    )]
    extend_select: Vec<Selector>,
    /// Do not run these rules
    #[arg(
        long,
        value_name = "RULES",
        env = "WRITEWAY_IGNORE",
        hide_env = true,
        value_delimiter = ','
    )]
    ignore: Vec<Selector>,
    /// Report findings of this severity and worse [default: info]
    #[arg(long, env = "WRITEWAY_SEVERITY", hide_env = true, value_parser = severity())]
    severity: Option<Severity>,
    /// Report findings that are at least so sure [default: medium]
    #[arg(long, env = "WRITEWAY_CONFIDENCE", hide_env = true, value_parser = confidence())]
    confidence: Option<Confidence>,
    /// Report hints too, which is what findings of low confidence are
    #[arg(long, conflicts_with = "confidence")]
    #[arg(env = "WRITEWAY_PEDANTIC", hide_env = true, value_parser = BoolishValueParser::new())]
    pedantic: bool,
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::as_str))
        .try_map(|name| Severity::named(&name).ok_or(name))
}

fn confidence() -> impl TypedValueParser<Value = Confidence> {
    PossibleValuesParser::new(Confidence::ALL.map(Confidence::as_str))
        .try_map(|name| Confidence::named(&name).ok_or(name))
}

impl SelectionArgs {
    /// What rules get to know.
    pub(crate) fn settings(&self, config: &Config) -> Settings {
        let flags = Selection {
            select: self.select.clone(),
            extend_select: self.extend_select.clone(),
            ignore: self.ignore.clone(),
        };
        Settings {
            rules: RuleSet::resolve(&[config.selection.clone(), flags]),
            clock: config.clock,
            pin: config.pin,
        }
    }

    /// The least severity that is reported.
    pub(crate) fn severity(&self, config: &Config) -> Severity {
        self.severity.or(config.severity).unwrap_or(Severity::Info)
    }

    /// The least confidence that is reported.
    pub(crate) fn confidence(&self, config: &Config) -> Confidence {
        let pedantic = self.pedantic.then_some(Confidence::Low);
        pedantic
            .or(self.confidence)
            .or(config.confidence)
            .unwrap_or(Confidence::Medium)
    }
}
