// SPDX-License-Identifier: Apache-2.0
//! Whose the entries are, and who may read them.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Gid, Mode, Stat, Uid, chownat, fchmod, fchown};
use rustix::io::Errno;

use crate::owner::Owner;

/// Modes and owner that were asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    /// Of keys.
    pub(crate) mode: Mode,
    /// Of directories that are made for keys.
    pub(crate) directory_mode: Mode,
    /// Of everything; whoever makes it, if none was asked for.
    pub(crate) owner: Option<Owner>,
}

impl Access {
    /// Whether an entry has this mode and the owner. `maker` owns what is made there without more ado: the caller, or
    /// whom a file system makes of it (NFS with `root_squash`).
    pub(crate) fn holds(&self, status: &Stat, mode: Mode, maker: u32) -> bool {
        let owned = match self.owner {
            Some(owner) => (owner.uid, owner.gid) == (status.st_uid, status.st_gid),
            None => status.st_uid == maker,
        };
        owned && Mode::from_raw_mode(status.st_mode) == mode
    }

    /// Gives what the caller just made this mode, then the owner: the right to change the mode goes with the ownership.
    pub(crate) fn give(&self, file: impl AsFd, mode: Mode) -> Result<(), (&'static str, Errno)> {
        let owner = self.owner.map(|owner| (owner.user(), Some(owner.group())));
        give(file, mode, owner)
    }

    /// Gives what is there already this mode and the owner, which is `maker` if none was asked for.
    pub(crate) fn restore(
        &self,
        file: impl AsFd,
        mode: Mode,
        maker: u32,
    ) -> Result<(), (&'static str, Errno)> {
        let owner = self.owner.map(|owner| (owner.user(), Some(owner.group())));
        give(file, mode, owner.or(Some((Uid::from_raw(maker), None))))
    }

    /// Gives a symbolic link the owner. It has no mode.
    pub(crate) fn give_link(&self, directory: &OwnedFd, name: &str) -> Result<(), (&'static str, Errno)> {
        match self.owner {
            Some(owner) => chownat(
                directory,
                name,
                Some(owner.user()),
                Some(owner.group()),
                AtFlags::SYMLINK_NOFOLLOW,
            )
            .map_err(|errno| ("change the owner of", errno)),
            None => Ok(()),
        }
    }
}

fn give(file: impl AsFd, mode: Mode, owner: Option<(Uid, Option<Gid>)>) -> Result<(), (&'static str, Errno)> {
    fchmod(file.as_fd(), mode).map_err(|errno| ("change the mode of", errno))?;
    match owner {
        Some((user, group)) => {
            fchown(file, Some(user), group).map_err(|errno| ("change the owner of", errno))
        }
        None => Ok(()),
    }
}

/// Which capability was missing.
pub(crate) fn missing(what: &str, errno: Errno) -> &'static str {
    match (errno, what) {
        (Errno::PERM, "change the owner of") => {
            "; giving files to others needs CAP_CHOWN: add it, or run as that user"
        }
        (Errno::PERM, _) => "; changing others' files needs CAP_FOWNER: add it, or run as their owner",
        _ => "",
    }
}
