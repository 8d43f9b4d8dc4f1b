// SPDX-License-Identifier: Apache-2.0
//! Kubernetes' own test data for the Pod Security Standards: every pod has to be judged as Kubernetes judges it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use writeway_manifest::{Inventory, ParsedFile};
use writeway_pod_security::{Level, Policy, PolicyVersion, Refusal, evaluate};

/// Judges the pods in `LEVEL/VERSION/{pass,fail}/*.yaml` below a folder; whether all verdicts are those of the folders.
///
/// # Errors
/// When the folder has another layout or cannot be read.
pub fn run(out: &mut dyn Write, folder: &Path) -> anyhow::Result<bool> {
    let (mut pods, mut disagreements) = (0_usize, 0_usize);
    for level_folder in folders(folder)? {
        let level: Level = parsed(&level_folder)?;
        for version_folder in folders(&level_folder)? {
            let version: PolicyVersion = parsed(&version_folder)?;
            let policy = Policy { level, version };
            for (kind, admitted) in [("pass", true), ("fail", false)] {
                for file in manifests(&version_folder.join(kind))? {
                    pods += 1;
                    if let Some(remark) = disagreement(&file, policy, admitted)? {
                        disagreements += 1;
                        let name = file.strip_prefix(folder).unwrap_or(&file).display();
                        writeln!(out, "{name}: {remark}")?;
                    }
                }
            }
        }
    }
    if pods == 0 {
        bail!(
            "{}: no pod in LEVEL/VERSION/pass or LEVEL/VERSION/fail",
            folder.display()
        );
    }
    writeln!(out, "{pods} pods, {disagreements} disagreements")?;
    Ok(disagreements == 0)
}

/// What is said about a pod that Kubernetes does not say.
fn disagreement(file: &Path, policy: Policy, admitted: bool) -> anyhow::Result<Option<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse(file.display().to_string(), text)]);
    let [workload] = inventory.workloads() else {
        return Ok(Some(format!("{} pods, not one", inventory.workloads().len())));
    };
    let verdict = evaluate(workload, policy);
    if verdict.admitted() == Some(admitted) {
        return Ok(None);
    }
    let show = |refusal: &Refusal| format!("{}: {} ({})", refusal.check, refusal.reason, refusal.detail);
    Ok(Some(match verdict.admitted() {
        Some(true) => format!("admitted by {policy}"),
        Some(false) => {
            let refusals: Vec<_> = verdict.refusals.iter().map(show).collect();
            format!("refused by {policy}: {}", refusals.join("; "))
        }
        None => format!("unknown to {policy}"),
    }))
}

/// The name of a folder as what it stands for.
fn parsed<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    folder: &Path,
) -> anyhow::Result<T> {
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.parse().with_context(|| format!("{}", folder.display()))
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    entries(folder, |path| path.is_dir())
}

/// The manifests in a folder, by name; none when there is no such folder.
fn manifests(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    entries(folder, |path| path.extension().is_some_and(|end| end == "yaml"))
}

fn entries(folder: &Path, wanted: impl Fn(&Path) -> bool) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
