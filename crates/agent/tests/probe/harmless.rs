// SPDX-License-Identifier: Apache-2.0
//! Nothing changes, nothing stays, and a probe of root's runs nobody else's program.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::room::{Room, Run, snapshot};

const PREFIX: &str = ".writeway-probe-";

#[test]
fn nothing_that_is_there_changes_and_nothing_stays() {
    let room = Room::new();
    for (name, mode) in [("open", 0o777), ("sticky", 0o1777), ("setgid", 0o2775)] {
        let directory = room.at(name);
        fs::create_dir(&directory).unwrap();
        fs::set_permissions(&directory, fs::Permissions::from_mode(mode)).unwrap();
        fs::write(directory.join("data.db"), "rows").unwrap();
        fs::set_permissions(directory.join("data.db"), fs::Permissions::from_mode(0o666)).unwrap();
        symlink("data.db", directory.join("current")).unwrap();
    }
    let before = snapshot(&room.path);
    for user in ["0:0", "1000:1000"] {
        let run = room.run(&[
            "--as",
            user,
            "open",
            "sticky",
            "setgid",
            "open/data.db",
            "sticky/current",
        ]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert_eq!(snapshot(&room.path), before, "as {user}");
    }
}

/// Opening a FIFO waits for its other end, opening a device may do something: neither is opened.
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let room = Room::new();
    fs::create_dir(room.at("v")).unwrap();
    let made = Command::new("mkfifo").arg(room.at("v/fifo")).status().unwrap();
    assert!(made.success());
    let made = Command::new("mknod")
        .arg(room.at("v/null"))
        .args(["c", "1", "3"])
        .status()
        .unwrap();
    assert!(made.success());
    let _listener = UnixListener::bind(room.at("v/socket")).unwrap();
    let begin = Instant::now();
    let run = room.run(&["--format", "json", "v", "v/fifo", "v/null", "v/socket"]);
    assert!(begin.elapsed() < Duration::from_secs(10));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let at = |name: &str| room.at(name).display().to_string();
    assert_eq!(
        run.answer(&at("v"), "overwrite"),
        "unknown",
        "none of them is a regular file"
    );
    for name in ["v/fifo", "v/null", "v/socket"] {
        assert_eq!(run.answer(&at(name), "overwrite"), "yes");
        assert_eq!(run.answer(&at(name), "type"), "file");
        assert!(run.stdout.contains("was not opened"));
    }
}

#[test]
fn a_killed_probe_leaves_its_own_names_alone_and_the_next_one_removes_them() {
    const KILLS: u32 = 60;
    let room = Room::new();
    let names: Vec<String> = (0..20).map(|number| format!("d{number}")).collect();
    let mut arguments: Vec<&str> = vec!["-q"];
    for name in &names {
        fs::create_dir(room.at(name)).unwrap();
        fs::write(room.at(name).join("data"), "rows").unwrap();
        arguments.push(name);
    }
    let before = snapshot(&room.path);
    let begin = Instant::now();
    assert_eq!(room.run(&arguments).code, Some(0));
    let whole = begin.elapsed();
    for kill in 0..KILLS {
        let mut probe = room.agent(&arguments).stdout(Stdio::null()).spawn().unwrap();
        // Spread over a whole run, whatever this machine needs for one.
        thread::sleep(whole * kill / KILLS);
        probe.kill().unwrap();
        probe.wait().unwrap();
    }
    let mut left = 0;
    for name in &names {
        for entry in fs::read_dir(room.at(name)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() == "data" {
                continue;
            }
            assert!(
                entry.file_name().to_str().unwrap().starts_with(PREFIX),
                "{entry:?}"
            );
            // Young names may be those of a probe that is still at it.
            let old = SystemTime::now() - Duration::from_secs(60);
            let opened = File::open(entry.path()).unwrap();
            opened.set_times(FileTimes::new().set_modified(old)).unwrap();
            left += 1;
        }
    }
    assert!(left > 0, "no kill came in between: this test shows nothing");
    let next = room.run(&arguments);
    assert_eq!(next.code, Some(0));
    assert_eq!(snapshot(&room.path), before, "{left} names were left");
}

#[test]
fn what_looks_like_a_probes_name_but_is_anothers_stays() {
    let room = Room::new();
    let directory = room.at("v");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
    let old = SystemTime::now() - Duration::from_secs(3600);
    for name in ["other", "link", "full"] {
        let path = directory.join(format!("{PREFIX}{name}"));
        match name {
            "link" => symlink("/etc/passwd", &path).unwrap(),
            "full" => {
                fs::create_dir(&path).unwrap();
                fs::write(path.join("data"), "rows").unwrap();
            }
            _ => {
                let file = File::create(&path).unwrap();
                file.set_times(FileTimes::new().set_modified(old)).unwrap();
                std::os::unix::fs::chown(&path, Some(2000), Some(2000)).unwrap();
            }
        }
    }
    let full = File::open(directory.join(format!("{PREFIX}full"))).unwrap();
    full.set_times(FileTimes::new().set_modified(old)).unwrap();
    let before = snapshot(&room.path);
    assert_eq!(room.run(&["v"]).code, Some(0));
    assert_eq!(snapshot(&room.path), before);
}

#[test]
fn probes_of_one_directory_at_the_same_time_do_not_disturb_each_other() {
    let room = Room::new();
    fs::create_dir(room.at("v")).unwrap();
    let v = room.at("v").display().to_string();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let run: Run = room.run(&["--format", "json", "v"]);
                    for field in ["create", "replace", "delete", "exec", "mkdir"] {
                        assert_eq!(run.answer(&v, field), "yes", "{field}: {}", run.stdout);
                    }
                    assert_eq!(run.stderr, "");
                }
            });
        }
    });
    assert_eq!(fs::read_dir(room.at("v")).unwrap().count(), 0);
}

/// In a directory that others may write to, the name of the probe's script may become another's program at any moment.
#[test]
fn nobody_can_have_a_probe_of_roots_run_their_program() {
    let room = Room::new();
    let directory = room.at("open");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o777)).unwrap();
    let proof = room.at("proof");
    let program = room.at("program");
    fs::write(&program, format!("#!/bin/sh\ntouch {}\n", proof.display())).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Command::new(&program).status().unwrap().success());
    fs::remove_file(&proof).expect("the program leaves its proof");

    let ended = AtomicBool::new(false);
    let swaps = thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut swaps = 0_u32;
            while !ended.load(Ordering::Relaxed) {
                for entry in fs::read_dir(&directory).unwrap().flatten() {
                    let name = entry.file_name();
                    if name.to_string_lossy().starts_with(PREFIX) {
                        let mine = room.at("mine");
                        let _ = fs::hard_link(&program, &mine);
                        swaps += u32::from(fs::rename(&mine, entry.path()).is_ok());
                    }
                }
            }
            swaps
        });
        for _ in 0..400 {
            let run = room.run(&["-q", "open"]);
            assert_eq!(run.code, Some(0), "{}", run.stderr);
        }
        ended.store(true, Ordering::Relaxed);
        swapper.join().unwrap()
    });
    assert!(
        swaps > 20,
        "the names were swapped {swaps} times: this test shows nothing"
    );
    assert!(
        !proof.exists(),
        "the probe ran another's program, after {swaps} swaps"
    );
    assert_eq!(fs::metadata(&program).unwrap().mode() & 0o7777, 0o755);
}
