// SPDX-License-Identifier: Apache-2.0
//! Trees that are meant to exhaust it.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, fstat, mkdirat, openat};

use super::tree::{AGENT, all_belong, directory, file, folder, own_by, run, seen};

fn enter(above: impl std::os::fd::AsFd, name: impl rustix::path::Arg) -> OwnedFd {
    openat(above, name, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap()
}

/// So many directories one in the other; answers the highest.
fn deep(folder: &Path, levels: u32) -> std::path::PathBuf {
    let root = directory(folder.join("data"), 0, 0o755);
    let mut at = enter(CWD, &root);
    for _ in 1..levels {
        mkdirat(&at, "d", Mode::from_raw_mode(0o755)).unwrap();
        at = enter(&at, "d");
    }
    root
}

/// How many of them belong to this user.
fn belong(root: &Path, owner: u32) -> u32 {
    let mut at = enter(CWD, root);
    let mut levels = 0;
    loop {
        levels += u32::from(fstat(&at).unwrap().st_uid == owner);
        match openat(&at, "d", OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()) {
            Ok(below) => at = below,
            Err(_) => return levels,
        }
    }
}

/// The standard library's way to remove it would need a descriptor for each level.
fn remove(root: &Path) {
    assert_eq!(run(Command::new("rm").arg("-rf").arg(root)).code, Some(0));
}

#[test]
fn ten_thousand_levels_need_little_memory_and_few_descriptors() {
    const LEVELS: u32 = 10_000;
    let folder = folder();
    let root = deep(folder.path(), LEVELS);
    let mut command = Command::new("prlimit");
    command.args(["--nofile=64", "--data=8388608", AGENT]);
    let ended = own_by(&mut command, &[&"1000:1000", &root, &"--jobs", &"1"]);
    let belong = belong(&root, 1000);
    remove(&root);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert!(ended.said.contains("10000 changed"), "{}", ended.said);
    assert_eq!(belong, LEVELS);
}

#[test]
fn sixteen_descriptors_are_enough() {
    let folder = folder();
    let root = deep(folder.path(), 500);
    for below in 0..50 {
        let below = directory(root.join(below.to_string()), 0, 0o700);
        for name in 0..20 {
            file(below.join(name.to_string()), 0, 0o600);
        }
    }
    let mut command = Command::new("prlimit");
    command.args(["--nofile=16", AGENT]);
    let ended = own_by(&mut command, &[&"1000:1000", &root]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    all_belong(&root, 1000);
}

#[test]
fn a_directory_of_many_names_needs_little_memory() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let one = file(root.join("one"), 0, 0o644);
    // Names of 200 bytes: all of them would not fit.
    for name in 0..60_000 {
        let name = format!("{name:0>200}");
        std::os::unix::fs::symlink("one", root.join(name)).unwrap();
    }
    let mut command = Command::new("prlimit");
    command.args(["--data=4194304", AGENT]);
    let ended = own_by(&mut command, &[&"1000:1000", &root, &"--jobs", &"1"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert!(ended.said.contains("60002 changed"), "{}", ended.said);
    assert_eq!(seen(&one).owner, (1000, 1000));
    assert_eq!(seen(&root).owner, (1000, 1000));
}

#[test]
fn what_is_left_is_named_ten_times_at_most() {
    let folder = folder();
    let outside = directory(folder.path().join("outside"), 4242, 0o755);
    let root = directory(folder.path().join("data"), 0, 0o755);
    for name in 0..50 {
        let foreign = file(outside.join(name.to_string()), 4242, 0o600);
        std::fs::hard_link(foreign, root.join(name.to_string())).unwrap();
    }
    let ended = super::tree::own(&[&"1000:1000", &root]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.said.matches("warning: left ").count(), 11, "{}", ended.said);
    assert!(ended.said.contains("warning: left 40 more\n"), "{}", ended.said);
    assert!(
        ended.said.contains("50 entries do not belong to 1000:1000"),
        "{}",
        ended.said
    );
}
