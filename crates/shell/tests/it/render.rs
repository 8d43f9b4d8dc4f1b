// SPDX-License-Identifier: Apache-2.0
//! Trees as one line of text, so that a test shows what it expects.
//!
//! Quoted text stands in `'…'`, a quoted expansion in `"…"`, a glob in `<…>`, what depends on the shell in `?…?`.

use writeway_shell::{
    AndOr, Assignment, Command, CommandKind, Compound, Connector, Operation, Parameter, Part, Pipeline,
    Redirect, RedirectKind, Simple, Word, parse,
};

pub(crate) fn script(text: &str) -> String {
    match parse(text) {
        Ok(script) => list(&script.list),
        Err(error) => format!("error {error}"),
    }
}

/// The words of the only command of `text`, each rendered.
pub(crate) fn words(text: &str) -> Vec<String> {
    simple(text).words.iter().map(word).collect()
}

/// The only command of `text`.
#[expect(clippy::panic, reason = "the test itself has a wrong script")]
pub(crate) fn simple(text: &str) -> Simple {
    let script = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
    match &script.list[0].first.commands[0].kind {
        CommandKind::Simple(simple) => simple.clone(),
        other => panic!("{text:?} is {other:?}"),
    }
}

pub(crate) fn list(list: &[AndOr]) -> String {
    joined(list, and_or, "; ")
}

fn joined<T>(items: &[T], render: impl Fn(&T) -> String, separator: &str) -> String {
    items.iter().map(render).collect::<Vec<_>>().join(separator)
}

fn and_or(and_or: &AndOr) -> String {
    let mut text = pipeline(&and_or.first);
    for (connector, next) in &and_or.rest {
        let sign = if *connector == Connector::And { "&&" } else { "||" };
        text = format!("{text} {sign} {}", pipeline(next));
    }
    if and_or.background {
        format!("{text} &")
    } else {
        text
    }
}

fn pipeline(pipeline: &Pipeline) -> String {
    let sign = if pipeline.negated { "! " } else { "" };
    format!("{sign}{}", joined(&pipeline.commands, command, " | "))
}

fn command(command: &Command) -> String {
    let mut text = match &command.kind {
        CommandKind::Simple(simple) => {
            let assignments = simple.assignments.iter().map(assignment);
            assignments
                .chain(simple.words.iter().map(word))
                .collect::<Vec<_>>()
                .join(" ")
        }
        CommandKind::Compound(kind) => format!("({})", compound(kind)),
        CommandKind::Function(function) => {
            format!("(function {} {})", function.name, self::command(&function.body))
        }
    };
    for redirect in &command.redirects {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&self::redirect(redirect));
    }
    text
}

fn assignment(assignment: &Assignment) -> String {
    let sign = if assignment.append { "+=" } else { "=" };
    format!("{}{sign}{}", assignment.name, word(&assignment.value))
}

fn compound(compound: &Compound) -> String {
    match compound {
        Compound::Subshell(body) => format!("subshell {}", list(body)),
        Compound::Group(body) => format!("group {}", list(body)),
        Compound::If { branches, otherwise } => {
            let branches = joined(
                branches,
                |branch| format!("if {} then {}", list(&branch.condition), list(&branch.body)),
                " el",
            );
            let otherwise = otherwise.as_ref().map(|body| format!(" else {}", list(body)));
            format!("{branches}{}", otherwise.unwrap_or_default())
        }
        Compound::For {
            variable,
            words,
            body,
        } => {
            let words = words
                .as_ref()
                .map(|words| format!(" in {}", joined(words, word, " ")));
            format!("for {variable}{} do {}", words.unwrap_or_default(), list(body))
        }
        Compound::While { condition, body } => format!("while {} do {}", list(condition), list(body)),
        Compound::Until { condition, body } => format!("until {} do {}", list(condition), list(body)),
        Compound::Case { word: subject, arms } => {
            let arm = |arm: &writeway_shell::Arm| {
                format!(" [{}: {}]", joined(&arm.patterns, word, " or "), list(&arm.body))
            };
            format!("case {}{}", word(subject), joined(arms, arm, ""))
        }
        Compound::Test(words) => format!("test {}", joined(words, word, " ")),
        Compound::Unsupported(what) => format!("unsupported {what}"),
    }
}

fn redirect(redirect: &Redirect) -> String {
    let fd = redirect.fd.map(|fd| fd.to_string()).unwrap_or_default();
    let operator = match redirect.kind {
        RedirectKind::Read => "<",
        RedirectKind::Write => ">",
        RedirectKind::Append => ">>",
        RedirectKind::Clobber => ">|",
        RedirectKind::ReadWrite => "<>",
        RedirectKind::DupIn => "<&",
        RedirectKind::DupOut => ">&",
        RedirectKind::HereDoc => "<<",
        RedirectKind::HereString => "<<<",
        RedirectKind::Both => "&>",
        RedirectKind::BothAppend => "&>>",
    };
    format!("{fd}{operator}{}", word(&redirect.target))
}

pub(crate) fn word(word: &Word) -> String {
    joined(&word.parts, part, "")
}

fn part(part: &Part) -> String {
    match part {
        Part::Literal { text, quoted: false } => text.clone(),
        Part::Literal { text, quoted: true } => format!("'{text}'"),
        Part::Glob(pattern) => format!("<{pattern}>"),
        Part::Tilde(user) => format!("<~{}>", user.as_deref().unwrap_or("")),
        Part::Parameter(parameter) => in_quotes(parameter.quoted, &self::parameter(parameter)),
        Part::CommandSubstitution { list, quoted } => in_quotes(*quoted, &format!("$({})", self::list(list))),
        Part::Arithmetic { expression, quoted } => in_quotes(*quoted, &format!("$(({}))", word(expression))),
        Part::ShellSpecific(text) => format!("?{text}?"),
    }
}

fn in_quotes(quoted: bool, text: &str) -> String {
    if quoted {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}

fn parameter(parameter: &Parameter) -> String {
    let name = &parameter.name;
    let colon = |null_too: &bool| if *null_too { ":" } else { "" };
    match &parameter.operation {
        Operation::Value => format!("${{{name}}}"),
        Operation::Length => format!("${{#{name}}}"),
        Operation::Default { word, null_too } => {
            format!("${{{name}{}-{}}}", colon(null_too), self::word(word))
        }
        Operation::Assign { word, null_too } => {
            format!("${{{name}{}={}}}", colon(null_too), self::word(word))
        }
        Operation::Error { word, null_too } => format!("${{{name}{}?{}}}", colon(null_too), self::word(word)),
        Operation::Alternative { word, null_too } => {
            format!("${{{name}{}+{}}}", colon(null_too), self::word(word))
        }
        Operation::TrimPrefix { pattern, longest } => {
            format!(
                "${{{name}{}{}}}",
                if *longest { "##" } else { "#" },
                word(pattern)
            )
        }
        Operation::TrimSuffix { pattern, longest } => {
            format!(
                "${{{name}{}{}}}",
                if *longest { "%%" } else { "%" },
                word(pattern)
            )
        }
        Operation::Other(text) => format!("${{?{text}?}}"),
    }
}
