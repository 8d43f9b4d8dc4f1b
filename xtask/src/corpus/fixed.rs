// SPDX-License-Identifier: Apache-2.0
//! Real manifests under `check --fix`, by the program itself and with Git as the judge of its diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::Manifest;
use crate::process;
use crate::verdict::Verdict;

/// The files of a folder, by their paths in it.
type Files = BTreeMap<String, Vec<u8>>;

/// Repairs copies of the files, with safe fixes and with all; whether each run does what the others say.
///
/// # Errors
/// When a copy cannot be made, or a program cannot be built or run.
pub(super) fn run(out: &mut dyn Write, files: &[Manifest]) -> anyhow::Result<bool> {
    let program = process::writeway("dev")?;
    let home = crate::workspace().join("target/corpus");
    let mut sound = true;
    for (name, options) in [("safe fixes", &[][..]), ("all fixes", &["--unsafe-fixes"])] {
        if home.is_dir() {
            fs::remove_dir_all(&home).with_context(|| format!("cannot empty {}", home.display()))?;
        }
        let (verdict, changed) = judged(
            &Bench {
                program: &program,
                home: &home,
                options,
            },
            files,
        )?;
        sound &= verdict.tell(
            out,
            &format!("writeway check --fix, {name}, {changed} files changed"),
        )?;
    }
    fs::remove_dir_all(&home).with_context(|| format!("cannot remove {}", home.display()))?;
    Ok(sound)
}

/// Where copies are repaired, and how.
struct Bench<'a> {
    program: &'a Path,
    home: &'a Path,
    options: &'a [&'a str],
}

fn judged(bench: &Bench<'_>, files: &[Manifest]) -> anyhow::Result<(Verdict, usize)> {
    let mut verdict = Verdict::default();
    let fixed = bench.copy("fixed", files)?;
    let patched = bench.copy("patched", files)?;
    let before = read(&fixed, files)?;
    let found = bench.findings(&fixed)?;

    let diff = bench.check(&fixed, &["--diff"], None)?;
    verdict.expect(
        read(&fixed, files)? == before,
        "--diff changes nothing",
        &"it does",
    );
    let patch = bench.home.join("patch");
    fs::write(&patch, &diff.stdout)?;
    for check in [&["--check"][..], &[]] {
        let mut git = Command::new("git");
        git.arg("apply").args(check).arg(&patch).current_dir(&patched);
        // The copy lies in a repository, and is no part of it.
        git.env("GIT_CEILING_DIRECTORIES", bench.home)
            .env_remove("GIT_DIR");
        let output = git.output().context("cannot start git")?;
        verdict.expect(output.status.success(), "git apply takes the diff", &output);
    }

    let fix = bench.check(&fixed, &["--fix"], None)?;
    let after = read(&fixed, files)?;
    let differ = |a: &Files, b: &Files| -> Vec<String> {
        a.iter()
            .filter(|(name, text)| b.get(*name) != Some(*text))
            .map(|(name, _)| name.clone())
            .collect()
    };
    let changed = differ(&before, &after);
    verdict.expect(!changed.is_empty(), "some file is repaired", &fix);
    let other = differ(&after, &read(&patched, files)?);
    verdict.expect(other.is_empty(), "git apply makes what --fix writes", &other);
    let told = told(&fix.stderr);
    let silent: Vec<_> = changed.iter().filter(|name| !told.contains(*name)).collect();
    verdict.expect(silent.is_empty(), "a file without a fix stays", &silent);

    for threads in ["1", "2"] {
        let again = bench.copy("again", files)?;
        let run = bench.check(&again, &["--fix"], Some(threads))?;
        let same = read(&again, files)? == after && (&run.stdout, &run.stderr) == (&fix.stdout, &fix.stderr);
        verdict.expect(same, "the number of threads makes no difference", &threads);
        fs::remove_dir_all(&again)?;
    }
    let left = bench.findings(&fixed)?;
    let mut known = found;
    let new: Vec<_> = left.into_iter().filter(|key| !take(&mut known, key)).collect();
    verdict.expect(new.is_empty(), "no finding is new", &new);
    verdict.expect(!known.is_empty(), "findings are gone", &"none is");
    bench.check(&fixed, &["--fix"], None)?;
    let moved = differ(&after, &read(&fixed, files)?);
    verdict.expect(moved.is_empty(), "a second --fix changes nothing", &moved);
    let diff = bench.check(&fixed, &["--diff"], None)?;
    verdict.expect(diff.stdout.is_empty(), "--diff has nothing more to say", &diff);
    Ok((verdict, changed.len()))
}

/// Takes one such finding out of a list; whether there was one.
fn take(list: &mut Vec<String>, key: &String) -> bool {
    let index = list.iter().position(|known| known == key);
    index.map(|index| list.swap_remove(index)).is_some()
}

impl Bench<'_> {
    /// A folder with the files.
    fn copy(&self, name: &str, files: &[Manifest]) -> anyhow::Result<PathBuf> {
        let folder = self.home.join(name);
        for file in files {
            let path = folder.join(&file.name);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(&path, &file.text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(folder)
    }

    /// Runs `check` in a folder.
    fn check(&self, folder: &Path, options: &[&str], threads: Option<&str>) -> anyhow::Result<Output> {
        let mut check = Command::new(self.program);
        check
            .arg("check")
            .args(options)
            .args(self.options)
            .arg("--isolated")
            .arg(".");
        check
            .current_dir(folder)
            .envs(threads.map(|threads| ("RAYON_NUM_THREADS", threads)));
        let output = check.output().context("cannot start writeway")?;
        // 2: some files cannot be read, as they are.
        if !matches!(output.status.code(), Some(0..=2)) {
            bail!("{check:?}: {output:?}");
        }
        Ok(output)
    }

    /// What is found in a folder, without words that say where.
    fn findings(&self, folder: &Path) -> anyhow::Result<Vec<String>> {
        let output = self.check(folder, &["--format=json"], None)?;
        let document: Value = serde_json::from_slice(&output.stdout).context("check printed no JSON")?;
        let findings = document["findings"]
            .as_array()
            .context("no findings in the JSON document")?;
        Ok(findings
            .iter()
            .map(|finding| {
                format!(
                    "{} {} {}",
                    finding["code"], finding["object"], finding["locations"][0]["file"]
                )
            })
            .collect())
    }
}

fn read(folder: &Path, files: &[Manifest]) -> anyhow::Result<Files> {
    files
        .iter()
        .map(|file| {
            let path = folder.join(&file.name);
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok((file.name.clone(), bytes))
        })
        .collect()
}

/// The files that fixes are told of: `FILE:LINE:COLUMN: CODE fixed: …`.
fn told(stderr: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(stderr);
    let fixes = text.lines().filter(|line| line.contains(" fixed: "));
    fixes
        .filter_map(|line| line.split_once(':'))
        .map(|(file, _)| file.to_owned())
        .collect()
}
