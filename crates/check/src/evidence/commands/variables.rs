// SPDX-License-Identifier: Apache-2.0
//! Variables whose value does not depend on how a script runs.

use std::collections::BTreeMap;

use writeway_manifest::{Container, EnvSource};
use writeway_shell::{Assignment, CommandKind, Operation, Part, Word};

/// Characters at which an unquoted value is split, or matched against file names.
const ACTIVE: [char; 6] = [' ', '\t', '\n', '*', '?', '['];

/// How heavy a word may be that takes a variable's place: heavier than a name with a date in it, lighter than a script.
pub(super) const MAX_WEIGHT: usize = 48;

/// The parts of a word, and of the words in its substitutions.
pub(super) fn weight(word: &Word) -> usize {
    let of_part = |part: &Part| match part {
        Part::Literal { text, .. } => 1 + text.len() / 256,
        Part::CommandSubstitution { list, .. } => list
            .iter()
            .flat_map(|and_or| {
                std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, pipeline)| pipeline))
            })
            .flat_map(|pipeline| &pipeline.commands)
            .map(|command| match &command.kind {
                CommandKind::Simple(simple) => 1 + simple.words.iter().map(weight).sum::<usize>(),
                // What branches or loops is no name of anything.
                CommandKind::Compound(_) | CommandKind::Function(_) => MAX_WEIGHT + 1,
            })
            .sum(),
        _ => 1,
    };
    word.parts.iter().map(of_part).sum()
}

/// The values of variables, as far as the manifest alone tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    /// `None`: assigned, but not to one known text.
    values: BTreeMap<String, Option<String>>,
    /// What variables are assigned, expansions in it included; `None` when that is not one word of a moderate size.
    words: BTreeMap<String, Option<Word>>,
    /// What every value of a loop's variable begins with.
    starts: BTreeMap<String, String>,
}

impl Variables {
    /// Those of `env` that have their value there.
    pub(super) fn of(container: &Container) -> Self {
        let mut values: BTreeMap<String, Option<String>> = BTreeMap::new();
        for variable in &container.env {
            let value = match &variable.source {
                // kubelet expands `$(VAR)` in values, from variables that may come from anywhere.
                EnvSource::Value(value) if !value.contains('$') => Some(value.value.clone()),
                _ => None,
            };
            values.insert(variable.name.value.clone(), value);
        }
        Self {
            values,
            words: BTreeMap::new(),
            starts: BTreeMap::new(),
        }
    }

    /// Notes `name=value`. A second assignment leaves the value open: which one counts depends on the run.
    pub(super) fn assign(&mut self, assignment: &Assignment) {
        self.starts.remove(&assignment.name);
        let first = !assignment.append && !self.values.contains_key(&assignment.name);
        let value = first.then(|| self.text(&assignment.value)).flatten();
        let word = first.then(|| self.expanded(&assignment.value));
        let word = word.filter(|word| weight(word) <= MAX_WEIGHT);
        self.values.insert(assignment.name.clone(), value);
        self.words.insert(assignment.name.clone(), word);
    }

    /// Notes the variable of a `for` loop over words.
    pub(super) fn iterate(&mut self, name: &str, words: Option<&[Word]>) {
        let start = match words {
            Some([word]) => self.start(word),
            _ => String::new(),
        };
        self.forget(name);
        self.starts.insert(name.to_owned(), start);
    }

    /// Notes that something else sets the variable.
    pub(super) fn forget(&mut self, name: &str) {
        self.starts.remove(name);
        self.values.insert(name.to_owned(), None);
        self.words.insert(name.to_owned(), None);
    }

    /// A word with its variables replaced by what they are assigned, as far as that is one word.
    pub(super) fn expanded(&self, word: &Word) -> Word {
        let mut parts = Vec::with_capacity(word.parts.len());
        for part in &word.parts {
            match self.assigned(part) {
                Some(assigned) if parts.len() < MAX_WEIGHT => parts.extend(assigned.iter().cloned()),
                _ => parts.push(part.clone()),
            }
        }
        Word { parts }
    }

    fn assigned(&self, part: &Part) -> Option<Vec<Part>> {
        let Part::Parameter(parameter) = part else {
            return None;
        };
        if parameter.operation != Operation::Value {
            return None;
        }
        if let Some(word) = self.words.get(&parameter.name) {
            return word.as_ref().map(|word| word.parts.clone());
        }
        let text = self.values.get(&parameter.name)?.clone()?;
        Some(vec![Part::Literal { text, quoted: true }])
    }

    /// What a word expands to, when that is one field and known.
    pub(super) fn text(&self, word: &Word) -> Option<String> {
        if word.has_braces() {
            return None;
        }
        word.parts.iter().map(|part| self.part(part)).collect()
    }

    /// What a word's expansion begins with, whatever happens at run time: up to its first pattern or unknown part.
    pub(super) fn start(&self, word: &Word) -> String {
        let mut start = String::new();
        if word.has_braces() {
            return start;
        }
        for part in &word.parts {
            if let Some(text) = self.part(part) {
                start.push_str(text);
                continue;
            }
            if let Part::Parameter(parameter) = part
                && parameter.operation == Operation::Value
                && let Some(value) = self.starts.get(&parameter.name)
            {
                start.push_str(value);
            }
            break;
        }
        start
    }

    fn part<'a>(&'a self, part: &'a Part) -> Option<&'a str> {
        match part {
            Part::Literal { text, .. } => Some(text),
            Part::Parameter(parameter) if parameter.operation == Operation::Value => {
                let value = self.values.get(&parameter.name)?.as_deref()?;
                let whole = parameter.quoted || (!value.is_empty() && !value.contains(ACTIVE));
                whole.then_some(value)
            }
            _ => None,
        }
    }
}
