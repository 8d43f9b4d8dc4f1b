// SPDX-License-Identifier: Apache-2.0
//! What the tests of `own`, `seed` and `copy-self` rely on: whatever the agent does there, it does not reach the machine.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

#[path = "support/contained.rs"]
mod contained;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Gives it to whom it belongs already: nothing changes even where this is not refused.
fn is_read_only(path: &Path) {
    let found = fs::metadata(path).unwrap();
    let refused = chown(path, Some(found.uid()), Some(found.gid())).map_err(|error| error.kind());
    assert_eq!(refused, Err(ErrorKind::ReadOnlyFilesystem), "{}", path.display());
}

/// A test's folder, and what leads up from it.
fn climb(folder: &Path) {
    let place = folder.parent().unwrap();
    let mut above = folder.to_owned();
    for _ in 0..10 {
        above.push("..");
        let is_inside = fs::metadata(&above).unwrap().dev() == fs::metadata(place).unwrap().dev();
        if !is_inside {
            is_read_only(&above);
        }
    }
    // It has come to the root of everything, which is not writable.
    assert_eq!(
        fs::metadata(&above).unwrap().ino(),
        fs::metadata("/").unwrap().ino()
    );
    is_read_only(Path::new("/"));
}

#[test]
fn the_way_up_from_a_directory_that_was_moved_ends_at_what_is_read_only() {
    let folder = contained::folder();
    let [tree, outside] = ["tree", "outside"].map(|name| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    });
    fs::create_dir_all(tree.join("a/b")).unwrap();
    fs::rename(tree.join("a/b"), outside.join("b")).unwrap();
    climb(&outside.join("b"));
    // Threads and programs that the test starts are no further.
    thread::scope(|scope| scope.spawn(|| climb(folder.path())).join().unwrap());
    for path in [
        "/",
        "/tmp",
        "/dev",
        "/proc",
        env!("CARGO_BIN_EXE_writeway-agent"),
        env!("CARGO_MANIFEST_DIR"),
    ] {
        is_read_only(Path::new(path));
        let owner = fs::metadata(path).unwrap();
        let owner = format!("{}:{}", owner.uid(), owner.gid());
        let tried = Command::new("chown").args([&owner, path]).output().unwrap();
        let said = String::from_utf8(tried.stderr).unwrap();
        assert!(said.contains("Read-only file system"), "{path}: {said}");
    }
}

#[test]
fn nobody_else_sees_the_folder() {
    let folder = contained::folder();
    fs::write(folder.path().join("file"), "").unwrap();
    let beside: PathBuf = thread::spawn(|| contained::folder().keep()).join().unwrap();
    assert!(!beside.exists(), "each test has a file system of its own");
    assert!(
        !Path::new("/proc/1/root")
            .join(folder.path().strip_prefix("/").unwrap())
            .exists()
    );
}

#[test]
fn a_device_in_the_folder_is_not_opened() {
    let folder = contained::folder();
    let null = folder.path().join("null");
    let made = Command::new("mknod")
        .arg(&null)
        .args(["c", "1", "3"])
        .status()
        .unwrap();
    assert!(made.success());
    assert_eq!(
        fs::File::open(&null).unwrap_err().kind(),
        ErrorKind::PermissionDenied
    );
}
