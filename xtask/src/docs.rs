// SPDX-License-Identifier: Apache-2.0
//! Pages that are made from the programs: one for each rule, the references of the command line and of the agent, the
//! schemas; and the table of contents.

mod summary;

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use writeway_check::{RULES, Rule};
use writeway_repair::REMEDIES;
use writeway_report::write_rule_page;

use crate::process;
use crate::sandbox::page;

/// The first line of every page.
const NOTE: &str = "<!-- Made by `cargo xtask docs`: do not edit. -->\n";

/// The folder of the rules' pages; nothing else may lie in it.
const RULE_PAGES: &str = "docs/rules";

/// What stands before the agent's help.
const ABOUT_THE_AGENT: &str = "\
What `writeway-agent` prints with `--help`. [Its README](https://github.com/writeway/writeway/blob/main/crates/agent/README.md)
has a complete pod for each verb, and [Making a path writable](cures.md) says when which of them is worth it. `writeway map` and
`writeway check` know what each verb changes.
";

/// Writes the pages, or only says which of them are stale; whether none is.
///
/// # Errors
/// When the program does not compile, or a page cannot be read or written.
pub fn run(out: &mut dyn Write, check: bool) -> anyhow::Result<bool> {
    let pages = pages()?;
    let mut fresh = true;
    for (path, page) in &pages {
        let file = crate::workspace().join(path);
        let there = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            read => Some(read.with_context(|| format!("cannot read {}", path.display()))?),
        };
        if there.as_ref() == Some(page) {
            continue;
        }
        if check {
            fresh = false;
            writeln!(out, "{}: stale, run `cargo xtask docs`", path.display())?;
        } else {
            fs::create_dir_all(file.parent().unwrap_or(&file))?;
            fs::write(&file, page).with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(out, "{}: written", path.display())?;
        }
    }
    for (folder, what) in [(RULE_PAGES, "rule"), (page::PROFILES, "verb")] {
        for path in files(folder)? {
            if !pages.contains_key(&path) {
                fresh = false;
                writeln!(out, "{}: no such {what}, remove the page", path.display())?;
            }
        }
    }
    if fresh {
        writeln!(out, "{} pages are fresh", pages.len())?;
    }
    Ok(fresh)
}

/// Every page by its path below the workspace.
fn pages() -> anyhow::Result<BTreeMap<PathBuf, String>> {
    let mut pages = BTreeMap::new();
    for rule in RULES {
        let path = Path::new(RULE_PAGES).join(format!("{}.md", rule.code));
        pages.insert(path, rule_page(rule)?);
    }
    pages.insert(Path::new(RULE_PAGES).join("README.md"), rule_index());
    let program = process::writeway("dev")?;
    pages.insert(PathBuf::from("docs/cli.md"), command_line(&program)?);
    pages.insert(PathBuf::from("docs/agent.md"), agent());
    for name in schemas(&help(&program, &["schema"])?) {
        let path = Path::new("docs/schemas").join(format!("{name}.schema.json"));
        pages.insert(
            path,
            process::output(Command::new(&program).args(["schema", name]))?,
        );
    }
    pages.insert(PathBuf::from("docs/remedies.md"), remedies());
    pages.insert(PathBuf::from("docs/write-map.svg"), picture(&program)?);
    pages.insert(PathBuf::from("docs/agent-permissions.md"), page::page(NOTE));
    pages.extend(page::profiles()?);
    pages.insert(PathBuf::from("docs/SUMMARY.md"), summary::summary()?);
    Ok(pages)
}

/// What repairs may do, in the order in which it is tried.
fn remedies() -> String {
    let mut page = format!(
        "{NOTE}# Remedies\n\nWhat `writeway check --fix` may do, in the order in which it is tried: what takes the least comes \
         first. Each is proved before it is kept ([Repairing manifests](repair.md)); a safe one wins over an unsafe one that \
         stands before it.\n"
    );
    for remedy in REMEDIES {
        page += &format!(
            "\n## {}\n\n- costs: {}\n- limits: {}\n",
            remedy.name, remedy.costs, remedy.limits
        );
    }
    page
}

/// The write map of an example, as the picture that README shows.
fn picture(program: &Path) -> anyhow::Result<String> {
    let mut map = Command::new(program);
    map.current_dir(crate::workspace()).env_clear().args([
        "map",
        "--quiet",
        "--format=svg",
        "--facts=examples/facts.yaml",
        "examples/foreign-volume/owned-ledger.yaml",
        "examples/foreign-volume/storage.yaml",
    ]);
    process::output(&mut map)
}

