// SPDX-License-Identifier: Apache-2.0
//! Opening files without ever following a link that somebody else may have laid.
//!
//! A path is resolved anew by each system call that takes it, and who may write to a directory on the way can swap a part
//! of it for a link in between. So a verb opens the directory that it was given once, with no link on the way, and goes
//! on from that descriptor by single names. `openat2(2)` with `RESOLVE_BENEATH` and `RESOLVE_NO_SYMLINKS` has the kernel
//! enforce it; where the call is missing (before Linux 5.6, or a seccomp filter that does not know it), `O_NOFOLLOW` on
//! single names says the same.

use std::ffi::OsStr;
use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags, StatxFlags, openat, openat2, statx};
use rustix::io::Errno;

use crate::errno;

/// Whether what lies on another mount may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mounts {
    /// `EXDEV` for a name on which something else is mounted, be it the same file system once more.
    Stay,
    /// Mounted things are opened like others.
    Cross,
}

/// Why an operand was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// It has `..`.
    Parent,
    /// It is empty.
    Empty,
    /// Part of it is a symbolic link, the last name included.
    Link,
    /// What the kernel said.
    Errno(Errno),
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent => f.write_str("it has `..`: name the directory itself"),
            Self::Empty => f.write_str("it is empty"),
            Self::Link => f.write_str("it goes through a symbolic link: name what the link points to"),
            Self::Errno(errno) => f.write_str(&errno::reason(*errno)),
        }
    }
}

/// Opens a name in an open directory. A symbolic link of that name is not followed: `ELOOP`, or with
/// [`OFlags::PATH`] the link itself is opened.
///
/// # Errors
/// What the kernel says; `EINVAL` for anything that is not a single name.
pub(crate) fn open(
    directory: impl AsFd,
    name: &OsStr,
    flags: OFlags,
    mode: Mode,
    mounts: Mounts,
) -> rustix::io::Result<OwnedFd> {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes == b"." || bytes == b".." || bytes.contains(&b'/') {
        return Err(Errno::INVAL);
    }
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if OPENAT2.load(Ordering::Relaxed) {
        // With `O_PATH | O_NOFOLLOW` the link itself may be opened, which `RESOLVE_NO_SYMLINKS` allows, too.
        let mut resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        if mounts == Mounts::Stay {
            resolve |= ResolveFlags::NO_XDEV;
        }
        match openat2(directory.as_fd(), name, flags, mode, resolve) {
            Err(Errno::NOSYS) => OPENAT2.store(false, Ordering::Relaxed),
            // A filter that does not know the call answers EPERM, which the call itself answers as well.
            Err(Errno::PERM) => {}
            answer => return answer,
        }
    }
    let opened = openat(directory.as_fd(), name, flags, mode)?;
    if mounts == Mounts::Stay && mount_id(&opened)? != mount_id(&directory)? {
        return Err(Errno::XDEV);
    }
    Ok(opened)
}

/// Whether the kernel has `openat2(2)`, as far as is known.
static OPENAT2: AtomicBool = AtomicBool::new(true);

/// Which mount a descriptor is on; before Linux 5.8, which file system.
pub(crate) fn mount_id(fd: impl AsFd) -> rustix::io::Result<(u64, u32, u32)> {
    let status = statx(fd, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID)?;
    Ok((status.stx_mnt_id, status.stx_dev_major, status.stx_dev_minor))
}

/// Opens what an operand names, with no symbolic link on the way and none at its end. Mounts are crossed: an operand
/// names a volume.
///
/// # Errors
/// Why it was not opened.
pub(crate) fn open_operand(path: &Path, flags: OFlags) -> Result<OwnedFd, Unopened> {
    if path.as_os_str().is_empty() {
        return Err(Unopened::Empty);
    }
    let descend = OFlags::PATH | OFlags::DIRECTORY;
    let mut names = Vec::new();
    let mut start = Path::new(".");
    for component in path.components() {
        match component {
            Component::RootDir => start = Path::new("/"),
            Component::Normal(name) => names.push(name),
            Component::CurDir | Component::Prefix(_) => {}
            Component::ParentDir => return Err(Unopened::Parent),
        }
    }
    let Some((last, way)) = names.split_last() else {
        return openat(CWD, start, flags | OFlags::CLOEXEC, Mode::empty()).map_err(Unopened::Errno);
    };
    let first = openat(CWD, start, descend | OFlags::CLOEXEC, Mode::empty()).map_err(Unopened::Errno)?;
    let directory = way
        .iter()
        .try_fold(first, |directory, name| enter(&directory, name, descend))?;
    enter(&directory, last, flags)
}

/// Opens a name of an operand; says so when it is a link.
fn enter(directory: &OwnedFd, name: &OsStr, flags: OFlags) -> Result<OwnedFd, Unopened> {
    open(directory, name, flags, Mode::empty(), Mounts::Cross).map_err(|errno| {
        // With O_DIRECTORY a link is not a directory, to `openat(2)`.
        match rustix::fs::readlinkat(directory, name, Vec::new()) {
            Ok(_) => Unopened::Link,
            Err(_) => Unopened::Errno(errno),
        }
    })
}
