// SPDX-License-Identifier: Apache-2.0
//! # WW903 unreadable-document
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds documents that are no YAML, and values in manifests that the API server refuses.
//!
//! The finding has an object when the value belongs to a workload, and none when the document could not be read at all.
//! Whether the rule is selected or not, such an input makes the exit code 2: the rest is still checked, but nothing is
//! known about what could not be read.
//!
//! ## Why is this bad
//!
//! `kubectl apply` refuses the file, or the API server the object, often after others of the same release were applied.
//! No other rule looks at what cannot be read, so that silence about it means nothing.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: "1000"
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//! ```
//!
//! A file that is meant to be no manifest (a template, the values of a chart) is left out with `--exclude`.
//!
//! ## References
//!
//! - Kubernetes: `sigs.k8s.io/yaml`, which `kubectl` and the API server read manifests with
//! - Kubernetes: "Kubernetes API Concepts", "Field validation"

use writeway_manifest::{Inventory, Place, Problem, Severity};

use crate::{Finding, Rule};

pub(crate) static RULE: Rule = Rule::of_engine(include_str!("ww903_unreadable_document.rs"));

/// What of the inputs cannot be read.
pub(crate) fn findings(inventory: &Inventory) -> Vec<Finding> {
    let refused = inventory
        .problems()
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    refused.map(|problem| finding(inventory, problem)).collect()
}

fn finding(inventory: &Inventory, problem: &Problem) -> Finding {
    let place = Place {
        file: problem.file,
        span: problem.span,
    };
    let object = inventory.workload_at(place).map(|workload| &workload.object);
    let finding = Finding::about(&RULE, object, &problem.message, place, "refused");
    match problem.also {
        Some(place) => finding.related(place, "because of this"),
        None => finding,
    }
}
