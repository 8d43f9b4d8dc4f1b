// SPDX-License-Identifier: Apache-2.0
//! What becomes of repairs: files, a diff, and what is said about them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

use rayon::prelude::*;
use writeway_check::{Finding, FixAvailability};
use writeway_input::Origin;
use writeway_manifest::{FileId, Inventory};
use writeway_repair::{Applied, Repair};
use writeway_report::{counted, write_unified_diff};

use super::kustomization;
use super::left_out::LeftOut;
use crate::exit::Outcome;
use crate::formats::Stdout;
use crate::input_file::{Names, Replaced, outlive_power, replace_input};
use crate::inputs::Inputs;
use crate::repair::RepairMode;
use crate::terminal::Terminal;

/// What came of repairs.
pub(super) struct CarriedOut {
    /// The inputs as they are now, when they were changed.
    pub(super) inventory: Option<Inventory>,
    /// The files that were changed and what the rules find in them now, when every fix kept to the object that it is for,
    /// so that nothing else can be found in the others.
    pub(super) found: Option<(BTreeSet<FileId>, Vec<Finding>)>,
    /// Whether everything could be written.
    pub(super) outcome: Outcome,
    /// What standard output was used for.
    pub(super) stdout: Stdout,
}

/// Writes repaired texts where they belong.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn carry_out(
    mode: &RepairMode,
    inputs: &Inputs,
    left_out: &LeftOut,
    reported: &[Finding],
    mut repair: Repair,
    terminal: Terminal,
) -> anyhow::Result<CarriedOut> {
    let mut is_whole = true;
    let (outcome, stdout) = match mode {
        RepairMode::Diff => print_diff(inputs, &repair.texts, terminal)?,
        RepairMode::InPlace => {
            let wanted = repair.texts.len();
            let done = replace(inputs, &mut repair.texts, terminal)?;
            if repair.texts.len() < wanted {
                repair.inventory = Some(inputs.inventory.edited(&repair.texts));
                let written: BTreeSet<_> = repair.texts.keys().copied().collect();
                repair.applied.retain(|fix| files_of(fix).is_subset(&written));
                is_whole = false;
            }
            done
        }
        RepairMode::Kustomization(folder) => {
            write_kustomization(folder, inputs, left_out, &repair, terminal)?
        }
    };
    // What a diff shows is not there.
    let inventory = repair
        .inventory
        .take()
        .filter(|_| !matches!(mode, RepairMode::Diff));
    let keeps_to_objects = repair.applied.iter().all(|fix| fix.edits.len() == 1);
    let found = (is_whole && keeps_to_objects).then(|| {
        let changed = repair.texts.keys().copied().collect();
        (changed, std::mem::take(&mut repair.found))
    });
    say_what_was_done(mode, inputs, reported, &repair, terminal);
    Ok(CarriedOut {
        inventory,
        found,
        outcome,
        stdout,
    })
}

fn print_diff(
    inputs: &Inputs,
    texts: &BTreeMap<FileId, String>,
    terminal: Terminal,
) -> anyhow::Result<(Outcome, Stdout)> {
    let mut out = terminal.stdout();
    for (id, text) in texts {
        let file = inputs.inventory.file(*id);
        write_unified_diff(&mut out, &file.name, file.stream.text(), text)?;
    }
    out.flush()?;
    let outcome = if texts.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Refused
    };
    Ok((outcome, Stdout::Diff))
}

/// Writes the texts, and leaves those that are written.
fn replace(
    inputs: &Inputs,
    texts: &mut BTreeMap<FileId, String>,
    terminal: Terminal,
) -> anyhow::Result<(Outcome, Stdout)> {
    // Most of the time is the disk's, which takes several files at a time.
    let files: Vec<_> = inputs.inventory.files().zip(&inputs.origins).collect();
    let written: BTreeMap<FileId, _> = files
        .into_par_iter()
        .filter_map(|((id, file), origin)| match (origin, texts.get(&id)) {
            (Origin::File(path), Some(new)) => Some((id, replace_input(path, file.stream.text(), new))),
            _ => None,
        })
        .collect();
    let folders: BTreeSet<_> = written
        .values()
        .flatten()
        .map(|replaced| &replaced.folder)
        .collect();
    folders.into_par_iter().for_each(|folder| outlive_power(folder));
    let mut outcome = Outcome::Clean;
    let mut stdout = Stdout::Report;
    for ((id, file), origin) in inputs.inventory.files().zip(&inputs.origins) {
        match (origin, written.get(&id)) {
            (Origin::Stdin, _) => {
                let new = texts.get(&id).map_or(file.stream.text(), String::as_str);
                let mut out = terminal.stdout();
                out.write_all(new.as_bytes())?;
                out.flush()?;
                stdout = Stdout::Manifest;
            }
            (Origin::File(_), Some(written)) => match written {
                Ok(Replaced {
                    names: Names::One, ..
                }) => {}
                Ok(Replaced {
                    names: Names::Several,
                    ..
                }) => terminal.note(format_args!(
                    "{}: repaired; the file has other names, hard links, under which it is as it was",
                    file.name
                )),
                Err(error) => {
                    terminal.error(format_args!("{}: not repaired: {error}", file.name));
                    outcome = Outcome::Unreadable;
                    texts.remove(&id);
                }
            },
            (Origin::File(_) | Origin::Chart(_) | Origin::Kustomization(_), _) => {}
        }
    }
    Ok((outcome, stdout))
}

