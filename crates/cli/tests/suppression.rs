// SPDX-License-Identifier: Apache-2.0
//! Suppressed findings are neither shown nor counted among the others, and do not make the exit code 1.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, WITHOUT_TEMP};
use serde_json::Value;

fn with_comment(comment: &str) -> String {
    WITHOUT_TEMP.replace(
        "readOnlyRootFilesystem: true",
        &format!("readOnlyRootFilesystem: true {comment}"),
    )
}

#[test]
fn suppressed_findings_are_counted_apart() {
    let folder = Folder::with(&[
        (
            "a.yaml",
            &with_comment("# writeway: ignore[WW101] no temporary files"),
        ),
        (
            "b.json",
            r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b", "annotations": {
                "app.writeway.dev/ignore.WW101": ""}}, "spec": {"containers": [
                {"name": "app", "securityContext": {"readOnlyRootFilesystem": true}}]}}"#,
        ),
    ]);
    let run = folder.run(&["check"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(0), "no findings, 2 suppressed, 2 workloads in 2 files\n")
    );
    folder.write("c.yaml", WITHOUT_TEMP.as_bytes());
    let run = folder.run(&["check", "--format", "json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let summary = &document["summary"];
    assert_eq!(
        (&summary["findings"], &summary["suppressed"]),
        (&1.into(), &2.into())
    );
    assert_eq!(
        (document["findings"].as_array().unwrap().len(), run.code),
        (1, Some(1))
    );
}

#[test]
fn a_suppression_that_does_nothing_is_a_finding_at_its_place() {
    let text = with_comment("# writeway: ignore[WW101, WW2O1] why");
    let folder = Folder::with(&[("pod.yaml", &text)]);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stdout.contains("info[WW901]") && run.stdout.contains("did you mean `WW201`?"),
        "{run:?}"
    );
    let column = text.lines().last().unwrap().find("WW2O1").unwrap() + 1;
    assert!(
        run.stdout.contains(&format!("--> pod.yaml:10:{column}")),
        "{run:?}"
    );
    assert_eq!(folder.run(&["check", "--ignore", "WW901"]).code, Some(0));
}

#[test]
fn a_reason_is_asked_for_only_when_that_rule_is_selected() {
    let folder = Folder::with(&[("pod.yaml", &with_comment("# writeway: ignore[WW101]"))]);
    assert_eq!(folder.run(&["check"]).code, Some(0));
    for args in [
        &["--extend-select", "WW902"][..],
        &["--select", "ALL"],
        &["--extend-select", "suppression-without-reason"],
    ] {
        let run = folder.run(&[&["check"], args].concat());
        assert_eq!(run.code, Some(1), "{args:?}");
        assert!(run.stdout.contains("[WW902]"), "{run:?}");
    }
}
