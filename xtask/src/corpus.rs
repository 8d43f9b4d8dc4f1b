// SPDX-License-Identifier: Apache-2.0
//! Real manifests: nothing may crash, nothing may be refused that Kubernetes takes, no workload may be missed.

mod fixed;
mod known;
mod mutate;
mod program;
mod repair;
mod scan;

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rayon::prelude::*;
use writeway_access::Context;
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile, Place, Severity};

use crate::process;

/// Memory that the program may take for the whole folder.
const MAX_PEAK_MIB: f64 = 60.0;

/// Endings of the files that are manifests.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Runs every file below a folder by itself, then all of them as one, then the program itself; whether nothing is wrong
/// but what `corpus-known.txt` explains.
///
/// # Errors
/// When the folder cannot be read, or the program cannot be built or run.
pub fn run(out: &mut dyn Write, folder: &Path) -> anyhow::Result<bool> {
    let files = manifests(folder)?;
    let known = known::read()?;
    let mut wrong = 0_usize;

    let results: Vec<Examined> = files.par_iter().map(Examined::alone).collect();
    let mut sum = Counts::default();
    for (file, result) in files.iter().zip(&results) {
        sum.add(&result.counts);
        match (result.remarks.as_slice(), known.get(file.name.as_str())) {
            ([], None) => {}
            ([], Some(reason)) => {
                wrong += 1;
                writeln!(
                    out,
                    "{}: nothing is wrong, strike it from the known files ({reason})",
                    file.name
                )?;
            }
            (remarks, reason) => {
                wrong += if reason.is_none() { remarks.len() } else { 0 };
                let note = reason
                    .map(|reason| format!(" [known: {reason}]"))
                    .unwrap_or_default();
                for remark in remarks {
                    writeln!(out, "{remark}{note}")?;
                }
            }
        }
    }
    writeln!(out, "each file alone: {sum}")?;

    let whole = Examined::together(&files);
    for remark in &whole.remarks {
        wrong += 1;
        writeln!(out, "{remark}")?;
    }
    writeln!(out, "all files as one: {}", whole.counts)?;
    // Problems and workloads are those of the files; only what panics, or is lost between files, shows here.
    if whole.counts != sum {
        wrong += 1;
        writeln!(out, "the files together are not the sum of the files alone")?;
    }

    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    let program = process::writeway("release")?;
    for command in program::COMMANDS {
        let run = program::measure(&program, command, folder)?;
        let rate = bytes as f64 / 1e6 / run.seconds;
        let workloads = sum.workloads as f64 / run.seconds;
        writeln!(
            out,
            "writeway {command}: {:.2} s, {rate:.1} MB/s, {workloads:.0} workloads/s, peak memory {:.1} MiB",
            run.seconds, run.peak_mib
        )?;
        if run.peak_mib >= MAX_PEAK_MIB {
            wrong += 1;
            writeln!(out, "peak memory has to stay below {MAX_PEAK_MIB} MiB")?;
        }
        if run.workloads.is_some_and(|mapped| mapped != sum.workloads) {
            wrong += 1;
            writeln!(
                out,
                "writeway {command} shows {:?} workloads of {}",
                run.workloads, sum.workloads
            )?;
        }
    }
    writeln!(out, "{wrong} wrong")?;
    Ok(wrong == 0)
}

/// Repairs every file below a folder, and mutants of them; whether every fix is what it says and nothing else.
///
/// # Errors
/// When the folder cannot be read, or the program cannot be built or run.
pub fn repair(out: &mut dyn Write, folder: &Path, mutants: usize, seed: u64) -> anyhow::Result<bool> {
    let files = manifests(folder)?;
    let sound = repair::run(out, &files, mutants, seed)?;
    Ok(fixed::run(out, &files)? && sound)
}

/// A file of the corpus.
struct Manifest {
    /// Its path below the corpus.
    name: String,
    text: String,
}

/// Every manifest below a folder, by path.
fn manifests(folder: &Path) -> anyhow::Result<Vec<Manifest>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot read {}", next.display()))? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|end| ENDINGS.iter().any(|known| end == *known))
            {
                found.push(manifest(folder, path)?);
            }
        }
    }
    if found.is_empty() {
        bail!("{}: no manifest below it", folder.display());
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn manifest(folder: &Path, path: PathBuf) -> anyhow::Result<Manifest> {
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
    Ok(Manifest { name, text })
}

/// What was found in some files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Counts {
    files: usize,
    documents: usize,
    workloads: usize,
    problems: usize,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.documents += other.documents;
        self.workloads += other.workloads;
        self.problems += other.problems;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} files, {} documents, {} workloads mapped, {} problems",
            self.files, self.documents, self.workloads, self.problems
        )
    }
}

/// Files that went through the analysis.
#[derive(Default)]
struct Examined {
    counts: Counts,
    /// What must not be: one line each.
    remarks: Vec<String>,
}

impl Examined {
    /// One file, with the problems that Kubernetes would refuse and the workloads that were missed.
    fn alone(file: &Manifest) -> Self {
        Self::caught(&file.name, || {
            let inventory = Inventory::from_parsed(vec![ParsedFile::parse(&*file.name, &*file.text)]);
            let mut examined = Self::analysed(&inventory);
            let errors = inventory
                .problems()
                .iter()
                .filter(|problem| problem.severity == Severity::Error);
            examined.remarks = errors
                .map(|problem| {
                    let place = Place {
                        file: problem.file,
                        span: problem.span,
                    };
                    format!("{}: {}", inventory.position_text(place), problem.message)
                })
                .collect();
            examined.counts.problems = examined.remarks.len();
            let scanned = scan::workloads(&file.text);
            if scanned > examined.counts.workloads {
                let mapped = examined.counts.workloads;
                examined
                    .remarks
                    .push(format!("{}: {mapped} workloads mapped of {scanned}", file.name));
            }
            examined
        })
    }

    /// All files in one inventory.
    fn together(files: &[Manifest]) -> Self {
        Self::caught("all files as one", || {
            let parsed = files
                .par_iter()
                .map(|file| ParsedFile::parse(&*file.name, &*file.text))
                .collect();
            let inventory = Inventory::from_parsed(parsed);
            let mut examined = Self::analysed(&inventory);
            let errors = inventory
                .problems()
                .iter()
                .filter(|problem| problem.severity == Severity::Error);
            examined.counts.problems = errors.count();
            examined
        })
    }

    /// The write map and the rules over an inventory; what they say is not judged here.
    fn analysed(inventory: &Inventory) -> Self {
        let facts = Facts::default();
        let context = Context {
            inventory,
            facts: &facts,
            extra_paths: &[],
        };
        let mapped = writeway_check::map_all(&context).count();
        writeway_check::check(&context, &writeway_check::Settings::default());
        let documents = inventory
            .files()
            .map(|(_, file)| file.stream.documents().count())
            .sum();
        let counts = Counts {
            files: inventory.files().len(),
            documents,
            workloads: mapped,
            problems: 0,
        };
        Self {
            counts,
            remarks: Vec::new(),
        }
    }

    /// What is done, or one remark when it panics (the panic's own words go to standard error).
    fn caught(what: &str, examine: impl FnOnce() -> Self) -> Self {
        catch_unwind(AssertUnwindSafe(examine)).unwrap_or_else(|_| Self {
            remarks: vec![format!("{what}: panicked")],
            ..Self::default()
        })
    }
}
