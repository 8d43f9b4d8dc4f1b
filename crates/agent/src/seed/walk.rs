// SPDX-License-Identifier: Apache-2.0
//! Goes through a source, entry by entry, in the order of names.

use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::rc::Rc;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, readlinkat, statat};
use rustix::io::Errno;

use super::follow::{Followed, Lost, Way, follow};
use super::halt::Halt;
use super::listing;
use super::path::EntryPath;
use super::source::{Identity, Kind, Pin, Source, is_key, moved_or_unreadable};
use crate::beneath::{self, Mounts};
use crate::exit::Failure;
use crate::log::Log;

/// How many entries the sources may have together. Each needs 1.4 KB of memory (measured), most of it for the lineage.
pub(crate) const MOST_ENTRIES: usize = 50_000;

/// How deep directories may lie in each other. Each needs a descriptor.
const MOST_LEVELS: usize = 64;

/// One entry.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A regular file, open at its beginning.
    File(OwnedFd, Stat),
    /// A symbolic link of an image's tree, with its text.
    Link(CString),
    /// A directory of an image's tree.
    Directory(Stat),
}

/// Whether to go into a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Descend {
    Yes,
    No,
}

/// What is done with each entry. What it says about a directory is heeded.
pub(crate) type Visit<'a> = dyn FnMut(&EntryPath, Entry) -> Result<Descend, Halt> + 'a;

/// A walk through one source after the other.
pub(crate) struct Walk<'a> {
    log: &'a Log,
    /// What has to lie where it lay, for the entries to be of one set.
    pins: Vec<Pin>,
    entries: usize,
}

/// Where a walk is.
struct Here<'a> {
    source: &'a Source,
    /// The directories from the source to the one that is read.
    way: Way,
    path: EntryPath,
    /// The directories that are being read, for a link to lead to none of them.
    above: Vec<Identity>,
    /// Whether kubelet wrote the directory: it lies beneath what a `..data` leads to.
    is_set: bool,
}

impl<'a> Walk<'a> {
    pub(crate) const fn new(log: &'a Log) -> Self {
        Self {
            log,
            pins: Vec::new(),
            entries: 0,
        }
    }

