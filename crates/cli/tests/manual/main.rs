// SPDX-License-Identifier: Apache-2.0
//! What the pages show is what happens: every command in them is run, and prints what is shown below it.
//!
//! A page has a folder of its own, in which its commands run from top to bottom. `docs/testing.md` says how a page is
//! written. Where the output has changed, `WRITEWAY_BLESS=1 cargo test -p writeway --test manual` writes the new one into
//! the pages.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod page;
mod sandbox;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use page::{Block, Item, items, quoted, steps, transcript};
use sandbox::{Sandbox, root};
use writeway_agent::{COMMON, VERBS};

/// The languages of blocks. A command belongs into `console`, and is run.
const LANGUAGES: [&str; 11] = [
    "console",
    "diff",
    "dockerfile",
    "json",
    "just",
    "make",
    "rust",
    "sh",
    "text",
    "toml",
    "yaml",
];

/// What is wrong with a page, and the page as it has to be.
struct Judged {
    wrong: Vec<String>,
    fresh: String,
}

/// Runs all commands of a page.
fn judge(page: &str, commands: &[String]) -> Judged {
    let sandbox = Sandbox::new();
    let mut wrong = Vec::new();
    let mut fresh = page.to_owned();
    let mut shift = 0;
    for item in items(page) {
        let block = match item {
            Item::Block(block) => block,
            Item::Run(command, line) => {
                let ran = sandbox.run(&command, 0);
                if ran.code != 0 {
                    wrong.push(format!(
                        "line {line}: `{command}` exits with {}: {}",
                        ran.code, ran.printed
                    ));
                }
                continue;
            }
        };
        let mut complain = |what: String| wrong.push(format!("line {}: {what}", block.line));
        match block.language.as_deref() {
            None => complain("an indented block: use a fence with a language".to_owned()),
            Some("console") => {
                let (transcript, complaints) = replay(&sandbox, &block);
                complaints.into_iter().for_each(&mut complain);
                if page.get(block.place.clone()) == Some(&block.text) {
                    let place = (block.place.start as isize + shift) as usize;
                    fresh.replace_range(place..place + block.text.len(), &transcript);
                    shift += transcript.len() as isize - block.text.len() as isize;
                } else {
                    complain("a transcript within something else: begin it at the left margin".to_owned());
                }
            }
            Some(language) if !LANGUAGES.contains(&language) => {
                complain(format!(
                    "a block of `{language}`: known are {}",
                    LANGUAGES.join(", ")
                ));
            }
            Some(_) => {
                if let Some(name) = &block.file {
                    sandbox.lay(name, &block.text).unwrap_or_else(&mut complain);
                    continue;
                }
                for line in block.text.lines() {
                    for word in unknown_words_of_the_agent(line) {
                        complain(format!("`{line}`: writeway-agent has no `{word}`"));
                    }
                }
                for command in shown_commands(&block.text, commands) {
                    let ran = sandbox.run(&command, 0);
                    if ran.code > 1 {
                        complain(format!("`{command}` exits with {}: {}", ran.code, ran.printed));
                    }
                }
            }
        }
    }
    Judged { wrong, fresh }
}

/// Runs the commands of a transcript; the transcript as it has to be, and what is wrong with the one that is shown.
fn replay(sandbox: &Sandbox, block: &Block) -> (String, Vec<String>) {
    let mut steps = match steps(&block.text) {
        Ok(steps) => steps,
        Err(text) => {
            let complaint = format!("no command, `$ …`, printed `{}`", text.trim_end());
            return (block.text.clone(), vec![complaint]);
        }
    };
    let mut wrong = Vec::new();
    let mut before = 0;
    for at in 0..steps.len() {
        let asked = steps.get(at + 1).is_some_and(|next| next.command == "echo $?");
        let step = &mut steps[at];
        let ran = sandbox.run(&step.command, before);
        before = ran.code;
        if ran.code == 127 {
            wrong.push(format!(
                "`{}`: no such program in the sandbox; helm and kubectl are there in `cargo xtask test`",
                step.command
            ));
        }
        if ran.code != 0 && !asked {
            wrong.push(format!(
                "`{}` exits with {}, which `$ echo $?` has to show below it",
                step.command, ran.code
            ));
        }
        if ran.printed != step.shown {
            wrong.push(format!("`{}` prints\n{}", step.command, ran.printed));
            step.shown = ran.printed;
        }
    }
    (transcript(&steps), wrong)
}

/// The commands of `writeway` in another block than a transcript, each to the end of its line or its quotes; those that
/// cargo builds first among them.
fn shown_commands(text: &str, commands: &[String]) -> Vec<String> {
    let mut shown = Vec::new();
    for line in text.lines() {
        if let Some((_, arguments)) = line.split_once(" -- ")
            && line.starts_with("cargo run ")
        {
            shown.push(format!("writeway {arguments}"));
            continue;
        }
        for (at, name) in line.match_indices("writeway ") {
            let word = line[at + name.len()..]
                .split_whitespace()
                .next()
                .unwrap_or_default();
            let begins = !line[..at].ends_with(|c: char| c.is_alphanumeric() || "-_./".contains(c));
            if begins && commands.iter().any(|command| command == word) {
                shown.push(line[at..].split('`').next().unwrap_or_default().to_owned());
                break;
            }
        }
    }
    shown
}

