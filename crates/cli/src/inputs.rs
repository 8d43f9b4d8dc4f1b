// SPDX-License-Identifier: Apache-2.0
//! Reads what the commands work on, and says what could not be read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use writeway_check::fields_at_wrong_level;
use writeway_config::Config;
use writeway_facts::Facts;
use writeway_input::{CollectOptions, InputError, Origin, RenderOptions, collect};
use writeway_manifest::{FileId, Inventory, Place, Severity, SkipReason};
use writeway_report::{Program, Unread, counted};

use crate::args::InputArgs;
use crate::exit::Outcome;
use crate::progress::Progress;
use crate::terminal::Terminal;

/// What was read.
pub(crate) struct Inputs {
    pub(crate) inventory: Inventory,
    pub(crate) facts: Facts,
    /// The programs that rendered something.
    pub(crate) renderers: Vec<Program>,
    /// Where the files of the inventory come from, in their order.
    pub(crate) origins: Vec<Origin>,
    /// What could not be read at all; it has been reported.
    pub(crate) errors: Vec<InputError>,
    /// Whether all of it could be read.
    pub(crate) outcome: Outcome,
}

impl Inputs {
    /// The files that are made from others, each with its name.
    pub(crate) fn rendered(&self) -> impl Iterator<Item = (FileId, &str)> {
        let files = self.inventory.files().zip(&self.origins);
        files
            .filter(|(_, origin)| origin.is_rendered())
            .map(|((id, file), _)| (id, file.name.as_str()))
    }
}

/// Which flaws of the inputs people read in the answer, so that saying them on standard error would say them twice.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answered {
    /// What is refused.
    pub(crate) refused: bool,
    /// Fields at a level that does not have them.
    pub(crate) at_wrong_level: bool,
}

/// Reads manifests and facts. Manifests that cannot be read are reported and left out; facts that cannot be read end
/// the command, since every answer may depend on them.
///
/// # Errors
/// When a facts file cannot be read.
pub(crate) fn read(
    args: &InputArgs,
    config: &Config,
    answered: Answered,
    terminal: Terminal,
) -> anyhow::Result<Inputs> {
    let mut facts = read_facts(given(&args.facts, &config.facts))?;
    let version = args.kubernetes_version.or(config.kubernetes_version);
    if version.is_some() {
        facts.kubernetes.version = version;
    }
    let options = CollectOptions {
        exclude: given(&args.exclude, &config.exclude).to_vec(),
        stdin_filename: args.stdin_filename.clone(),
        render: args.render.then(RenderOptions::from_environment),
        ..CollectOptions::default()
    };
    let progress = Progress::start(terminal, "reading manifests", None);
    let collected = collect(&args.paths, &options);
    let inventory = Inventory::from_parsed(collected.files);
    drop(progress);

    let mut outcome = Outcome::Clean;
    for error in &collected.errors {
        terminal.error(error);
        outcome = Outcome::Unreadable;
    }
    outcome = outcome.max(report_problems(&inventory, answered, terminal));
    for note in &collected.notes {
        terminal.note(note);
    }
    let renderers: Vec<_> = collected
        .renderers
        .into_iter()
        .map(|renderer| Program {
            name: renderer.name,
            version: renderer.version,
        })
        .collect();
    for Program { name, version } in &renderers {
        terminal.note(format_args!("rendered with {name} {version}"));
    }
    report_skipped(&inventory, terminal);
    Ok(Inputs {
        inventory,
        facts,
        renderers,
        origins: collected.origins,
        errors: collected.errors,
        outcome,
    })
}

/// Inputs that could not be read at all, then what the API server would refuse in the others.
pub(crate) fn unread(inventory: &Inventory, errors: &[InputError]) -> Vec<Unread> {
    let errors = errors.iter().map(|error| Unread {
        message: error.to_string(),
        place: None,
    });
    let problems = inventory.problems().iter();
    let refused = problems.filter(|problem| problem.severity == Severity::Error);
    let refused = refused.map(|problem| Unread {
        message: problem.message.clone(),
        place: Some(Place {
            file: problem.file,
            span: problem.span,
        }),
    });
    errors.chain(refused).collect()
}

