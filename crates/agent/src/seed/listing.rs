// SPDX-License-Identifier: Apache-2.0
//! What a directory has, in the order of names.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

use rustix::fs::{FileType, RawDir, SeekFrom, seek};
use rustix::io::Errno;

/// How many bytes of entries are asked for at once.
const BUFFER: usize = 16 * 1024;

/// The names in an open directory, with their types as far as the file system tells.
///
/// # Errors
/// What the kernel says; `EILSEQ` for a name that is not UTF-8, which the lineage could not record.
pub(crate) fn read(directory: impl AsFd) -> rustix::io::Result<Vec<(String, FileType)>> {
    seek(directory.as_fd(), SeekFrom::Start(0))?;
    let mut buffer = [MaybeUninit::uninit(); BUFFER];
    let mut entries = RawDir::new(directory.as_fd(), &mut buffer);
    let mut names = Vec::new();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            let name = CStr::to_str(name).map_err(|_| Errno::ILSEQ)?;
            names.push((name.to_owned(), entry.file_type()));
        }
    }
    names.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    Ok(names)
}

/// A link's text, or a name, if it is UTF-8.
pub(crate) fn name(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What a type is called in a message.
pub(crate) const fn called(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "of an unknown type",
    }
}
