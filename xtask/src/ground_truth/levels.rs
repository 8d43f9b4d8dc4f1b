// SPDX-License-Identifier: Apache-2.0
//! Measured pods under repair, in namespaces that enforce each level of Pod Security: what a namespace took before it has
//! to take afterwards, or the remedy is refused with that reason.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use rayon::prelude::*;
use serde_json::json;
use writeway_pod_security::Level;

use super::TESTDATA;
use super::case::{self, Case};
use crate::repair_judge::{Sum, examined};

/// What a namespace may enforce.
const LEVELS: [Level; 3] = [Level::Privileged, Level::Baseline, Level::Restricted];

/// Repairs the project's own measured pods at each level.
///
/// # Errors
/// As [`repair`].
pub fn repair_testdata(out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut sound = true;
    for (name, _) in TESTDATA {
        sound &= repair(out, &crate::workspace().join("testdata").join(name))?;
    }
    Ok(sound)
}

/// Repairs the pods of a file at each level, by all fixes; whether every fix is what it says, and no pod lost its
/// namespace.
///
/// # Errors
/// When the file or a case's facts cannot be read, or what is printed cannot be written.
pub fn repair(out: &mut dyn Write, file: &Path) -> anyhow::Result<bool> {
    let cases = case::read(file)?;
    let shown = file.strip_prefix(crate::workspace()).unwrap_or(file).display();
    let mut sound = true;
    for level in LEVELS {
        let sum = cases
            .par_iter()
            .map(|case| at(level, case))
            .try_reduce(Sum::default, |a, b| Ok(a.and(b)))?;
        writeln!(out, "{shown}, repaired where {level} is enforced: {sum}")?;
        for remark in &sum.remarks {
            writeln!(out, "  {remark}")?;
        }
        sound &= sum.remarks.is_empty() && sum.changed > 0;
    }
    Ok(sound)
}

fn at(level: Level, case: &Case) -> anyhow::Result<Sum> {
    let facts =
        writeway_facts::read(&case.facts.to_string()).with_context(|| format!("{}: facts", case.id))?;
    let namespace = case
        .objects
        .iter()
        .find_map(|object| object["metadata"]["namespace"].as_str())
        .unwrap_or("default");
    let namespace = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": namespace,
            "labels": { "pod-security.kubernetes.io/enforce": level.to_string() },
        },
    });
    let documents: Vec<_> = case
        .objects
        .iter()
        .filter(|object| object["kind"] != "Namespace")
        .chain([&namespace])
        .map(|object| format!("{object}\n"))
        .collect();
    Ok(examined(
        &format!("{} at {level}", case.id),
        &documents.join("---\n"),
        &facts,
        true,
    ))
}
