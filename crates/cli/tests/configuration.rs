// SPDX-License-Identifier: Apache-2.0
//! `writeway.toml`: found upwards, beaten by flags and the environment, and never read in silence when it is wrong.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::path::Path;

use common::{Folder, WITHOUT_TEMP};
use serde_json::Value;

/// An init container whose image is pinned by its tag.
const TAGGED: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: tagged
spec:
  initContainers:
    - name: prepare
      image: acme/tools:1.2.3
  containers:
    - name: app
      image: acme/app:1
";

const FACTS: &str = "images:\n  \"acme/app:1\": {}\n";

#[test]
fn the_file_says_what_flags_say_and_flags_win() {
    for (config, args, code) in [
        ("", &[][..], 1),
        ("select = [\"WW2\"]", &[], 0),
        ("select = [\"WW2\"]", &["--extend-select", "WW101"], 1),
        ("select = [\"WW2\"]", &["--select", "WW1"], 1),
        ("ignore = [\"WW101\"]", &[], 0),
        ("ignore = [\"WW101\"]", &["--isolated"], 1),
        ("severity = \"error\"", &[], 0),
        ("severity = \"error\"", &["--severity", "info"], 1),
        ("confidence = \"high\"", &[], 0),
        ("confidence = \"high\"", &["--pedantic"], 1),
        ("confidence = \"high\"\nfacts = [\"facts.yml\"]", &[], 1),
        ("facts = [\"missing.yml\"]", &[], 2),
        ("facts = [\"missing.yml\"]", &["--facts", "facts.yml"], 1),
        ("exclude = [\"k8s\"]", &[], 0),
        ("exclude = [\"k8s\"]", &["--exclude", "other"], 1),
        ("[per-path.k8s]\nignore = [\"WW1\"]", &[], 0),
        ("[per-path.\"other/*\"]\nignore = [\"WW1\"]", &[], 1),
    ] {
        let folder = Folder::with(&[
            ("writeway.toml", config),
            ("facts.yml", FACTS),
            ("k8s/pod.yaml", WITHOUT_TEMP),
        ]);
        let run = folder.run(&[&["check"], args].concat());
        assert_eq!(run.code, Some(code), "{config} {args:?}: {run:?}");
    }
}

#[test]
fn options_of_rules_reach_them() {
    let folder = Folder::with(&[("pod.yaml", TAGGED)]);
    let found = || folder.run(&["check", "--select", "WW402"]).code;
    assert_eq!(found(), Some(0));
    folder.write("writeway.toml", b"[rules.WW402]\npin = \"digest\"\n");
    assert_eq!(found(), Some(1));
}

#[test]
fn the_nearest_file_above_counts_and_its_paths_start_at_its_folder() {
    let folder = Folder::with(&[
        (
            "writeway.toml",
            "facts = [\"facts.yml\"]\nconfidence = \"high\"\n",
        ),
        ("facts.yml", FACTS),
        ("k8s/deep/pod.yaml", WITHOUT_TEMP),
        ("other.toml", "ignore = [\"WW101\"]\n"),
    ]);
    let inside = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = folder.command(args);
        command
            .current_dir(folder.path().join("k8s/deep"))
            .envs(variables.iter().copied());
        command.output().unwrap().status.code()
    };
    assert_eq!(
        inside(&["check"], &[]),
        Some(1),
        "of high confidence, thanks to the facts"
    );
    assert_eq!(inside(&["check", "--config", "../../other.toml"], &[]), Some(0));
    assert_eq!(
        inside(&["check"], &[("WRITEWAY_CONFIG", "../../other.toml")]),
        Some(0)
    );
    assert_eq!(
        inside(
            &["check"],
            &[("WRITEWAY_ISOLATED", "1"), ("WRITEWAY_CONFIDENCE", "high")]
        ),
        Some(0)
    );
    assert_eq!(inside(&["check", "--config", "missing.toml"], &[]), Some(2));
    assert_eq!(inside(&["check", "--config", "x", "--isolated"], &[]), Some(2));
    folder.write("k8s/writeway.toml", b"ignore = [\"WW101\"]\n");
    assert_eq!(inside(&["check"], &[]), Some(0), "the nearest");
}

#[test]
fn mistakes_end_the_command_with_their_places() {
    let folder = Folder::with(&[
        (
            "writeway.toml",
            "# ours\nselct = [\"WW1\"]\nseverity = \"eror\"\n",
        ),
        ("pod.yaml", WITHOUT_TEMP),
    ]);
    for command in ["check", "map"] {
        let run = folder.run(&[command]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(
            run.stderr.contains("writeway.toml:2:1: ") && run.stderr.contains("did you mean `select`?"),
            "{run:?}"
        );
        assert!(
            run.stderr.contains("writeway.toml:3:12: ") && run.stderr.contains("did you mean `error`?"),
            "{run:?}"
        );
    }
    assert_eq!(folder.run(&["check", "--isolated"]).code, Some(1));
}

/// The names of all properties of a JSON Schema.
fn properties(schema: &Value, names: &mut Vec<String>) {
    for (key, value) in schema.as_object().into_iter().flatten() {
        if key == "properties" {
            names.extend(value.as_object().unwrap().keys().cloned());
        }
        properties(value, names);
    }
}

#[test]
fn the_manual_has_every_key() {
    let schema = serde_json::from_str(&common::run(&["schema", "config"]).stdout).unwrap();
    let mut names = Vec::new();
    properties(&schema, &mut names);
    assert!(names.len() > 10, "{names:?}");
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let (_, example) = manual.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    for name in names {
        assert!(example.contains(&name), "docs/configuration.md shows no `{name}`");
    }
}
