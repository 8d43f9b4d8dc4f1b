// SPDX-License-Identifier: Apache-2.0
//! What is in a directory already: its first regular file, and what a killed probe left.

use std::collections::BinaryHeap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat, openat2, readlinkat, statat,
};
use rustix::io::Errno;

use super::own_names;

/// How many names are kept, the first ones: a Secret's `..data` and folders are no files, and come last.
const KEPT: usize = 64;

/// How many entries are read: a bound in time for a directory of millions.
const READ: usize = 200_000;

/// A regular file, found by its name in a directory.
#[derive(Debug)]
pub(super) struct Existing {
    pub(super) name: OsString,
    /// The entry itself: the file, or the link to it.
    pub(super) entry: Stat,
    /// The file.
    pub(super) file: Stat,
}

impl Existing {
    /// Whether the entry is a link to the file.
    pub(super) fn is_link(&self) -> bool {
        FileType::from_raw_mode(self.entry.st_mode).is_symlink()
    }

    /// Opens the file for writing as `>>` does, without `O_CREAT`: should it be gone by now, none is made. A file that
    /// took its place is not taken for it.
    ///
    /// # Errors
    /// What the kernel says; `ESTALE` when another file is there by now.
    pub(super) fn open_for_writing(&self, directory: &OwnedFd) -> rustix::io::Result<()> {
        // A FIFO or device that took its place neither blocks nor becomes the terminal.
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = if self.is_link() {
            open_through(directory, &self.name, flags)?
        } else {
            let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            openat(directory, &self.name, flags, Mode::empty())?
        };
        let opened = fstat(&file)?;
        let is_it = (opened.st_dev, opened.st_ino) == (self.file.st_dev, self.file.st_ino);
        is_it.then_some(()).ok_or(Errno::STALE)
    }
}

/// What was found in a directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The first regular file by name, hidden ones of kubelet's (`..data`) last, links followed within the directory. The
    /// write map takes the same.
    pub(super) first: Option<Existing>,
    /// Names that a probe made, this one's excepted, which has made none yet.
    pub(super) stale: Vec<OsString>,
}

impl Listing {
    /// Lists a directory.
    ///
    /// # Errors
    /// What the kernel says, when the directory cannot be read.
    pub(super) fn of(directory: &OwnedFd) -> rustix::io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut entries = Dir::new(openat(directory, ".", flags, Mode::empty())?)?;
        let mut first: BinaryHeap<(bool, OsString)> = BinaryHeap::new();
        let mut stale = BinaryHeap::new();
        for entry in entries.by_ref().take(READ) {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            let may_be_file = matches!(
                entry.file_type(),
                FileType::RegularFile | FileType::Symlink | FileType::Unknown
            );
            if own_names::is_own(name) {
                keep(&mut stale, name.to_owned());
            } else if may_be_file {
                keep(&mut first, (name.as_bytes().starts_with(b".."), name.to_owned()));
            }
        }
        let names = first.into_sorted_vec().into_iter().map(|(_, name)| name);
        Ok(Self {
            first: names.filter_map(|name| regular(directory, name)).next(),
            stale: stale.into_sorted_vec(),
        })
    }
}

/// Keeps the [`KEPT`] first of all.
fn keep<T: Ord>(heap: &mut BinaryHeap<T>, item: T) {
    heap.push(item);
    if heap.len() > KEPT {
        heap.pop();
    }
}

/// The entry of a path that is itself a regular file, in the directory above it.
pub(super) fn regular(directory: &OwnedFd, name: OsString) -> Option<Existing> {
    let entry = statat(directory, name.as_os_str(), AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let file = match FileType::from_raw_mode(entry.st_mode) {
        FileType::RegularFile => entry,
        FileType::Symlink => {
            let file = fstat(open_through(directory, &name, OFlags::PATH).ok()?).ok()?;
            FileType::from_raw_mode(file.st_mode).is_file().then_some(file)?
        }
        _ => return None,
    };
    Some(Existing { name, entry, file })
}

/// Opens what a link in a directory leads to, when that lies within the directory.
fn open_through(directory: &OwnedFd, name: &OsStr, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC;
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    match openat2(directory, name, flags, Mode::empty(), within) {
        // A seccomp filter that does not know the call answers EPERM.
        Err(Errno::NOSYS | Errno::PERM) => {
            let target = readlinkat(directory, name, Vec::new())?.into_bytes();
            let target = OsString::from_vec(target);
            let leads_out = target.as_bytes().starts_with(b"/")
                || target
                    .as_bytes()
                    .split(|byte| *byte == b'/')
                    .any(|name| name == b"..");
            if leads_out {
                return Err(Errno::XDEV);
            }
            openat(directory, &target, flags, Mode::empty())
        }
        opened => opened,
    }
}
