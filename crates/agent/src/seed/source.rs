// SPDX-License-Identifier: Apache-2.0
//! Where entries come from: a volume as kubelet lays it out, a plain directory, one file, or a tree that an image ships.
//!
//! Kubelet writes a Secret's keys into a directory that is named after the time, and renames the link `..data` to it
//! (pkg/volume/util/atomic_writer.go, `Write`); then it removes the old directory. Whoever reads through the visible
//! links, key by key, may get one key of the old set and the next of the new. Here the directory that `..data` leads to
//! is opened once, and looked at again when everything was read. The descriptors stay open until then: as long as they
//! do, no other directory gets the same inode number.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};
use rustix::io::Errno;

use super::halt::{Halt, cannot};
use super::listing;
use crate::beneath::{self, Mounts};
use crate::exit::Failure;

/// The link that kubelet swaps.
const DATA: &str = "..data";

/// What kind of entries a source has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Keys: regular files, whose mode and owner are chosen by the caller.
    Keys,
    /// A tree with modes, links and empty directories of its own.
    Image,
}

/// A source, opened.
#[derive(Debug)]
pub(crate) struct Source {
    /// As it was given.
    pub(crate) path: PathBuf,
    /// What its entries are.
    pub(crate) kind: Kind,
    /// The directory or the file.
    pub(crate) opened: OwnedFd,
    /// Whether it is a directory.
    pub(crate) is_directory: bool,
    identity: Identity,
}

/// Why a source has nothing to seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// There is no such file or directory.
    Missing,
    /// There is a directory without a key.
    NoKeys,
}

impl Source {
    /// Opens a source. It is the caller's own operand: links on the way and at its end are followed, as `/var/run` is
    /// one, and a visible key is one.
    pub(crate) fn open(path: &Path, kind: Kind) -> Result<Result<Self, Nothing>, Halt> {
        let shown = path.display();
        let status = match statat(CWD, path, AtFlags::empty()) {
            Err(Errno::NOENT) => {
                // A visible key leads through `..data`, and so nowhere while the set that was just left is removed.
                return match statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(_) => Err(Halt::Anew(format!("{shown} leads nowhere"))),
                    Err(_) => Ok(Err(Nothing::Missing)),
                };
            }
            status => status.map_err(|errno| unreadable(&shown, errno))?,
        };
        let is_directory = match (FileType::from_raw_mode(status.st_mode), kind) {
            (FileType::Directory, _) => true,
            (FileType::RegularFile, Kind::Keys) => false,
            (other, _) => {
                let wanted = match kind {
                    Kind::Keys => "a directory or a regular file",
                    Kind::Image => "a directory",
                };
                let why = format_args!("{shown} is {}: name {wanted}", listing::called(other));
                return Err(Failure::refused(why).into());
            }
        };
        let flags = if is_directory {
            OFlags::DIRECTORY
        } else {
            // Should it be a FIFO by now, nobody is waited for.
            OFlags::NONBLOCK | OFlags::NOCTTY
        };
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | flags;
        let opened =
            openat(CWD, path, flags, Mode::empty()).map_err(|errno| moved_or_unreadable(&shown, errno))?;
        let opened_status = fstat(&opened).map_err(|errno| unreadable(&shown, errno))?;
        if Identity::of(&opened_status) != Identity::of(&status) {
            return Err(Halt::Anew(format!("{shown} was replaced")));
        }
        let source = Self {
            path: path.to_owned(),
            kind,
            opened,
            is_directory,
            identity: Identity::of(&status),
        };
        Ok(if source.has_entries()? {
            Ok(source)
        } else {
            Err(Nothing::NoKeys)
        })
    }

    /// Whether there is anything in it. A directory without a file in its directories counts as having something here.
    fn has_entries(&self) -> Result<bool, Halt> {
        if !self.is_directory {
            return Ok(true);
        }
        let shown = self.path.display();
        let pin = Pin::find(&self.opened, &self.path, self.kind)?;
        let set = pin.as_ref().map_or(&self.opened, |pin| &pin.set);
        let names = listing::read(set).map_err(|errno| moved_or_unreadable(&shown, errno))?;
        let found = names
            .iter()
            .any(|(name, _)| self.kind == Kind::Image || is_key(name));
        if !found {
            // A set that was left is empty, too, before it is gone.
            pin.as_ref().map_or(Ok(()), Pin::check)?;
            self.check()?;
        }
        Ok(found)
    }

    /// Whether the path still leads to what was opened.
    pub(crate) fn check(&self) -> Result<(), Halt> {
        match statat(CWD, &self.path, AtFlags::empty()) {
            Ok(status) if Identity::of(&status) == self.identity => Ok(()),
            _ => Err(Halt::Anew(format!("{} was replaced", self.path.display()))),
        }
    }
}

