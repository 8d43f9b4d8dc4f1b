// SPDX-License-Identifier: Apache-2.0
//! What is mounted beneath a path. Each test has a mount namespace of its own.

use std::process::Command;

use super::tree::{AGENT, Ended, directory, file, folder, run};

/// Runs a script in a new mount namespace and a tree with a tmpfs, a directory bound once more, and a file that another
/// one is mounted on; it ends with the owners of what is there.
fn mounted(options: &str) -> Ended {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let elsewhere = directory(folder.path().join("elsewhere"), 4242, 0o755);
    file(elsewhere.join("file"), 4242, 0o644);
    for name in ["tmpfs", "bound"] {
        directory(root.join(name), 0, 0o755);
    }
    file(root.join("file"), 0, 0o644);
    file(root.join("plain"), 0, 0o644);
    let script = format!(
        "mount -t tmpfs none data/tmpfs && : > data/tmpfs/inside \\
         && mount --bind elsewhere data/bound && mount --bind elsewhere/file data/file || exit 9
         {AGENT} own 1000:1000 data {options} || exit $?
         stat -c '%n %u' data data/plain data/tmpfs data/tmpfs/inside data/bound data/bound/file data/file elsewhere >&2"
    );
    run(Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .current_dir(folder.path()))
}

#[test]
fn h3_5_other_file_systems_are_left_and_counted() {
    let ended = mounted("");
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert!(
        ended
            .said
            .contains("2 changed, 0 right already, 3 left on other mounts"),
        "{}",
        ended.said
    );
    for line in [
        "data 1000",
        "data/plain 1000",
        "data/tmpfs 0",
        "data/tmpfs/inside 0",
        "data/bound 4242",
        "data/bound/file 4242",
        "data/file 4242",
    ] {
        assert!(
            ended.said.contains(&format!("\n{line}\n")),
            "{line}: {}",
            ended.said
        );
    }
}

#[test]
fn mounts_are_crossed_when_asked_for() {
    let ended = mounted("--cross-file-systems");
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    for line in [
        "data/tmpfs/inside 1000",
        "data/bound/file 1000",
        "data/file 1000",
        "elsewhere 1000",
    ] {
        assert!(
            ended.said.contains(&format!("\n{line}\n")),
            "{line}: {}",
            ended.said
        );
    }
}

#[test]
fn a_read_only_mount_is_named() {
    let folder = folder();
    directory(folder.path().join("data"), 0, 0o755);
    let script = format!("mount --bind -o ro data data && exec {AGENT} own 1000:1000 data");
    let ended = run(Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .current_dir(folder.path()));
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(
        ended.said.contains("Read-only file system (EROFS)"),
        "{}",
        ended.said
    );
}
