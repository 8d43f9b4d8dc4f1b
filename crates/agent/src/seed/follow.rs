// SPDX-License-Identifier: Apache-2.0
//! Where a symbolic link in a source leads, as long as it stays beneath the source.
//!
//! `openat2(2)` can follow links beneath a directory by itself, but older kernels and filters do not have it, and it does
//! not say which way it went. A walk needs the way: `..` in the next link goes back on it.

use std::os::fd::OwnedFd;
use std::rc::Rc;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, readlinkat, statat};
use rustix::io::Errno;

use crate::beneath::{self, Mounts};

/// As many links as the kernel follows in one path (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// The directories from the source on, each in the one before it. There is one at least.
pub(crate) type Way = Vec<Rc<OwnedFd>>;

/// What a link leads to.
#[derive(Debug)]
pub(crate) enum Followed {
    /// A directory: the last of the way.
    Directory(Way),
    /// An entry of the last directory of the way that is neither link nor directory.
    Entry(Way, String, FileType),
}

/// Why a link is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It leads out of the source.
    Outside,
    /// It leads to nothing, in circles, or to a place that cannot be read.
    Errno(Errno),
}

impl From<Errno> for Lost {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

/// Follows the link of that name in the last directory of the way.
pub(crate) fn follow(way: &[Rc<OwnedFd>], link: &str) -> Result<Followed, Lost> {
    let mut way = way.to_vec();
    let mut names = vec![link.to_owned()];
    let mut links = 0;
    while let Some(name) = names.pop() {
        match name.as_str() {
            "" | "." => continue,
            ".." => {
                way.pop();
                if way.is_empty() {
                    return Err(Lost::Outside);
                }
                continue;
            }
            _ => {}
        }
        let here = way.last().ok_or(Lost::Outside)?;
        let status = statat(here, name.as_str(), AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(status.st_mode) {
            FileType::Symlink => {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::LOOP.into());
                }
                let text = readlinkat(here, name.as_str(), Vec::new())?;
                let text = text.to_str().map_err(|_| Errno::ILSEQ)?;
                if text.starts_with('/') {
                    return Err(Lost::Outside);
                }
                names.extend(text.rsplit('/').map(str::to_owned));
            }
            FileType::Directory => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY;
                let next = beneath::open(here, name.as_ref(), flags, Mode::empty(), Mounts::Cross)?;
                way.push(Rc::new(next));
            }
            kind if names.is_empty() => return Ok(Followed::Entry(way, name, kind)),
            _ => return Err(Errno::NOTDIR.into()),
        }
    }
    Ok(Followed::Directory(way))
}
