// SPDX-License-Identifier: Apache-2.0
//! What kubelet does to a volume for the pod's fsGroup (pkg/volume/volume_linux.go, ChangePermissions).

use crate::value::{Reason, SETGID, Value};
use crate::world::{InodeId, Kind, World};

/// When the whole tree is visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangePolicy {
    /// At each setup.
    Always,
    /// Not if the root directory has the group, setgid and `rwx` for owner and group already.
    OnRootMismatch,
}

/// The bits that are added: for a volume that kubelet mounted read-write or read-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mask {
    ReadWrite,
    ReadOnly,
}

impl Mask {
    fn file(self) -> u16 {
        match self {
            Self::ReadWrite => 0o660,
            Self::ReadOnly => 0o440,
        }
    }

    fn directory(self) -> u16 {
        self.file() | SETGID | 0o110
    }
}

/// Gives a volume to a group. Bits are only added; links are not followed.
pub(crate) fn apply(world: &mut World, root: InodeId, gid: u32, mask: Mask, policy: ChangePolicy) {
    if policy == ChangePolicy::OnRootMismatch && root_matches(world, root, gid, mask) {
        world.get_mut(root).history.push(
            format!("fsGroupChangePolicy OnRootMismatch: the root already is {gid}'s with setgid, so kubelet changes nothing")
                .into(),
        );
        return;
    }
    change(world, root, gid, mask);
    let inode = world.get_mut(root);
    let note: Reason = format!(
        "kubelet applies fsGroup {gid}: {} {}:{}",
        inode.mode, inode.uid, inode.gid
    )
    .into();
    inode.history.push(note);
}

fn root_matches(world: &World, root: InodeId, gid: u32, mask: Mask) -> bool {
    let inode = world.get(root);
    let demanded = match mask {
        Mask::ReadWrite => SETGID | 0o770,
        Mask::ReadOnly => SETGID | 0o550,
    };
    inode.is_directory() && inode.gid == Value::Known(gid) && inode.mode.has(demanded) == Some(true)
}

fn change(world: &mut World, root: InodeId, gid: u32, mask: Mask) {
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        pending.extend(world.entries(id).into_iter().map(|(_, child)| child));
        let inode = world.get_mut(id);
        inode.gid = Value::Known(gid);
        match inode.kind {
            Kind::Link(_) => {}
            Kind::Directory(_) => inode.mode = inode.mode.with(mask.directory()),
            Kind::File | Kind::Other => inode.mode = inode.mode.with(mask.file()),
        }
    }
}
