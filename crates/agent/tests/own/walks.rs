// SPDX-License-Identifier: Apache-2.0
//! What is handed over, and what is not (H3.5).

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use super::tree::{all, all_belong, directory, file, folder, others, own, seen};

#[test]
fn h3_5_everything_beneath_is_handed_over_and_counted() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    for name in ["-leading dash", "two words", ".hidden", "new\nline", "..data"] {
        let below = directory(root.join(name), 0, 0o755);
        file(below.join("file"), 0, 0o644);
    }
    let ended = own(&[&"1000:1000", &root]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert!(
        ended
            .said
            .ends_with("data: all belongs to 1000:1000: 11 changed, 0 right already\n"),
        "{}",
        ended.said
    );
    all_belong(&root, 1000);
}

#[test]
fn h3_5_nothing_is_touched_when_nothing_differs() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    file(root.join("file"), 0, 0o640);
    file(directory(root.join("below"), 0, 0o755).join("file"), 0, 0o600);
    symlink("file", root.join("link")).unwrap();
    let first = own(&[&"1000:1000", &root]);
    assert!(
        first.said.contains("5 changed, 0 right already"),
        "{}",
        first.said
    );
    let before = all(&root);
    let second = own(&[&"1000:1000", &root]);
    assert_eq!(second.code, Some(0));
    assert!(
        second.said.contains("0 changed, 5 right already"),
        "{}",
        second.said
    );
    assert_eq!(all(&root), before);
}

