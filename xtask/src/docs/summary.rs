// SPDX-License-Identifier: Apache-2.0
//! The table of contents of the manual, `docs/SUMMARY.md`, as mdBook reads it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use writeway_check::RULES;

use super::{NOTE, RULE_PAGES};
use crate::markdown;

/// The folder of the manual.
const MANUAL: &str = "docs";

/// The pages that people write, in the order of reading. A page's title is its first heading.
const PARTS: [(&str, &[&str]); 4] = [
    (
        "Using it",
        &[
            "tutorial.md",
            "cures.md",
            "minted-token.md",
            "clock.md",
            "pipelines.md",
            "facts.md",
            "configuration.md",
            "repair.md",
            "remedies.md",
            "formats.md",
            "cli.md",
            "agent.md",
            "agent-image.md",
            "agent-permissions.md",
        ],
    ),
    (
        "Understanding it",
        &["reasoning.md", "corpus.md", "comparison.md"],
    ),
    ("Rules", &["rules/README.md"]),
    ("Working on it", &["adding-a-rule.md", "testing.md"]),
];

/// The first page, which no part has.
const FRONT: &str = "README.md";

/// The page, which has every page of the manual.
///
/// # Errors
/// When a listed page is not there or has no heading, or a page is listed nowhere.
pub(super) fn summary() -> anyhow::Result<String> {
    let mut listed = BTreeSet::from([PathBuf::from("SUMMARY.md"), PathBuf::from(FRONT)]);
    let mut page = format!("{NOTE}\n# Summary\n\n[{}]({FRONT})\n", title(FRONT)?);
    for (part, pages) in PARTS {
        page.push_str(&format!("\n# {part}\n\n"));
        for path in pages {
            listed.insert(PathBuf::from(path));
            page.push_str(&format!("- [{}]({path})\n", title(path)?));
        }
        if part == "Rules" {
            for rule in RULES {
                let path = format!("rules/{}.md", rule.code);
                page.push_str(&format!("  - [{} {}]({path})\n", rule.code, rule.name));
                listed.insert(PathBuf::from(path));
            }
        }
    }
    page.push_str("- [Decisions]()\n");
    for path in decisions()? {
        page.push_str(&format!("  - [{}]({path})\n", title(&path)?));
        listed.insert(PathBuf::from(path));
    }
    let folder = crate::workspace().join(MANUAL);
    for path in markdown::files(&folder)? {
        let path = path.strip_prefix(&folder)?;
        // The pages of rules are checked beside this one.
        if !listed.contains(path) && !Path::new(MANUAL).join(path).starts_with(RULE_PAGES) {
            bail!(
                "{MANUAL}/{} is in no part of the manual: list it in xtask/src/docs/summary.rs",
                path.display()
            );
        }
    }
    Ok(page)
}

/// The architecture decision records, the oldest first.
fn decisions() -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(crate::workspace().join(MANUAL).join("adr"))? {
        found.push(format!("adr/{}", entry?.file_name().to_string_lossy()));
    }
    found.sort();
    Ok(found)
}

/// The first heading of a page, which has to be its title.
fn title(page: &str) -> anyhow::Result<String> {
    let path = Path::new(MANUAL).join(page);
    let text = fs::read_to_string(crate::workspace().join(&path))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let lines = text.lines().skip_while(|line| !line.starts_with('#'));
    let heading = lines.take(1).find_map(|line| line.strip_prefix("# "));
    let heading = heading.with_context(|| format!("{} does not begin with its title", path.display()))?;
    Ok(heading.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_decision_is_in_the_table_of_contents() {
        let summary = summary().unwrap();
        for rule in RULES {
            assert!(
                summary.contains(&format!("(rules/{}.md)", rule.code)),
                "{}",
                rule.code
            );
        }
        assert!(summary.contains("(adr/0001-yaml-reader.md)"), "{summary}");
        assert!(summary.contains("](cli.md)"), "{summary}");
    }
}
