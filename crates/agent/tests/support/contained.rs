// SPDX-License-Identifier: Apache-2.0
//! Where tests make their files, so that a broken agent cannot harm the machine they run on.
//!
//! These tests run as root and lead the agent out of its folder by all means. An agent that falls for one of them changes
//! what it reaches: one that believed the `..` of a directory that was moved away went up to `/`, and gave the machine
//! away. So a test has a mount namespace of its own, in which everything is read-only but one new file system. A folder
//! that is only mounted once more would not do: the way up from a directory that was moved out of it goes on in the same
//! writable mount. From another file system it ends at the root of that, and what lies above is read-only.

use std::cell::RefCell;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfs, StatVfsMountFlags, statvfs};
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change, mount_remount};
use rustix::thread::UnshareFlags;
use tempfile::TempDir;

/// Where the file system lies: each machine has the directory, and nobody builds there.
const PLACE: &str = "/dev/shm";

/// A folder of its own, that others may search. Call it on the test's thread before anything else: threads and programs
/// that it starts from then on are in the namespace, too.
pub(crate) fn folder() -> TempDir {
    thread_local! {
        static PLACE_OF_TEST: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
    }
    let place = PLACE_OF_TEST.with_borrow_mut(|place| place.get_or_insert_with(contain).clone());
    let folder = TempDir::new_in(place).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Brings this thread into a mount namespace of its own, and answers where it can write there.
fn contain() -> PathBuf {
    let place = fs::canonicalize(PLACE).unwrap();
    let program = std::env::current_exe().unwrap();
    assert!(
        !program.starts_with(&place),
        "build elsewhere than in {PLACE}: the tests hide it"
    );
    // Files that are open stay shared, which is what could be unsafe about it.
    #[expect(
        deprecated,
        reason = "its successor is unsafe for a flag that is not given here"
    )]
    let unshared = rustix::thread::unshare(UnshareFlags::NEWNS | UnshareFlags::FS);
    unshared.expect(
        "this test runs in a mount namespace of its own, so that it cannot harm the machine: run it as root, in a \
         container with CAP_SYS_ADMIN",
    );
    // Nothing of this is seen outside.
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).unwrap();
    let mounts = mount_points();
    for point in &mounts {
        seal(point);
    }
    for (point, found) in mounts.iter().filter_map(|point| Some((point, reached(point)?))) {
        assert!(
            found.f_flag.contains(StatVfsMountFlags::RDONLY),
            "{} is writable",
            point.display()
        );
    }
    let flags = MountFlags::NODEV | MountFlags::NOSUID;
    mount("writeway-test", &place, "tmpfs", flags, c"mode=0755,size=1g").unwrap();
    place
}

/// Where something is mounted, in this thread's namespace (`proc_pid_mountinfo(5)`, the fifth field).
fn mount_points() -> Vec<PathBuf> {
    let table = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
    let point = |line: &str| unescaped(line.split(' ').nth(4).unwrap());
    table.lines().map(point).collect()
}

/// Blanks and line ends are written as three octal digits.
fn unescaped(text: &str) -> PathBuf {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let (byte, after) = match (first, after.split_at_checked(3)) {
            (b'\\', Some((digits, after))) => {
                let digits = std::str::from_utf8(digits).unwrap();
                (u8::from_str_radix(digits, 8).unwrap(), after)
            }
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    std::ffi::OsString::from_vec(bytes).into()
}

/// What is mounted at a path. Nothing when it cannot be reached by anybody here: it is hidden by another mount, or a
/// user's who lets nobody in.
fn reached(point: &Path) -> Option<StatVfs> {
    match statvfs(point) {
        Ok(found) => Some(found),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => None,
        Err(errno) => panic!("{}: {errno}", point.display()),
    }
}

/// Makes a mount read-only, and leaves what else holds for it.
fn seal(point: &Path) {
    let Some(found) = reached(point) else { return };
    let mut flags = MountFlags::BIND | MountFlags::RDONLY;
    for (is, stays) in [
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
    ] {
        flags.set(stays, found.f_flag.contains(is));
    }
    match mount_remount(point, flags, c"") {
        // Another mount hides it, and has this path as a directory of its own.
        Ok(()) | Err(Errno::INVAL) => {}
        Err(errno) => panic!("{} cannot be made read-only: {errno}", point.display()),
    }
}
