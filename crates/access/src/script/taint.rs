// SPDX-License-Identifier: Apache-2.0
//! A program that is not known: whatever its process may change is no longer known, and nothing else.

use std::collections::BTreeSet;

use super::interpreter::Shell;
use crate::dac::{self, Want};
use crate::process::Process;
use crate::value::{Mode, Reason, Value};
use crate::world::{Entry, InodeId, Kind, Reach, World};
use crate::{Capability, Tri};

impl Shell<'_> {
    /// Marks what a program may have changed on the volumes of the container. Its own root file system ends with it.
    pub(super) fn taint(&mut self, reason: &Reason) {
        let roots: Vec<InodeId> = self
            .mounts
            .iter()
            .filter(|mount| mount.volume.is_some() && !mount.read_only)
            .map(|mount| mount.root)
            .collect();
        taint_trees(&mut self.state.world, self.process, roots, reason);
    }
}

/// A tree may be deeper than a stack.
fn taint_trees(world: &mut World, process: &Process, roots: Vec<InodeId>, reason: &Reason) {
    let mut seen = BTreeSet::new();
    let mut pending = roots;
    while let Some(id) = pending.pop() {
        if seen.insert(id) {
            pending.extend(taint(world, process, id, reason));
        }
    }
}

/// Marks one file; answers what the program can reach through it.
fn taint(world: &mut World, process: &Process, id: InodeId, reason: &Reason) -> Vec<InodeId> {
    let inode = world.get(id);
    let owns = dac::owns(process, inode) != Tri::No;
    let enters = owns || dac::permits(process, inode, Want::Execute).answer != Tri::No;
    let writes = owns || (enters && dac::permits(process, inode, Want::Write).answer != Tri::No);
    let reached = if inode.is_directory() && enters {
        world.entries(id).into_iter().map(|(_, child)| child).collect()
    } else {
        Vec::new()
    };
    let inode = world.get_mut(id);
    if let (Kind::Directory(listing), true) = (&mut inode.kind, writes) {
        listing.unlisted = Some(reason.clone());
        for entry in listing.entries.values_mut() {
            match entry {
                Entry::Present(child) => *entry = Entry::Maybe(*child, reason.clone()),
                Entry::Maybe(..) => {}
                Entry::Absent => {}
            }
        }
        listing.entries.retain(|_, entry| *entry != Entry::Absent);
    }
    let chowns = process.has(Capability::CHOWN) != Tri::No && inode.reach != Reach::Unmapped;
    if chowns {
        inode.uid = Value::Unknown(reason.clone());
    }
    if chowns || owns {
        inode.gid = Value::Unknown(reason.clone());
        inode.mode = Mode::unknown(reason.clone());
    }
    reached
}
