// SPDX-License-Identifier: Apache-2.0
//! How long containers take, and where in the inputs their time goes.

use writeway_access::container_script;
use writeway_clock::{Evaluation, Outcome, Steps, Timing, Wait, evaluate_container};
use writeway_manifest::{Container, Inventory, Place, Workload};

use crate::evidence::commands::command_line;

/// How long a container takes; nothing is known of one whose image decides what it runs.
pub(crate) fn timing(inventory: &Inventory, workload: &Workload, container: &Container) -> Evaluation {
    if let Some((evaluation, _)) = evaluate_container(inventory, workload, container) {
        return evaluation;
    }
    let unknown = Outcome {
        timing: Timing::unknown("the image decides what runs"),
        worst_steps: Steps::default(),
    };
    Evaluation {
        success: Some(unknown.clone()),
        failure: Some(unknown),
        never: None,
        waits: Vec::new(),
    }
}

/// The place of a wait; without one that of the container's script, or of its command line.
pub(crate) fn wait_place(
    inventory: &Inventory,
    workload: &Workload,
    container: &Container,
    wait: Option<&Wait>,
) -> Place {
    let script = container_script(inventory, workload, container).map(|found| found.script);
    match (script, wait.and_then(|wait| wait.span)) {
        (Some(script), Some(span)) => script.place_of(inventory, span),
        (Some(script), None) => script.place,
        (None, _) => Place {
            file: workload.object.file,
            span: command_line(container),
        },
    }
}