/// Whether a name is taken from a source of keys. Names that begin with `..` are kubelet's own; no key has one
/// (pkg/apis/core/validation, `ValidateConfigMapKey`).
pub(crate) fn is_key(name: &str) -> bool {
    !name.starts_with("..")
}

/// A directory that `..data` leads to, held while it is read.
#[derive(Debug)]
pub(crate) struct Pin {
    /// The directory with the link.
    above: OwnedFd,
    /// What the link says.
    text: Vec<u8>,
    /// The directory with the keys.
    pub(crate) set: OwnedFd,
    identity: Identity,
    /// The directory with the link, as messages tell it.
    shown: String,
}

impl Pin {
    /// Follows `..data`, if the directory has it as a link.
    pub(crate) fn find(above: &OwnedFd, shown: &Path, kind: Kind) -> Result<Option<Self>, Halt> {
        if kind == Kind::Image {
            return Ok(None);
        }
        let shown = shown.display().to_string();
        let text = match readlinkat(above, DATA, Vec::new()) {
            Ok(text) => text.into_bytes(),
            // None, or no link.
            Err(Errno::NOENT | Errno::INVAL) => return Ok(None),
            Err(errno) => return Err(moved_or_unreadable(&format_args!("{shown}/{DATA}"), errno)),
        };
        let single = |name: &&str| name.len() > 2 && name.starts_with("..") && !name.contains('/');
        let name = listing::name(&text).filter(single);
        let Some(name) = name else {
            return Err(Failure::refused(format_args!(
                "{shown}/{DATA} does not lead to a directory beside it whose name begins with `..`: this is no volume \
                 that kubelet wrote"
            ))
            .into());
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let set = beneath::open(above, name.as_ref(), flags, Mode::empty(), Mounts::Stay)
            .map_err(|errno| moved_or_unreadable(&format_args!("{shown}/{name}"), errno))?;
        let status = fstat(&set).map_err(|errno| unreadable(&shown, errno))?;
        let above = above
            .try_clone()
            .map_err(|error| Failure::refused(format_args!("cannot keep {shown} open: {error}")))?;
        Ok(Some(Self {
            above,
            text,
            set,
            identity: Identity::of(&status),
            shown,
        }))
    }

    /// Whether `..data` still leads there.
    pub(crate) fn check(&self) -> Result<(), Halt> {
        let text = readlinkat(&self.above, DATA, Vec::new());
        let status = statat(&self.above, self.text.as_slice(), AtFlags::SYMLINK_NOFOLLOW);
        match (text, status) {
            (Ok(text), Ok(status))
                if text.as_bytes() == self.text && Identity::of(&status) == self.identity =>
            {
                Ok(())
            }
            _ => Err(Halt::Anew(format!("{}/{DATA} was swapped", self.shown))),
        }
    }
}

/// Which file or directory it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of a file whose status is known.
    pub(crate) fn of(status: &Stat) -> Self {
        Self {
            device: status.st_dev,
            inode: status.st_ino,
        }
    }
}

/// What was there when it was listed may be gone because a new set came.
pub(crate) fn moved_or_unreadable(shown: &dyn std::fmt::Display, errno: Errno) -> Halt {
    match errno {
        Errno::NOENT | Errno::STALE => Halt::Anew(format!("{shown} is gone")),
        errno => unreadable(shown, errno).into(),
    }
}

/// A source that the kernel does not let read.
fn unreadable(shown: &dyn std::fmt::Display, errno: Errno) -> Failure {
    let failure = cannot("read", shown, errno);
    match errno {
        Errno::ACCESS => Failure::refused(format_args!(
            "{failure}; a Secret's file is root's: give the pod an `fsGroup`, or the volume a `defaultMode` that lets \
             others read"
        )),
        Errno::ILSEQ => Failure::refused(format_args!(
            "cannot read {shown}: a name in it is not UTF-8, and cannot be recorded; rename it"
        )),
        _ => failure,
    }
}
