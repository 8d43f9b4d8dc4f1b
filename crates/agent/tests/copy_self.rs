// SPDX-License-Identifier: Apache-2.0
//! `copy-self`: the whole program or nothing under the name, no link followed, nothing touched twice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/contained.rs"]
mod contained;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::Rng as _;
use tempfile::TempDir;

const AGENT: &str = env!("CARGO_BIN_EXE_writeway-agent");

fn copy_self(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
    let mut agent = Command::new(AGENT);
    agent.arg("copy-self").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn directory() -> (TempDir, PathBuf) {
    let directory = contained::folder();
    let path = directory.path().to_owned();
    (directory, path)
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn assert_is_the_program(copy: &Path, mode: u32) {
    assert!(fs::read(copy).unwrap() == fs::read(AGENT).unwrap(), "other bytes");
    assert_eq!(fs::metadata(copy).unwrap().mode() & 0o7777, mode);
}

#[test]
fn the_copy_has_the_bytes_and_the_mode_and_runs() {
    let (_guard, at) = directory();
    for (operands, copy, mode) in [
        (vec!["tool"], "tool", 0o555),
        (vec!["other", "--mode", "0500"], "other", 0o500),
        // A directory gets the name of the program.
        (vec![""], "writeway-agent", 0o555),
    ] {
        let (last, options) = operands.split_first().unwrap();
        let path = at.join(last).into_os_string();
        let output = copy_self([path].into_iter().chain(options.iter().map(Into::into)));
        assert!(output.status.success(), "{}", said(&output));
        let copy = at.join(copy);
        assert_is_the_program(&copy, mode);
        let line = format!(
            "writeway-agent copy-self: {} is {mode:04o}: copied\n",
            copy.display()
        );
        assert_eq!(said(&output), line);
        let version = Command::new(&copy).arg("version").output().unwrap();
        assert!(version.stdout.starts_with(b"writeway-agent "), "{version:?}");
    }
    assert_eq!(
        names(&at),
        ["other", "tool", "writeway-agent"],
        "nothing else is left"
    );
}

#[test]
fn a_copy_that_is_right_is_not_touched() {
    let (_guard, at) = directory();
    let copy = at.join("agent");
    assert!(copy_self([&copy]).status.success());
    let before = fs::metadata(&copy).unwrap();
    let again = copy_self([&copy]);
    assert!(again.status.success());
    assert!(said(&again).ends_with("right already\n"), "{}", said(&again));
    let after = fs::metadata(&copy).unwrap();
    assert_eq!(
        (before.ino(), before.ctime(), before.ctime_nsec()),
        (after.ino(), after.ctime(), after.ctime_nsec())
    );
}

#[test]
fn whatever_else_is_there_as_a_file_is_replaced() {
    let (_guard, at) = directory();
    let copy = at.join("agent");
    let bytes = fs::read(AGENT).unwrap();
    let mut last_byte = bytes.clone();
    *last_byte.last_mut().unwrap() ^= 1;
    for (bytes, mode) in [
        (&b""[..], 0o555),
        (&bytes[..1000], 0o555),
        (&last_byte[..], 0o555),
        (&bytes[..], 0o755),
        (&b"an older one"[..], 0),
    ] {
        fs::write(&copy, bytes).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
        // Who has it open, or runs it, keeps the old one.
        let open = File::open(&copy).unwrap();
        let output = copy_self([&copy]);
        assert!(output.status.success(), "{}", said(&output));
        assert_is_the_program(&copy, 0o555);
        assert_eq!(open.metadata().unwrap().len(), bytes.len() as u64);
        fs::remove_file(&copy).unwrap();
    }
}

#[test]
fn a_copy_of_another_owner_is_replaced_for_they_could_change_it() {
    let (_guard, at) = directory();
    let copy = at.join("agent");
    assert!(copy_self([&copy]).status.success());
    std::os::unix::fs::chown(&copy, Some(1234), Some(1234)).expect("this test needs root");
    assert!(copy_self([&copy]).status.success());
    assert_eq!(fs::metadata(&copy).unwrap().uid(), 0);
    assert_is_the_program(&copy, 0o555);
}

#[test]
fn links_and_other_things_than_files_are_refused_and_left() {
    let (_guard, at) = directory();
    let outside = at.join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("file"), "kept").unwrap();
    let inside = at.join("inside");
    fs::create_dir(&inside).unwrap();
    symlink(outside.join("file"), inside.join("to-file")).unwrap();
    symlink(outside.join("absent"), inside.join("to-nothing")).unwrap();
    symlink(&outside, inside.join("to-directory")).unwrap();
    let fifo = Command::new("mkfifo").arg(inside.join("fifo")).status().unwrap();
    assert!(fifo.success());
    let before = names(&inside);
    for (path, why) in [
        ("to-file", "it goes through a symbolic link"),
        ("to-nothing", "it goes through a symbolic link"),
        ("to-directory", "it goes through a symbolic link"),
        ("to-directory/agent", "it goes through a symbolic link"),
        ("to-directory/", "it goes through a symbolic link"),
        ("fifo", "something else than a file is there: remove it"),
        ("../outside/agent", "it has `..`"),
        ("absent/agent", "No such file or directory (ENOENT)"),
        ("absent/", "No such file or directory (ENOENT)"),
        ("fifo/agent", "Not a directory (ENOTDIR)"),
    ] {
        let output = copy_self([inside.join(path)]);
        assert_eq!(output.status.code(), Some(1), "{path}");
        assert!(said(&output).contains(why), "{path}: {}", said(&output));
        assert_eq!(names(&inside), before, "{path}");
        assert_eq!(names(&outside), ["file"], "{path}");
        assert_eq!(fs::read(outside.join("file")).unwrap(), b"kept", "{path}");
    }
}

#[test]
fn usage_is_refused_with_2() {
    for arguments in [
        &[][..],
        &["a", "b"],
        &["a", "--mode", "9"],
        &["a", "--owner", "1:1"],
    ] {
        assert_eq!(copy_self(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_full_volume_gets_nothing() {
    let (_guard, at) = directory();
    // The volume is there for the child alone, in a mount namespace of its own.
    let script = "mount -t tmpfs -o size=64k none \"$0\" || exit 99; \
                  \"$1\" copy-self \"$0\"; code=$?; ls -A \"$0\"; exit $code";
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", script])
        .args([at.as_path(), Path::new(AGENT)])
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(1),
        "this test needs root: {}",
        said(&output)
    );
    assert!(
        said(&output).contains("No space left on device (ENOSPC)"),
        "{}",
        said(&output)
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

#[test]
fn runs_beside_each_other_all_end_right() {
    let (_guard, at) = directory();
    let copy = at.join("agent");
    let children: Vec<_> = (0..8)
        .map(|_| {
            Command::new(AGENT)
                .arg("copy-self")
                .arg(&copy)
                .stderr(Stdio::null())
                .spawn()
        })
        .collect();
    for child in children {
        assert!(child.unwrap().wait().unwrap().success());
    }
    assert_is_the_program(&copy, 0o555);
    assert_eq!(names(&at), ["agent"]);
}

#[test]
fn killed_at_any_instant_it_leaves_no_torn_file_under_the_name() {
    let (_guard, at) = directory();
    let copy = at.join("agent");
    let started = Instant::now();
    assert!(copy_self([&copy]).status.success());
    let whole_run = started.elapsed();
    let length = fs::metadata(AGENT).unwrap().len();
    let mut random =
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let mut killed = 0;
    for _ in 0..100 {
        fs::remove_file(&copy).or_else(absent).unwrap();
        let mut child = Command::new(AGENT)
            .arg("copy-self")
            .arg(&copy)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let instant = whole_run.mul_f64(f64::from(random.next_u32()) / f64::from(u32::MAX));
        let kill_at = Instant::now() + instant;
        while Instant::now() < kill_at {
            // Whoever looks at any time sees all of it with its mode, or nothing.
            assert_whole_or_absent(&copy, length);
            thread::sleep(Duration::from_micros(50));
        }
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        assert_whole_or_absent(&copy, length);
    }
    assert!(killed > 10, "only {killed} of 100 runs were still going");
    assert!(copy_self([&copy]).status.success());
    assert_is_the_program(&copy, 0o555);
    for name in names(&at).iter().filter(|name| *name != "agent") {
        assert!(name.starts_with(".agent."), "{name}");
        let mode = fs::metadata(at.join(name)).unwrap().mode() & 0o7777;
        assert!(matches!(mode, 0o600 | 0o555), "{name} is {mode:o}");
    }
}

fn assert_whole_or_absent(copy: &Path, length: u64) {
    if let Ok(status) = fs::metadata(copy) {
        assert_eq!((status.len(), status.mode() & 0o7777), (length, 0o555));
    }
}

fn absent(error: std::io::Error) -> std::io::Result<()> {
    match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}
