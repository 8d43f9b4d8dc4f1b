// SPDX-License-Identifier: Apache-2.0
//! Bad input of every kind ends with exit code 2, a line that names the place and the cause, and the answer about
//! everything else; never with a panic, and never with all the memory.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, Run, WITHOUT_TEMP};

/// Address space that a run may use: enough for every thread's stack, far less than hostile input asks for.
const MEMORY: &str = "768000";

/// Runs `map` with little memory, on the hostile file and a good one.
fn map_with_little_memory(folder: &Folder) -> Run {
    folder.write("zz-good.yaml", WITHOUT_TEMP.as_bytes());
    let shell = format!("ulimit -v {MEMORY}; exec \"$0\" map .");
    let mut command = Command::new("sh");
    command
        .args(["-c", &shell, env!("CARGO_BIN_EXE_writeway")])
        .current_dir(folder.path())
        .env_clear();
    let start = Instant::now();
    let run: Run = command
        .env("RAYON_NUM_THREADS", "2")
        .stdin(Stdio::null())
        .output()
        .unwrap()
        .into();
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "took {:?}",
        start.elapsed()
    );
    run
}

fn assert_named(run: &Run, expected: &[&str]) {
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    for text in expected {
        assert!(run.stderr.contains(text), "{text} is missing in {run:?}");
    }
}

fn assert_good_is_mapped(run: &Run) {
    assert!(run.stdout.contains("Pod without-temp"), "{run:?}");
}

#[test]
fn a_file_that_cannot_be_read() {
    let folder = Folder::with(&[("good.yaml", WITHOUT_TEMP)]);
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling.yaml")).unwrap();
    // Open to root, too, but reading its first page fails.
    std::os::unix::fs::symlink("/proc/self/mem", folder.path().join("mem.yaml")).unwrap();
    let run = folder.run(&["map", "dangling.yaml", "mem.yaml", "good.yaml"]);
    assert_named(
        &run,
        &["dangling.yaml: no such file", "mem.yaml: Input/output error"],
    );
    assert_good_is_mapped(&run);
}

#[test]
fn a_path_that_leads_nowhere_has_no_clean_bill() {
    let folder = Folder::with(&[("good.yaml", WITHOUT_TEMP)]);
    let run = folder.run(&["check", "nowhere"]);
    assert_named(&run, &["nowhere: no such file or folder"]);
    assert_eq!(run.stdout, "nothing could be checked\n");
    let run = folder.run(&["check", "--ignore", "WW101", "nowhere", "good.yaml"]);
    assert_named(&run, &["nowhere: no such file or folder"]);
    assert_eq!(
        run.stdout,
        "no findings in what could be read, 1 workload in 1 file\n"
    );
}

#[test]
fn bytes_that_are_not_utf_8() {
    let folder = Folder::with(&[]);
    folder.write("latin1.yaml", b"# caf\xc3\xa9\nname: caf\xe9\n");
    let run = map_with_little_memory(&folder);
    assert_named(&run, &["latin1.yaml:2:10: not UTF-8"]);
    assert_good_is_mapped(&run);
}

#[test]
fn a_hundred_megabytes_on_one_line() {
    let folder = Folder::with(&[]);
    folder.write("line.yaml", &vec![b'a'; 100 << 20]);
    let run = map_with_little_memory(&folder);
    assert_named(&run, &["line.yaml: larger than 67108864 bytes"]);
    assert_good_is_mapped(&run);
}

#[test]
fn aliases_that_multiply() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let previous = format!("*a{}", level - 1);
        text.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![previous; 9].join(", ")
        ));
    }
    let folder = Folder::with(&[("laughs.yaml", &text)]);
    let run = map_with_little_memory(&folder);
    assert_named(&run, &["laughs.yaml:", "alias"]);
    assert_good_is_mapped(&run);
}

#[test]
fn nesting_without_end() {
    let folder = Folder::with(&[]);
    folder.write("flow.yaml", &vec![b'['; 1 << 20]);
    let block: String = (0..2_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    folder.write("block.yaml", block.as_bytes());
    folder.write("dashes.yaml", "- ".repeat(100_000).as_bytes());
    let run = map_with_little_memory(&folder);
    assert_named(&run, &["flow.yaml:1:", "block.yaml:", "dashes.yaml:1:"]);
    assert_good_is_mapped(&run);
}

#[test]
fn links_in_a_circle() {
    let folder = Folder::with(&[("sub/good.yaml", WITHOUT_TEMP)]);
    std::os::unix::fs::symlink("..", folder.path().join("sub/up")).unwrap();
    std::os::unix::fs::symlink("self", folder.path().join("self")).unwrap();
    let run = folder.run(&["map", "sub", "self"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("self: "), "{run:?}");
    assert_good_is_mapped(&run);
}

#[test]
fn a_facts_file_with_a_typo() {
    let facts = "images:\n  \"acme/app:1\":\n    complete: true\n    usr: \"1000\"\n";
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP), ("facts.yaml", facts)]);
    let run = folder.run(&["map", "--facts", "facts.yaml", "pod.yaml"]);
    assert_named(&run, &["facts.yaml:4:5: ", "usr", "user"]);
    assert_eq!(run.stdout, "", "no answer without the facts it may depend on");
}

#[test]
fn facts_that_cannot_be_read() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    folder.write("latin1.yaml", b"\xe9");
    for (facts, cause) in [
        ("missing.yaml", "missing.yaml: "),
        ("latin1.yaml", "UTF-8"),
        (".", "Is a directory"),
    ] {
        assert_named(&folder.run(&["check", "--facts", facts, "pod.yaml"]), &[cause]);
    }
}

#[test]
fn an_image_that_is_none() {
    let folder = Folder::with(&[("image.tar", "not an archive"), ("empty/readme", "")]);
    for image in ["image.tar", "empty", "missing.tar"] {
        assert_named(&folder.run(&["facts", image]), &[&format!("{image}: ")]);
    }
}
