// SPDX-License-Identifier: Apache-2.0
//! A `sizeLimit` for a volume in memory that has none (WW106).

use writeway_manifest::{Quantity, VolumeSource};
use writeway_yaml::Operation;

use super::new_volume::SIZE_ON_DISK;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "size-limit",
    costs: "nothing",
    limits: "how much the program needs is not known: a write beyond the limit fails",
    propose,
};

/// The rule whose findings it is for.
const RULE: &str = "WW106";

fn propose(case: &Case<'_>) -> Answer {
    if case.finding.rule.code != RULE {
        return Answer::NotMine;
    }
    let name = case.finding.subject.volume.as_deref();
    let Some(volume) = name.and_then(|name| case.workload.pod.volume(name)) else {
        return Answer::NotMine;
    };
    let VolumeSource::EmptyDir(source) = &volume.source else {
        return Answer::NotMine;
    };
    let written = source.size_limit.as_ref();
    if written.is_some_and(|written| Quantity::parse(written).is_none_or(|limit| limit > Quantity::ZERO)) {
        return Answer::cannot(
            "how much memory the program needs beside its files is not known: lower the `sizeLimit`, or raise the memory limit",
        );
    }
    let (Some(edits), Some(path)) = (case.edits(), case.draft.path_to(volume.span)) else {
        return Answer::cannot("the pod is not written where it could be changed");
    };
    let limit = path.join("emptyDir").join("sizeLimit");
    let edits = edits.edit(limit, Operation::Set(SIZE_ON_DISK.into()));
    let title = format!("limit volume `{}` to {SIZE_ON_DISK} of memory", *volume.name);
    Answer::Try(
        Proposal::safe(title, edits.into_list())
            .but(format!("files of more than {SIZE_ON_DISK} would no longer fit")),
    )
}
