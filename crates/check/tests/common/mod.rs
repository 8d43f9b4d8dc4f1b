// SPDX-License-Identifier: Apache-2.0
//! Fixtures: `tests/fixtures/CODE/{bad,good}*.yaml`, with facts beside them in `*.facts.yaml` where a case needs some.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(unreachable_pub, reason = "shared by test binaries")]

use std::path::{Path, PathBuf};

use writeway_access::Context;
use writeway_check::{Confidence, Finding, Judged, Policy, Settings, Verdict, check, judge};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile};

/// A manifest with its facts.
pub struct Case {
    pub inventory: Inventory,
    pub facts: Facts,
}

impl Case {
    /// A fixture, by rule and file name without extension.
    pub fn fixture(rule: &str, name: &str) -> Self {
        let folder = fixtures().join(rule);
        let facts = folder.join(format!("{name}.facts.yaml"));
        let facts = if facts.exists() {
            std::fs::read_to_string(facts).unwrap()
        } else {
            String::new()
        };
        let manifest = std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
        if manifest.starts_with("# Not valid on purpose") {
            Self::read(&manifest, &facts)
        } else {
            Self::new(&manifest, &facts)
        }
    }

    pub fn new(manifest: &str, facts: &str) -> Self {
        let case = Self::read(manifest, facts);
        assert_eq!(case.inventory.problems(), [], "the manifest is valid");
        assert_eq!(
            case.inventory.unknown_fields(),
            [],
            "the manifest has no misspelt field"
        );
        case
    }

    /// A manifest that need not be valid.
    pub fn read(manifest: &str, facts: &str) -> Self {
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("case.yaml", manifest)]);
        Self {
            inventory,
            facts: writeway_facts::read(facts).unwrap(),
        }
    }

    /// What is reported when hints are wanted too.
    pub fn findings(&self) -> Vec<Finding> {
        self.findings_with(&Settings::default())
    }

    /// What one rule finds.
    pub fn of(&self, code: &str) -> Vec<Finding> {
        let mut findings = self.findings();
        findings.retain(|finding| finding.rule.code == code);
        findings
    }

    pub fn findings_with(&self, settings: &Settings) -> Vec<Finding> {
        let judged = self.judged(settings).into_iter();
        let reported = judged.filter(|judged| judged.verdict == Verdict::Reported);
        reported.map(|judged| judged.finding).collect()
    }

    /// Every finding with its verdict when hints are wanted too.
    pub fn judged(&self, settings: &Settings) -> Vec<Judged> {
        let context = Context {
            inventory: &self.inventory,
            facts: &self.facts,
            extra_paths: &[],
        };
        let policy = Policy {
            confidence: Confidence::Low,
            ..Policy::default()
        };
        judge(&self.inventory, check(&context, settings), settings, &policy)
    }

    /// The labels of the places that explain a finding, with the texts there.
    pub fn related(&self, finding: &Finding) -> Vec<(String, String)> {
        let related = finding.related.iter();
        related
            .map(|location| (location.label.clone(), self.text(location).to_owned()))
            .collect()
    }

    /// The text at a place.
    pub fn text(&self, location: &writeway_check::Location) -> &str {
        let text = self.inventory.file(location.place.file).stream.text();
        &text[location.place.span.start as usize..location.place.span.end as usize]
    }
}

/// What a rule finds in one of its fixtures.
pub fn found(code: &str, name: &str) -> (Case, Vec<Finding>) {
    let case = Case::fixture(code, name);
    let findings = case.of(code);
    (case, findings)
}

/// The one thing that a rule finds in one of its fixtures.
pub fn only(code: &str, name: &str) -> (Case, Finding) {
    let (case, mut findings) = found(code, name);
    assert_eq!(findings.len(), 1, "{code} {name}: {findings:#?}");
    (case, findings.remove(0))
}

/// A row of [`Case::related`].
pub fn pair(label: &str, text: &str) -> (String, String) {
    (label.to_owned(), text.to_owned())
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Names of the fixtures of a rule that begin with a word, without extension.
pub fn names(rule: &str, prefix: &str) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(fixtures().join(rule)) else {
        return Vec::new();
    };
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.starts_with(prefix) && !name.ends_with(".facts.yaml"));
    let mut names: Vec<_> = names
        .map(|name| name.trim_end_matches(".yaml").to_owned())
        .collect();
    names.sort();
    names
}
