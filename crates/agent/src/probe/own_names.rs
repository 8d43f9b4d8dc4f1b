// SPDX-License-Identifier: Apache-2.0
//! The names that the probe makes: its own, told by a prefix, and gone when it ends.
//!
//! A killed probe leaves what it had made last. The next one that may write to the directory takes it away, told from what
//! another probe is just using by its age.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, FileType, Stat, fstat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::{geteuid, getpid};

/// How each name begins.
pub(super) const PREFIX: &str = ".writeway-probe-";

/// Seconds after which a name is nobody's: a probe needs milliseconds for a directory.
const STALE_SECONDS: i64 = 10;

/// How many names are tried where others have made them before.
const TRIES: u32 = 8;

/// Whether a name is one of a probe.
pub(super) fn is_own(name: &OsStr) -> bool {
    name.as_bytes().starts_with(PREFIX.as_bytes())
}

/// Makes something under a name that nobody has yet.
///
/// # Errors
/// What `make` says; it is called again after `EEXIST`, a few times.
pub(super) fn make<T>(
    mut make: impl FnMut(&OsStr) -> rustix::io::Result<T>,
) -> rustix::io::Result<(OsString, T)> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut refused = Errno::EXIST;
    for attempt in 0..TRIES {
        let name = OsString::from(format!(
            "{PREFIX}{}-{:x}-{attempt}",
            getpid().as_raw_nonzero(),
            now.as_nanos()
        ));
        match make(&name) {
            Ok(made) => return Ok((name, made)),
            Err(errno) => refused = errno,
        }
        if refused != Errno::EXIST {
            break;
        }
    }
    Err(refused)
}

/// Removes names that a killed probe of the same user left, as seen from a file that was made just now: its time is that of
/// the file system's own clock. Answers how many.
pub(super) fn remove_stale(directory: &OwnedFd, names: &[OsString], made: &OwnedFd) -> usize {
    let Ok(now) = fstat(made) else { return 0 };
    let remove = |name: &&OsString| {
        let Ok(status) = statat(directory, name.as_os_str(), AtFlags::SYMLINK_NOFOLLOW) else {
            return false;
        };
        is_stale(&status, &now) && unlinkat(directory, name.as_os_str(), flags_for(&status)).is_ok()
    };
    names.iter().filter(remove).count()
}

fn is_stale(status: &Stat, now: &Stat) -> bool {
    let kind = FileType::from_raw_mode(status.st_mode);
    (kind.is_file() || kind.is_dir())
        && status.st_uid == geteuid().as_raw()
        && now.st_mtime.saturating_sub(status.st_mtime) > STALE_SECONDS
}

fn flags_for(status: &Stat) -> AtFlags {
    if FileType::from_raw_mode(status.st_mode).is_dir() {
        AtFlags::REMOVEDIR
    } else {
        AtFlags::empty()
    }
}
