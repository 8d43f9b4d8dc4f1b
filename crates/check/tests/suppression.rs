// SPDX-License-Identifier: Apache-2.0
//! Which findings a comment or an annotation suppresses, by where it stands.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::Case;
use proptest::prelude::*;
use proptest::sample::select;
use writeway_check::{RuleSet, Selection, Settings, Verdict};

/// Two objects; every container has a finding of WW101.
const TWO: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: first
  labels: {tier: web}
spec:
  template:
    metadata:
      labels: {app: first}
    spec:
      restartPolicy: Always
      containers:
        - name: a
          image: acme/a:1
          securityContext:
            runAsUser: 1000
            readOnlyRootFilesystem: true
        - image: acme/b:1
          name: b
          securityContext: {readOnlyRootFilesystem: true}
---
kind: Pod
apiVersion: v1
metadata:
  name: second
spec:
  containers:
    - name: a
      securityContext:
        readOnlyRootFilesystem: true
";

const COMMENT: &str = "# writeway: ignore[WW101] for this test";

/// Objects and containers whose finding is suppressed, e.g. `first/a`, and how many findings of WW901 there are.
fn suppressed(text: &str) -> (Vec<String>, usize) {
    let judged = Case::new(text, "").judged(&Settings::default());
    let subjects = judged
        .iter()
        .filter(|judged| matches!(judged.verdict, Verdict::Suppressed { .. }));
    let subjects = subjects.map(|judged| {
        let subject = &judged.finding.subject;
        let container = subject.container.as_deref().unwrap_or_default();
        format!("{}/{container}", subject.object.as_ref().unwrap().name)
    });
    let unused = judged.iter().filter(|judged| judged.finding.rule.code == "WW901");
    (subjects.collect(), unused.count())
}

/// The line with that content, of several with it the `nth`.
fn line(content: &str, nth: usize) -> usize {
    let lines = TWO.lines().enumerate();
    let mut matching = lines.filter(|(_, line)| line.trim_start().trim_start_matches("- ") == content);
    matching.nth(nth).unwrap().0
}

/// The manifest with comments behind and above lines.
fn commented(line: usize, comment: &str, above: bool) -> String {
    let lines = TWO
        .lines()
        .enumerate()
        .map(|(index, text)| match (index == line, above) {
            (false, _) => format!("{text}\n"),
            (true, false) => format!("{text} {comment}\n"),
            (true, true) => format!("{comment}\n\n# another comment\n{text}\n"),
        });
    lines.collect()
}

#[test]
fn a_comment_suppresses_what_stands_at_its_line() {
    let all = &["first/a", "first/b"][..];
    for (content, nth, expected) in [
        // The marked line itself.
        ("readOnlyRootFilesystem: true", 0, &["first/a"][..]),
        ("readOnlyRootFilesystem: true", 1, &["second/a"]),
        ("securityContext: {readOnlyRootFilesystem: true}", 0, &["first/b"]),
        // What the value of a key has in it.
        ("securityContext:", 0, &["first/a"]),
        ("containers:", 0, all),
        ("spec:", 0, all),
        ("template:", 0, all),
        // The container.
        ("name: a", 0, &["first/a"]),
        ("image: acme/b:1", 0, &["first/b"]),
        ("name: b", 0, &["first/b"]),
        ("name: a", 1, &["second/a"]),
        // The object.
        ("apiVersion: apps/v1", 0, all),
        ("kind: Deployment", 0, all),
        ("metadata:", 0, all),
        ("name: first", 0, all),
        ("---", 0, &["second/a"]),
        ("kind: Pod", 0, &["second/a"]),
        ("apiVersion: v1", 0, &["second/a"]),
        ("name: second", 0, &["second/a"]),
        // Neighbours.
        ("labels: {tier: web}", 0, &[]),
        ("metadata:", 1, &[]),
        ("restartPolicy: Always", 0, &[]),
        ("image: acme/a:1", 0, &[]),
        ("runAsUser: 1000", 0, &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        for above in [false, true] {
            let text = commented(line(content, nth), COMMENT, above);
            let unused = usize::from(expected.is_empty());
            assert_eq!(suppressed(&text), (expected.clone(), unused), "{text}");
            let text = text.replace('\n', "\r\n");
            assert_eq!(suppressed(&text), (expected.clone(), unused), "{text}");
        }
    }
}

#[test]
fn a_comment_names_rules_by_code_and_by_name() {
    let line = line("readOnlyRootFilesystem: true", 0);
    for (comment, is_suppressed, unused) in [
        ("# writeway: ignore[ww101]", true, 0),
        (
            "# writeway: ignore[read-only-root-without-writable-temp] why",
            true,
            0,
        ),
        ("# writeway: ignore[WW201, WW101]", true, 1),
        ("# writeway: ignore[WW201]", false, 1),
        ("# writeway: ignore[WW1]", false, 1),
        ("# writeway: ignore[ALL]", false, 1),
        ("# writeway: ignore", false, 1),
        ("# ignore[WW101]", false, 0),
    ] {
        let (subjects, found) = suppressed(&commented(line, comment, false));
        assert_eq!(
            (subjects.len(), found),
            (usize::from(is_suppressed), unused),
            "{comment}"
        );
    }
}

#[test]
fn an_annotation_suppresses_in_its_object_or_template() {
    let with = |metadata: &str, nth: usize, annotation: &str| {
        let (at, _) = TWO.match_indices(metadata).nth(nth).unwrap();
        let indent = " ".repeat(metadata.len() - metadata.trim_start().len() - 1 + 2);
        let (before, behind) = TWO.split_at(at + metadata.len());
        format!("{before}{indent}annotations:\n{indent}  {annotation}: because\n{behind}")
    };
    for (metadata, nth, annotation, expected, unused) in [
        (
            "\nmetadata:\n",
            0,
            "writeway.dev/ignore.WW101",
            &["first/a", "first/b"][..],
            0,
        ),
        ("\nmetadata:\n", 0, "a.writeway.dev/ignore.WW101", &["first/a"], 0),
        (
            "\nmetadata:\n",
            0,
            "\"b.writeway.dev/ignore.ww101\"",
            &["first/b"],
            0,
        ),
        (
            "\nmetadata:\n",
            1,
            "writeway.dev/ignore.read-only-root-without-writable-temp",
            &["second/a"],
            0,
        ),
        (
            "\n    metadata:\n",
            0,
            "writeway.dev/ignore.WW101",
            &["first/a", "first/b"],
            0,
        ),
        (
            "\n    metadata:\n",
            0,
            "b.writeway.dev/ignore.WW101",
            &["first/b"],
            0,
        ),
        ("\nmetadata:\n", 0, "c.writeway.dev/ignore.WW101", &[], 1),
        ("\nmetadata:\n", 1, "b.writeway.dev/ignore.WW101", &[], 1),
        ("\nmetadata:\n", 0, "writeway.dev/ignore.WW201", &[], 1),
        ("\nmetadata:\n", 0, "writeway.dev/ignore.WW1", &[], 1),
        ("\nmetadata:\n", 0, "writeway.dev/other", &[], 0),
    ] {
        let text = with(metadata, nth, annotation);
        let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(suppressed(&text), (expected, unused), "{text}");
    }
}

#[test]
fn json_takes_annotations() {
    let json = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","annotations":{"writeway.dev/ignore.WW101":"why"}},
        "spec":{"containers":[{"name":"app","securityContext":{"readOnlyRootFilesystem":true}}]}}"#;
    assert_eq!(suppressed(json), (vec!["web/app".to_owned()], 0));
}

