// SPDX-License-Identifier: Apache-2.0
//! `writeway map --compare`: the map beside what a probe saw in a running pod.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use writeway_access::{Context, map_pod};
use writeway_manifest::Role;
use writeway_report::{
    Agreement, ComparedContainer, Comparison, ProbeDocument, find_container, find_workload,
    write_comparison_human, write_comparison_json,
};

use super::MapFormat;
use crate::exit::Outcome;
use crate::inputs::Inputs;
use crate::terminal::Terminal;

/// Reads what a probe printed.
///
/// # Errors
/// When it cannot be read, or is no such document.
pub(super) fn read(file: &Path) -> anyhow::Result<ProbeDocument> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name}"))?;
    ProbeDocument::read(&text).map_err(|error| anyhow!("{name}: {error}"))
}

/// Compares every container of the document with its map, and prints it.
///
/// # Errors
/// When a container that was probed is not found, or nothing can be written.
pub(super) fn run(
    document: &ProbeDocument,
    containers: &[String],
    inputs: &Inputs,
    format: MapFormat,
    terminal: Terminal,
) -> anyhow::Result<Outcome> {
    let asked = match containers {
        [] => None,
        [name] => Some(name.as_str()),
        _ => bail!("with --compare one --container can be given: that in which the probe ran"),
    };
    let context = Context {
        inventory: &inputs.inventory,
        facts: &inputs.facts,
        extra_paths: &document.paths(),
    };
    let mut all = Vec::new();
    for probed in &document.workloads {
        let workload = find_workload(&inputs.inventory, probed).map_err(|why| anyhow!("{why}"))?;
        let map = map_pod(&context, workload);
        for seen in &probed.containers {
            let (container, role) = find_container(workload, seen, asked).map_err(|why| anyhow!("{why}"))?;
            let mapped = map.containers.iter().find(|map| map.name == container);
            let comparison = match mapped {
                Some(map) => Comparison::of(map, seen),
                // What ran before the obstacle proves nothing.
                None => Comparison::not_starting(map.starts.why().next(), role == Role::Main),
            };
            all.push(ComparedContainer {
                workload,
                container,
                pod: &probed.name,
                comparison,
            });
        }
    }
    let mut out = terminal.stdout();
    if format == MapFormat::Json {
        write_comparison_json(&mut out, &inputs.inventory, &all)?;
    } else {
        for (index, compared) in all.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            write_comparison_human(&mut out, &inputs.inventory, compared, terminal.color)?;
        }
    }
    out.flush()?;
    let differs = all.iter().any(|one| one.comparison.count(Agreement::Differs) > 0);
    Ok(inputs
        .outcome
        .max(if differs { Outcome::Refused } else { Outcome::Clean }))
}
