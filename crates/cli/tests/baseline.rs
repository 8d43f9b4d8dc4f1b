// SPDX-License-Identifier: Apache-2.0
//! A baseline keeps known findings out of the report, until they are gone or their entries expire.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, Run, WITHOUT_TEMP, WRITABLE};
use serde_json::Value;

const TODAY: &str = "2026-11-22";

/// A folder with two findings, and a baseline of them.
fn known() -> Folder {
    let folder = Folder::with(&[
        ("k8s/b.yaml", WITHOUT_TEMP),
        ("k8s/a.yaml", &WITHOUT_TEMP.replace("without-temp", "first")),
    ]);
    let run = check(&folder, &["--write-baseline", ".baseline.json"]);
    let summary = "no findings, 2 in the baseline, 2 workloads in 2 files\n";
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (Some(0), summary, ""),
        "{run:?}"
    );
    folder
}

fn check(folder: &Folder, args: &[&str]) -> Run {
    let mut command = folder.command(&[&["check"], args].concat());
    command.env("WRITEWAY_TODAY", TODAY).output().unwrap().into()
}

fn baseline(folder: &Folder) -> Value {
    let text = std::fs::read_to_string(folder.path().join(".baseline.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Writes into the baseline by hand.
fn edit(folder: &Folder, entry: usize, key: &str, value: &str) {
    let mut document = baseline(folder);
    document["entries"][entry][key] = value.into();
    folder.write(".baseline.json", document.to_string().as_bytes());
}

#[test]
fn known_findings_are_counted_apart_and_new_ones_are_reported() {
    let folder = known();
    let files: Vec<_> = baseline(&folder)["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["file"].clone())
        .collect();
    assert_eq!(files, ["k8s/a.yaml", "k8s/b.yaml"], "sorted");
    assert_eq!(
        baseline(&folder)["entries"][0]["object"],
        "Pod first, container app"
    );
    // Lines move, and nothing is new.
    folder.write("k8s/b.yaml", format!("# a comment\n\n{WITHOUT_TEMP}").as_bytes());
    let run = check(&folder, &["--baseline", ".baseline.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
    folder.write("k8s/c.yaml", WITHOUT_TEMP.as_bytes());
    let run = check(&folder, &["--baseline", ".baseline.json"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stdout.contains("k8s/c.yaml:10") && !run.stdout.contains("k8s/b.yaml"),
        "{run:?}"
    );
    assert!(
        run.stdout.ends_with(
            "1 finding (1 warning), 2 in the baseline, 3 workloads in 3 files\n1 fixable with --fix\n"
        ),
        "{run:?}"
    );
    let json = check(&folder, &["--baseline", ".baseline.json", "--format", "json"]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (
            &document["summary"]["inBaseline"],
            &document["summary"]["findings"]
        ),
        (&2.into(), &1.into())
    );
}

#[test]
fn the_configuration_file_may_name_it() {
    let folder = known();
    folder.write("writeway.toml", b"baseline = \".baseline.json\"\n");
    assert_eq!(check(&folder, &[]).code, Some(0));
    assert_eq!(check(&folder, &["--isolated"]).code, Some(1));
}

#[test]
fn entries_without_a_finding_are_named_and_removed_when_it_is_written_again() {
    let folder = known();
    folder.write("k8s/a.yaml", WRITABLE.as_bytes());
    let run = check(&folder, &["--baseline", ".baseline.json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        run.stderr,
        ".baseline.json: no longer found, remove the entry: WW101 in k8s/a.yaml (Pod first, container app)\n"
    );
    // Of what was not looked at nothing is known.
    for args in [&["k8s/b.yaml"][..], &["--select", "WW2"]] {
        let run = check(&folder, &[&["--baseline", ".baseline.json"], args].concat());
        assert!(!run.stderr.contains("no longer found"), "{args:?}: {run:?}");
    }
    std::fs::remove_file(folder.path().join("k8s/a.yaml")).unwrap();
    let run = check(&folder, &["--baseline", ".baseline.json", "k8s/b.yaml"]);
    assert!(
        run.stderr.contains("no longer found"),
        "the file is gone: {run:?}"
    );
    check(&folder, &["--write-baseline", ".baseline.json"]);
    assert_eq!(baseline(&folder)["entries"].as_array().unwrap().len(), 1);
}

#[test]
fn an_entry_counts_until_the_day_on_which_it_expires_has_passed() {
    let folder = known();
    edit(&folder, 0, "expires", TODAY);
    assert_eq!(check(&folder, &["--baseline", ".baseline.json"]).code, Some(0));
    edit(&folder, 0, "expires", "2026-11-21");
    let run = check(&folder, &["--baseline", ".baseline.json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.stdout.contains("k8s/a.yaml") && !run.stdout.contains("k8s/b.yaml"),
        "{run:?}"
    );
    assert!(
        run.stderr
            .contains(".baseline.json: expired on 2026-11-21, reported again: WW101 in k8s/a.yaml"),
        "{run:?}"
    );
}

#[test]
fn what_people_wrote_stays_when_it_is_written_again() {
    let folder = known();
    edit(&folder, 0, "expires", "2030-01-31");
    edit(&folder, 0, "reason", "the image goes away");
    folder.write("k8s/c.yaml", WITHOUT_TEMP.as_bytes());
    let run = check(&folder, &["--write-baseline", ".baseline.json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let document = baseline(&folder);
    assert_eq!(document["entries"].as_array().unwrap().len(), 3);
    let entry = &document["entries"][0];
    assert_eq!(
        (&entry["expires"], &entry["reason"]),
        (&"2030-01-31".into(), &"the image goes away".into())
    );
    let before = std::fs::read(folder.path().join(".baseline.json")).unwrap();
    check(&folder, &["--write-baseline", ".baseline.json"]);
    assert_eq!(
        std::fs::read(folder.path().join(".baseline.json")).unwrap(),
        before,
        "the same bytes"
    );
}

#[test]
fn what_is_no_baseline_is_refused_with_its_place() {
    let folder = known();
    let good = std::fs::read_to_string(folder.path().join(".baseline.json")).unwrap();
    for (text, why) in [
        ("[]".to_owned(), ".baseline.json:1:"),
        (good.replace("\"code\"", "\"cod\""), "unknown field `cod`"),
        (good.replace("\"version\": 1", "\"version\": 2"), "version 2"),
        (good.replace("writeway/v1", "writeway/v9"), "writeway/v9"),
        (
            good.replace("\"file\": ", "\"expires\": \"tomorrow\", \"file\": "),
            "expected a date YYYY-MM-DD, found `tomorrow`",
        ),
    ] {
        folder.write(".baseline.json", text.as_bytes());
        for option in ["--baseline", "--write-baseline"] {
            let run = check(&folder, &[option, ".baseline.json"]);
            assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{text}: {run:?}");
            assert!(run.stderr.contains(why), "{run:?}");
        }
        assert_eq!(
            std::fs::read_to_string(folder.path().join(".baseline.json")).unwrap(),
            text,
            "it stays"
        );
    }
    assert_eq!(check(&folder, &["--baseline", "missing.json"]).code, Some(2));
    assert_eq!(
        check(&folder, &["--baseline", "a", "--write-baseline", "b"]).code,
        Some(2)
    );
}