    /// Visits all entries of a source.
    pub(crate) fn source(&mut self, source: &Source, visit: &mut Visit<'_>) -> Result<(), Halt> {
        let opened = source.opened.try_clone().map_err(|error| {
            Failure::refused(format_args!(
                "cannot keep {} open: {error}",
                source.path.display()
            ))
        })?;
        if source.is_directory {
            let here = Here {
                source,
                way: vec![Rc::new(opened)],
                path: EntryPath::default(),
                above: Vec::new(),
                is_set: false,
            };
            return self.directory(here, visit);
        }
        let name = source.path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| is_key(name)) else {
            let why = format_args!("{} has no name that a key may have", source.path.display());
            return Err(Failure::refused(why).into());
        };
        let path = EntryPath::default().join(name);
        // A descriptor's place in the file is shared with its clones: an attempt before may have read it.
        let start = rustix::fs::seek(&opened, rustix::fs::SeekFrom::Start(0));
        let status = start.and_then(|_| fstat(&opened));
        let status = status.map_err(|errno| moved_or_unreadable(&source.path.display(), errno))?;
        visit(&path, Entry::File(opened, status))?;
        Ok(())
    }

    /// Whether everything that was read is of one set, and still there.
    pub(crate) fn check(&self, sources: &[Source]) -> Result<(), Halt> {
        self.pins.iter().try_for_each(Pin::check)?;
        sources.iter().try_for_each(Source::check)
    }

    /// Visits what the last directory of the way has.
    fn directory(&mut self, mut here: Here<'_>, visit: &mut Visit<'_>) -> Result<(), Halt> {
        let shown = here.shown(&here.path);
        let Some(opened) = here.way.last().map(Rc::clone) else {
            return Ok(());
        };
        let status = fstat(&opened).map_err(|errno| moved_or_unreadable(&shown.display(), errno))?;
        let identity = Identity::of(&status);
        if here.above.contains(&identity) {
            return Err(Failure::refused(format_args!("{} leads back to itself", shown.display())).into());
        }
        if here.above.len() == MOST_LEVELS {
            return Err(Failure::refused(format_args!(
                "{} lies below {MOST_LEVELS} other directories: name one further down",
                shown.display()
            ))
            .into());
        }
        here.above.push(identity);
        let pin = if here.is_set {
            None
        } else {
            Pin::find(&opened, &shown, here.source.kind)?
        };
        let read = match pin {
            Some(pin) => {
                let set = pin.set.try_clone().map_err(|error| {
                    Failure::refused(format_args!("cannot keep {} open: {error}", shown.display()))
                })?;
                self.pins.push(pin);
                here.is_set = true;
                let set = Rc::new(set);
                here.way.push(Rc::clone(&set));
                set
            }
            None => opened,
        };
        let names = listing::read(&read).map_err(|errno| moved_or_unreadable(&shown.display(), errno))?;
        for (name, kind) in names {
            if here.source.kind == Kind::Image || is_key(&name) {
                self.entry(&here, &read, &name, kind, visit)?;
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        here: &Here<'_>,
        directory: &OwnedFd,
        name: &str,
        kind: FileType,
        visit: &mut Visit<'_>,
    ) -> Result<(), Halt> {
        let path = here.path.join(name);
        let shown = here.shown(&path);
        let lost = |errno: Errno| moved_or_unreadable(&shown.display(), errno);
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(Failure::refused(format_args!(
                "there are more than {MOST_ENTRIES} entries up to {}: seed less, or in several runs",
                shown.display()
            ))
            .into());
        }
        // Not every file system tells the types with the names.
        let kind = match kind {
            FileType::Unknown => {
                let status = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).map_err(lost)?;
                FileType::from_raw_mode(status.st_mode)
            }
            kind => kind,
        };
        match (kind, here.source.kind) {
            (FileType::RegularFile, _) => file(here, &path, directory, name, visit),
            (FileType::Directory, of) => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY;
                let mounts = match of {
                    Kind::Keys => Mounts::Cross,
                    Kind::Image => Mounts::Stay,
                };
                let below = match beneath::open(directory, name.as_ref(), flags, Mode::empty(), mounts) {
                    Err(Errno::XDEV) => {
                        self.log
                            .warning(format_args!("{}: left out: it is a mount", shown.display()));
                        return Ok(());
                    }
                    below => below.map_err(lost)?,
                };
                if of == Kind::Image {
                    let status = fstat(&below).map_err(lost)?;
                    if visit(&path, Entry::Directory(status))? == Descend::No {
                        return Ok(());
                    }
                }
                let mut way = here.way.clone();
                way.push(Rc::new(below));
                self.directory(here.below(way, path), visit)
            }
            (FileType::Symlink, Kind::Image) => {
                let text = readlinkat(directory, name, Vec::new()).map_err(lost)?;
                visit(&path, Entry::Link(text))?;
                Ok(())
            }
            (FileType::Symlink, Kind::Keys) => self.link(here, path, name, visit),
            (other, Kind::Image) => {
                self.log.warning(format_args!(
                    "{}: left out: it is {}",
                    shown.display(),
                    listing::called(other)
                ));
                Ok(())
            }
            (other, Kind::Keys) => Err(Failure::refused(format_args!(
                "{} is {}: only regular files can be keys",
                shown.display(),
                listing::called(other)
            ))
            .into()),
        }
    }

    /// Reads through a link of a plain directory.
    fn link(
        &mut self,
        here: &Here<'_>,
        path: EntryPath,
        name: &str,
        visit: &mut Visit<'_>,
    ) -> Result<(), Halt> {
        let shown = here.shown(&path);
        let refused = |why: &str| Halt::from(Failure::refused(format_args!("{} {why}", shown.display())));
        if here.is_set {
            return Err(refused("is a symbolic link, which kubelet never writes there"));
        }
        match follow(&here.way, name) {
            Ok(Followed::Directory(way)) => self.directory(here.below(way, path), visit),
            Ok(Followed::Entry(way, last, FileType::RegularFile)) => match way.last() {
                Some(directory) => file(here, &path, directory, &last, visit),
                None => Ok(()),
            },
            Ok(Followed::Entry(_, _, other)) => Err(refused(&format!(
                "leads to {}: only regular files can be keys",
                listing::called(other)
            ))),
            Err(Lost::Outside) => Err(refused(
                "is a symbolic link that leads out of the source: name what it leads to as a source of its own",
            )),
            Err(Lost::Errno(Errno::NOENT)) => Err(refused(
                "is a symbolic link that leads to nothing: No such file or directory (ENOENT)",
            )),
            Err(Lost::Errno(errno)) => Err(moved_or_unreadable(&shown.display(), errno)),
        }
    }
}

impl<'a> Here<'a> {
    /// A directory of this one, by the way to it.
    fn below(&self, way: Way, path: EntryPath) -> Self {
        Here {
            source: self.source,
            way,
            path,
            above: self.above.clone(),
            is_set: self.is_set,
        }
    }

    /// An entry's path in the source.
    fn shown(&self, path: &EntryPath) -> PathBuf {
        if path.names().next().is_none() {
            self.source.path.clone()
        } else {
            self.source.path.join(path.as_str())
        }
    }
}

fn file(
    here: &Here<'_>,
    path: &EntryPath,
    directory: impl AsFd,
    name: &str,
    visit: &mut Visit<'_>,
) -> Result<(), Halt> {
    let shown = here.shown(path);
    let lost = |errno: Errno| moved_or_unreadable(&shown.display(), errno);
    // Should it be a FIFO by now, nobody is waited for.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = beneath::open(directory, name.as_ref(), flags, Mode::empty(), Mounts::Cross).map_err(lost)?;
    let status = fstat(&file).map_err(lost)?;
    if !FileType::from_raw_mode(status.st_mode).is_file() {
        return Err(Halt::Anew(format!("{} was replaced", shown.display())));
    }
    visit(path, Entry::File(file, status))?;
    Ok(())
}
