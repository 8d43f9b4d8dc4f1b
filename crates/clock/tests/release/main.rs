// SPDX-License-Identifier: Apache-2.0
//! How long Jobs, pods and releases take, given what their containers run.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod grouping;
mod jobs;
mod timeline;

use std::time::Duration;

use writeway_clock::{Bound, Evaluation, Outcome, Steps, Timing};
use writeway_manifest::{Container, Inventory, ParsedFile};

/// The inputs.
fn inventory(text: &str) -> Inventory {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("inputs.yaml", text)]);
    assert_eq!(inventory.problems(), [], "the manifest is valid");
    inventory
}

/// What a container runs: its name says it. `wait-100` succeeds within 100 s or fails after them, `run-100` takes 100 s and
/// succeeds, `serve` never ends; of others nothing is known.
fn evaluate(container: &Container) -> Evaluation {
    let outcome = |best, worst| Outcome {
        timing: Timing { best, worst },
        worst_steps: Steps::default(),
    };
    let (kind, number) = container.name.split_once('-').unwrap_or((&container.name, ""));
    let exactly = || Bound::seconds(number.parse().unwrap());
    let (success, failure, never) = match kind {
        "wait" => (
            Some(outcome(Bound::ZERO, exactly())),
            Some(outcome(exactly(), exactly())),
            None,
        ),
        "run" => (Some(outcome(exactly(), exactly())), None, None),
        "serve" => (None, None, Some("it serves".into())),
        _ => {
            let unknown = || {
                outcome(
                    Bound::unknown("its image decides"),
                    Bound::unknown("its image decides"),
                )
            };
            (Some(unknown()), Some(unknown()), None)
        }
    };
    Evaluation {
        success,
        failure,
        never,
        waits: Vec::new(),
    }
}

/// Whole seconds.
const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