/// The verb, or the options, behind `writeway-agent` in a line that it does not have. A pod runs it, and no page: there is
/// no such program in the sandbox.
fn unknown_words_of_the_agent(line: &str) -> Vec<&str> {
    let Some((before, words)) = line.split_once("writeway-agent ") else {
        return Vec::new();
    };
    if before.ends_with(|c: char| c.is_alphanumeric() || "-_.".contains(c)) {
        return Vec::new();
    }
    let mut words = words.split('`').next().unwrap_or_default().split_whitespace();
    let Some(name) = words
        .next()
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    else {
        return Vec::new();
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        return vec![name];
    };
    let known = |option: &str| {
        let name = option.split(['=', '[']).next().unwrap_or_default();
        verb.options.iter().chain(COMMON).any(|known| known.long == name)
    };
    words
        .take_while(|word| !["#", "|", ">", ">>", "&&"].contains(word))
        .filter(|word| word.strip_prefix("--").is_some_and(|option| !known(option)))
        .collect()
}

/// The program's commands, those of `generate` with both words.
fn commands() -> Vec<String> {
    let sandbox = Sandbox::new();
    let mut found = vec![String::new()];
    let mut looked_at = 0;
    while let Some(name) = found.get(looked_at).cloned() {
        let help = sandbox.run(&format!("writeway {name} --help"), 0).printed;
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let entries = listed.take_while(|line| !line.is_empty());
        let words = entries.filter_map(|line| line.split_whitespace().next());
        found.extend(words.map(|word| format!("{name} {word}").trim_start().to_owned()));
        looked_at += 1;
    }
    found.split_off(1)
}

/// The Markdown files that people read: those of the root, `docs/` and `examples/`, and the agent's.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![root().join("docs"), root().join("examples")];
    let mut entries = fs::read_dir(root()).unwrap().collect::<Vec<_>>();
    while let Some(folder) = folders.pop() {
        entries.extend(fs::read_dir(folder).unwrap());
        for entry in entries.drain(..) {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "md") {
                pages.push(path);
            } else if path.is_dir() && !path.parent().unwrap().ends_with("../..") {
                folders.push(path);
            }
        }
    }
    pages.push(root().join("crates/agent/README.md"));
    // The help itself: of the program, `tests/help_examples.rs` runs the examples; the agent's own tests read its.
    pages.retain(|page| !page.ends_with("docs/cli.md") && !page.ends_with("docs/agent.md"));
    pages.sort();
    pages
}

#[test]
fn pages_show_what_commands_print() {
    let commands = commands();
    let mut wrong = Vec::new();
    let mut transcripts = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        transcripts += page.matches("\n```console\n").count();
        let mut judged = judge(&page, &commands);
        if std::env::var_os("WRITEWAY_BLESS").is_some() && judged.fresh != page {
            fs::write(&path, &judged.fresh).unwrap();
            judged = judge(&judged.fresh, &commands);
        }
        let path = path.strip_prefix(root()).unwrap().display();
        wrong.extend(judged.wrong.iter().map(|what| format!("{path}: {what}")));
    }
    assert!(transcripts > 1, "pages were found");
    assert!(
        wrong.is_empty(),
        "{}\nif the program is right, run this with WRITEWAY_BLESS=1 and read the difference",
        wrong.join("\n")
    );
}

