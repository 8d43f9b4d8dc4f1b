// SPDX-License-Identifier: Apache-2.0
//! The commands that explain: help, rules, schemas, completions, manual pages.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::os::unix::process::CommandExt;
use std::process::Command;

use common::run;
use serde_json::Value;

#[test]
fn no_arguments_print_help() {
    let help = run(&[]);
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("Usage: writeway"), "{help:?}");
    assert!(
        help.stdout.contains("Examples:") && help.stdout.contains("Exit codes:"),
        "{help:?}"
    );
    assert_eq!(help.stdout, run(&["--help"]).stdout);
}

const COMMANDS: [&str; 13] = [
    "map",
    "check",
    "admit",
    "rule",
    "facts",
    "generate",
    "generate own",
    "generate seed",
    "generate tmp",
    "generate wait",
    "schema",
    "completions",
    "man",
];

#[test]
fn every_command_has_help_with_its_usage() {
    for command in COMMANDS {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = run(&words);
        assert_eq!(help.code, Some(0), "{command}");
        assert!(
            help.stdout.contains(&format!("Usage: writeway {command}")),
            "{help:?}"
        );
        assert!(
            help.stdout.lines().all(|line| line.chars().count() <= 100),
            "{command} is too wide"
        );
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(
        run(&["--version"]).stdout,
        format!("writeway {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn as_a_plugin_of_kubectl_it_is_called_by_two_words() {
    let help = Command::new(env!("CARGO_BIN_EXE_writeway"))
        .arg0("/usr/bin/kubectl-writeway")
        .arg("--help")
        .output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    assert!(
        help.contains("Usage: kubectl writeway [OPTIONS] <COMMAND>"),
        "{help}"
    );
    let help = Command::new(env!("CARGO_BIN_EXE_writeway"))
        .arg0("kubectl-writeway")
        .args(["map", "-h"])
        .output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    assert!(help.contains("Usage: kubectl writeway map"), "{help}");
}

#[test]
fn rules_are_listed_explained_and_printed_for_programs() {
    let list = run(&["rule"]).stdout;
    assert!(
        list.lines()
            .next()
            .unwrap()
            .starts_with("WW101  read-only-root-without-writable-temp"),
        "{list}"
    );
    let page = run(&["rule", "WW201"]).stdout;
    assert!(
        page.starts_with("# WW201 mount-not-writable\n") && page.contains("\n## Use instead\n"),
        "{page}"
    );
    assert_eq!(page, run(&["rule", "mount-not-writable"]).stdout);
    let all = run(&["rule", "--all"]).stdout;
    assert!(all.contains("# WW101 ") && all.contains(&page), "{all}");
    let json: Value = serde_json::from_str(&run(&["rule", "--format", "json"]).stdout).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["rules"].as_array().unwrap().len(), list.lines().count());
    assert_eq!(json["rules"][0]["code"], "WW101");
    let mut rules = json["rules"].as_array().unwrap().iter();
    let rule = rules.find(|rule| rule["code"] == "WW201").unwrap();
    assert!(page.ends_with(rule["documentation"].as_str().unwrap()));
}

#[test]
fn schemas_are_json_schemas() {
    for name in ["facts", "map", "check", "admit", "config"] {
        let schema: Value = serde_json::from_str(&run(&["schema", name]).stdout).unwrap();
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{name}"
        );
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
    }
}

#[test]
fn completions_exist_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions = run(&["completions", shell]);
        assert_eq!(completions.code, Some(0), "{shell}");
        assert!(completions.stdout.contains("kubernetes-version"), "{shell}");
    }
}

#[test]
fn manual_pages_exist_for_every_command() {
    assert!(run(&["man"]).stdout.contains(".TH writeway 1"));
    for command in COMMANDS {
        let words: Vec<&str> = ["man"].into_iter().chain(command.split(' ')).collect();
        let page = run(&words).stdout;
        let name = command.replace(' ', "-");
        assert!(page.contains(&format!(".TH writeway-{name} 1")), "{page}");
    }
}
