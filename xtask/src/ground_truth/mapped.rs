// SPDX-License-Identifier: Apache-2.0
//! The write map of a case, exactly as the program reports it.

use anyhow::{Context as _, anyhow};
use serde_json::Value;
use writeway_access::{Context, map_pod};
use writeway_manifest::{Inventory, ParsedFile};
use writeway_report::write_map_json;

use super::case::Case;

/// The case's workload in the map's JSON, with every probed path asked for in every container.
///
/// # Errors
/// When the facts are refused, or the manifests do not hold exactly one workload.
pub(super) fn workload(case: &Case) -> anyhow::Result<Value> {
    let id = &case.id;
    let files = case.objects.iter().enumerate();
    let files =
        files.map(|(index, object)| ParsedFile::parse(format!("{id}/{index}.json"), object.to_string()));
    let inventory = Inventory::from_parsed(files.collect());
    let facts = writeway_facts::read(&case.facts.to_string()).with_context(|| format!("{id}: facts"))?;
    let probed: Vec<String> = case.probes.values().flatten().cloned().collect();
    let context = Context {
        inventory: &inventory,
        facts: &facts,
        extra_paths: &probed,
    };

    let maps = inventory
        .workloads()
        .iter()
        .map(|workload| (workload, map_pod(&context, workload)));
    let mut written = Vec::new();
    write_map_json(&mut written, &inventory, &[], maps)?;
    let mut map: Value = serde_json::from_slice(&written)?;
    match map["workloads"].as_array_mut().map(Vec::as_mut_slice) {
        Some([workload]) => Ok(workload.take()),
        Some(workloads) => Err(anyhow!("{id}: {} workloads in place of one pod", workloads.len())),
        None => Err(anyhow!("{id}: no workloads in the map's JSON")),
    }
}
