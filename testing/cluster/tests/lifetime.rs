// SPDX-License-Identifier: Apache-2.0
//! A cluster ends with the program that started it, whatever happens to that.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Starts the program that keeps a cluster, and returns it with the cluster's folder.
fn start() -> (Child, PathBuf) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_writeway-test-cluster"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let kubeconfig = line.trim_end().strip_prefix("export KUBECONFIG=").expect(&line);
    let folder = Path::new(kubeconfig).parent().unwrap().to_owned();
    (child, folder)
}

/// The names of the programs that run in a folder.
fn running_in(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let mut names: Vec<String> = processes
        .filter(|process| fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder)))
        .filter_map(|process| {
            let command = fs::read(process.path().join("cmdline")).ok()?;
            let program = Path::new(OsStr::from_bytes(command.split(|&byte| byte == 0).next()?));
            Some(program.file_name()?.to_string_lossy().into_owned())
        })
        .collect();
    names.sort();
    names
}

/// Waits until nothing runs in a folder and it is gone.
fn assert_gone(folder: &Path) {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if running_in(folder).is_empty() && !folder.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} has {:?} running", folder.display(), running_in(folder));
}

#[test]
fn it_ends_with_its_program() {
    let (mut child, folder) = start();
    let running = running_in(&folder);
    assert!(
        ["etcd", "kube-apiserver"]
            .iter()
            .all(|name| running.iter().any(|running| running == name)),
        "{running:?}"
    );
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    // Whoever drops a cluster gets on when all of it is gone.
    assert_eq!(running_in(&folder), Vec::<String>::new());
    assert!(!folder.exists());
}

#[test]
fn it_ends_when_its_program_is_killed() {
    let (mut child, folder) = start();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_gone(&folder);
}

#[test]
fn without_the_programs_it_says_what_to_do() {
    let empty = tempfile::tempdir().unwrap();
    for (assets, place) in [
        (Some(empty.path()), "which KUBEBUILDER_ASSETS names"),
        (None, "PATH"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_writeway-test-cluster"));
        command.env_remove("KUBEBUILDER_ASSETS").env("PATH", empty.path());
        command.envs(assets.map(|assets| ("KUBEBUILDER_ASSETS", assets)));
        let mut child = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!child.wait().unwrap().success());
        assert!(
            said.contains(place) && said.contains("cargo xtask test"),
            "{said}"
        );
    }
}
