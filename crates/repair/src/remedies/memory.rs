// SPDX-License-Identifier: Apache-2.0
//! An `emptyDir` in memory: the kernel makes the root directory of a tmpfs sticky (1777).
//!
//! What is in it counts as memory of the container that wrote it, so that the container's limit grows with it.

use writeway_check::Demand;
use writeway_generate::Tmp;
use writeway_manifest::{Container, Quantity};
use writeway_yaml::{Operation, Value};

use super::new_volume::{NewVolume, SIZE_IN_MEMORY, SIZE_ON_DISK};
use crate::ground::{Ground, Scratch};
use crate::{Answer, Case, Edits, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "memory",
    costs: "memory of the container, up to the size limit",
    limits: "a write beyond the size limit fails; it is lost with the pod, and when the node restarts",
    propose,
};

/// The resource's name.
const MEMORY: &str = "memory";

fn propose(case: &Case<'_>) -> Answer {
    let (Some(need), Some(volume)) = (case.need, NewVolume::of(case)) else {
        return Answer::NotMine;
    };
    if need.demand != Demand::Sticky || !need.purpose.is_for_the_pod() {
        return Answer::NotMine;
    }
    let container = volume.container;
    match Ground::of(case) {
        Some(Ground::EmptyDir(scratch)) => in_place(case, container, &scratch),
        _ => {
            let room = Room::of(case, container, SIZE_IN_MEMORY);
            let title = format!(
                "mount an `emptyDir` in memory at `{}` in container `{}`{}",
                volume.path,
                *container.name,
                room.note()
            );
            let answer = volume.propose(title, SIZE_IN_MEMORY, Tmp::memory);
            match answer {
                Answer::Try(proposal) => Answer::Try(room.make(case, container, proposal)),
                other => other,
            }
        }
    }
}

/// The volume that is there becomes memory.
fn in_place(case: &Case<'_>, container: &Container, scratch: &Scratch<'_>) -> Answer {
    let name = &*scratch.volume.name;
    if !scratch.is_mount || scratch.mount.sub_path.is_some() || !scratch.is_on_disk() {
        return Answer::cannot(format!(
            "sticky is the root directory of volume `{name}` in memory, and not what is in it"
        ));
    }
    let (Some(edits), Some(path)) = (case.edits(), case.draft.path_to(scratch.volume.span)) else {
        return Answer::cannot("the pod is not written where it could be changed");
    };
    let written = scratch.source.size_limit.as_ref();
    let limit = written.filter(|limit| Quantity::parse(limit).is_some_and(|limit| limit > Quantity::ZERO));
    let size = limit.map_or(SIZE_IN_MEMORY, |limit| limit.as_str());
    let room = Room::of(case, container, size);
    let source = path.join("emptyDir");
    let before = Operation::SetBefore("sizeLimit".to_owned(), Value::from("Memory"));
    let mut edits = edits.edit(source.join("medium"), before);
    if limit.is_none() {
        edits = edits.edit(source.join("sizeLimit"), Operation::Set(size.into()));
    }
    let title = format!(
        "put volume `{name}` of container `{}` in memory, up to {size}{}",
        *container.name,
        room.note()
    );
    let proposal = room.make(case, container, Proposal::safe(title, edits.into_list()));
    let small = limit.is_some() && Quantity::parse(size) <= Quantity::parse(SIZE_ON_DISK);
    Answer::Try(match scratch.other_user(case.workload) {
        Some(other) => proposal.but(format!("container `{other}` has the volume, too")),
        None if limit.is_none() => proposal.but(format!(
            "nothing limits the volume now: files of more than {size} would no longer fit"
        )),
        None if !small => proposal.but(format!("{size} of memory are much for files")),
        None => proposal,
    })
}

/// The container's memory limit, once files count as memory.
enum Room {
    /// There is none.
    Unlimited,
    /// It grows by the size of the volume.
    Raised {
        from: String,
        to: String,
        /// So does the request, which was the same: the pod's class of service stays `Guaranteed`.
        request: bool,
    },
    /// It is given elsewhere, and stays.
    Fixed(&'static str),
}

impl Room {
    fn of(case: &Case<'_>, container: &Container, size: &str) -> Self {
        let pod = &case.workload.pod.resources;
        if pod.limits.contains_key(MEMORY) {
            return Self::Fixed("the pod");
        }
        let resources = &container.resources;
        let Some(limit) = resources.limits.get(MEMORY) else {
            let namespace = case.workload.object.namespace.as_deref();
            let mut ranges = case.context.inventory.limit_ranges(namespace);
            let by_range = ranges.any(|range| range.container_defaults.limits.contains_key(MEMORY));
            return if by_range {
                Self::Fixed("a LimitRange")
            } else {
                Self::Unlimited
            };
        };
        let (Some(present), Some(more)) = (Quantity::parse(limit), Quantity::parse(size)) else {
            return Self::Unlimited;
        };
        let Some(to) = present.saturating_add(more).written_like(limit) else {
            return Self::Fixed("the container");
        };
        let request = resources.requests.get(MEMORY);
        Self::Raised {
            from: limit.value.clone(),
            to,
            request: request.and_then(|request| Quantity::parse(request)) == Some(present),
        }
    }

    /// What is to be said of it in a title.
    fn note(&self) -> String {
        match self {
            Self::Unlimited => ", which has no memory limit".to_owned(),
            Self::Raised { from, to, .. } => format!(", and raise its memory limit from {from} to {to}"),
            Self::Fixed(_) => String::new(),
        }
    }

    /// The proposal, with what the limit becomes.
    fn make(&self, case: &Case<'_>, container: &Container, mut proposal: Proposal) -> Proposal {
        match self {
            Self::Unlimited => proposal,
            Self::Raised { to, request, .. } => {
                let Some(edits) = case.edits() else {
                    return proposal;
                };
                let set = |edits: Edits<'_>, list| {
                    let edits = edits.set_in_container(container, &["resources", list, MEMORY], to.as_str().into());
                    edits.into_list()
                };
                // In front: they do not change where the others are made.
                let mut all = set(edits.clone(), "limits");
                if *request {
                    all.extend(set(edits, "requests"));
                }
                all.append(&mut proposal.edits);
                Proposal {
                    edits: all,
                    ..proposal
                }
            }
            Self::Fixed(whose) => proposal.but(format!(
                "the memory limit, which is that of {whose}, stays: with the files in memory it may be reached"
            )),
        }
    }
}
