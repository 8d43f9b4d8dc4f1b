// SPDX-License-Identifier: Apache-2.0
//! What `statx(2)` says of an entry, as far as it matters here.

use std::ffi::CStr;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, FileType, Statx, StatxAttributes, StatxFlags, statx};

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    device: (u32, u32),
    inode: u64,
}

/// One look at an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Status {
    /// Which file it is.
    pub(super) identity: Identity,
    /// Which mount it is on. 0 before Linux 5.8, where the device alone tells file systems apart.
    pub(super) mount: u64,
    /// What it is.
    pub(super) kind: FileType,
    /// Its user ID.
    pub(super) uid: u32,
    /// Its group ID.
    pub(super) gid: u32,
    /// Its twelve mode bits.
    pub(super) mode: u16,
    /// How many names it has on its file system.
    pub(super) links: u32,
    /// Whether `chattr +i` or `+a` forbids any change of owner and mode.
    pub(super) sealed: bool,
}

impl Status {
    /// Of what an open descriptor stands for, be it opened with `O_PATH`.
    pub(super) fn of(descriptor: impl AsFd) -> rustix::io::Result<Self> {
        statx(descriptor, c"", AtFlags::EMPTY_PATH, WANTED).map(Self::read)
    }

    /// Of a name in a directory. A link is not followed, and nothing is mounted by the look.
    pub(super) fn of_name(directory: impl AsFd, name: &CStr) -> rustix::io::Result<Self> {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
        statx(directory, name, flags, WANTED).map(Self::read)
    }

    fn read(found: Statx) -> Self {
        Self {
            identity: Identity {
                device: (found.stx_dev_major, found.stx_dev_minor),
                inode: found.stx_ino,
            },
            mount: found.stx_mnt_id,
            kind: FileType::from_raw_mode(found.stx_mode.into()),
            uid: found.stx_uid,
            gid: found.stx_gid,
            mode: found.stx_mode & 0o7777,
            links: found.stx_nlink,
            sealed: found
                .stx_attributes
                .intersects(StatxAttributes::IMMUTABLE | StatxAttributes::APPEND),
        }
    }

    /// Whether both are on one mount.
    pub(super) fn same_mount(&self, other: &Self) -> bool {
        (self.mount, self.identity.device) == (other.mount, other.identity.device)
    }

    /// Whether nobody but root and `uid` can give this directory's names to other files: an ACL that lets others write
    /// shows in the mode's group bits (`acl(5)`, the mask).
    pub(super) fn names_kept_by(&self, uid: u32) -> bool {
        (self.uid == uid || self.uid == 0) && self.mode & 0o022 == 0
    }
}

const WANTED: StatxFlags = StatxFlags::TYPE
    .union(StatxFlags::MODE)
    .union(StatxFlags::NLINK)
    .union(StatxFlags::UID)
    .union(StatxFlags::GID)
    .union(StatxFlags::INO)
    .union(StatxFlags::MNT_ID);
