// SPDX-License-Identifier: Apache-2.0
//! The directory that is seeded, and what lies in it. Everything is reached from its descriptor by single names.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, mkdirat, readlinkat, statat};
use rustix::io::Errno;

use super::content::{self, Content};
use super::decision::There;
use super::halt::{Halt, cannot, shut};
use super::listing;
use super::path::EntryPath;
use super::source::Identity;
use crate::beneath::{self, Mounts};
use crate::exit::Failure;

/// How directories are opened that are gone through.
const WAY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY);

/// The directory that is seeded.
#[derive(Debug)]
pub(crate) struct Target {
    /// As it was given.
    pub(crate) path: PathBuf,
    /// Where it lies, and its name there; `None` for a path that ends in no name, as `/` and `.` do.
    pub(crate) parent: Option<(OwnedFd, OsString)>,
    /// It, if it is there.
    pub(crate) directory: Option<OwnedFd>,
    /// Whether something is mounted on it, so that a file of its parent cannot be renamed into it.
    pub(crate) is_mount: bool,
}

impl Target {
    /// Opens the directory, if it is there, and the one that it lies in.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let operand = |path: &Path| {
            beneath::open_operand(path, WAY)
                .map_err(|why| Failure::refused(format_args!("cannot open {}: {why}", path.display())))
        };
        let Some(name) = path.file_name() else {
            return Ok(Self {
                path: path.to_owned(),
                parent: None,
                directory: Some(operand(path)?),
                is_mount: true,
            });
        };
        let above = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = operand(above.unwrap_or(Path::new(".")))?;
        let open = |mounts| beneath::open(&parent, name, WAY, Mode::empty(), mounts);
        let (opened, is_mount) = match open(Mounts::Stay) {
            Err(Errno::XDEV) => (open(Mounts::Cross), true),
            opened => (opened, false),
        };
        let directory = match opened {
            Ok(directory) => Some(directory),
            Err(Errno::NOENT) => None,
            Err(errno) => return Err(no_way(&parent, name, &path.display(), errno)),
        };
        Ok(Self {
            path: path.to_owned(),
            parent: Some((parent, name.to_owned())),
            directory,
            is_mount,
        })
    }

    /// An entry's path, as messages tell it.
    pub(crate) fn shown(&self, path: &EntryPath) -> PathBuf {
        if path.parent().is_none() {
            self.path.clone()
        } else {
            self.path.join(path.as_str())
        }
    }

    /// Whether that is the directory itself.
    pub(crate) fn is(&self, status: &Stat) -> bool {
        let own = self.directory.as_ref().map(rustix::fs::fstat);
        own.is_some_and(|own| own.is_ok_and(|own| Identity::of(&own) == Identity::of(status)))
    }
}

/// Says what is in the way where a directory is wanted.
fn no_way(above: &OwnedFd, name: &OsStr, shown: &dyn std::fmt::Display, errno: Errno) -> Failure {
    let kind = statat(above, name, AtFlags::SYMLINK_NOFOLLOW);
    match kind.map(|status| FileType::from_raw_mode(status.st_mode)) {
        Ok(kind) if !kind.is_dir() && matches!(errno, Errno::NOTDIR | Errno::LOOP) => {
            Failure::refused(format_args!(
                "{shown} is {}, where a directory has to be: nothing is written through it",
                listing::called(kind)
            ))
        }
        _ => shut("open", shown, errno),
    }
}

/// The directories below the one that is seeded, kept open as long as what is visited lies in them.
#[derive(Debug)]
pub(crate) struct Directories<'t> {
    target: &'t Target,
    root: &'t OwnedFd,
    /// From the root on, by name.
    open: Vec<(String, OwnedFd)>,
}

impl<'t> Directories<'t> {
    /// Of this directory, which is the target's.
    pub(crate) const fn new(target: &'t Target, root: &'t OwnedFd) -> Self {
        Self {
            target,
            root,
            open: Vec::new(),
        }
    }

    /// The directory of that path, if it is there.
    pub(crate) fn find(&mut self, path: &EntryPath) -> Result<Option<&OwnedFd>, Halt> {
        self.reach(path, false)
    }

    /// The directory of that path. What is missing is made, for the caller alone.
    pub(crate) fn make(&mut self, path: &EntryPath) -> Result<&OwnedFd, Halt> {
        self.reach(path, true)?
            .ok_or_else(|| Halt::Anew(format!("{path} was removed")))
    }

