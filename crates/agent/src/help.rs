// SPDX-License-Identifier: Apache-2.0
//! What `--help` says, made from the table of verbs.

use std::fmt::Write as _;

use crate::verb::{Opt, Verb};

/// The widest line.
const WIDTH: usize = 100;

/// The help of the program.
pub(crate) fn program(verbs: &[Verb], options: &[Opt]) -> String {
    let mut text = String::from(
        "The one small binary that a pod needs instead of a shell\n\nUsage: writeway-agent [OPTIONS] <VERB> ...\n\nVerbs:\n",
    );
    let widest = verbs.iter().map(|verb| verb.name.len()).max().unwrap_or(0);
    for verb in verbs {
        let _ = writeln!(text, "  {:widest$}  {}", verb.name, verb.about);
    }
    text.push_str("\nOptions:\n");
    list(&mut text, options);
    text.push_str(
        "\nExit codes: 0 done, 1 not possible or refused, 2 wrong usage, 3 the time given is over.\n",
    );
    text.push_str("See `writeway-agent <VERB> --help` for each verb.\n");
    text
}

/// The help of a verb.
pub(crate) fn verb(verb: &Verb, options: &[Opt]) -> String {
    let mut text = format!("{}\n\nUsage: writeway-agent {} [OPTIONS]", verb.about, verb.name);
    if !verb.operands.is_empty() {
        let _ = write!(text, " {}", verb.operands);
    }
    text.push_str("\n\n");
    for paragraph in verb
        .details
        .split("\n\n")
        .filter(|paragraph| !paragraph.is_empty())
    {
        let _ = writeln!(text, "{}\n", wrapped(paragraph, "").trim_end());
    }
    text.push_str("Options:\n");
    list(&mut text, verb.options);
    list(&mut text, options);
    if !verb.examples.is_empty() {
        text.push_str("\nExamples:\n");
    }
    for (purpose, command) in verb.examples {
        let _ = writeln!(text, "  # {purpose}\n  {command}");
    }
    text
}

fn list(text: &mut String, options: &[Opt]) {
    for opt in options {
        let letter = opt
            .short
            .map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
        let value = opt.value.map(|value| format!(" <{value}>")).unwrap_or_default();
        let more = if opt.repeats { "..." } else { "" };
        let _ = writeln!(text, "  {letter}--{}{value}{more}", opt.long);
        text.push_str(&wrapped(opt.help, "          "));
    }
}

/// The words in lines of at most [`WIDTH`] characters, each after `indent`.
fn wrapped(words: &str, indent: &str) -> String {
    let mut text = String::new();
    let mut line = String::new();
    for word in words.split_whitespace() {
        let with_word = indent.len() + line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && with_word > WIDTH {
            let _ = writeln!(text, "{indent}{line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(text, "{indent}{line}");
    text
}
