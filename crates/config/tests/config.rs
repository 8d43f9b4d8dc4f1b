// SPDX-License-Identifier: Apache-2.0
//! What the file may say, what is said about mistakes in it, and the published schema.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use writeway_check::{Confidence, PinPolicy, RuleSet, Severity, find};
use writeway_clock::Assumptions;
use writeway_config::{Config, SCHEMA, discover};

const EVERYTHING: &str = r#"
select = ["WW1", "mount-not-writable"]
extend-select = ["WW402"]
ignore = ["WW102"]
severity = "warning"
confidence = "high"
pedantic = false
facts = ["facts.yaml", "/etc/facts.yaml"]
kubernetes-version = "1.36"
exclude = ["testdata", "charts/*/ci"]
baseline = "ci/baseline.json"

[clock]
scheduling = "5s"
image-pull = "1m30s"
helm-timeout = "15m"
release-timeout = "1h"

[per-path."legacy/*"]
ignore = ["WW1"]

[per-path.third-party]
ignore = ["ALL"]

[rules.WW402]
pin = "digest"
"#;

fn parse(text: &str) -> Config {
    Config::parse(text, Path::new("repo")).unwrap()
}

fn mistakes(text: &str) -> Vec<String> {
    let errors = Config::parse(text, Path::new("")).unwrap_err();
    errors
        .iter()
        .map(|error| format!("{}:{}: {}", error.line, error.column, error.message))
        .collect()
}

#[test]
fn everything_is_read() {
    let config = parse(EVERYTHING);
    let rules = RuleSet::resolve(std::slice::from_ref(&config.selection));
    let runs = |code: &str| rules.contains(find(code).unwrap());
    assert!(runs("WW101") && runs("WW201") && runs("WW402") && !runs("WW102") && !runs("WW202"));
    assert_eq!(
        (config.severity, config.confidence),
        (Some(Severity::Warning), Some(Confidence::High))
    );
    assert_eq!(
        config.facts,
        [PathBuf::from("repo/facts.yaml"), PathBuf::from("/etc/facts.yaml")]
    );
    assert_eq!(config.kubernetes_version.unwrap().to_string(), "1.36");
    assert_eq!(config.exclude, ["testdata", "charts/*/ci"]);
    assert_eq!(config.baseline, Some(PathBuf::from("repo/ci/baseline.json")));
    assert_eq!(config.pin, PinPolicy::Digest);
    let clock = Assumptions {
        scheduling: Duration::from_secs(5),
        image_pull: Duration::from_secs(90),
        helm_timeout: Some(Duration::from_secs(900)),
        release_timeout: Some(Duration::from_secs(3600)),
    };
    assert_eq!(config.clock, clock);
}

#[test]
fn an_empty_file_changes_nothing() {
    let config = parse("");
    assert_eq!(
        RuleSet::resolve(std::slice::from_ref(&config.selection)),
        RuleSet::default()
    );
    assert_eq!(
        (config.severity, config.confidence, config.pin),
        (None, None, PinPolicy::Floating)
    );
    assert_eq!(config.clock, Assumptions::default());
    assert_eq!(parse("pedantic = true").confidence, Some(Confidence::Low));
}

#[test]
fn rules_are_ignored_in_the_files_of_a_glob() {
    let config = parse(EVERYTHING);
    for (file, code, ignored) in [
        ("legacy/a.yaml", "WW101", true),
        ("/srv/repo/legacy/a.yaml", "WW101", true),
        ("./legacy/sub/a.yaml", "WW101", true),
        ("legacy/a.yaml", "WW201", false),
        ("other/a.yaml", "WW101", false),
        ("deep/third-party/sub/a.yaml", "WW201", true),
        ("third-party.yaml", "WW201", false),
    ] {
        assert_eq!(
            config.ignores(file, find(code).unwrap()),
            ignored,
            "{file} {code}"
        );
    }
}