    fn reach(&mut self, path: &EntryPath, make: bool) -> Result<Option<&OwnedFd>, Halt> {
        let common = self
            .open
            .iter()
            .zip(path.names())
            .take_while(|((open, _), name)| open == name);
        let common = common.count();
        self.open.truncate(common);
        let mut reached = EntryPath::default();
        for (at, name) in path.names().enumerate() {
            reached = reached.join(name);
            if at < common {
                continue;
            }
            let above = self.open.last().map_or(self.root, |(_, last)| last);
            let shown = self.target.shown(&reached);
            if make {
                match mkdirat(above, name, Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(cannot("make", shown.display(), errno).into()),
                }
            }
            match beneath::open(above, name.as_ref(), WAY, Mode::empty(), Mounts::Stay) {
                Ok(directory) => self.open.push((name.to_owned(), directory)),
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::XDEV) => {
                    return Err(Failure::refused(format_args!(
                        "{} is a mount of its own: seed it by itself",
                        shown.display()
                    ))
                    .into());
                }
                Err(errno) => return Err(no_way(above, name.as_ref(), &shown.display(), errno).into()),
            }
        }
        Ok(Some(self.open.last().map_or(self.root, |(_, last)| last)))
    }
}

/// What lies at an entry's path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// What it holds.
    pub(crate) there: There,
    /// Its status, unless it is missing.
    pub(crate) status: Option<Stat>,
}

impl Seen {
    /// Nothing.
    pub(crate) const MISSING: Self = Self {
        there: There::Missing,
        status: None,
    };

    /// Looks at a name in a directory, and reads what it holds. Nothing is opened but a regular file.
    pub(crate) fn look(
        directory: &OwnedFd,
        name: &str,
        shown: &dyn std::fmt::Display,
        buffer: &mut [u8],
    ) -> Result<Self, Halt> {
        let unreadable = |errno: Errno| match errno {
            Errno::NOENT | Errno::LOOP => Halt::Anew(format!("{shown} was replaced")),
            errno => shut("read", shown, errno).into(),
        };
        let status = match statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(Self::MISSING),
            status => status.map_err(|errno| shut("look at", shown, errno))?,
        };
        let there = match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile => {
                // Should it be a FIFO by now, nobody is waited for.
                let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
                let file = beneath::open(directory, name.as_ref(), flags, Mode::empty(), Mounts::Cross)
                    .map_err(unreadable)?;
                let opened = rustix::fs::fstat(&file).map_err(unreadable)?;
                if Stamp::of(&opened) != Stamp::of(&status) {
                    return Err(Halt::Anew(format!("{shown} was changed")));
                }
                There::Is(
                    content::read(&file, buffer, |_| Ok(()))
                        .map_err(unreadable)?
                        .content,
                )
            }
            FileType::Symlink => {
                let text = readlinkat(directory, name, Vec::new()).map_err(unreadable)?;
                There::Is(Content::of_link(text.as_bytes()))
            }
            other => There::Other(listing::called(other)),
        };
        Ok(Self {
            there,
            status: Some(status),
        })
    }

    /// What is remembered of it until it is replaced.
    pub(crate) fn before(&self) -> Before {
        Before(self.status.as_ref().map(Stamp::of))
    }
}

/// What lay at an entry's path when it was decided what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Before(Option<Stamp>);

impl Before {
    /// Whether nothing lay there.
    pub(crate) const fn is_missing(&self) -> bool {
        self.0.is_none()
    }

    /// Whether an open file is what was seen, unchanged.
    pub(crate) fn is(&self, status: &Stat) -> bool {
        self.0 == Some(Stamp::of(status))
    }

    /// Whether the same lies there still, unchanged.
    pub(crate) fn still(&self, directory: impl AsFd, name: &str) -> bool {
        match (&self.0, statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)) {
            (None, Err(Errno::NOENT)) => true,
            (Some(before), Ok(now)) => *before == Stamp::of(&now),
            _ => false,
        }
    }
}

/// What tells a file that was changed, or replaced, from the one that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    size: i64,
    modified: (i64, u64),
    changed: (i64, u64),
}

impl Stamp {
    fn of(status: &Stat) -> Self {
        Self {
            identity: Identity::of(status),
            size: status.st_size,
            modified: (status.st_mtime, status.st_mtime_nsec),
            changed: (status.st_ctime, status.st_ctime_nsec),
        }
    }
}
