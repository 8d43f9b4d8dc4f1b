// SPDX-License-Identifier: Apache-2.0
//! What holds for every rule of the table.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{Case, names};
use writeway_check::{RULES, RuleSet, Selection, Settings, find};

#[test]
fn codes_and_names_are_unique_and_in_order() {
    let codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    assert_eq!(
        RULES.iter().map(|rule| rule.name).collect::<BTreeSet<_>>().len(),
        RULES.len()
    );
    for rule in RULES {
        let (letters, digits) = rule.code.split_at(2);
        assert!(letters == "WW" && digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(
            rule.name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{}",
            rule.name
        );
        assert_eq!(rule.since.split('.').count(), 3, "{}", rule.since);
    }
}

#[test]
fn a_rule_stands_in_the_file_of_its_code_and_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let expected = RULES
        .iter()
        .map(|rule| format!("{}_{}.rs", rule.code.to_lowercase(), rule.name.replace('-', "_")));
    assert_eq!(files.collect::<BTreeSet<_>>(), expected.collect::<BTreeSet<_>>());
}

#[test]
fn a_rule_is_found_by_code_and_by_name_in_any_case() {
    for rule in RULES {
        assert_eq!(find(&rule.code.to_lowercase()), Some(*rule));
        assert_eq!(find(&rule.name.to_uppercase()), Some(*rule));
    }
    assert_eq!(find("WW000"), None);
}

#[test]
fn the_documentation_has_every_section_in_order() {
    for rule in RULES {
        let documentation = rule.documentation();
        let sections: Vec<_> = documentation
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        let expected = [
            "What it does",
            "Why is this bad",
            "Example",
            "Use instead",
            "References",
        ];
        assert_eq!(sections, expected, "{}", rule.code);
        assert_eq!(
            documentation.matches("```").count(),
            4,
            "{}: two examples",
            rule.code
        );
        assert!(
            rule.summary().ends_with('.') && !rule.summary().contains('\n'),
            "{}",
            rule.summary()
        );
    }
}

/// With every rule, those that have to be selected too.
fn everything() -> Settings {
    let all = Selection {
        select: vec!["ALL".parse().unwrap()],
        ..Selection::default()
    };
    Settings {
        rules: RuleSet::resolve(&[all]),
        ..Settings::default()
    }
}

#[test]
fn every_rule_has_bad_and_good_fixtures_that_it_tells_apart() {
    for rule in RULES {
        let (bad, good) = (names(rule.code, "bad"), names(rule.code, "good"));
        assert!(
            !bad.is_empty() && !good.is_empty(),
            "{} lacks a bad or a good fixture",
            rule.code
        );
        for name in bad {
            let findings = Case::fixture(rule.code, &name).findings_with(&everything());
            assert!(
                findings.iter().any(|finding| finding.rule == *rule),
                "{} misses {name}",
                rule.code
            );
        }
        for name in good {
            let mut findings = Case::fixture(rule.code, &name).findings_with(&everything());
            findings.retain(|finding| finding.rule == *rule);
            assert_eq!(findings, [], "{} reports {name}", rule.code);
        }
    }
}

#[test]
fn every_fixture_belongs_to_a_rule() {
    let folders = std::fs::read_dir(common::fixtures()).unwrap();
    for folder in folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let total = std::fs::read_dir(common::fixtures().join(&folder))
            .unwrap()
            .count();
        let cases = [names(&folder, "bad"), names(&folder, "good")].concat();
        let facts = |name: &&String| {
            common::fixtures()
                .join(&folder)
                .join(format!("{name}.facts.yaml"))
                .exists()
        };
        assert!(find(&folder).is_some(), "{folder} is no rule");
        assert_eq!(
            total,
            cases.len() + cases.iter().filter(facts).count(),
            "{folder} has other files"
        );
    }
}

/// Rules whose first example is no finding by itself, and what it lacks.
const TOLD_IN_PART: [(&str, &str); 4] = [
    ("WW201", "facts of the node's directory"),
    ("WW205", "facts of the claim"),
    ("WW401", "the labels of the namespace"),
    ("WW902", "being selected"),
];

/// The first example of a rule's page is found, the one to use instead is not.
#[test]
fn the_examples_of_the_documentation_are_found_and_cured() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let documentation = rule.documentation();
        let examples = documentation.split("```").skip(1).step_by(2);
        for (example, expected) in examples.zip([true, false]) {
            let lines = example.lines().skip(1);
            let manifest = if example.contains("kind:") {
                lines.map(|line| format!("{line}\n")).collect()
            } else {
                let spec: String = lines.map(|line| format!("  {line}\n")).collect();
                format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n{spec}")
            };
            let findings = Case::read(&manifest, "").findings();
            if findings.iter().any(|finding| finding.rule == *rule) != expected {
                wrong.push((rule.code, expected));
            }
        }
    }
    assert_eq!(wrong, TOLD_IN_PART.map(|(code, _)| (code, true)));
}
