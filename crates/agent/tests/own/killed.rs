// SPDX-License-Identifier: Apache-2.0
//! Killed at any instant: nothing is ever more open than before or than asked, and the next run ends right.

use std::collections::BTreeMap;
use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::tree::{Seen, all, all_belong, directory, file, folder, run, with_capabilities};

/// What a process of this user and group may do, by the nine bits (`path_resolution(7)`).
fn may(seen: &Seen, uid: u32, gid: u32) -> u32 {
    let shift = if uid == seen.owner.0 {
        6
    } else if gid == seen.owner.1 {
        3
    } else {
        0
    };
    seen.mode >> shift & 0o7
}

/// Fails when somebody may do what neither was allowed before nor is asked for. Root may do all in any case.
fn assert_not_more_open(path: &Path, now: &Seen, before: &Seen, asked: &Seen) {
    let ids = [before.owner, now.owner, asked.owner, (77_777, 77_777)];
    for uid in ids.map(|owner| owner.0) {
        for gid in ids.map(|owner| owner.1) {
            let more = may(now, uid, gid) & !may(before, uid, gid) & !may(asked, uid, gid);
            assert!(
                uid == 0 || more == 0,
                "{}: {uid}:{gid} may {more:o}: {now:?}, before {before:?}, asked {asked:?}",
                path.display()
            );
        }
    }
}

/// Looks at all of these as long as nothing says stop.
fn watch(expected: &BTreeMap<PathBuf, (Seen, Seen)>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        for (path, (before, asked)) in expected {
            assert_not_more_open(path, &super::tree::seen(path), before, asked);
        }
    }
}

/// Numbers that differ, always the same (xorshift).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// What is asked for beside an owner: `--mode`, and what files and directories get by it.
type Modes = Option<(&'static str, u32, u32)>;

const MODES: [Modes; 2] = [
    Some(("u=rwX,g=rX,o=", 0o640, 0o750)),
    Some(("u=rwX,g=rwX,o=rX", 0o664, 0o775)),
];

fn command(capabilities: &str, owner: &str, root: &Path, modes: Modes) -> Command {
    let mut command = with_capabilities(capabilities);
    command.args(["own", owner]).arg(root);
    if let Some((mode, ..)) = modes {
        command.args(["--mode", mode]);
    }
    command
}

fn plant(folder: &Path) -> PathBuf {
    let root = directory(folder.join("data"), 999, 0o700);
    for below in 0..25 {
        let below = directory(
            root.join(below.to_string()),
            999,
            [0o700, 0o755, 0o2750][below % 3],
        );
        for name in 0..25 {
            file(
                below.join(name.to_string()),
                999,
                [0o600, 0o644, 0o400, 0o664][name % 4],
            );
        }
    }
    root
}

/// How long one run takes, in microseconds.
fn whole(command: &mut Command) -> u64 {
    let started = Instant::now();
    assert!(command.stderr(Stdio::null()).status().unwrap().success());
    u64::try_from(started.elapsed().as_micros()).unwrap()
}

/// Starts it and kills it within so many microseconds; answers whether it was running still.
fn kill_within(whole: u64, random: &mut u64, command: &mut Command) -> bool {
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(Duration::from_micros(next(random) % whole));
    // A process that has ended already is not killed.
    let runs = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    runs
}

fn kill(capabilities: &str, times: u32, modes: [Modes; 2]) {
    let folder = folder();
    let root = plant(folder.path());
    let whole = whole(command(capabilities, "1000:1000", &root, modes[0]).args(["--jobs", "2"]));
    let mut random = 0x9E37_79B9_7F4A_7C15;
    let mut killed = 0;
    let mut turn = 0;
    // How long a run takes depends on what else runs: some have ended before they are killed.
    while killed < times {
        turn += 1;
        assert!(turn <= 20 * times, "{killed} of {turn} runs were killed");
        let owner = 1001 + turn;
        let modes = modes[turn as usize % 2];
        let expected = all(&root).into_iter().map(|(path, before)| {
            let mut asked = before.clone();
            asked.owner = (owner, owner);
            if let Some((_, files, directories)) = modes {
                asked.mode = before.mode & 0o2000 | if path.is_dir() { directories } else { files };
            }
            (path, (before, asked))
        });
        let expected: BTreeMap<_, _> = expected.collect();
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| watch(&expected, &stop));
            let command = || command(capabilities, &format!("{owner}:{owner}"), &root, modes);
            let was_killed = kill_within(whole, &mut random, command().args(["--jobs", "2"]));
            killed += u32::from(was_killed);
            let again = run(command().arg("--if-root-mismatch"));
            stop.store(true, Ordering::Relaxed);
            assert_eq!(again.code, Some(0), "{}", again.said);
        });
        all_belong(&root, owner);
        for (path, now) in all(&root) {
            let (_, asked) = &expected[&path];
            assert_eq!(now.mode, asked.mode, "{}", path.display());
        }
    }
}

#[test]
fn killed_at_100_instants_with_all_capabilities() {
    kill("+chown,+fowner,+fsetid,+dac_read_search", 100, MODES);
}

/// Directories and files are taken for the time.
#[test]
fn killed_at_100_instants_with_chown_and_fsetid_alone() {
    kill("+chown,+fsetid", 100, MODES);
}

/// Directories are taken, those that are open, too, so that others do not change their names.
#[test]
fn killed_at_100_instants_while_modes_stay() {
    kill("+chown,+dac_read_search", 50, [None; 2]);
    kill("+chown", 50, [None; 2]);
}

/// A root that was taken would look as if it were handed over.
#[test]
fn killed_at_50_instants_while_this_user_becomes_the_owner() {
    let folder = folder();
    let root = plant(folder.path());
    let command = || command("+chown,+dac_read_search", "0:0", &root, None);
    let whole = whole(&mut command());
    let mut random = 0x9E37_79B9_7F4A_7C15;
    let mut killed = 0;
    for turn in 1.. {
        for path in all(&root).into_keys() {
            lchown(path, Some(999), Some(0)).unwrap();
        }
        killed += u32::from(kill_within(whole, &mut random, &mut command()));
        let again = run(command().arg("--if-root-mismatch"));
        assert_eq!(again.code, Some(0), "{}", again.said);
        all_belong(&root, 0);
        if killed == 50 {
            break;
        }
        assert!(turn < 1000, "{killed} of {turn} runs were killed");
    }
}
