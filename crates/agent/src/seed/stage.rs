// SPDX-License-Identifier: Apache-2.0
//! Stages entries: files of the workplace that are complete, with mode and owner, and lack nothing but their names.

use std::ffi::CStr;
use std::fmt::Display;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, SeekFrom, seek};
use rustix::io::Errno;

use super::access::{Access, missing};
use super::content::{self, CHUNK, Content, Read};
use super::halt::{Halt, cannot};
use super::path::EntryPath;
use super::source::moved_or_unreadable;
use super::target::Target;
use super::workplace::{self, Workplace};
use crate::exit::Failure;

/// Where entries are staged.
pub(crate) struct Stage<'a> {
    pub(crate) workplace: &'a mut Workplace,
    target: &'a Target,
    access: Access,
    /// What a file is read into, whoever reads it.
    pub(crate) buffer: Vec<u8>,
}

/// A file of a source.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// It, open.
    pub(crate) file: &'a OwnedFd,
    /// Its path in the source, as messages tell it.
    pub(crate) shown: &'a dyn Display,
    /// The entry's path.
    pub(crate) path: &'a EntryPath,
    /// The mode that the entry gets.
    pub(crate) mode: Mode,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(workplace: &'a mut Workplace, target: &'a Target, access: Access) -> Self {
        Self {
            workplace,
            target,
            access,
            buffer: vec![0; CHUNK],
        }
    }

    /// Reads a file to its end.
    pub(crate) fn read(&mut self, origin: Origin<'_>) -> Result<Read, Halt> {
        content::read(origin.file, &mut self.buffer, |_| Ok(()))
            .map_err(|errno: Errno| moved_or_unreadable(&origin.shown, errno))
    }

    /// Stages what was read last: from the buffer if all of it is there, else from the file once more.
    pub(crate) fn write(&mut self, origin: Origin<'_>, read: &Read) -> Result<String, Halt> {
        let Some(length) = read.whole else {
            seek(origin.file, SeekFrom::Start(0))
                .map_err(|errno| moved_or_unreadable(&origin.shown, errno))?;
            let (name, copied) = self.copy(origin)?;
            return if copied == read.content {
                Ok(name)
            } else {
                Err(Halt::Anew(format!("{} changed while it was read", origin.shown)))
            };
        };
        let (staged, name) = self.workplace.stage()?;
        let bytes = self.buffer.get(..length).unwrap_or_default();
        workplace::write_all(&staged, bytes).map_err(|errno| self.unwritable(origin.path, errno))?;
        self.give(origin, &staged)?;
        Ok(name)
    }

    /// Stages a file while it is read.
    pub(crate) fn copy(&mut self, origin: Origin<'_>) -> Result<(String, Content), Halt> {
        enum Broken {
            Reading(Errno),
            Writing(Errno),
        }
        impl From<Errno> for Broken {
            fn from(errno: Errno) -> Self {
                Self::Reading(errno)
            }
        }
        let (staged, name) = self.workplace.stage()?;
        let write = |piece: &[u8]| workplace::write_all(&staged, piece).map_err(Broken::Writing);
        let copied = content::read(origin.file, &mut self.buffer, write).map_err(|broken| match broken {
            Broken::Reading(errno) => moved_or_unreadable(&origin.shown, errno),
            Broken::Writing(errno) => self.unwritable(origin.path, errno).into(),
        })?;
        self.give(origin, &staged)?;
        Ok((name, copied.content))
    }

    /// Stages a symbolic link.
    pub(crate) fn link(&mut self, text: &CStr, path: &EntryPath) -> Result<String, Halt> {
        let name = self.workplace.stage_link(text)?;
        let given = self.access.give_link(self.workplace.directory(), &name);
        given.map_err(|(what, errno)| self.not_given(path, what, errno))?;
        Ok(name)
    }

    fn give(&self, origin: Origin<'_>, staged: &OwnedFd) -> Result<(), Failure> {
        let given = self.access.give(staged, origin.mode);
        given.map_err(|(what, errno)| self.not_given(origin.path, what, errno))
    }

    fn not_given(&self, path: &EntryPath, what: &str, errno: Errno) -> Failure {
        let failure = cannot(what, self.target.shown(path).display(), errno);
        Failure::refused(format_args!("{failure}{}", missing(what, errno)))
    }

    fn unwritable(&self, path: &EntryPath, errno: Errno) -> Failure {
        cannot("write", self.target.shown(path).display(), errno)
    }
}
