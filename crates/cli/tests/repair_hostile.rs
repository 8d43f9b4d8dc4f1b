// SPDX-License-Identifier: Apache-2.0
//! `check --fix` on input that is broken, hostile or huge: it ends, says what it cannot read, repairs the rest, and leaves
//! every other byte alone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, Run, WITHOUT_TEMP, WRITABLE};

/// Address space that a run may use: enough for every thread's stack, far less than hostile input asks for.
const MEMORY: &str = "768000";

/// Longer than any of these takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `check --fix --unsafe-fixes` on a folder with little memory.
fn repaired(folder: &Folder) -> Run {
    let shell = format!("ulimit -v {MEMORY}; exec \"$0\" check --fix --unsafe-fixes --format concise .");
    let started = Instant::now();
    let mut command = Command::new("sh");
    let command = command
        .args(["-c", &shell, env!("CARGO_BIN_EXE_writeway")])
        .current_dir(folder.path())
        .env_clear()
        .env("RAYON_NUM_THREADS", "2")
        .stdin(Stdio::null());
    let run = Run::from(command.output().unwrap());
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    assert!(matches!(run.code, Some(0..=2)), "{run:?}");
    run
}

/// A pod with this spec.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: hostile}}\nspec:\n{spec}")
}

fn bomb() -> String {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let above = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{above}]\n"));
    }
    text
}

#[test]
fn what_cannot_be_read_stays_as_it_is_and_what_stands_beside_it_is_repaired() {
    let deep: String = (0..2000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    let half = format!("{WITHOUT_TEMP}---\na: [1\n---\n{WITHOUT_TEMP}");
    for (name, text) in [
        ("bomb", bomb().into_bytes()),
        ("deep", deep.into_bytes()),
        ("brackets", vec![b'['; 1 << 20]),
        ("dashes", "- ".repeat(100_000).into_bytes()),
        ("latin1", b"apiVersion: v1\nkind: Pod\nname: caf\xe9\n".to_vec()),
        ("half", half.into_bytes()),
        (
            "cycle",
            pod("  containers: &c\n    - {name: a, image: 'a:1', env: *c}\n").into_bytes(),
        ),
    ] {
        let folder = Folder::with(&[("good.yaml", WITHOUT_TEMP)]);
        folder.write("hostile.yaml", &text);
        let run = repaired(&folder);
        assert_eq!(run.code, Some(2), "{name}: {run:?}");
        assert!(
            run.stdout.contains("hostile.yaml") || run.stderr.contains("hostile.yaml"),
            "{name}: {run:?}"
        );
        let read = |file: &str| std::fs::read(folder.path().join(file)).unwrap();
        assert_ne!(read("good.yaml"), WITHOUT_TEMP.as_bytes(), "{name}");
        if name != "half" {
            assert_eq!(read("hostile.yaml"), text, "{name}");
        }
    }
}

#[test]
fn a_document_that_is_repeated_a_thousand_times_is_repaired_each_time() {
    const COUNT: usize = 1000;
    let text: String = (0..COUNT)
        .map(|number| WITHOUT_TEMP.replace("without-temp", &format!("pod-{number}")) + "---\n")
        .collect();
    let folder = Folder::with(&[("many.yaml", &text)]);
    let run = repaired(&folder);
    assert_eq!(
        run.code,
        Some(0),
        "{}",
        run.stderr.lines().last().unwrap_or_default()
    );
    let fixed = std::fs::read_to_string(folder.path().join("many.yaml")).unwrap();
    assert_eq!(fixed.matches("emptyDir:").count(), COUNT);
}

#[test]
fn words_of_a_megabyte_are_repaired_or_refused() {
    let long = "x".repeat(1 << 20);
    let folder = Folder::with(&[(
        "long.yaml",
        &pod(&format!(
            "  containers:\n    - name: {long}\n      image: {long}\n      securityContext: {{readOnlyRootFilesystem: true}}\n"
        )),
    )]);
    repaired(&folder);
}

#[test]
fn values_of_the_wrong_kind_where_a_fix_would_write_are_refused_or_repaired_but_never_lost() {
    let container =
        "    - name: app\n      image: a:1\n      securityContext: {readOnlyRootFilesystem: true}\n";
    for (volumes, mounts) in [
        ("", "volumeMounts: 5"),
        ("", "volumeMounts: {a: b}"),
        ("", "volumeMounts: [1, two, {}]"),
        ("  volumes: none\n", ""),
        ("  volumes: {a: b}\n", ""),
        ("  volumes: [~, 3]\n", ""),
        ("  volumes: &v []\n  more: *v\n", ""),
        ("  volumes: !!set {a}\n", ""),
        ("  <<: {volumes: []}\n", ""),
        ("  volumes: []\n  volumes: []\n", ""),
    ] {
        let mounts = if mounts.is_empty() {
            String::new()
        } else {
            format!("      {mounts}\n")
        };
        let text = pod(&format!("  containers:\n{container}{mounts}{volumes}"));
        let folder = Folder::with(&[("pod.yaml", &text), ("good.yaml", WRITABLE)]);
        repaired(&folder);
        let fixed = std::fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
        for line in [mounts.trim(), volumes.trim()] {
            // `[]` and the like may be given items; words stay.
            let word = line.split([':', ' ']).nth(2).unwrap_or_default();
            assert!(fixed.contains(word), "{text}\n{fixed}");
        }
    }
}
