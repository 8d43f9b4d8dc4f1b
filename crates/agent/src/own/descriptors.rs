// SPDX-License-Identifier: Apache-2.0
//! What `/proc/self/fd` knows of an open descriptor: a way to its file that no rename changes, and its name now.

use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};

use rustix::fs::{
    CWD, Mode, OFlags, PROC_SUPER_MAGIC, RenameFlags, chmodat, fstatfs, openat, readlinkat, renameat_with,
};
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
    /// `None` when the kernel does not say it: without /proc, or where the path is longer than `PATH_MAX`.
    ///
    /// A descriptor holds the entry of its directory, not the file alone. An entry that is removed never comes back: the
    /// same name laid anew is another one. So a file that had one name at some time after it was opened, and whose entry
    /// lives still, had this name and no other. The kernel counts a name away before its entry goes, with the directory
    /// locked meanwhile (fs/namei.c: `vfs_unlink`), so that a dying entry may be looked at: a rename waits for the lock
    /// first, and this one, of a name to itself, changes nothing. Who moves the entry to another directory in the very
    /// same moment is not waited for; nor is anybody where a filter forbids the call.
    pub(super) fn still_named(
        &self,
        descriptor: impl AsFd,
        directory: impl AsFd,
        name: &CStr,
    ) -> Option<bool> {
        let directory = directory.as_fd();
        if renameat_with(directory, name, directory, name, RenameFlags::NOREPLACE) == Err(Errno::NOENT) {
            return Some(false);
        }
        self.path(descriptor).map(|path| is_named(&path, name.to_bytes()))
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
    use std::fs::{self, File};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::fs::{Mode, OFlags, openat};

    use super::super::status::Status;
    use super::{Descriptors, is_named};

    /// A foreign file gets a second name and loses it again. Whoever looks in between sees one name alone, but it is
    /// never this one. Two looks by name are fooled several times in a hundred, so is one at /proc that waits for nobody.
    #[test]
    fn a_name_that_comes_and_goes_is_never_the_only_one() {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let [foreign, mine] = ["foreign", "mine"].map(|name| folder.path().join(name));
        fs::write(&foreign, "").unwrap();
        let directory = File::open(folder.path()).unwrap();
        let descriptors = Descriptors::open();
        let stop = AtomicBool::new(false);
        let mut fooled = 0;
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    fs::hard_link(&foreign, &mine).unwrap();
                    fs::remove_file(&mine).unwrap();
                }
            });
            let (mut alone, started) = (0, Instant::now());
            while alone < 100 || started.elapsed() < Duration::from_secs(5) {
                let Ok(pinned) = openat(&directory, c"mine", OFlags::PATH, Mode::empty()) else {
                    continue;
                };
                if Status::of(&pinned).unwrap().links == 1 {
                    alone += 1;
                    let named = descriptors.still_named(&pinned, &directory, c"mine");
                    fooled += u32::from(named != Some(false));
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(fooled, 0);
    }

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
