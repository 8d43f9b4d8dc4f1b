// SPDX-License-Identifier: Apache-2.0
//! `writeway check`: findings.

mod checker;
mod kustomization;
mod left_out;
mod repairs;

use anyhow::bail;
use clap::Args;
use clap::builder::BoolishValueParser;
use writeway_check::{
    BaselineScope, Judged, Policy, Verdict, clocks, field_at_wrong_level, unreadable_document,
};
use writeway_manifest::Inventory;
use writeway_report::CheckReport;

use crate::args::InputArgs;
use crate::baseline::{BaselineArgs, is_there};
use crate::exit::Outcome;
use crate::formats::{FormatArgs, Stdout};
use crate::inputs::{self, Answered};
use crate::progress::Progress;
use crate::repair::{RepairArgs, RepairMode};
use crate::selection::SelectionArgs;
use crate::terminal::Terminal;
use checker::Checker;
use left_out::LeftOut;

const LONG_ABOUT: &str = "\
Finds what will fail: containers that cannot write where they are meant to, credentials that are not kept, init \
containers that do too much or are refused.\n\n\
Each finding shows the lines that cause it, in all files that take part, the steps that prove it, and what to do. \
`writeway rule CODE` explains its rule. What cannot be proven is not reported: where the user of an image or the owner \
of a volume decides, facts files make more findings possible.";

const EXAMPLES: &str = "\
Examples:
  writeway check k8s/                                   every workload below a folder
  helm template . | writeway check -                    from standard input
  writeway check --diff k8s/                            what --fix would change
  writeway check --fix k8s/                             repair what can be repaired, report the rest
  writeway check --facts facts.yaml --format json .     for programs; see `writeway schema check`
  writeway check --format sarif=out.sarif --format human .
                                                        for code scanning, and for the log
  writeway check --statistics --exit-zero .             a first look at a large repository
  helm template . | writeway check --explain-clock -    how long the hooks of a release may take";

/// Find containers that cannot write where they are meant to
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    repair: RepairArgs,
    #[command(flatten)]
    baseline: BaselineArgs,
    #[command(flatten)]
    format: FormatArgs,
    /// Print how long releases and Jobs take, at best and at worst, before the findings
    ///
    /// Step by step, with the arithmetic: hooks by event and weight, scheduling and image pulls as `[clock]` in the
    /// configuration file allows them, the waits of scripts, retries, probes, and what ends them. In formats human and json.
    #[arg(long, help_heading = "Output")]
    #[arg(env = "WRITEWAY_EXPLAIN_CLOCK", hide_env = true, value_parser = BoolishValueParser::new())]
    explain_clock: bool,
    /// Exit with 0 in spite of findings
    #[arg(long, help_heading = "Output")]
    #[arg(env = "WRITEWAY_EXIT_ZERO", hide_env = true, value_parser = BoolishValueParser::new())]
    exit_zero: bool,
}

/// Prints the findings.
///
/// # Errors
/// When facts cannot be read, or the formats asked for cannot be written.
pub(crate) fn run(args: &CheckArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    args.format.validate()?;
    if args.explain_clock && !args.format.shows_clocks() {
        bail!("--explain-clock is shown by --format human and --format json: ask for one of them");
    }
    let mode = args.repair.mode()?;
    let config = args.input.config.load(terminal)?;
    let settings = args.selection.settings(&config);
    // People who get the findings get what is refused among them.
    let shown = |rule| args.format.shows_findings() && settings.rules.contains(rule);
    let answered = Answered {
        refused: shown(unreadable_document()),
        at_wrong_level: shown(field_at_wrong_level()),
    };
    let inputs = inputs::read(&args.input, &config, answered, terminal)?;
    let known = args.baseline.open(&config)?;
    let checker = Checker {
        facts: &inputs.facts,
        settings: &settings,
        policy: Policy {
            severity: args.selection.severity(&config),
            confidence: args.selection.confidence(&config),
            ignores: &|file, rule| config.ignores(file, rule),
        },
        known: known.as_ref(),
    };
    let progress = Progress::start(terminal, "checking workloads", None);
    let findings = checker.findings(&inputs.inventory);
    let before = mode.is_some().then(|| findings.clone());
    let mut judged = checker.judged(&inputs.inventory, findings);
    drop(progress);

    let left_out = match mode {
        Some(RepairMode::Kustomization(_)) => LeftOut::of(&inputs.inventory),
        _ => LeftOut::default(),
    };
    let mut options = args.repair.options(mode.as_ref(), &config, &inputs);
    options.left_out = left_out.numbers();
    let mut outcome = inputs.outcome;
    let mut stdout = Stdout::Report;
    let mut repaired = None;
    let mut found = None;
    if let Some(mode) = &mode {
        let progress = Progress::start(terminal, "repairing workloads", None);
        let reported = checker.reported(judged.clone());
        let repair = checker.repair(&inputs.inventory, &options, &reported);
        drop(progress);
        let carried_out = repairs::carry_out(mode, &inputs, &left_out, &reported, repair, terminal)?;
        outcome = outcome.max(carried_out.outcome);
        stdout = carried_out.stdout;
        repaired = carried_out.inventory;
        found = carried_out.found;
    }
    let inventory = repaired.as_ref().unwrap_or(&inputs.inventory);
    if repaired.is_some() {
        let findings = match (before, found) {
            (Some(mut findings), Some((files, found))) => {
                findings.retain(|finding| !files.contains(&finding.primary.place.file));
                findings.extend(found);
                findings
            }
            _ => checker.findings(inventory),
        };
        judged = checker.judged(inventory, findings);
    }
    if let Some(known) = &known {
        let scope = BaselineScope {
            inventory,
            runs: &|rule| settings.rules.contains(rule),
            exists: &is_there,
        };
        known.settle(&scope, &mut judged, terminal)?;
    }
    if answered.refused {
        say_what_is_not_reported(inventory, &judged, terminal);
    }
    if args.format.shows_fixes() {
        // What is rendered is not to be changed in place, whatever became of it in this run.
        let options = args.repair.options(None, &config, &inputs);
        checker.offer_fixes(inventory, &options, &mut judged);
    }
    // Without a folder there is none to be relative to.
    let folder = std::env::current_dir().unwrap_or_default();
    let clocks = args.explain_clock.then(|| clocks(inventory, &settings.clock));
    let context = checker.context(inventory);
    let unread = inputs::unread(inventory, &inputs.errors);
    let report = CheckReport::new(&context, &inputs.renderers, &unread, &judged)
        .with_clocks(clocks.as_ref())
        .made_in(&folder);
    args.format.write(&report, stdout, terminal)?;
    // Who asks for a diff asks whether there is one.
    let refused = stdout != Stdout::Diff && report.summary.findings > 0;
    if refused {
        outcome = outcome.max(Outcome::Refused);
    }
    Ok(if args.exit_zero && outcome == Outcome::Refused {
        Outcome::Clean
    } else {
        outcome
    })
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