/// The values of a flag; without any, those of the configuration file.
fn given<'a, T>(flag: &'a [T], config: &'a [T]) -> &'a [T] {
    if flag.is_empty() { config } else { flag }
}

/// Reads facts files; of two that say the same thing differently the later one counts.
///
/// # Errors
/// When one cannot be read, with every mistake in it.
pub(crate) fn read_facts(files: &[impl AsRef<Path>]) -> anyhow::Result<Facts> {
    let mut facts = Facts::default();
    for file in files {
        let name = file.as_ref().display();
        let text = std::fs::read_to_string(file).with_context(|| format!("{name}"))?;
        let read = writeway_facts::read(&text);
        facts.merge(read.map_err(|errors| anyhow::Error::msg(errors.in_file(&name.to_string())))?);
    }
    Ok(facts)
}

/// Says what the API server would refuse, and what it would take but was hardly meant.
fn report_problems(inventory: &Inventory, answered: Answered, terminal: Terminal) -> Outcome {
    let mut outcome = Outcome::Clean;
    let mut doubles = 0;
    for problem in inventory.problems() {
        let at = inventory.position_text(Place {
            file: problem.file,
            span: problem.span,
        });
        match problem.severity {
            Severity::Error => {
                if !answered.refused {
                    terminal.error(format_args!("{at}: {}", problem.message));
                }
                outcome = Outcome::Unreadable;
            }
            // Folders often hold several variants of one installation, so that objects appear in more than one file.
            Severity::Warning if problem.also.is_some_and(|other| other.file != problem.file) => {
                terminal.detail(format_args!("{at}: warning: {}", problem.message));
                doubles += 1;
            }
            Severity::Warning => terminal.note(format_args!("{at}: warning: {}", problem.message)),
        }
    }
    let reported = if answered.at_wrong_level {
        fields_at_wrong_level(inventory)
    } else {
        BTreeSet::new()
    };
    for field in inventory.unknown_fields() {
        let place = Place {
            file: field.file,
            span: field.span,
        };
        if reported.contains(&place) {
            continue;
        }
        let at = inventory.position_text(place);
        terminal.note(format_args!(
            "{at}: warning: unknown field `{}`, which the API server drops",
            field.path
        ));
    }
    if doubles > 0 {
        let objects = counted(doubles, "object");
        terminal.note(format_args!(
            "{objects} declared again in another file; the first counts (--verbose lists them)"
        ));
    }
    outcome
}

/// Names templated files one by one, since something can be done about them, and counts the rest.
fn report_skipped(inventory: &Inventory, terminal: Terminal) {
    let mut counts = BTreeMap::new();
    for skipped in inventory.skipped() {
        *counts.entry(skipped.reason).or_insert(0_usize) += 1;
        let at = inventory.position_text(skipped.place);
        match skipped.reason {
            SkipReason::Templated => {
                terminal.note(format_args!("{at}: a template, file skipped; render it first"));
            }
            SkipReason::WithoutKind => terminal.detail(format_args!("{at}: no kind or apiVersion, skipped")),
            SkipReason::Empty => terminal.detail(format_args!("{at}: empty document, skipped")),
        }
    }
    let count = |reason| counts.get(&reason).copied().unwrap_or(0);
    let skipped: Vec<String> = [
        (
            count(SkipReason::WithoutKind),
            "document",
            "without kind or apiVersion skipped",
        ),
        (count(SkipReason::Templated), "templated file", "skipped"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, noun, rest)| format!("{} {rest}", counted(number, noun)))
    .collect();
    let workloads = inventory.workloads().len();
    // What was read is in the answer; what was not, or that there was nothing, is not.
    if skipped.is_empty() && workloads > 0 {
        return;
    }
    let read = format!(
        "{} in {}",
        counted(workloads, "workload"),
        counted(inventory.files().len(), "file")
    );
    terminal.note([vec![read], skipped].concat().join("; "));
}