fn write_kustomization(
    folder: &Path,
    inputs: &Inputs,
    left_out: &LeftOut,
    repair: &Repair,
    terminal: Terminal,
) -> anyhow::Result<(Outcome, Stdout)> {
    let after = repair.inventory.as_ref().unwrap_or(&inputs.inventory);
    let changed = repair.texts.keys().copied().collect();
    let patches = kustomization::write(folder, inputs, left_out, after, &changed)?;
    left_out.say(&inputs.inventory, folder, terminal);
    let shown = folder.display();
    terminal.note(format_args!(
        "{shown}: a kustomization with {}; `kubectl kustomize {shown}` prints the repaired objects",
        match patches {
            1 => "1 patch".to_owned(),
            number => format!("{number} patches"),
        }
    ));
    let outcome = if left_out.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Unreadable
    };
    Ok((outcome, Stdout::Report))
}

/// The files that a fix changes.
fn files_of(fix: &Applied) -> BTreeSet<FileId> {
    fix.edits.iter().map(|(object, _)| object.file).collect()
}

/// Says which fixes were made, each with what became of the derivation, and what could be done with other options.
fn say_what_was_done(
    mode: &RepairMode,
    inputs: &Inputs,
    reported: &[Finding],
    repair: &Repair,
    terminal: Terminal,
) {
    let at = |finding: usize| {
        let finding = reported.get(finding)?;
        let place = inputs.inventory.position_text(finding.primary.place);
        Some(format!("{place}: {}", finding.rule.code))
    };
    let (fixed, not_fixed) = match mode {
        RepairMode::InPlace | RepairMode::Kustomization(_) => ("fixed", "not fixed"),
        RepairMode::Diff => ("would be fixed", "would not be fixed"),
    };
    for fix in &repair.applied {
        let Some(at) = at(fix.finding) else { continue };
        terminal.note(format_args!("{at} {fixed}: {}", fix.title));
        terminal.detail(format_args!("  costs: {}", fix.remedy.costs));
        terminal.detail(format_args!("  limits: {}", fix.remedy.limits));
        for (steps, when) in [(&fix.turned.was, "was"), (&fix.turned.is, "is")] {
            for step in steps {
                terminal.note(format_args!("  {when}: {step}"));
            }
        }
    }
    for refused in &repair.refused {
        let Some(at) = at(refused.finding) else { continue };
        if let Some(cause) = &refused.cause {
            terminal.note(format_args!("{at} {not_fixed}: {cause}"));
        }
        for (remedy, why) in &refused.remedies {
            terminal.detail(format_args!("{at} {not_fixed}: {}: {why}", remedy.name));
        }
    }
    if !matches!(mode, RepairMode::Kustomization(_)) {
        say_what_is_rendered(inputs, reported, terminal);
    }
    say_how_many(mode, repair, terminal);
}

fn say_how_many(mode: &RepairMode, repair: &Repair, terminal: Terminal) {
    let findings: BTreeSet<_> = repair.applied.iter().map(|fix| fix.finding).collect();
    let files: BTreeSet<_> = repair.applied.iter().flat_map(files_of).collect();
    let done = match mode {
        RepairMode::InPlace | RepairMode::Kustomization(_) => "fixed",
        RepairMode::Diff => "would fix",
    };
    let mut said = format!(
        "{done} {} in {}",
        counted(findings.len(), "finding"),
        counted(files.len(), "file")
    );
    let more = repair
        .refused
        .iter()
        .filter(|refused| refused.needs_unsafe)
        .count();
    if more > 0 {
        said.push_str(&format!("; {more} more with --unsafe-fixes"));
    }
    terminal.note(said);
}

/// Names what is rendered and has findings that may have fixes: a change of it would be gone with the next rendering.
fn say_what_is_rendered(inputs: &Inputs, reported: &[Finding], terminal: Terminal) {
    for (id, name) in inputs.rendered() {
        let may_be_fixed = |finding: &&Finding| {
            finding.primary.place.file == id && finding.rule.fix != FixAvailability::None
        };
        let number = reported.iter().filter(may_be_fixed).count();
        if number > 0 {
            terminal.note(format_args!(
                "{name}: rendered, and so not repaired, with {} of rules that have fixes; --output kustomize DIR \
                 writes them as patches",
                counted(number, "finding")
            ));
        }
    }
}
