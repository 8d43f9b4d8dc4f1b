// SPDX-License-Identifier: Apache-2.0
//! Requests and a memory limit for a container whose programs are known to be small.

use writeway_check::{Correction, Footprint};
use writeway_manifest::VolumeSource;
use writeway_yaml::{Operation, Value};

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "resources",
    costs: "nothing: the main containers ask for more",
    limits: "a limit kills what takes more",
    propose,
};

/// What is asked of the node for them, and what `writeway-agent` is limited to.
const CPU: &str = "10m";
const MEMORY: &str = "16Mi";
/// `chown -R` and `cp -r` hold the names of a whole directory, hundreds of thousands in this.
const FILE_TOOLS_LIMIT: &str = "64Mi";

fn propose(case: &Case<'_>) -> Answer {
    let Some(Correction::Resources { footprint }) = case.finding.correction else {
        return Answer::NotMine;
    };
    let Some(container) = case.container() else {
        return Answer::NotMine;
    };
    let limit = match footprint {
        Footprint::Agent => MEMORY,
        Footprint::FileTools => FILE_TOOLS_LIMIT,
        Footprint::Unknown => {
            return Answer::cannot(format!(
                "how much memory container `{}` takes is not known",
                *container.name
            ));
        }
    };
    // Files in memory count as memory of who writes them.
    let in_memory = container.mounts.iter().find(|mount| {
        let volume = case.workload.pod.volume(&mount.name);
        volume.is_some_and(|volume| match &volume.source {
            VolumeSource::EmptyDir(source) => source.medium.is_some(),
            _ => false,
        })
    });
    if let Some(mount) = in_memory {
        return Answer::cannot(format!(
            "what container `{}` writes to volume `{}` counts as its memory, and how much that is is not known",
            *container.name, *mount.name
        ));
    }
    let Some(path) = case.container_path(container) else {
        return Answer::cannot("the container is not written where it could be changed");
    };
    let Some(edits) = case.edits() else {
        return Answer::NotMine;
    };
    let resources = Value::map([
        (
            "requests",
            Value::map([("cpu", CPU.into()), ("memory", MEMORY.into())]),
        ),
        ("limits", Value::map([("memory", limit.into())])),
    ]);
    let edits = edits.edit(
        path.join("resources"),
        Operation::SetBefore("volumeMounts".to_owned(), resources),
    );
    let title = format!(
        "give container `{}` requests, and {limit} of memory at most",
        *container.name
    );
    Answer::Try(Proposal::safe(title, edits.into_list()))
}