/// The files that lie in a folder of the workspace.
fn files(folder: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let at = crate::workspace().join(folder);
    if at.is_dir() {
        for entry in fs::read_dir(&at)? {
            found.push(Path::new(folder).join(entry?.file_name()));
        }
    }
    found.sort();
    Ok(found)
}

/// The page that `writeway rule` prints.
fn rule_page(rule: &Rule) -> anyhow::Result<String> {
    let mut page = format!("{NOTE}\n").into_bytes();
    write_rule_page(&mut page, rule)?;
    Ok(String::from_utf8(page)?)
}

fn rule_index() -> String {
    let mut page = format!("{NOTE}\n# Rules\n\n| code | name | what it does |\n|---|---|---|\n");
    for rule in RULES {
        page.push_str(&format!(
            "| [{0}]({0}.md) | {1} | {2} |\n",
            rule.code,
            rule.name,
            rule.summary()
        ));
    }
    page
}

/// What `--help` says, of the program and of each of its commands.
fn command_line(program: &Path) -> anyhow::Result<String> {
    let mut page = format!("{NOTE}\n# The command line\n");
    add_command(&mut page, program, &[])?;
    Ok(page)
}

/// The help of a command, and of the commands that it lists.
fn add_command(page: &mut String, program: &Path, command: &[&str]) -> anyhow::Result<()> {
    let help = help(program, command)?;
    section(page, &[&["writeway"], command].concat().join(" "), &help);
    for word in commands(&help) {
        add_command(page, program, &[command, &[word]].concat())?;
    }
    Ok(())
}

/// What the agent's `--help` says, of the program and of each of its verbs.
fn agent() -> String {
    let mut page = format!("{NOTE}\n# The agent\n\n{ABOUT_THE_AGENT}");
    section(&mut page, "writeway-agent", &writeway_agent::help_text(None));
    for verb in writeway_agent::VERBS {
        let title = format!("writeway-agent {}", verb.name);
        section(&mut page, &title, &writeway_agent::help_text(Some(verb)));
    }
    page
}

fn section(page: &mut String, title: &str, help: &str) {
    page.push_str(&format!("\n## {title}\n\n```text\n"));
    for line in help.trim_end().lines() {
        page.push_str(line.trim_end());
        page.push('\n');
    }
    page.push_str("```\n");
}

/// The help of a command, at one width and with the defaults that hold without any configuration.
fn help(program: &Path, command: &[&str]) -> anyhow::Result<String> {
    let mut help = Command::new(program);
    help.args(command)
        .arg("--help")
        .env_clear()
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1");
    process::output(&mut help)
}

/// The names listed under "Commands:", but `help`, which tells what the others tell.
fn commands(help: &str) -> Vec<&str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let entries = listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  "));
    let names = entries
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

/// The formats that the help of `writeway schema` lists, each as `- name: what it is`.
fn schemas(help: &str) -> Vec<&str> {
    let items = help
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- "));
    items
        .filter_map(|item| item.split_once(':').map(|(name, _)| name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_those_that_the_help_lists() {
        let help = "Arguments:\n  <NAME>\n          Possible values:\n          - facts: The file: all of it\n          - map:   More - or: less\n\nOptions:\n";
        assert_eq!(schemas(help), ["facts", "map"]);
    }

    #[test]
    fn commands_are_those_that_the_help_lists() {
        let help = "Usage: writeway\n\nCommands:\n  map    Shows\n         more\n  check  Judges\n  help   Print\n\nOptions:\n  -q\n";
        assert_eq!(commands(help), ["map", "check"]);
    }

    #[test]
    fn the_page_of_the_formats_leads_to_every_schema() {
        let docs = crate::workspace().join("docs");
        let page = fs::read_to_string(docs.join("formats.md")).unwrap();
        let schemas: Vec<_> = fs::read_dir(docs.join("schemas")).unwrap().collect();
        assert!(schemas.len() > 4, "{schemas:?}");
        for schema in schemas {
            let name = schema.unwrap().file_name();
            let link = format!("](schemas/{})", name.to_string_lossy());
            assert!(page.contains(&link), "docs/formats.md has no {link}");
        }
    }

    #[test]
    fn every_rule_has_its_page_in_the_index() {
        let index = rule_index();
        for rule in RULES {
            assert!(
                index.contains(&format!("[{0}]({0}.md)", rule.code)),
                "{}",
                rule.code
            );
            let page = rule_page(rule).unwrap();
            assert!(page.contains("## What it does"), "{}", rule.code);
        }
    }
}
