// SPDX-License-Identifier: Apache-2.0
//! Somebody who may write into the tree, and would like a file outside of it to be handed over. Another thread swaps
//! names as fast as it can, while the program changes the owner of everything to and fro.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::{fchown, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, Gid, Mode, RenameFlags, Uid, fchmod, renameat_with};
use rustix::io::Errno;
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use tempfile::TempDir;

use super::tree::{Ended, all, directory, file, folder, own, seen};

/// How often names are swapped.
const SWAPS: u32 = 100_000;

/// Somebody without any capability.
const HE: u32 = 1000;

/// Makes him of this thread alone.
fn become_him() {
    let (user, group) = (Uid::from_raw(HE), Gid::from_raw(HE));
    set_thread_groups(&[]).unwrap();
    set_thread_res_gid(group, group, group).unwrap();
    set_thread_res_uid(user, user, user).unwrap();
}

/// A tree that others may write to, and a place outside of it.
struct Scene {
    folder: TempDir,
    root: PathBuf,
    outside: PathBuf,
}

fn scene() -> Scene {
    let folder = folder();
    let outside = directory(folder.path().join("outside"), 4242, 0o755);
    for name in ["file", "secret"] {
        file(outside.join(name), 4242, 0o600);
    }
    file(
        directory(outside.join("below"), 4242, 0o755).join("file"),
        4242,
        0o600,
    );
    // Others may give its names to other files: this is where each has to be pinned.
    let root = directory(folder.path().join("data"), 1000, 0o777);
    for index in 0..20 {
        file(root.join(format!("file-{index}")), 1000, 0o644);
    }
    Scene {
        folder,
        root,
        outside,
    }
}

/// Runs the program again and again until `attack` was done often enough; each run has everything to change.
fn while_under(attack: impl Fn(u32) + Sync, root: &Path, check: impl Fn(&Ended)) {
    let done = AtomicU32::new(0);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                attack(done.fetch_add(1, Ordering::Relaxed));
            }
        });
        let mut runs = 0_u32;
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            while done.load(Ordering::Relaxed) < SWAPS || runs < 50 {
                // With a mode to change each file is pinned, without only where others may rename it, as this one may.
                let arguments = [
                    &["1:1", "--mode", "a=rwX"][..],
                    &["2:2", "--mode", "ug=rwX,o=wX"],
                    &["1:1"],
                    &["2:2"],
                ][runs as usize % 4];
                let (owner, modes) = arguments.split_first().unwrap();
                let mut arguments: Vec<&dyn AsRef<OsStr>> = vec![owner, &root];
                arguments.extend(modes.iter().map(|mode| mode as &dyn AsRef<OsStr>));
                check(&own(&arguments));
                runs += 1;
            }
        }));
        stop.store(true, Ordering::Relaxed);
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    });
}

fn exchange(one: &Path, other: &Path) {
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).unwrap();
}

fn ends_well(ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{}", ended.said);
}

#[test]
fn a_directory_swapped_for_a_link_leads_nowhere() {
    let Scene {
        folder: _folder,
        root,
        outside,
    } = scene();
    let [real, link] = ["real", "link"].map(|name| root.join(name));
    file(directory(&real, 1000, 0o755).join("file"), 1000, 0o644);
    file(
        directory(real.join("below"), 1000, 0o755).join("file"),
        1000,
        0o644,
    );
    symlink(&outside, &link).unwrap();
    let before = all(&outside);
    while_under(|_| exchange(&real, &link), &root, ends_well);
    assert_eq!(all(&outside), before);
}

#[test]
fn a_file_swapped_for_a_link_leads_nowhere() {
    let Scene {
        folder: _folder,
        root,
        outside,
    } = scene();
    let [real, link] = ["real", "link"].map(|name| root.join(name));
    file(&real, 1000, 0o644);
    symlink(outside.join("secret"), &link).unwrap();
    let before = all(&outside);
    while_under(|_| exchange(&real, &link), &root, ends_well);
    assert_eq!(all(&outside), before);
}

