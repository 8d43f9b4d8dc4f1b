// SPDX-License-Identifier: Apache-2.0
//! Where each variable is read for the last time: behind that its value makes no difference, and states that differ in
//! nothing else are one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use writeway_shell::{
    Command, CommandKind, Compound, List, Operation, Part, Redirect, RedirectKind, Span, Word,
};

use crate::state::{State, States};
use crate::value::{By, Value};

/// The end of the last command that reads each variable.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    last: BTreeMap<String, usize>,
    /// The ends of the first and the last command in the text that read it.
    range: BTreeMap<String, (usize, usize)>,
    /// The ends of all commands that read each variable.
    ends: BTreeMap<String, BTreeSet<usize>>,
    /// Where `for` loops over each variable begin that stand in no other command: they set it anew.
    anew: BTreeMap<String, Vec<usize>>,
    /// Something may read any of them.
    all: bool,
    inside_function: bool,
    /// Files that the script writes, by name.
    pub(crate) written: BTreeSet<String>,
}

impl Reads {
    pub(crate) fn of(list: &List) -> Self {
        let mut reads = Self::default();
        reads.list(list);
        for and_or in list {
            if let ([command], []) = (and_or.first.commands.as_slice(), and_or.rest.as_slice())
                && let CommandKind::Compound(compound) = &command.kind
                && let Compound::For { variable, .. } = compound
            {
                let anew = reads.anew.entry(variable.clone()).or_default();
                anew.push(command.span.start);
            }
        }
        reads
    }

    /// Forgets the values that nothing behind `end` reads.
    pub(crate) fn forget(&self, states: States, end: usize) -> States {
        self.forget_dead(states, |name| {
            self.last.get(name).is_some_and(|last| *last <= end) || self.is_set_anew(name, end)
        })
    }

    /// Whether a loop sets a variable behind `end` before anything reads it.
    fn is_set_anew(&self, name: &str, end: usize) -> bool {
        let starts = self.anew.get(name).into_iter().flatten();
        let Some(start) = starts.filter(|start| **start > end).min() else {
            return false;
        };
        let none = BTreeSet::new();
        let ends = self.ends.get(name).unwrap_or(&none);
        // A function may be called at any time.
        !ends.contains(&usize::MAX) && ends.range(end.saturating_add(1)..=*start).next().is_none()
    }

    /// Forgets the values that nothing outside of a function reads, which stands there.
    pub(crate) fn forget_outside(&self, states: States, function: Span) -> States {
        self.forget_dead(states, |name| {
            let inside = |(first, last): &(usize, usize)| *first >= function.start && *last <= function.end;
            self.last.contains_key(name) && self.range.get(name).is_none_or(inside)
        })
    }

    fn forget_dead(&self, states: States, is_dead: impl Fn(&str) -> bool) -> States {
        if self.all {
            return states;
        }
        let forget = |mut state: State| {
            let names: Vec<Arc<str>> = state
                .key
                .variables
                .iter()
                .filter(|(name, value)| matches!(value, Value::Text(_)) && is_dead(name))
                .map(|(name, _)| name.clone())
                .collect();
            for name in names {
                state.set(
                    &name,
                    Value::unknown(By::Script, "it is not followed any further"),
                );
            }
            state
        };
        states.into_iter().map(forget).collect()
    }

    fn read(&mut self, name: &str, end: usize) {
        let range = self.range.entry(name.to_owned()).or_insert((end, end));
        *range = (range.0.min(end), range.1.max(end));
        let end = if self.inside_function { usize::MAX } else { end };
        self.ends.entry(name.to_owned()).or_default().insert(end);
        let last = self.last.entry(name.to_owned()).or_default();
        *last = (*last).max(end);
    }

    fn list(&mut self, list: &List) {
        for and_or in list {
            let pipelines =
                std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, pipeline)| pipeline));
            for command in pipelines.flat_map(|pipeline| &pipeline.commands) {
                self.command(command);
            }
        }
    }

    fn command(&mut self, command: &Command) {
        let end = command.span.end;
        for redirect in &command.redirects {
            self.word(&redirect.target, end);
            self.write(redirect);
        }
        match &command.kind {
            CommandKind::Simple(simple) => {
                let name = simple.words.first().and_then(Word::literal);
                self.all |= matches!(
                    name.as_deref(),
                    Some("eval" | "." | "source" | "let" | "read" | "unset")
                );
                for assignment in &simple.assignments {
                    if assignment.append {
                        self.read(&assignment.name, end);
                    }
                    self.word(&assignment.value, end);
                }
                for word in &simple.words {
                    self.word(word, end);
                }
            }
            CommandKind::Function(function) => {
                let outer = std::mem::replace(&mut self.inside_function, true);
                self.command(&function.body);
                self.inside_function = outer;
            }
            CommandKind::Compound(compound) => self.compound(compound, end),
        }
    }

    fn compound(&mut self, compound: &Compound, end: usize) {
        match compound {
            Compound::Subshell(list) | Compound::Group(list) => self.list(list),
            Compound::If { branches, otherwise } => {
                for branch in branches {
                    self.list(&branch.condition);
                    self.list(&branch.body);
                }
                if let Some(otherwise) = otherwise {
                    self.list(otherwise);
                }
            }
            Compound::For {
                variable,
                words,
                body,
            } => {
                // So that it is known as a variable of the script.
                self.last.entry(variable.clone()).or_default();
                for word in words.iter().flatten() {
                    self.word(word, end);
                }
                self.list(body);
            }
            Compound::While { condition, body } | Compound::Until { condition, body } => {
                self.list(condition);
                self.list(body);
            }
            Compound::Case { word, arms } => {
                self.word(word, end);
                for arm in arms {
                    for pattern in &arm.patterns {
                        self.word(pattern, end);
                    }
                    self.list(&arm.body);
                }
            }
            Compound::Test(words) => {
                for word in words {
                    self.word(word, end);
                }
            }
            Compound::Unsupported(text) => self.names(text, end),
        }
    }

    fn word(&mut self, word: &Word, end: usize) {
        for part in &word.parts {
            match part {
                Part::Parameter(parameter) => {
                    self.read(&parameter.name, end);
                    match &parameter.operation {
                        Operation::Default { word, .. }
                        | Operation::Assign { word, .. }
                        | Operation::Error { word, .. }
                        | Operation::Alternative { word, .. } => self.word(word, end),
                        Operation::TrimPrefix { pattern, .. } | Operation::TrimSuffix { pattern, .. } => {
                            self.word(pattern, end);
                        }
                        Operation::Other(text) => self.names(text, end),
                        Operation::Value | Operation::Length => {}
                    }
                }
                Part::CommandSubstitution { list, .. } => self.list(list),
                Part::Arithmetic { expression, .. } => {
                    for part in &expression.parts {
                        if let Part::Literal { text, .. } = part {
                            self.names(text, end);
                        }
                    }
                    self.word(expression, end);
                }
                Part::ShellSpecific(text) => self.names(text, end),
                Part::Literal { .. } | Part::Glob(_) | Part::Tilde(_) => {}
            }
        }
    }

    /// The names in arithmetic.
    fn names(&mut self, text: &str, end: usize) {
        for name in text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
            if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
                self.read(name, end);
            }
        }
    }

    fn write(&mut self, redirect: &Redirect) {
        let writes = matches!(
            redirect.kind,
            RedirectKind::Write
                | RedirectKind::Append
                | RedirectKind::Clobber
                | RedirectKind::Both
                | RedirectKind::BothAppend
        );
        if let (true, Some(file)) = (writes, redirect.target.text()) {
            self.written.insert(file);
        }
    }
}
