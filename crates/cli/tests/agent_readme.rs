// SPDX-License-Identifier: Apache-2.0
//! The pods that `crates/agent/README.md` shows: complete, admitted, without findings, and with command lines that the
//! agent reads.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::Value;
use writeway_access::{Program, program};
use writeway_agent::arguments::Arguments;
use writeway_agent::{COMMON, VERBS};
use writeway_manifest::{Container, Inventory, ParsedFile, Which};
use writeway_shell::agent::IMAGE as AGENT_IMAGE;

/// The README of the agent.
fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../agent/README.md");
    std::fs::read_to_string(path).unwrap()
}

/// The sections of the page that are about a verb, each with its manifests.
fn sections(page: &str) -> Vec<(String, Vec<String>)> {
    let mut sections: Vec<(String, Vec<String>)> = Vec::new();
    let (mut in_heading, mut in_yaml) = (false, false);
    for event in Parser::new(page) {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                in_heading = true;
                sections.push((String::new(), Vec::new()));
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &*language == "yaml" => {
                in_yaml = true;
                sections.last_mut().unwrap().1.push(String::new());
            }
            Event::End(TagEnd::CodeBlock) => in_yaml = false,
            Event::Text(text) | Event::Code(text) if in_heading => sections.last_mut().unwrap().0 += &text,
            Event::Text(text) if in_yaml => *sections.last_mut().unwrap().1.last_mut().unwrap() += &text,
            _ => {}
        }
    }
    sections.retain(|(title, _)| VERBS.iter().any(|verb| verb.name == title));
    sections
}

/// Every pod of the page with the verb that it is about.
fn pods() -> Vec<(String, String)> {
    let sections = sections(&readme()).into_iter();
    sections
        .flat_map(|(verb, pods)| pods.into_iter().map(move |pod| (verb.clone(), pod)))
        .collect()
}

fn writeway(arguments: &[&str], manifest: &Path) -> Output {
    let mut writeway = Command::new(env!("CARGO_BIN_EXE_writeway"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    writeway.args(arguments).arg(manifest).current_dir(root);
    writeway.env_clear().output().unwrap()
}

/// Lays a pod into a file.
fn file(folder: &tempfile::TempDir, pod: &str) -> PathBuf {
    let path = folder.path().join("pod.yaml");
    std::fs::write(&path, pod).unwrap();
    path
}

/// The command lines of the agent in a pod, without the program: of its containers, probes and hooks.
fn command_lines(pod: &str) -> Vec<Vec<String>> {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", pod)]);
    let mut lines = Vec::new();
    for container in inventory.workloads()[0].pod.containers(Which::All) {
        if let Program::Exec(words) = program(container) {
            lines.push(words);
        }
    }
    // Those of probes and hooks stand in one line.
    for line in pod.lines() {
        let flow = line
            .trim()
            .strip_prefix("command: [/agent/")
            .map(|flow| flow.trim_end_matches(']'));
        let words = flow.map(|flow| {
            flow.split(", ")
                .map(|word| word.trim_matches('"').to_owned())
                .collect()
        });
        lines.extend(words);
    }
    lines.retain(|words| words[0].rsplit('/').next() == Some("writeway-agent"));
    lines.iter_mut().for_each(|words| {
        words.remove(0);
    });
    lines
}

#[test]
fn every_verb_has_a_pod_that_uses_it() {
    let page = readme();
    let sections = sections(&page);
    for verb in VERBS {
        assert!(page.contains(&format!("`{}`", verb.name)), "{}", verb.name);
        // It prints one line, which no pod waits for.
        if verb.name == "version" {
            continue;
        }
        let section = sections.iter().find(|(title, _)| title == verb.name);
        let uses = |pod: &String| command_lines(pod).iter().any(|words| words[0] == verb.name);
        let used = section.is_some_and(|(_, pods)| pods.iter().any(uses));
        assert!(used, "no pod in the section of `{}`", verb.name);
    }
}

#[test]
fn check_finds_nothing_not_even_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    for (verb, pod) in pods() {
        let checked = writeway(
            &["check", "--pedantic", "--format", "concise"],
            &file(&folder, &pod),
        );
        let found = String::from_utf8(checked.stdout).unwrap();
        assert_eq!((checked.status.code(), found.as_str()), (Some(0), ""), "{verb}");
    }
}

#[test]
fn restricted_admits_every_pod_but_that_of_own_which_is_baseline() {
    let folder = tempfile::tempdir().unwrap();
    for (verb, pod) in pods() {
        let path = file(&folder, &pod);
        let baseline = writeway(&["admit", "--level", "baseline"], &path);
        assert_eq!(baseline.status.code(), Some(0), "{verb}: {baseline:?}");
        let restricted = writeway(&["admit", "--level", "restricted", "--format", "json"], &path);
        let document: Value = serde_json::from_slice(&restricted.stdout).unwrap();
        let refused = document["pods"][0]["refusedBy"].as_array().unwrap();
        let mut checks: Vec<&str> = refused.iter().map(|by| by["check"].as_str().unwrap()).collect();
        checks.sort_unstable();
        let expected: &[&str] = match verb.as_str() {
            "own" => &["capabilities_restricted", "runAsNonRoot", "runAsUser"],
            _ => &[],
        };
        assert_eq!(checks, expected, "{verb}");
    }
}

#[test]
fn containers_of_the_agent_are_pinned_small_and_hardened() {
    for (verb, pod) in pods() {
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", pod.as_str())]);
        assert_eq!(inventory.problems(), [], "{verb}");
        assert_eq!(inventory.unknown_fields(), [], "{verb}");
        let of_agent = |container: &&Container| {
            let image = container.image.as_ref().unwrap();
            image.starts_with(&format!("{AGENT_IMAGE}:0.1.0@sha256:"))
        };
        let pod = &inventory.workloads()[0].pod;
        let containers: Vec<_> = pod.containers(Which::All).filter(of_agent).collect();
        assert_eq!(containers.len(), 1, "{verb}");
        for container in containers {
            assert!(
                container.security.read_only_root_filesystem.unwrap().value,
                "{verb}"
            );
            let amount = |of: &str| {
                container
                    .resources
                    .requests
                    .get(of)
                    .map(|amount| amount.value.clone())
            };
            assert_eq!(amount("cpu").as_deref(), Some("10m"), "{verb}");
            assert_eq!(amount("memory").as_deref(), Some("16Mi"), "{verb}");
            assert!(!container.resources.limits.is_empty(), "{verb}");
        }
    }
}

#[test]
fn the_agent_reads_every_command_line() {
    let mut read = 0;
    for (_, pod) in pods() {
        for words in command_lines(&pod) {
            let (name, rest) = words.split_first().unwrap();
            let verb = VERBS.iter().find(|verb| verb.name == name).unwrap();
            let rest: Vec<OsString> = rest.iter().map(OsString::from).collect();
            let mut parser = lexopt::Parser::from_args(rest);
            let arguments = Arguments::read(&mut parser, &[verb.options, COMMON]);
            assert!(arguments.is_ok(), "{words:?}: {arguments:?}");
            read += 1;
        }
    }
    assert!(read >= VERBS.len() - 1, "{read} command lines");
}
