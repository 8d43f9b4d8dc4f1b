// SPDX-License-Identifier: Apache-2.0
//! Which rules run: the most specific selector decides, and the later selection.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use writeway_check::{RULES, RuleSet, Selection, Selector};

fn selectors(text: &str) -> Vec<Selector> {
    text.split_whitespace()
        .map(|name| name.parse().unwrap())
        .collect()
}

/// A selection from `select / extend-select / ignore`.
fn selection(text: &str) -> Selection {
    let parts: Vec<_> = text.split('/').map(selectors).collect();
    Selection {
        select: parts[0].clone(),
        extend_select: parts[1].clone(),
        ignore: parts[2].clone(),
    }
}

fn codes(selections: &[&str]) -> Vec<&'static str> {
    let selections: Vec<_> = selections.iter().map(|text| selection(text)).collect();
    RuleSet::resolve(&selections)
        .iter()
        .map(|rule| rule.code)
        .collect()
}

/// Which of WW101 and WW201 run.
fn known(selections: &[&str]) -> Vec<&'static str> {
    let mut codes = codes(selections);
    codes.retain(|code| ["WW101", "WW201"].contains(code));
    codes
}

#[test]
fn the_most_specific_selector_decides() {
    for (text, expected) in [
        ("//", &["WW101", "WW201"][..]),
        ("ALL//", &["WW101", "WW201"]),
        ("WW//", &["WW101", "WW201"]),
        ("WW1//", &["WW101"]),
        ("ww10//", &["WW101"]),
        ("WW101//", &["WW101"]),
        ("mount-not-writable//", &["WW201"]),
        ("Mount-Not-Writable//", &["WW201"]),
        ("WW1 WW201//", &["WW101", "WW201"]),
        ("//WW1", &["WW201"]),
        ("//ALL", &[]),
        ("//ALL WW2", &[]),
        ("WW1//WW101", &[]),
        ("WW1//WW10", &[]),
        ("WW101//WW10", &["WW101"]),
        ("WW10//WW1", &["WW101"]),
        ("WW101//ALL", &["WW101"]),
        ("WW101//WW101", &[]),
        ("WW101//read-only-root-without-writable-temp", &[]),
        ("ALL//WW1", &["WW201"]),
        ("ALL WW101//WW1", &["WW101", "WW201"]),
        ("WW2/WW101/", &["WW101", "WW201"]),
        ("WW2/WW1/WW101", &["WW201"]),
        ("/WW101/WW1", &["WW101", "WW201"]),
        ("/WW1/WW101", &["WW201"]),
    ] {
        assert_eq!(known(&[text]), expected, "{text}");
    }
}

#[test]
fn a_later_selection_goes_on_with_what_an_earlier_one_left() {
    for (file, flags, expected) in [
        ("WW1//", "//", &["WW101"][..]),
        ("WW1//", "/WW2/", &["WW101", "WW201"]),
        ("WW1//", "WW2//", &["WW201"]),
        ("//WW1", "//WW2", &[]),
        ("//WW101", "/WW1/", &["WW101", "WW201"]),
        ("//WW101", "WW1//", &["WW101"]),
        ("WW101//", "//WW1", &[]),
    ] {
        assert_eq!(known(&[file, flags]), expected, "{file} then {flags}");
    }
}

#[test]
fn all_means_every_rule_and_nothing_means_those_that_run_by_default() {
    let by_default: Vec<_> = RULES.iter().filter(|rule| rule.by_default).collect();
    assert_eq!(RuleSet::default().iter().count(), by_default.len());
    assert_eq!(codes(&["ALL//"]).len(), RULES.len());
    for rule in RULES {
        assert_eq!(codes(&[&format!("{}//", rule.code)]), [rule.code]);
        assert_eq!(codes(&[&format!("{}//", rule.name)]), [rule.code]);
        assert_eq!(RuleSet::default().contains(rule), rule.by_default);
    }
}

#[test]
fn what_names_no_rule_is_refused_with_what_was_probably_meant() {
    for (written, meant) in [
        ("WW1O1", Some("WW101")),
        ("WW20l", Some("WW201")),
        ("mount-not-writeable", Some("mount-not-writable")),
        ("QQ7", None),
        ("", None),
        ("something else altogether", None),
    ] {
        let error = written.parse::<Selector>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("no rule `{written}`; ")), "{error}");
        assert!(error.contains("writeway rule"), "{error}");
        match meant {
            Some(meant) => assert!(error.contains(&format!("did you mean `{meant}`?")), "{error}"),
            None => assert!(!error.contains("did you mean"), "{error}"),
        }
    }
}
