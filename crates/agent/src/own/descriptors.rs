// SPDX-License-Identifier: Apache-2.0
//! What `/proc/self/fd` knows of an open descriptor: a way to its file that no rename changes, and its name now.

use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, PROC_SUPER_MAGIC, chmodat, fstatfs, openat, readlinkat};
use rustix::io::Errno;

/// `/proc/self/fd`, if it is mounted.
#[derive(Debug)]
pub(super) struct Descriptors(Option<OwnedFd>);

impl Descriptors {
    /// Of this process.
    pub(super) fn open() -> Self {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat(CWD, c"/proc/self/fd", flags, Mode::empty()).ok();
        Self(opened.filter(|fd| fstatfs(fd).is_ok_and(|found| found.f_type == PROC_SUPER_MAGIC)))
    }

    /// `chmod(2)` of what was opened with `O_PATH`, which `fchmod(2)` refuses (before `fchmodat2(2)`, Linux 6.6).
    pub(super) fn change_mode(&self, descriptor: impl AsFd, mode: Mode) -> rustix::io::Result<()> {
        let directory = self.0.as_ref().ok_or(Errno::NOSYS)?;
        chmodat(
            directory,
            name(descriptor).as_str(),
            mode,
            rustix::fs::AtFlags::empty(),
        )
    }

    /// The path of what is open, as the kernel would name it now (`d_path`, as `proc_pid_fd(5)` shows it).
    pub(super) fn path(&self, descriptor: impl AsFd) -> Option<Vec<u8>> {
        let path = readlinkat(
            self.0.as_ref()?,
            name(descriptor).as_str(),
            Vec::with_capacity(256),
        )
        .ok()?;
        Some(path.into_bytes())
    }

    /// Whether the very name by which it was opened is a name of it still: not taken away, not even for a moment, since.
    ///
    /// A descriptor holds the entry of its directory, not the file alone. An entry that is removed never comes back: the
    /// same name laid anew is another one. So a file that had one name at some time after it was opened, and whose entry
    /// lives still, had this name and no other. `None` when the kernel does not say it.
    pub(super) fn still_named(&self, descriptor: impl AsFd, name: &[u8]) -> Option<bool> {
        self.path(descriptor).map(|path| is_named(&path, name))
    }
}

/// Whether a path from `/proc/self/fd` ends with this name, and is no removed one.
pub(super) fn is_named(path: &[u8], name: &[u8]) -> bool {
    const REMOVED: &[u8] = b" (deleted)";
    // A file that is really called so cannot be told from one that was renamed and removed.
    !name.ends_with(REMOVED) && path.strip_suffix(name).is_some_and(|above| above.ends_with(b"/"))
}

fn name(descriptor: impl AsFd) -> String {
    descriptor.as_fd().as_raw_fd().to_string()
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn a_removed_name_is_none() {
        for (path, name, named) in [
            ("/data/file", "file", true),
            ("/file", "file", true),
            ("/data/file (deleted)", "file", false),
            ("/data/file (deleted)", "file (deleted)", false),
            ("/data/other-file", "file", false),
            ("/data/other", "file", false),
        ] {
            assert_eq!(is_named(path.as_bytes(), name.as_bytes()), named, "{path} {name}");
        }
    }
}
