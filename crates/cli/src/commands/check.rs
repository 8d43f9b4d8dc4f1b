// SPDX-License-Identifier: Apache-2.0
//! `writeway check`: findings.

use std::io::Write;

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use writeway_access::Context;
use writeway_check::{Judged, Policy, Verdict, check, judge, unreadable_document};
use writeway_manifest::Inventory;
use writeway_report::{HumanOptions, Summary, write_findings_human, write_findings_json, write_statistics};

use crate::args::InputArgs;
use crate::exit::Outcome;
use crate::inputs::{self, Refusals};
use crate::progress::Progress;
use crate::selection::SelectionArgs;
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Finds what will fail: containers that cannot write where they are meant to.\n\n\
Each finding shows the lines that cause it, in all files that take part, the steps that prove it, and what to do. \
`writeway rule CODE` explains its rule. What cannot be proven is not reported: where the user of an image or the owner \
of a volume decides, facts files make more findings possible.";

const EXAMPLES: &str = "\
Examples:
  writeway check k8s/                                   every workload below a folder
  helm template . | writeway check -                    from standard input
  writeway check --facts facts.yaml --format json .     for programs; see `writeway schema check`
  writeway check --statistics --exit-zero .             a first look at a large repository";

/// Find containers that cannot write where they are meant to
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Excerpts for people, or JSON for programs
    #[arg(long, value_enum, default_value = "human", help_heading = "Output")]
    #[arg(env = "WRITEWAY_FORMAT", hide_env = true)]
    format: CheckFormat,
    /// Print how many findings each rule has instead of the findings; in JSON the summary always has these numbers
    #[arg(long, help_heading = "Output")]
    #[arg(env = "WRITEWAY_STATISTICS", hide_env = true, value_parser = BoolishValueParser::new())]
    statistics: bool,
    /// Exit with 0 in spite of findings
    #[arg(long, help_heading = "Output")]
    #[arg(env = "WRITEWAY_EXIT_ZERO", hide_env = true, value_parser = BoolishValueParser::new())]
    exit_zero: bool,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    #[value(alias = "table")]
    Human,
    Json,
}

/// Prints the findings.
///
/// # Errors
/// When facts cannot be read, or nothing can be written.
pub(crate) fn run(args: &CheckArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let settings = args.selection.settings();
    // People who get the findings get what is refused among them.
    let shown = args.format == CheckFormat::Human
        && !args.statistics
        && settings.rules.contains(unreadable_document());
    let refusals = if shown { Refusals::Answered } else { Refusals::Said };
    let inputs = inputs::read(&args.input, refusals, terminal)?;
    let inventory = &inputs.inventory;
    let progress = Progress::start(terminal, "checking workloads", None);
    let context = Context {
        inventory,
        facts: &inputs.facts,
        extra_paths: &[],
    };
    let findings = check(&context, &settings);
    let policy = Policy {
        severity: args.selection.severity(),
        confidence: args.selection.confidence(),
        ..Policy::default()
    };
    let judged = judge(inventory, findings, &policy);
    drop(progress);

    if shown {
        say_what_is_not_reported(inventory, &judged, terminal);
    }
    let reported = judged
        .into_iter()
        .filter(|judged| judged.verdict == Verdict::Reported);
    let findings: Vec<_> = reported.map(|judged| judged.finding).collect();

    let summary = Summary::new(&findings, inventory.workloads().len(), inventory.files().len());
    let mut out = terminal.stdout();
    match (args.format, args.statistics) {
        (CheckFormat::Json, _) => {
            write_findings_json(&mut out, inventory, &inputs.renderers, &findings, &summary)?;
        }
        (CheckFormat::Human, true) => write_statistics(&mut out, &summary)?,
        (CheckFormat::Human, false) => {
            let options = HumanOptions {
                color: terminal.color,
                width: terminal.width,
            };
            write_findings_human(&mut out, inventory, &findings, &summary, &options)?;
        }
    }
    out.flush()?;
    let refused = !findings.is_empty() && !args.exit_zero;
    Ok(inputs
        .outcome
        .max(if refused { Outcome::Refused } else { Outcome::Clean }))
}

/// Says why the exit code is 2 where no finding does.
fn say_what_is_not_reported(inventory: &Inventory, judged: &[Judged], terminal: Terminal) {
    let unreadable = judged
        .iter()
        .filter(|judged| judged.finding.rule == unreadable_document());
    for Judged { finding, .. } in unreadable.filter(|judged| judged.verdict != Verdict::Reported) {
        let at = inventory.position_text(finding.primary.place);
        terminal.error(format_args!("{at}: {}", finding.message));
    }
}
