// SPDX-License-Identifier: Apache-2.0
//! The way to a path that an image is known to write to, where no fact describes the image.
//!
//! Its software writes there as a user that is known, too, so that every directory above that is in the image lets that
//! user through. One that is not in the image is made by the runtime where something is mounted below it, 0755, before
//! the root file system becomes read-only (runc, libcontainer/rootfs_linux.go, createMountpoint; containerd,
//! container_create.go, WithNewSnapshot). Either way a volume there can be reached, and only that is supposed here: not
//! what the directories hold, and nothing for other users.

use std::borrow::Cow;
use std::collections::btree_map::Entry;

use writeway_access::user_ids;
use writeway_check::Need;
use writeway_facts::knowledge::{Confidence, Knowledge, lookup};
use writeway_facts::{Facts, PathFact, Permissions};
use writeway_manifest::{Container, Which, Workload};

/// The facts, with what they lack of the way to what is needed.
pub(crate) fn with_known_way<'f>(facts: &'f Facts, workload: &Workload, need: &Need) -> Cow<'f, Facts> {
    let mut containers = workload.pod.containers(Which::Regular);
    let container = containers.find(|container| *container.name == need.container);
    let image = container.and_then(|container| container.image.as_ref());
    let (Some(container), Some(image)) = (container, image) else {
        return Cow::Borrowed(facts);
    };
    let described = facts.image(image);
    if described.is_some_and(|image| image.complete) || !writes_there(facts, workload, container, need) {
        return Cow::Borrowed(facts);
    }
    let mut described = described.cloned().unwrap_or_default();
    for directory in above(&need.path) {
        if let Entry::Vacant(entry) = described.paths.entry(directory.to_owned()) {
            entry.insert(PathFact {
                mode: Some(Permissions(0o755)),
                ..PathFact::default()
            });
        }
    }
    let mut facts = facts.clone();
    facts.images.insert(image.value.clone(), described);
    Cow::Owned(facts)
}

/// Whether the container runs as the user as which its image is known to write there.
fn writes_there(facts: &Facts, workload: &Workload, container: &Container, need: &Need) -> bool {
    let image = container.image.as_ref().map_or("", |image| image.as_str());
    let Knowledge::Known(writes) = lookup(image) else {
        return false;
    };
    let mut writes = writes
        .into_iter()
        .filter(|write| write.path == Some(need.path.as_str()) && write.confidence != Confidence::Low)
        .peekable();
    if writes.peek().is_none() {
        return false;
    }
    let pod = &workload.pod;
    let set = container.security.run_as_user.or(pod.security.run_as_user);
    match user_ids(facts, pod, container).uid {
        // It starts as the image has it, and nobody says as whom that is.
        Err(_) => set.is_none(),
        Ok(uid) => writes.any(|write| uid == write.uid()),
    }
}

/// The directories above a path, the root included.
fn above(path: &str) -> impl Iterator<Item = &str> {
    let slashes = path.match_indices('/').map(|(index, _)| index);
    slashes.map(|index| if index == 0 { "/" } else { &path[..index] })
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn the_way_to_a_path_begins_at_the_root() {
        let way = |path| above(path).collect::<Vec<_>>();
        assert_eq!(way("/usr/share/é"), ["/", "/usr", "/usr/share"]);
        assert_eq!(way("/"), ["/"]);
    }
}
