// SPDX-License-Identifier: Apache-2.0
//! Exit codes are a contract: 0 nothing to report, 1 findings or a refused verdict, 2 wrong usage or unreadable input;
//! 2 beats 1 beats 0.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, WITHOUT_TEMP, WRITABLE, run};

#[test]
fn wrong_usage_is_2_and_says_so_on_standard_error() {
    for args in [
        &["frobnicate"][..],
        &["map", "--format", "xml"],
        &["map", "--path", "relative"],
        &["map", "--kubernetes-version", "soon"],
        &["map", "--fail-on", "yes"],
        &["check", "--why"],
        &["rule", "WW999"],
        &["schema", "nothing"],
        &["man", "nothing"],
        &["facts"],
        &["map", "--quiet", "--verbose"],
    ] {
        let run = run(args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(!run.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn map_answers_0_whatever_it_shows() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    let run = folder.run(&["map", "pod.yaml"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.contains("no") && run.stdout.contains("?"), "{run:?}");
}

#[test]
fn fail_on_no_refuses_a_path_that_cannot_be_written() {
    let folder = Folder::with(&[("bad.yaml", WITHOUT_TEMP), ("good.yaml", WRITABLE)]);
    let code = |args: &[&str]| folder.run(&[&["map", "--fail-on"], args].concat()).code;
    assert_eq!(code(&["no", "bad.yaml"]), Some(1));
    assert_eq!(code(&["no", "--path", "/tmp", "bad.yaml"]), Some(1));
    assert_eq!(code(&["no", "--path", "/tmp", "good.yaml"]), Some(0));
    assert_eq!(code(&["no", "--path", "/tmp/", "good.yaml", "bad.yaml"]), Some(1));
    assert_eq!(code(&["no", "--container", "other", "bad.yaml"]), Some(0));
}

#[test]
fn fail_on_unknown_also_refuses_what_is_not_known() {
    let unknown = WRITABLE.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false");
    let folder = Folder::with(&[("pod.yaml", &unknown)]);
    let code = |level: &str, path: &str| {
        folder
            .run(&["map", "--fail-on", level, "--path", path, "pod.yaml"])
            .code
    };
    assert_eq!(code("no", "/opt"), Some(0));
    assert_eq!(code("unknown", "/opt"), Some(1));
    assert_eq!(code("unknown", "/tmp"), Some(0));
}

#[test]
fn fail_on_no_refuses_a_pod_that_does_not_start() {
    let root = WRITABLE.replace("runAsUser: 1000", "runAsUser: 0\n    runAsNonRoot: true");
    let folder = Folder::with(&[("pod.yaml", &root)]);
    let run = folder.run(&["map", "--fail-on", "no", "--path", "/tmp", "pod.yaml"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("does not start"), "{run:?}");
}

#[test]
fn check_is_1_with_findings_and_0_without() {
    let folder = Folder::with(&[("bad.yaml", WITHOUT_TEMP), ("good.yaml", WRITABLE)]);
    assert_eq!(folder.run(&["check", "good.yaml"]).code, Some(0));
    assert_eq!(folder.run(&["check", "bad.yaml"]).code, Some(1));
    assert_eq!(
        folder.run(&["check", "--format", "json", "bad.yaml"]).code,
        Some(1)
    );
    assert_eq!(folder.run(&["check", "--statistics", "bad.yaml"]).code, Some(1));
    assert_eq!(folder.run(&["check", "--exit-zero", "bad.yaml"]).code, Some(0));
}

#[test]
fn unreadable_input_beats_findings_and_the_rest_is_still_processed() {
    let folder = Folder::with(&[("a.yaml", "a: [1\n"), ("b.yaml", WITHOUT_TEMP)]);
    for args in [
        &["check"][..],
        &["check", "--exit-zero"],
        &["check", "a.yaml", "missing.yaml", "b.yaml"],
    ] {
        let run = folder.run(args);
        assert_eq!(run.code, Some(2), "{args:?}: {run:?}");
        assert!(run.stdout.contains("WW101"), "{args:?}: {run:?}");
        assert!(run.stdout.contains("--> a.yaml:"), "{args:?}: {run:?}");
    }
    let run = folder.run(&["map", "--fail-on", "no"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stdout.contains("Pod without-temp"), "{run:?}");
}

#[test]
fn what_the_api_server_would_refuse_is_named_by_line_and_column() {
    let folder = Folder::with(&[(
        "pod.yaml",
        &WRITABLE.replace("runAsUser: 1000", "runAsUser: \"1000\""),
    )]);
    let run = folder.run(&["map", "pod.yaml"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("pod.yaml:7:16: "), "{run:?}");
    assert!(run.stdout.contains("Pod writable"), "{run:?}");
}