#[test]
fn a_page_that_shows_something_else_is_wrong() {
    let commands = ["check".to_owned(), "map".to_owned()];
    let bad = "examples/refreshed-token/calendar.yaml";
    for (page, complaint) in [
        ("```console\n$ cat examples/nothing\n```\n", "exits with 1, which"),
        ("```console\n$ echo a\nb\n```\n", "`echo a` prints\na\n"),
        ("```console\n$ echo a\n...\n```\n", "`echo a` prints\na\n"),
        ("```console\n$ echo a\n```\n", "`echo a` prints\na\n"),
        ("```console\na\n```\n", "no command"),
        (
            "```console\n$ docker run\n$ echo $?\n127\n```\n",
            "no such program",
        ),
        ("- x\n\n  ```console\n  $ echo a\n  a\n  ```\n", "left margin"),
        ("```shell\necho a\n```\n", "known are"),
        ("text\n\n    echo a\n", "indented"),
        ("```\na\n```\n", "known are"),
        ("```sh\nwriteway check --fromat json .\n```\n", "exits with 2"),
        ("```console\n$ true\n```\n<!-- run: false -->\n", "exits with 1"),
        (
            "```sh\ncargo run --release -- map nowhere/\n```\n",
            "exits with 2",
        ),
        ("```yaml\n- run: writeway check nowhere/\n```\n", "exits with 2"),
        (
            "```sh\nwriteway-agent mkdir /a --made 1777\n```\n",
            "has no `--made`",
        ),
        ("```console\n$ writeway-agent version\n```\n", "no such program"),
        (
            "<!-- file: examples/facts.yaml -->\n```yaml\nno: such line\n```\n",
            "no such lines",
        ),
    ] {
        let judged = judge(page, &commands);
        assert!(
            judged.wrong.iter().any(|what| what.contains(complaint)),
            "{page}: {:?}",
            judged.wrong
        );
    }
    for page in [
        "```console\n$ echo a; cat examples/nothing\na\ncat: examples/nothing: No such file or directory\n$ echo $?\n1\n```\n",
        "<!-- file: k8s/pod.yaml -->\n```yaml\nkind: Pod\n```\n\n```console\n$ cat k8s/pod.yaml | sed s/P/G/\nkind: God\n```\n",
        "<!-- run: echo a >b -->\n\n```console\n$ cat b\na\n```\n",
        "```sh\ncargo xtask writeway-check\n```\n",
        "```text\nthe writeway is long, and `writeway check --help`, too\n```\n",
        &format!("```yaml\nrun: writeway check {bad}\n```\n"),
    ] {
        assert_eq!(judge(page, &commands).wrong, Vec::<String>::new(), "{page}");
    }
}

#[test]
fn a_blessed_page_has_what_commands_print_and_is_otherwise_the_same() {
    let page =
        "# T\n```console\n$ echo a\nb\nc\n$ echo d |\n> cat\n```\ntext é\n```console\n$ echo e\n```\nend\n";
    let fresh = "# T\n```console\n$ echo a\na\n$ echo d |\n> cat\nd\n```\ntext é\n```console\n$ echo e\ne\n```\nend\n";
    assert_eq!(judge(page, &[]).fresh, fresh);
    assert_eq!(judge(fresh, &[]).fresh, fresh);
}

/// The options in a quoted command of `writeway` that the help of the command does not have; the command itself, when
/// there is none of that name.
fn unknown_words<'a>(quoted: &'a str, helps: &BTreeMap<String, String>) -> Vec<&'a str> {
    let mut words = quoted.split_whitespace();
    if words.next() != Some("writeway") {
        return Vec::new();
    }
    let mut words = words
        .take_while(|word| !["|", ">", ">>"].contains(word))
        .peekable();
    let command = words.next_if(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut name = command.unwrap_or_default().to_owned();
    let deeper = |name: &str, word: &str| format!("{name} {word}");
    if let Some(word) = words.next_if(|word| helps.contains_key(&deeper(&name, word))) {
        name = deeper(&name, word);
    }
    let Some(help) = helps.get(&name) else {
        return command.into_iter().collect();
    };
    let options = words.filter(|word| word.starts_with("--"));
    let options = options.map(|option| option.split(['=', '[']).next().unwrap_or_default());
    options
        .filter(|option| !help.split([' ', '\n', ',', '=']).any(|word| word == *option))
        .collect()
}

#[test]
fn commands_and_options_in_sentences_exist() {
    let sandbox = Sandbox::new();
    let names = [String::new()].into_iter().chain(commands());
    let helps = names
        .map(|name| {
            let help = sandbox.run(&format!("writeway {name} --help"), 0).printed;
            (name, help)
        })
        .collect::<BTreeMap<_, _>>();
    for (quoted, unknown) in [
        ("writeway check --select WW1 --format=json x/", &[][..]),
        ("writeway --version", &[]),
        ("writeway check --explain | grep --color", &["--explain"]),
        ("writeway chekc", &["chekc"]),
        ("writeway generate own --shell", &[]),
        ("writeway generate wait --every-start", &["--every-start"]),
        ("helm template --output-dir x", &[]),
    ] {
        assert_eq!(unknown_words(quoted, &helps), unknown, "{quoted}");
    }
    for (quoted, unknown) in [
        ("writeway-agent mkdir /a --mode 1777 -q", &[][..]),
        ("/agent/writeway-agent sleep 5s --for 1s", &["--for"]),
        ("writeway-agent mk /a", &["mk"]),
        ("writeway-agent VERB --help", &[]),
    ] {
        assert_eq!(unknown_words_of_the_agent(quoted), unknown, "{quoted}");
    }
    let mut wrong = Vec::new();
    for path in pages() {
        for (quoted, line) in quoted(&fs::read_to_string(&path).unwrap()) {
            let of_the_agent = unknown_words_of_the_agent(&quoted);
            for word in unknown_words(&quoted, &helps).into_iter().chain(of_the_agent) {
                let path = path.strip_prefix(root()).unwrap().display();
                wrong.push(format!("{path}:{line}: `{quoted}`: no `{word}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
