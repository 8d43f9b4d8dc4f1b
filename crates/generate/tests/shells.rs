// SPDX-License-Identifier: Apache-2.0
//! The shell forms, run by real shells on real files, as kubelet would start them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use writeway_generate::{Image, Mount, Own, Rendered, Size, Tmp, TmpDirectory, User};

/// What `sh` is in images, BusyBox apart, which reads quotes as they do.
const SHELLS: [&str; 2] = ["dash", "bash"];

/// Names that a shell would take for something else.
const NASTY: [&str; 18] = [
    "a b",
    " leading and trailing ",
    "it's",
    "\"quoted\"",
    "back\\slash\\",
    "line\nbreak",
    "tab\there",
    "-rf",
    "--",
    "$(touch pwned)",
    "`touch pwned`",
    "$HOME ${HOME} $$ $(HOME)",
    "; touch pwned #",
    "& touch pwned",
    "* ? [a-z]",
    "{a,b}",
    "~root",
    "naïve \u{1f980}",
];

/// The words of the container's `command`, as kubelet hands them over when no variable of the pod is named in them.
fn command(rendered: &Rendered) -> Vec<String> {
    let parts = rendered.to_json();
    let words = parts.init_containers[0]["command"].as_array().unwrap();
    words.iter().map(as_kubelet_expands).collect()
}

fn as_kubelet_expands(word: &Value) -> String {
    let word = word.as_str().unwrap();
    let mut expanded = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        let reference = after.starts_with('(');
        assert!(!reference, "kubelet would look for a variable: {word}");
        expanded.push_str(before);
        expanded.push('$');
        rest = after.strip_prefix('$').unwrap_or(after);
    }
    expanded + rest
}

/// Runs the command by this shell in place of `sh`.
fn run(shell: &str, command: &[String], folder: &Path) {
    assert_eq!(command[0], "sh");
    let mut shell = Command::new(shell);
    let output = shell.args(&command[1..]).current_dir(folder).output();
    let output = output.expect("the shell is there");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{shell:?} {command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Whom the files are given to: root may give them to anybody, others only to themselves.
fn somebody(folder: &Path) -> User {
    let here = fs::metadata(folder).unwrap();
    match here.uid() {
        0 => User::new(12345, 23456).unwrap(),
        uid => User::new(uid.into(), here.gid().into()).unwrap(),
    }
}

#[test]
fn h3_1_chown_reaches_exactly_the_paths_that_it_is_given() {
    for shell in SHELLS {
        let folder = TempDir::new().unwrap();
        let user = somebody(folder.path());
        let mut mounts = Vec::new();
        for (index, name) in NASTY.iter().enumerate() {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join(name), "").unwrap();
            mounts.push(Mount::new(&format!("v{index}"), path.to_str().unwrap()).unwrap());
        }
        fs::write(folder.path().join("beside"), "").unwrap();
        let before = fs::metadata(folder.path().join("beside")).unwrap().uid();

        let own = Own::new(user.uid(), user.gid(), mounts).unwrap();
        let rendered = own.shell(Image::parse("busybox:1.36").unwrap()).render();
        run(shell, &command(&rendered), folder.path());

        for name in NASTY {
            let directory = folder.path().join(name);
            for path in [directory.join(name), directory] {
                let found = fs::metadata(&path).unwrap();
                let owner = (i64::from(found.uid()), i64::from(found.gid()));
                assert_eq!(owner, (user.uid(), user.gid()), "{shell:?}: {}", path.display());
            }
        }
        assert_eq!(fs::metadata(folder.path().join("beside")).unwrap().uid(), before);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            NASTY.len() + 1,
            "a name was run"
        );
    }
}

#[test]
fn a_directory_of_a_shell_has_the_mode_that_was_asked_for_and_may_be_there_already() {
    for shell in SHELLS {
        for mode in [0o1777, 0o700] {
            let folder = TempDir::new().unwrap();
            let directory = TmpDirectory::new(User::new(1000, 1000).unwrap());
            let directory = directory.mode(mode).unwrap();
            let directory = directory.shell(Image::parse("busybox:1.36").unwrap());
            let size = Size::parse("64Mi").unwrap();
            let mut command = command(&Tmp::directory("/tmp", size, directory).unwrap().render());
            // The volume is elsewhere here.
            let scratch = folder.path().join("scratch");
            fs::create_dir(&scratch).unwrap();
            assert!(command[2].contains(" /scratch/"), "{command:?}");
            command[2] = command[2].replace("/scratch", scratch.to_str().unwrap());
            for _ in 0..2 {
                run(shell, &command, folder.path());
                let made = fs::metadata(scratch.join("tmp")).unwrap();
                assert_eq!(made.permissions().mode() & 0o7777, mode, "{shell:?}");
            }
        }
    }
}
