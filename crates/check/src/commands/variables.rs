// SPDX-License-Identifier: Apache-2.0
//! Variables whose value does not depend on how a script runs.

use std::collections::BTreeMap;

use writeway_manifest::{Container, EnvSource};
use writeway_shell::{Assignment, Operation, Part, Word};

/// Characters at which an unquoted value is split, or matched against file names.
const ACTIVE: [char; 6] = [' ', '\t', '\n', '*', '?', '['];

/// The values of variables, as far as the manifest alone tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    /// `None`: assigned, but not to one known text.
    values: BTreeMap<String, Option<String>>,
    /// What every value of a loop's variable begins with.
    starts: BTreeMap<String, String>,
}

impl Variables {
    /// Those of `env` that have their value there.
    pub(super) fn of(container: &Container) -> Self {
        let mut values = BTreeMap::new();
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
            starts: BTreeMap::new(),
        }
    }

    /// Notes `name=value`. A second assignment leaves the value open: which one counts depends on the run.
    pub(super) fn assign(&mut self, assignment: &Assignment) {
        let value = (!assignment.append)
            .then(|| self.text(&assignment.value))
            .flatten();
        self.starts.remove(&assignment.name);
        self.values
            .entry(assignment.name.clone())
            .and_modify(|known| *known = None)
            .or_insert(value);
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