#[test]
fn a_file_swapped_for_a_hard_link_of_a_foreign_one_is_not_it() {
    let Scene {
        folder: _folder,
        root,
        outside,
    } = scene();
    let secret = outside.join("secret");
    let [real, link] = ["real", "link"].map(|name| root.join(name));
    file(&real, 1000, 0o644);
    fs::hard_link(&secret, &link).unwrap();
    let foreign = seen(&secret);
    while_under(|_| exchange(&real, &link), &root, |_| {});
    let now = seen(&secret);
    assert_eq!((now.owner, now.mode), (foreign.owner, foreign.mode));
}

/// At some instants the foreign file has one name alone, the one outside.
#[test]
fn a_hard_link_that_comes_and_goes_is_not_taken_for_the_only_name() {
    let Scene {
        folder: _folder,
        root,
        outside,
    } = scene();
    let secret = outside.join("secret");
    let names: Vec<PathBuf> = (0..4).map(|index| root.join(format!("mine-{index}"))).collect();
    let foreign = seen(&secret);
    let attack = |_| {
        for name in &names {
            fs::hard_link(&secret, name).unwrap();
            fs::remove_file(name).unwrap();
        }
    };
    while_under(attack, &root, |_| {});
    let now = seen(&secret);
    assert_eq!((now.owner, now.mode), (foreign.owner, foreign.mode));
}

/// Two names were seen, and the file has two names: but they are not the same two.
#[test]
fn a_hard_link_that_moves_is_not_counted_twice() {
    let Scene {
        folder: _folder,
        root,
        outside,
    } = scene();
    let secret = outside.join("secret");
    let foreign = seen(&secret);
    let names: Vec<PathBuf> = (0..4).map(|index| root.join(format!("mine-{index}"))).collect();
    fs::hard_link(&secret, &names[0]).unwrap();
    let attack = |turn: u32| {
        let [from, to] = [turn, turn + 1].map(|turn| &names[turn as usize % names.len()]);
        if turn.is_multiple_of(3) {
            fs::remove_file(from).unwrap();
            fs::hard_link(&secret, to).unwrap();
        } else {
            fs::rename(from, to).unwrap();
        }
    };
    while_under(attack, &root, |_| {});
    let now = seen(&secret);
    assert_eq!((now.owner, now.mode, now.links), (foreign.owner, foreign.mode, 2));
}

/// It is found in one directory, and once more in the next.
#[test]
fn a_hard_link_that_moves_to_another_directory_is_not_counted_twice() {
    let Scene {
        folder: _folder,
        root,
        outside,
    } = scene();
    let secret = outside.join("secret");
    let [one, other] = ["one", "other"].map(|name| directory(root.join(name), 1000, 0o777).join("mine"));
    fs::hard_link(&secret, &one).unwrap();
    let foreign = seen(&secret);
    let attack = |turn: u32| {
        let (from, to) = if turn.is_multiple_of(2) {
            (&one, &other)
        } else {
            (&other, &one)
        };
        fs::rename(from, to).unwrap();
        // Now and then it stays where it is for as long as names are compared.
        if turn.is_multiple_of(64) {
            thread::sleep(Duration::from_micros(200));
        }
    };
    while_under(attack, &root, |_| {});
    let now = seen(&secret);
    assert_eq!((now.owner, now.mode, now.links), (foreign.owner, foreign.mode, 2));
}

