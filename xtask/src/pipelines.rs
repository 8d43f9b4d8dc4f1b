// SPDX-License-Identifier: Apache-2.0
//! What other repositories use of this one in their pipelines, run as their tools run it: on a project whose manifest has
//! a finding, and on one whose manifest has none.
//!
//! The examples are those of `docs/pipelines.md`, with a copy of this repository in the place of the published one.

mod github;
mod gitlab;
mod pre_commit;
mod runners;
mod schema;
mod stage;

use std::io::Write;

use crate::verdict::Verdict;
use stage::Stage;

/// Runs everything; whether all went as it should.
///
/// # Errors
/// When a tool cannot be had or started, or a file of ours cannot be read.
pub fn run(out: &mut dyn Write) -> anyhow::Result<bool> {
    let stage = Stage::set()?;
    let mut good = true;
    for (name, judge) in [
        (
            "make and just",
            runners::judge as fn(&Stage) -> anyhow::Result<Verdict>,
        ),
        ("GitHub Action", github::judge),
        ("GitLab CI/CD", gitlab::judge),
        ("pre-commit", pre_commit::judge),
    ] {
        let verdict = judge(&stage)?;
        good &= verdict.tell(out, name)?;
    }
    if good {
        stage.clear()?;
    } else {
        writeln!(out, "what was run is in {}", stage.folder.display())?;
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::stage::example;

    #[test]
    fn every_file_that_the_page_shows_is_run() {
        let page = std::fs::read_to_string(crate::workspace().join("docs/pipelines.md")).unwrap();
        let shown: Vec<_> = page
            .lines()
            .filter_map(|line| line.strip_prefix("<!-- file: ")?.strip_suffix(" -->"))
            .collect();
        let run = [
            ".pre-commit-config.yaml",
            ".github/workflows/writeway.yaml",
            ".gitlab-ci.yml",
            "Makefile",
            "justfile",
        ];
        assert_eq!(shown, run);
        for name in run {
            assert!(example(name).unwrap().lines().count() > 2, "{name}");
        }
    }
}
