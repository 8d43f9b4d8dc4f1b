// SPDX-License-Identifier: Apache-2.0
//! What a path leads to: opened once, links followed, as a program opens it. From here on only single names are used.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat, StatVfsMountFlags, fstat, fstatvfs, openat};
use rustix::io::Errno;

use crate::beneath;

use super::mounts::{Mount, Mounts};

/// File systems whose entries the kernel makes up (`filesystems(5)`, and the kernel's Documentation/filesystems).
const KERNELS: &[&str] = &[
    "proc",
    "sysfs",
    "devpts",
    "cgroup",
    "cgroup2",
    "debugfs",
    "tracefs",
    "securityfs",
    "configfs",
    "bpf",
    "pstore",
    "efivarfs",
    "fusectl",
    "binfmt_misc",
];

/// Something that exists.
#[derive(Debug)]
pub(super) struct Place<'a> {
    /// As it was named.
    pub(super) path: String,
    /// `O_PATH`: nothing of what it is has been asked for yet.
    pub(super) fd: OwnedFd,
    pub(super) status: Stat,
    /// Flags of the mount and its file system.
    flags: Option<StatVfsMountFlags>,
    /// Which mount it is on, where the kernel tells.
    pub(super) mount: Option<&'a Mount>,
}

impl<'a> Place<'a> {
    /// Looks a path up.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn open(path: &Path, mounts: &'a Mounts) -> rustix::io::Result<Self> {
        let fd = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let status = fstat(&fd)?;
        let mount_id = beneath::mount_id(&fd)
            .ok()
            .map(|(id, ..)| id)
            .filter(|id| *id != 0);
        Ok(Self {
            path: path.to_string_lossy().into_owned(),
            flags: fstatvfs(&fd).ok().map(|status| status.f_flag),
            mount: mount_id.and_then(|id| mounts.get(id)),
            status,
            fd,
        })
    }

    pub(super) fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.status.st_mode)
    }

    pub(super) fn is_directory(&self) -> bool {
        self.kind().is_dir()
    }

    /// Mode bits, special bits included.
    pub(super) fn mode(&self) -> u32 {
        self.status.st_mode & 0o7777
    }

    /// Whether the mount or its file system is read-only, when the kernel tells.
    pub(super) fn is_read_only(&self) -> Option<bool> {
        Some(self.flags?.contains(StatVfsMountFlags::RDONLY))
    }

    pub(super) fn is_no_exec(&self) -> Option<bool> {
        Some(self.flags?.contains(StatVfsMountFlags::NOEXEC))
    }

    /// Whether it is on a file system whose entries the kernel makes up: to open one of them may do something.
    pub(super) fn is_kernels(&self) -> bool {
        self.mount
            .is_some_and(|mount| KERNELS.contains(&mount.file_system.as_str()))
    }

    /// Whether it is the same file as one that was looked at before.
    pub(super) fn is_same(&self, other: &Stat) -> bool {
        (self.status.st_dev, self.status.st_ino) == (other.st_dev, other.st_ino)
    }
}

/// What `exists` says of a path that could not be opened: `no`, but for one that may not even be looked up.
pub(super) fn exists_after(errno: Errno) -> &'static str {
    match errno {
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG => "no",
        _ => "unknown",
    }
}

/// The path from the root, without looking at what is there; a slash at its end is dropped, as the map does.
pub(super) fn absolute(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.components().collect()
}