#[test]
fn h3_5_links_are_owned_but_never_followed() {
    let folder = folder();
    let outside = directory(folder.path().join("outside"), 4242, 0o755);
    let foreign = file(outside.join("foreign"), 4242, 0o600);
    let root = directory(folder.path().join("data"), 0, 0o755);
    symlink(&outside, root.join("directory")).unwrap();
    symlink(&foreign, root.join("file")).unwrap();
    symlink("../outside/foreign", root.join("relative")).unwrap();
    symlink("/nowhere", root.join("broken")).unwrap();
    let before = all(&outside);
    let ended = own(&[&"1000:1000", &root, &"--mode", &"0700"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    all_belong(&root, 1000);
    assert_eq!(all(&outside), before);
}

#[test]
fn h3_5_a_path_that_is_or_passes_a_link_is_refused() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let inside = file(root.join("file"), 0, 0o644);
    symlink("data", folder.path().join("link")).unwrap();
    for path in ["link", "link/file", "link/", "data/../data"] {
        let ended = own(&[&"1000:1000", &folder.path().join(path)]);
        assert_eq!(ended.code, Some(1), "{path}: {}", ended.said);
        assert!(ended.said.contains("cannot open"), "{}", ended.said);
    }
    assert_eq!(seen(&inside).owner, (0, 0));
}

#[test]
fn special_files_are_owned_without_being_opened() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let make = |name, kind, device| mknodat(CWD, root.join(name), kind, Mode::RUSR, device).unwrap();
    // To open it would wait for a writer, for ever.
    make("fifo", FileType::Fifo, 0);
    make("null", FileType::CharacterDevice, makedev(1, 3));
    // No such driver: to open it would fail.
    make("disk", FileType::BlockDevice, makedev(239, 77));
    let _listening = UnixListener::bind(root.join("socket")).unwrap();
    // Also where names are not kept by root alone, so that each is pinned.
    fs::set_permissions(&root, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let ended = own(&[&"1000:1000", &root, &"--mode", &"u=rw,go="]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    all_belong(&root, 1000);
    assert_eq!(seen(root.join("fifo")).mode, 0o600);
}

#[test]
fn a_file_with_a_name_elsewhere_is_left_and_its_root_is_not_handed_over() {
    let folder = folder();
    let foreign = file(folder.path().join("foreign"), 4242, 0o600);
    let root = directory(folder.path().join("data"), 0, 0o755);
    file(root.join("file"), 0, 0o644);
    fs::hard_link(&foreign, root.join("mine")).unwrap();
    let before = seen(&foreign);
    for arguments in [
        &["--if-root-mismatch"][..],
        &["--if-root-mismatch", "--mode", "0777"],
    ] {
        let mut all: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"1000:1000", &root];
        all.extend(
            arguments
                .iter()
                .map(|argument| argument as &dyn AsRef<std::ffi::OsStr>),
        );
        let ended = own(&all);
        assert_eq!(ended.code, Some(1), "{}", ended.said);
        assert!(
            ended
                .said
                .contains("data/mine: it has 2 names (hard links), 1 of them in here"),
            "{}",
            ended.said
        );
        assert_eq!(seen(&foreign), before);
        assert_eq!(seen(root.join("file")).owner, (1000, 1000));
        assert_eq!(seen(&root).owner, (0, 0));
    }
}

#[test]
fn a_file_with_all_its_names_beneath_the_paths_is_handed_over() {
    let folder = folder();
    let [first, second] = ["first", "second"].map(|name| directory(folder.path().join(name), 0, 0o777));
    let one = file(first.join("one"), 4242, 0o640);
    let below = directory(second.join("below"), 4242, 0o755);
    for name in ["two", "three"] {
        fs::hard_link(&one, below.join(name)).unwrap();
    }
    let alone = own(&[&"1000:1000", &second]);
    assert_eq!(alone.code, Some(1), "{}", alone.said);
    assert!(
        alone.said.contains("3 names (hard links), 2 of them"),
        "{}",
        alone.said
    );
    assert_eq!(seen(&one).owner, (4242, 4242));
    let both = own(&[&"1000:1000", &first, &second]);
    assert_eq!(both.code, Some(0), "{}", both.said);
    all_belong(&first, 1000);
    all_belong(&second, 1000);
}

#[test]
fn paths_within_each_other_do_not_count_a_name_twice() {
    let folder = folder();
    let foreign = file(folder.path().join("foreign"), 4242, 0o600);
    let root = directory(folder.path().join("data"), 0, 0o755);
    let below = directory(root.join("below"), 0, 0o755);
    fs::hard_link(&foreign, below.join("mine")).unwrap();
    let ended = own(&[
        &"1000:1000",
        &root,
        &below,
        &root.join("./below/"),
        &below.join("mine"),
    ]);
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert_eq!(seen(&foreign).owner, (4242, 4242));
}

#[test]
fn if_root_mismatch_looks_no_further_when_the_root_is_right() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 1000, 0o755);
    let inside = file(root.join("file"), 0, 0o644);
    let ended = own(&[&"1000:1000", &root, &"--if-root-mismatch"]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.said.contains("is right itself"), "{}", ended.said);
    assert_eq!(seen(&inside).owner, (0, 0));
    // Its owner is right, its mode is not what is asked for.
    let ended = own(&[&"1000:1000", &root, &"--if-root-mismatch", &"--group-writable"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert_eq!(seen(&inside).owner, (1000, 1000));
    assert_eq!(seen(&root).mode, 0o2775);
}

#[test]
fn a_file_can_be_named_itself() {
    let folder = folder();
    let named = file(folder.path().join("file"), 0, 0o644);
    let beside = file(folder.path().join("beside"), 0, 0o644);
    let ended = own(&[&"1000:1000", &named]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert_eq!(seen(&named).owner, (1000, 1000));
    assert_eq!(seen(&beside).owner, (0, 0));
    assert_eq!(seen(folder.path()).owner, (0, 0));
}

#[test]
fn h3_5_time_is_bounded_and_the_next_run_goes_on() {
    // Root's directories are not taken for the time, those of others are.
    for before in [0, 999] {
        let folder = folder();
        let root = directory(folder.path().join("data"), before, 0o755);
        for below in 0..40 {
            let below = directory(root.join(below.to_string()), before, 0o755);
            for name in 0..100 {
                file(below.join(name.to_string()), before, 0o644);
            }
        }
        let ended = own(&[&"1000:1000", &root, &"--timeout", &"1ns"]);
        assert_eq!(ended.code, Some(3), "{}", ended.said);
        assert!(ended.said.contains("0 changed"), "{}", ended.said);
        let mut left = others(&root, 1000).len();
        for timeout in (0..).map(|power| format!("{}us", 500 << power)) {
            let ended = own(&[&"1000:1000", &root, &"--if-root-mismatch", &"--timeout", &timeout]);
            let now = others(&root, 1000);
            assert!(now.len() <= left);
            left = now.len();
            if ended.code == Some(0) {
                break;
            }
            assert_eq!(ended.code, Some(3), "{}", ended.said);
            assert!(now.contains(&root), "the root has to be the last");
            for path in now {
                assert_eq!(seen(&path).owner, (before, before), "{}", path.display());
            }
        }
        assert_eq!(left, 0);
    }
}

/// Who is to own a directory has it all the time; who is not may lose it before what is in it is changed.
#[test]
fn a_directory_is_not_taken_from_its_owner() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let [his, other] = [("his", 1000), ("other", 999)].map(|(name, owner)| {
        let at = directory(root.join(name), owner, 0o755);
        for name in 0..2000 {
            file(at.join(name.to_string()), 999, 0o644);
        }
        at
    });
    let stop = AtomicBool::new(false);
    let owners_of = |path: &Path| {
        let mut owners = BTreeSet::new();
        while !stop.load(Ordering::Relaxed) {
            owners.insert(seen(path).owner.0);
        }
        owners
    };
    let (of_his, of_other) = thread::scope(|scope| {
        let watchers = [&his, &other].map(|path| scope.spawn(|| owners_of(path)));
        for owner in ["1000:1000", "1000:1001"] {
            let ended = own(&[&owner, &root]);
            assert_eq!(ended.code, Some(0), "{}", ended.said);
            assert!(!ended.said.contains("taken"), "{}", ended.said);
        }
        stop.store(true, Ordering::Relaxed);
        let [of_his, of_other] = watchers.map(|watcher| watcher.join().unwrap());
        (of_his, of_other)
    });
    assert_eq!(of_his, BTreeSet::from([1000]));
    assert_eq!(of_other, BTreeSet::from([0, 999, 1000]));
}

#[test]
fn wrong_usage_changes_nothing() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    for arguments in [
        &["1000:1000"][..],
        &["app:app", "data"],
        &["1000", "data"],
        &["4294967295:0", "data"],
        &["1000:1000", "data", "--jobs", "0"],
        &["1000:1000", "data", "--mode", "u=rwz"],
        &["1000:1000", "data", "--mode", "0700", "--group-writable"],
        &["1000:1000", "data", "--timeout", "5"],
    ] {
        let mut command = std::process::Command::new(super::tree::AGENT);
        let ended = super::tree::run(command.current_dir(folder.path()).arg("own").args(arguments));
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.said);
    }
    let missing = own(&[&"1000:1000", &root, &folder.path().join("missing")]);
    assert_eq!(missing.code, Some(1));
    assert!(
        missing
            .said
            .contains("missing: No such file or directory (ENOENT)"),
        "{}",
        missing.said
    );
    assert_eq!(seen(&root).owner, (0, 0));
}
