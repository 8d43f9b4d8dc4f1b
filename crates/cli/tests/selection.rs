// SPDX-License-Identifier: Apache-2.0
//! Which findings are wanted: by rule, severity and confidence.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, Run, WITHOUT_TEMP};
use serde_json::Value;

/// A pod without a directory for temporary files whose image is known: surer, and worse or not, than without.
const FACTS: &str = "images:\n  \"acme/app:1\": {}\n";

fn check(folder: &Folder, args: &[&str]) -> Run {
    folder.run(&[&["check"], args].concat())
}

fn codes(run: &Run) -> Vec<&str> {
    let codes = run.stdout.split('[').skip(1);
    codes
        .filter_map(|rest| rest.split_once(']'))
        .map(|(code, _)| code)
        .collect()
}

#[test]
fn rules_are_chosen_on_the_command_line_and_in_the_environment() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    for (args, expected) in [
        (&["--select", "WW101"][..], &["WW101"][..]),
        (&["--select", "ww1"], &["WW101"]),
        (&["--select", "WW2"], &[]),
        (&["--select", "WW2", "--extend-select", "WW10"], &["WW101"]),
        (&["--select", "WW2,WW1"], &["WW101"]),
        (&["--ignore", "read-only-root-without-writable-temp"], &[]),
        (&["--ignore", "WW1", "--extend-select", "WW101"], &["WW101"]),
        (&["--select", "ALL", "--ignore", "WW101"], &[]),
    ] {
        let run = check(&folder, args);
        assert_eq!(codes(&run), expected, "{args:?}");
        assert_eq!(run.code, Some(i32::from(!expected.is_empty())), "{args:?}");
    }
    for (name, value, code) in [
        ("WRITEWAY_SELECT", "WW2,XX3", Some(2)),
        ("WRITEWAY_SELECT", "WW2", Some(0)),
        ("WRITEWAY_IGNORE", "WW1", Some(0)),
        ("WRITEWAY_EXTEND_SELECT", "WW1", Some(1)),
        ("WRITEWAY_SEVERITY", "error", Some(0)),
        ("WRITEWAY_CONFIDENCE", "high", Some(0)),
        ("WRITEWAY_PEDANTIC", "yes", Some(1)),
    ] {
        let run = folder.command(&["check"]).env(name, value).output().unwrap();
        assert_eq!(run.status.code(), code, "{name}={value}");
    }
}

#[test]
fn findings_that_matter_less_or_are_less_sure_are_left_out() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP), ("facts.yml", FACTS)]);
    for (args, expected) in [
        // A warning of medium confidence: the image is not known.
        (&["--severity", "warning"][..], 1),
        (&["--severity", "error"], 0),
        (&["--confidence", "medium"], 1),
        (&["--confidence", "high"], 0),
        (&["--confidence", "low"], 1),
        (&["--pedantic"], 1),
        (&["--confidence", "high", "--facts", "facts.yml"], 1),
    ] {
        let run = check(&folder, &[args, &["pod.yaml"]].concat());
        assert_eq!(codes(&run).len(), expected, "{args:?}: {run:?}");
        assert_eq!(run.code, Some(i32::from(expected > 0)), "{args:?}");
    }
}

#[test]
fn what_is_no_rule_is_wrong_usage_with_a_suggestion() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    for (args, meant) in [
        (&["--select", "WW1O1"][..], "did you mean `WW101`?"),
        (
            &["--ignore", "WW101,mount-not-writeable"],
            "did you mean `mount-not-writable`?",
        ),
        (&["--extend-select", "everything"], "no rule `everything`"),
        (&["--severity", "eror"], "'error'"),
        (&["--confidence", "middle"], "medium"),
        (&["--pedantic", "--confidence", "high"], "cannot be used with"),
    ] {
        let run = check(&folder, args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(run.stderr.contains(meant), "{args:?}: {run:?}");
    }
}

#[test]
fn what_cannot_be_read_is_a_finding_and_said_once() {
    let refused = WITHOUT_TEMP.replace("name: app", "name: 7");
    let folder = Folder::with(&[("broken.yaml", "a: [1\n"), ("pod.yaml", &refused)]);
    for (args, on_stdout, on_stderr) in [
        (&[][..], 2, 0),
        (&["--quiet"], 2, 0),
        (&["--select", "WW101"], 0, 2),
        (&["--ignore", "WW903", "--exit-zero"], 0, 2),
        (&["--statistics"], 0, 2),
        // For a program and for whoever reads its log.
        (&["--format", "json"], 2, 2),
    ] {
        let run = check(&folder, args);
        let said =
            |text: &str| text.matches("broken.yaml").count() + text.matches("must be a string").count();
        assert_eq!(
            (said(&run.stdout), said(&run.stderr)),
            (on_stdout, on_stderr),
            "{args:?}: {run:?}"
        );
        assert_eq!(run.code, Some(2), "{args:?}");
    }
    let document: Value = serde_json::from_str(&check(&folder, &["--format", "json"]).stdout).unwrap();
    let findings = document["findings"].as_array().unwrap().iter();
    let unreadable = findings.filter(|finding| finding["code"] == "WW903");
    let kinds: Vec<_> = unreadable.map(|finding| &finding["object"]["kind"]).collect();
    assert_eq!(kinds, [&Value::Null, &Value::from("Pod")]);
}
