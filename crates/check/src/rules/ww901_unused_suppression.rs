// SPDX-License-Identifier: Apache-2.0
//! # WW901 unused-suppression
//!
//! - severity: info
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds comments `# writeway: ignore[…]` and annotations `writeway.dev/ignore.…` that suppress nothing: the rule finds
//! nothing there, there is no such rule, or the comment cannot be understood.
//!
//! Nothing is said about a rule that does not run, since what it would find is not known. Findings that are left out by
//! `--severity` or `--confidence` count. This rule and WW902 are about suppressions, so that no suppression can name them.
//!
//! ## Why is this bad
//!
//! A suppression that is left behind when its cause is gone hides the next finding at that place. One with a typo looks
//! like a decision and is none.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   readOnlyRootFilesystem: false # writeway: ignore[WW101] the program writes no temporary files
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   readOnlyRootFilesystem: false
//! ```
//!
//! ## References
//!
//! - Writeway: docs/configuration.md, "Suppression"

use writeway_manifest::Inventory;

use crate::suppression::{Suppressions, Target};
use crate::{Finding, Rule, UnknownRule};

pub(crate) static RULE: Rule = Rule::of_engine(include_str!("ww901_unused_suppression.rs"));

/// What of the suppressions did nothing. `runs` tells whether a rule ran in the file of that name.
pub(crate) fn findings(
    inventory: &Inventory,
    suppressions: &Suppressions,
    runs: impl Fn(&str, &Rule) -> bool,
) -> Vec<Finding> {
    let targets = suppressions
        .list
        .iter()
        .flat_map(|suppression| &suppression.targets);
    let unused = targets.filter(|target| {
        !target.used
            && target
                .rule
                .is_none_or(|rule| runs(&inventory.file(target.place.file).name, rule))
    });
    let misunderstood = suppressions.misunderstood.iter();
    misunderstood
        .map(|comment| {
            let object = inventory
                .workload_at(comment.place)
                .map(|workload| &workload.object);
            Finding::about(
                &RULE,
                object,
                "a comment for Writeway cannot be understood",
                comment.place,
                &comment.why,
            )
        })
        .chain(unused.map(|target| finding(inventory, target)))
        .collect()
}

fn finding(inventory: &Inventory, target: &Target) -> Finding {
    let (message, label) = match target.rule {
        Some(rule) => (
            format!("the suppression of {} suppresses nothing", rule.code),
            "not found here".to_owned(),
        ),
        None => (
            format!("the suppression of `{}` suppresses nothing", target.written),
            UnknownRule::new(&target.written).to_string(),
        ),
    };
    let object = inventory
        .workload_at(target.place)
        .map(|workload| &workload.object);
    Finding::about(&RULE, object, message, target.place, label)
}