#[test]
fn items_of_a_list_are_objects_of_their_own() {
    let item = |name: &str, comment: &str| {
        format!(
            "  - kind: Pod {comment}\n    apiVersion: v1\n    metadata: {{name: {name}}}\n    spec:\n      containers:\n        \
             - name: app\n          securityContext: {{readOnlyRootFilesystem: true}}\n"
        )
    };
    let list = |comment: &str| format!("apiVersion: v1\nkind: List\nitems: {comment}\n");
    let text = format!("{}{}{}", list(""), item("one", ""), item("two", COMMENT));
    assert_eq!(suppressed(&text), (vec!["two/app".to_owned()], 0));
    let text = format!("{}{}{}", list(COMMENT), item("one", ""), item("two", ""));
    assert_eq!(suppressed(&text).0.len(), 2);
}

#[test]
fn a_suppression_of_a_rule_that_does_not_run_is_not_unused() {
    let text = commented(line("name: a", 0), "# writeway: ignore[WW201] why", false);
    let ignoring = |rule: &str| {
        let selection = Selection {
            ignore: vec![rule.parse().unwrap()],
            ..Selection::default()
        };
        let settings = Settings {
            rules: RuleSet::resolve(&[selection]),
            ..Settings::default()
        };
        let judged = Case::new(&text, "").judged(&settings);
        judged
            .iter()
            .filter(|judged| judged.finding.rule.code == "WW901")
            .count()
    };
    assert_eq!(ignoring("WW101"), 1);
    assert_eq!(ignoring("WW201"), 0);
    assert_eq!(ignoring("WW901"), 0);
}

#[test]
fn suppressions_cannot_suppress_what_is_said_about_them() {
    let text = commented(
        line("kind: Pod", 0),
        "# writeway: ignore[WW201, WW901] why",
        false,
    );
    let (subjects, unused) = suppressed(&text);
    assert_eq!((subjects, unused), (vec![], 2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// The comment as text of a scalar, in every style and at every indentation, is none.
    #[test]
    fn text_that_looks_like_a_comment_suppresses_nothing(
        style in select(&["|", ">", "|-", ">+", "|2", "\"", "'"][..]),
        before in select(&["", "text", "text\n\n", "# text"][..]),
        behind in select(&["", "\n# text", " text"][..]),
        line in select(&["kind: Pod", "name: second", "- name: a\n"][..]),
    ) {
        let text = format!("{before}\n{COMMENT}\n{behind}").replace('\n', "\n      ");
        let value = match style {
            "\"" | "'" => format!("{style}{text}{style}"),
            _ => format!("{style}\n      {text}"),
        };
        // Right above the line that it would be about, were it a comment.
        let annotated = TWO.replacen("  name: second", &format!("  annotations:\n    note: {value}\n  name: second"), 1);
        prop_assert_eq!(suppressed(&annotated), (vec![], 0), "{}", annotated);
        let (at, _) = annotated.match_indices(line).last().unwrap();
        let start = annotated[..at].rfind('\n').unwrap() + 1;
        let commented = format!("{}{COMMENT}\n{}", &annotated[..start], &annotated[start..]);
        prop_assert_eq!(suppressed(&commented), (vec!["second/a".to_owned()], 0), "{}", commented);
    }
}