/// A directory that only its owner may write to is taken from him, so that its names need not be pinned. He has it open.
#[test]
fn the_former_owner_of_a_directory_changes_no_name_that_was_looked_at() {
    let folder = folder();
    let outside = directory(folder.path().join("outside"), 4242, 0o755);
    let secret = file(outside.join("secret"), 4242, 0o600);
    let root = directory(folder.path().join("data"), 0, 0o755);
    let his = directory(root.join("his"), HE, 0o755);
    let open = File::open(&his).unwrap();
    let mut owned = vec![open.try_clone().unwrap()];
    for name in 0..100 {
        owned.push(File::open(file(his.join(name.to_string()), HE, 0o644)).unwrap());
    }
    // As he would have laid it where the sysctl fs.protected_hardlinks is 0.
    fs::hard_link(&secret, his.join("link")).unwrap();
    let foreign = seen(&secret);
    let (swapped, refused) = (AtomicU32::new(0), AtomicU32::new(0));
    let stop = AtomicBool::new(false);
    let attack = || {
        become_him();
        for turn in 0_u32.. {
            // Now and then he lets everybody write there, and takes it back.
            if turn.is_multiple_of(61) {
                let mode = [0o755, 0o777][turn as usize / 61 % 2];
                let _ = fchmod(&open, Mode::from_raw_mode(mode));
            }
            let name = ["link", "50"][turn as usize % 2];
            match renameat_with(&open, "0", &open, name, RenameFlags::EXCHANGE) {
                Ok(()) => swapped.fetch_add(1, Ordering::Relaxed),
                Err(Errno::ACCESS) => refused.fetch_add(1, Ordering::Relaxed),
                Err(errno) => panic!("{errno}"),
            };
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
    };
    thread::scope(|scope| {
        let attacker = scope.spawn(attack);
        let goes_on = |count: &AtomicU32| count.load(Ordering::Relaxed) < SWAPS;
        let mut handed_over = 0;
        while (goes_on(&swapped) || goes_on(&refused) || handed_over < 200)
            && seen(&secret).owner == foreign.owner
            && !attacker.is_finished()
        {
            own(&[&"2000:2000", &root]);
            handed_over += u32::from(seen(&his).owner == (2000, 2000));
            // By descriptors: his names are not to be relied on here either.
            for file in owned.iter().rev() {
                fchown(file, Some(HE), Some(HE)).unwrap();
            }
        }
        stop.store(true, Ordering::Relaxed);
        let now = seen(&secret);
        assert_eq!((now.owner, now.mode), (foreign.owner, foreign.mode));
    });
}

/// The way back from a directory that was moved out leads to where it is now.
#[test]
fn a_directory_moved_out_does_not_take_the_walk_with_it() {
    let Scene {
        folder: scene,
        root,
        outside,
    } = scene();
    let mut lowest = root.clone();
    let mut middle = root.clone();
    // Deeper than a thread of so few descriptors holds open.
    for level in 0..24 {
        lowest = directory(lowest.join("below"), 1000, 0o777);
        file(lowest.join("file"), 1000, 0o644);
        if level == 12 {
            middle = lowest.clone();
        }
    }
    let away = directory(outside.join("away"), 1000, 0o777);
    let before = all(&outside);
    let limited = |owner: &str| {
        let mut command = std::process::Command::new("prlimit");
        command.args(["--nofile=16", super::tree::AGENT]);
        super::tree::own_by(&mut command, &[&owner, &root, &"--jobs", &"1"])
    };
    let stop = AtomicBool::new(false);
    let swaps = AtomicU32::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                exchange(&middle, &away);
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        });
        let mut runs = 0_u32;
        while swaps.load(Ordering::Relaxed) < SWAPS || runs < 50 {
            limited(["1:1", "2:2"][runs as usize % 2]);
            runs += 1;
        }
        stop.store(true, Ordering::Relaxed);
    });
    // What lies beside the place where it was moved to is as it was.
    for (path, seen) in all(&outside) {
        if let Some(then) = before.get(&path)
            && !path.starts_with(&away)
            && path != outside
        {
            assert_eq!(&seen, then, "{}", path.display());
        }
    }
    assert_eq!(seen(&outside).owner, (4242, 4242));
    assert_eq!(seen(scene.path()).owner, (0, 0));
}
