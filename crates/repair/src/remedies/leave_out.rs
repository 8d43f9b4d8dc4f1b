// SPDX-License-Identifier: Apache-2.0
//! Leaves out a container that nobody needs.

use writeway_check::Correction;
use writeway_manifest::Which;
use writeway_yaml::{Operation, Path};

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "leave-out",
    costs: "nothing",
    limits: "what the container did beside what a write map shows is not done any more",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    if case.finding.correction != Some(Correction::LeaveOut) {
        return Answer::NotMine;
    }
    let Some(container) = case.container() else {
        return Answer::NotMine;
    };
    let (Some(path), Some(edits)) = (case.container_path(container), case.edits()) else {
        return Answer::cannot("the pod is not written where it could be changed");
    };
    let alone = case.workload.pod.containers(Which::Startup).count() == 1;
    let list = path.0.split_last().map(|(_, list)| Path(list.to_vec()));
    let place = match list {
        Some(list) if alone => list,
        _ => path,
    };
    let title = format!("leave out container `{}`", *container.name);
    let edits = edits.edit(place, Operation::Remove).into_list();
    Answer::Try(
        Proposal::safe(title, edits)
            .but("a program may insist on the owner that the container gives to its directory"),
    )
}
