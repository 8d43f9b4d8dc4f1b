// SPDX-License-Identifier: Apache-2.0
//! # WW902 suppression-without-reason
//!
//! - severity: info
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds comments `# writeway: ignore[…]` with nothing behind the bracket, and annotations `writeway.dev/ignore.…` with an
//! empty value.
//!
//! The rule runs only when it is selected, by its code, its name or the beginning of its code: not every team wants
//! reasons.
//!
//! ## Why is this bad
//!
//! Whoever reads the manifest later cannot tell whether the finding was looked into or was in the way, and whether the
//! suppression may go.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   readOnlyRootFilesystem: true # writeway: ignore[WW101]
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   readOnlyRootFilesystem: true # writeway: ignore[WW101] the program writes no temporary files
//! ```
//!
//! ## References
//!
//! - Writeway: docs/configuration.md, "Suppression"

use writeway_manifest::Inventory;

use crate::suppression::Suppressions;
use crate::{Finding, Rule};

pub(crate) static RULE: Rule =
    Rule::of_engine(include_str!("ww902_suppression_without_reason.rs")).only_when_selected();

/// The suppressions that say no reason.
pub(crate) fn findings(inventory: &Inventory, suppressions: &Suppressions) -> Vec<Finding> {
    let without = suppressions
        .list
        .iter()
        .filter(|suppression| suppression.reason.is_none());
    let findings = without.map(|suppression| {
        let names: Vec<_> = suppression
            .targets
            .iter()
            .map(|target| target.written.as_str())
            .collect();
        let message = format!("the suppression of {} has no reason", names.join(", "));
        let object = inventory
            .workload_at(suppression.place)
            .map(|workload| &workload.object);
        Finding::about(&RULE, object, message, suppression.place, "say why here")
    });
    findings.collect()
}
