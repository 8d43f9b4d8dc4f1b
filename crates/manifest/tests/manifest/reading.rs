// SPDX-License-Identifier: Apache-2.0
//! Texts as inventories, and spans as the text that they stand for.

use writeway_manifest::{Inventory, ParsedFile, PodSpec, Severity, Span, VolumeSource, Workload};

/// The inventory of one file.
pub(crate) fn read(text: &str) -> Inventory {
    read_files([("file.yaml", text)])
}

pub(crate) fn read_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Inventory {
    Inventory::from_parsed(
        files
            .into_iter()
            .map(|(name, text)| ParsedFile::parse(name, text))
            .collect(),
    )
}

/// A Pod whose spec has these lines.
pub(crate) fn pod(spec: &str) -> String {
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{spec}")
}

/// The one workload of an inventory without problems.
pub(crate) fn only_workload(inventory: &Inventory) -> &Workload {
    assert_eq!(problems(inventory), [""; 0]);
    assert_eq!(inventory.workloads().len(), 1);
    &inventory.workloads()[0]
}

/// The pod of a spec without problems.
pub(crate) fn read_pod(spec: &str) -> PodSpec {
    only_workload(&read(&pod(spec))).pod.as_ref().clone()
}

/// The source of a volume given by its fields in flow style.
pub(crate) fn read_volume(fields: &str) -> VolumeSource {
    let pod = read_pod(&format!("containers: []\nvolumes: [{{name: v, {fields}}}]"));
    pod.volume("v").unwrap().source.clone()
}

/// Problems as `severity line:column: message`.
pub(crate) fn problems(inventory: &Inventory) -> Vec<String> {
    let show = |problem: &writeway_manifest::Problem| {
        let position = inventory.file(problem.file).stream.position(problem.span.start);
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        format!(
            "{severity} {}:{}: {}",
            position.line, position.column, problem.message
        )
    };
    inventory.problems().iter().map(show).collect()
}

/// What stands at a span.
pub(crate) fn slice(text: &str, span: Span) -> &str {
    &text[span.range()]
}