#[test]
fn mistakes_are_named_with_their_place_and_what_was_meant() {
    for (text, expected) in [
        (
            "selct = []",
            &["1:1: unknown key `selct` in the configuration file: did you mean `select`?"][..],
        ),
        (
            "\n\nformat = 1",
            &["3:1: unknown key `format` in the configuration file: it means nothing there"],
        ),
        ("select = \"WW1\"", &["1:10: expected a list, found string"]),
        (
            "select = [\"WW101\", \"WW1O1\"]",
            &["1:20: no rule `WW1O1`; did you mean `WW101`?"],
        ),
        (
            "severity = \"eror\"",
            &["1:12: expected one of error, warning, info, found `eror`; did you mean `error`?"],
        ),
        ("confidence = 1", &["1:14: expected a string, found integer"]),
        (
            "pedantic = \"yes\"",
            &["1:12: expected true or false, found string"],
        ),
        (
            "pedantic = true\nconfidence = \"high\"",
            &["1:12: `pedantic` is `confidence = \"low\"`"],
        ),
        (
            "kubernetes-version = \"soon\"",
            &["1:22: expected a Kubernetes version"],
        ),
        (
            "kubernetes-version = 1.36",
            &["1:22: expected a string, found float"],
        ),
        ("exclude = [\"a[\"]", &["1:12: a[: not a valid glob"]),
        ("[per-path.\"a[\"]", &["1:11: a[: not a valid glob"]),
        (
            "[per-path]\nlegacy = [\"WW1\"]",
            &["2:10: expected a table, found array"],
        ),
        (
            "[per-path.a]\nignores = []",
            &["2:1: unknown key `ignores` in the overrides of a path: did you mean `ignore`?"],
        ),
        (
            "[clock]\nscheduling = 10",
            &["2:14: expected a string, found integer"],
        ),
        (
            "[clock]\nimage-pull = \"1 minute\"",
            &["2:14: `1 minute` is no duration: write numbers with units, e.g. `90s` or `1h30m`"],
        ),
        (
            "[clock]\nhelm_timeout = \"15m\"",
            &[
                "2:1: unknown key `helm_timeout` in what the clock takes for granted: did you mean `helm-timeout`?",
            ],
        ),
        ("[rules.WW40]\npin = 1", &["1:8: no rule `WW40`"]),
        (
            "[rules.WW101]\npin = 1",
            &["1:8: WW101 has no options (rules with some: WW402)"],
        ),
        (
            "[rules.WW402]\npins = 1",
            &["2:1: unknown key `pins` in the options of WW402: did you mean `pin`?"],
        ),
        (
            "[rules.WW402]\npin = \"digets\"",
            &["2:7: expected one of floating, digest, found `digets`; did you mean `digest`?"],
        ),
        ("select = [", &["1:"]),
        ("é = 1", &["1:1:"]),
        ("a = \"é\" ?", &["1:9:"]),
        (
            "b = 1\nselect = 2\na = 3",
            &[
                "1:1: unknown key `b`",
                "2:10: expected a list",
                "3:1: unknown key `a`",
            ],
        ),
    ] {
        let found = mistakes(text);
        assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{text}: {found}");
            assert!(!found.contains('\n'), "{found}");
        }
    }
}

#[test]
fn the_schema_takes_what_the_reader_takes_and_refuses_what_it_refuses() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let valid = |text: &str| validator.is_valid(&toml::from_str::<Value>(text).unwrap());
    for text in [
        EVERYTHING,
        "",
        "select = [\"all\", \"ww10\"]",
        "pedantic = true",
        "[clock]\nscheduling = \".5s\"",
    ] {
        assert!(valid(text), "{text}");
        parse(text);
    }
    for text in [
        "selct = []",
        "select = \"WW1\"",
        "select = [\"WW 1\"]",
        "severity = \"eror\"",
        "confidence = 1",
        "pedantic = \"yes\"",
        "kubernetes-version = \"soon\"",
        "[clock]\nscheduling = 10",
        "[clock]\nimage-pull = \"1 minute\"",
        "[clock]\nhelm_timeout = \"15m\"",
        "[per-path]\nlegacy = [\"WW1\"]",
        "[per-path.a]\nignores = []",
        "[rules.WW101]\npin = 1",
        "[rules.WW402]\npin = \"digets\"",
        "[rules.WW402]\npins = 1",
    ] {
        assert!(!valid(text), "the schema takes {text}");
        assert!(
            Config::parse(text, Path::new("")).is_err(),
            "the reader takes {text}"
        );
    }
}

#[test]
fn the_nearest_file_counts() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    let file = |name: &str| folder.path().join(name).join("writeway.toml");
    std::fs::write(file(""), "").unwrap();
    assert_eq!(discover(&deep), Some(file("")));
    std::fs::write(file("a"), "").unwrap();
    assert_eq!(discover(&deep), Some(file("a")));
    std::fs::create_dir(file("a/b")).unwrap();
    assert_eq!(discover(&deep), Some(file("a")), "a folder of that name is none");
    std::fs::remove_dir(file("a/b")).unwrap();
    std::fs::write(file("a/b"), "").unwrap();
    assert_eq!(discover(&deep), Some(PathBuf::from("writeway.toml")));
}
