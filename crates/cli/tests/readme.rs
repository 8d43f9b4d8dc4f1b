// SPDX-License-Identifier: Apache-2.0
//! The README shows what the program prints. Where it no longer does, `WRITEWAY_BLESS=1 cargo test -p writeway --test
//! readme` writes the new output into it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::path::{Path, PathBuf};
use std::process::Command;

const FENCE: &str = "```console\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a line `$ writeway …` shows on a terminal, run in the root of the repository: no notes beside the answer.
fn output(line: &str) -> String {
    let args = line.strip_prefix("$ writeway ").unwrap().split_whitespace();
    let mut command = Command::new(env!("CARGO_BIN_EXE_writeway"));
    let output = command
        .args(args)
        .current_dir(root())
        .env_clear()
        .output()
        .unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{line}: {output:?}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{line}");
    String::from_utf8(output.stdout).unwrap()
}

/// The command of a console block, and what the block says it prints.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let blocks = text
        .split(FENCE)
        .skip(1)
        .map(|rest| rest.split_once("```\n").unwrap().0);
    blocks.map(|block| block.split_once('\n').unwrap()).collect()
}

#[test]
fn the_examples_show_what_the_program_prints() {
    let path = root().join("README.md");
    let mut text = std::fs::read_to_string(&path).unwrap();
    if std::env::var_os("WRITEWAY_BLESS").is_some() {
        let old = text.clone();
        for (command, shown) in blocks(&old) {
            let fresh = format!("{command}\n{}", output(command));
            text = text.replace(&format!("{FENCE}{command}\n{shown}"), &format!("{FENCE}{fresh}"));
        }
        std::fs::write(path, &text).unwrap();
    }
    let blocks = blocks(&text);
    assert!(!blocks.is_empty(), "the README has an example");
    for (command, shown) in blocks {
        assert_eq!(
            shown,
            output(command),
            "{command}: run the test with WRITEWAY_BLESS=1, and read the difference"
        );
    }
}

#[test]
fn links_lead_to_files_of_the_repository() {
    for page in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap())
        {
            assert!(
                link.starts_with("https://") || root().join(link).exists(),
                "{page}: {link}"
            );
        }
    }
}
