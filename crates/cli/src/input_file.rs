// SPDX-License-Identifier: Apache-2.0
//! Inputs that are replaced by their repaired text.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::file_attributes::{Unkept, keep};

/// A file that has its new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// Under how many names it is.
    pub(crate) names: Names,
    /// Where it lies. [`outlive_power`] is for all folders of a run together.
    pub(crate) folder: PathBuf,
}

/// Under how many names there was a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// Under the one that was given.
    One,
    /// Under others, too, which lead to the old text still.
    Several,
}

/// Why a file stays as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplaceError {
    /// Somebody else wrote to it.
    #[error("the file has changed since it was read; run the command again")]
    Changed,
    /// A pipe, say, from which text can be read once.
    #[error("it is no regular file; write what it gives to a file first, or use --diff")]
    NotAFile,
    /// Its mode says so, or its file system.
    #[error("the file is read-only; allow writing to it with `chmod u+w`, or use --diff")]
    ReadOnly,
    /// It would lose something that is no text.
    #[error(transparent)]
    Unkept(#[from] Unkept),
    /// What the system said otherwise.
    #[error("{0}: {1}")]
    Io(&'static str, #[source] io::Error),
}

const NO_ROOM: &str = "no file can be written in its folder, which --diff does not need";

/// Puts the new text of an input in the place of the old one, at once: at any instant, whatever happens, there is the
/// one or the other under its name. Of a link it is the file at its end that is replaced. Mode, access control list and
/// extended attributes stay, and as far as the system allows it owner and group. A file with several names gets the new
/// text under this one, as with git and `sed -i`.
///
/// # Errors
/// Why the file stays as it is.
pub(crate) fn replace_input(path: &Path, old: &str, new: &str) -> Result<Replaced, ReplaceError> {
    let io = |what| move |error| ReplaceError::Io(what, error);
    let path = fs::canonicalize(path).map_err(io("it cannot be found any more"))?;
    let there = fs::metadata(&path).map_err(io("it cannot be looked at"))?;
    if !there.is_file() {
        return Err(ReplaceError::NotAFile);
    }
    // Its folder may allow to replace what must not be written to.
    if there.permissions().readonly() {
        return Err(ReplaceError::ReadOnly);
    }
    let file = File::options()
        .write(true)
        .open(&path)
        .map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ReplaceError::ReadOnly,
            _ => ReplaceError::Io("it cannot be opened", error),
        })?;
    let folder = path.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned);
    let temporary = written_beside(&folder, new).map_err(io(NO_ROOM))?;
    keep(temporary.as_file(), &file, &there)?;
    temporary.as_file().sync_all().map_err(io(NO_ROOM))?;
    // As late as possible: a text that somebody else wrote in the meantime must not get lost.
    let now = fs::read(&path).map_err(io("it cannot be read any more"))?;
    if now != old.as_bytes() {
        return Err(ReplaceError::Changed);
    }
    temporary
        .persist(&path)
        .map_err(|error| ReplaceError::Io("it cannot be replaced", error.error))?;
    let names = if links(&there) > 1 {
        Names::Several
    } else {
        Names::One
    };
    Ok(Replaced { names, folder })
}

/// Lets the names of files in a folder outlive a loss of power, as their texts do. Not every system can do that for folders,
/// and the texts are there.
pub(crate) fn outlive_power(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// A file beside the one that it will replace, complete. Until it has the other one's mode nobody else can read it.
fn written_beside(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut temporary = Builder::new().prefix(".writeway-").tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    Ok(temporary)
}

#[cfg(unix)]
fn links(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

#[cfg(not(unix))]
fn links(_: &Metadata) -> u64 {
    1
}
