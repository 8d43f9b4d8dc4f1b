// SPDX-License-Identifier: Apache-2.0
//! The names that one `getdents64(2)` answered, so that part of them can be given to another thread.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

use rustix::fs::{FileType, RawDir};

/// Room for some thousand names of usual length, as glibc's `readdir(3)` takes it.
pub(super) const BUFFER: usize = 32 * 1024;

/// What comes before a name: the kind and the position after it.
const HEAD: usize = 1 + 8;

/// Names of one directory, in its order.
#[derive(Debug)]
pub(super) struct Names {
    /// One after the other: kind, position, name, a zero byte.
    bytes: Vec<u8>,
    at: usize,
}

/// A name of a directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// The name.
    pub(super) name: &'a CStr,
    /// What it is, as far as the directory says so.
    pub(super) kind: Kind,
    /// Where in the directory the names after it begin. It holds for a directory that is opened anew, too: an NFS server
    /// lives on the same property of its file system.
    pub(super) after: u64,
}

/// What a directory says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A directory.
    Directory,
    /// Something else.
    Other,
    /// Not every file system says it.
    Unknown,
}

impl Names {
    /// None.
    pub(super) const EMPTY: Self = Self {
        bytes: Vec::new(),
        at: 0,
    };

    /// Reads on in an open directory; no names are its end.
    pub(super) fn read(directory: impl AsFd, buffer: &mut [MaybeUninit<u8>]) -> rustix::io::Result<Self> {
        let mut bytes = Vec::new();
        let mut entries = RawDir::new(directory, buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if name != c"." && name != c".." {
                bytes.push(match entry.file_type() {
                    FileType::Directory => 0,
                    FileType::Unknown => 1,
                    _ => 2,
                });
                bytes.extend(entry.next_entry_cookie().to_le_bytes());
                bytes.extend(name.to_bytes_with_nul());
            }
            // Another call for more, unless these were only the directory itself and its parent.
            if entries.is_buffer_empty() && !bytes.is_empty() {
                break;
            }
        }
        Ok(Self { bytes, at: 0 })
    }

    /// Whether none is left.
    pub(super) fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// How many bytes those take that are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// The next name.
    pub(super) fn next(&mut self) -> Option<Entry<'_>> {
        let (entry, length) = entry(self.bytes.get(self.at..)?)?;
        self.at += length;
        Some(entry)
    }

    /// Gives away the first half of what is left, if it has so many bytes. The latter half stays, so that the position
    /// after the last name that was taken is still where the rest begins.
    pub(super) fn split(&mut self, least: usize) -> Option<Self> {
        let left = self.bytes.get(self.at..)?;
        if left.len() < least {
            return None;
        }
        let mut half = 0;
        while half < left.len() / 2 {
            half += entry(left.get(half..)?)?.1;
        }
        let given = left.get(..half)?.to_vec();
        self.at += half;
        Some(Self { bytes: given, at: 0 })
    }
}

/// The first name of these bytes, and how many of them it takes.
fn entry(bytes: &[u8]) -> Option<(Entry<'_>, usize)> {
    let (kind, rest) = bytes.split_first()?;
    let (after, rest) = rest.split_first_chunk()?;
    let name = CStr::from_bytes_until_nul(rest).ok()?;
    let kind = match kind {
        0 => Kind::Directory,
        1 => Kind::Unknown,
        _ => Kind::Other,
    };
    let entry = Entry {
        name,
        kind,
        after: u64::from_le_bytes(*after),
    };
    Some((entry, HEAD + name.count_bytes() + 1))
}
