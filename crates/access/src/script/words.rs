// SPDX-License-Identifier: Apache-2.0
//! Word expansion (POSIX XCU 2.6): parameters, fields, file names. What is not known stays a field of its own.

use writeway_shell::pattern::{self, Piece};
use writeway_shell::{Operation, Parameter, Part, Word};

use super::interpreter::Shell;
use super::state::{Status, Variable};
use crate::Tri;
use crate::dac::{self, Want};
use crate::world::Entry;

/// Length of one word, in bytes: the kernel takes no longer argument (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h).
const MAX_WORD: usize = 128 * 1024;
/// Length of all words of a command, in bytes (bprm_stack_limits in fs/exec.c, with the usual stack).
const MAX_WORDS: usize = 2 * 1024 * 1024;
/// Length of text that is expanded for the price of a command, in bytes.
const TEXT_AT_ONCE: usize = 256;
/// Names that one pattern may match.
const MAX_NAMES: usize = 10_000;

/// A field after expansion; `None` when its text is not known.
pub(super) type Field = Option<String>;

/// A piece of an expanded word.
enum Expanded {
    /// Text that stays as it is.
    Quoted(String),
    /// Text from an expansion, to be split into fields.
    Split(String),
    /// An active pattern.
    Glob(String),
    /// Fields of their own (`"$@"`).
    Fields(Vec<String>),
    Unknown,
}

impl Expanded {
    /// Length of its text, in bytes.
    fn len(&self) -> usize {
        match self {
            Self::Quoted(text) | Self::Split(text) | Self::Glob(text) => text.len(),
            Self::Fields(fields) => fields.iter().map(String::len).sum(),
            Self::Unknown => 0,
        }
    }
}

impl Shell<'_> {
    /// The fields of command words.
    pub(super) fn fields(&mut self, words: &[Word]) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut length = 0;
        for word in words {
            let word = self.word_fields(word);
            length += word.iter().flatten().map(String::len).sum::<usize>();
            if length > MAX_WORDS {
                fields.push(None);
            } else {
                fields.extend(word);
            }
        }
        fields
    }

    /// One word as one string, as in assignments and redirections: neither split nor matched.
    pub(super) fn text(&mut self, word: &Word) -> Field {
        let mut text = String::new();
        for part in self.expand(word) {
            match part {
                Expanded::Quoted(part) | Expanded::Split(part) | Expanded::Glob(part) => text.push_str(&part),
                Expanded::Fields(fields) => text.push_str(&fields.join(" ")),
                Expanded::Unknown => return None,
            }
        }
        Some(text)
    }

    /// The word of an operation (`${name:-word}`).
    fn nested_text(&mut self, word: &Word) -> Field {
        self.nested(|shell| shell.text(word)).unwrap_or(None)
    }

    /// A word as a pattern of `case`; `None` when it is not known.
    pub(super) fn pattern(&mut self, word: &Word) -> Option<Vec<Piece>> {
        self.expand(word)
            .into_iter()
            .map(|part| match part {
                Expanded::Quoted(text) | Expanded::Split(text) => Some(Piece::Literal(text)),
                Expanded::Glob(glob) => Some(Piece::Glob(glob)),
                Expanded::Fields(fields) => Some(Piece::Literal(fields.join(" "))),
                Expanded::Unknown => None,
            })
            .collect()
    }

    fn word_fields(&mut self, word: &Word) -> Vec<Field> {
        // bash expands braces, ash and dash do not.
        if word.has_braces() {
            return vec![None];
        }
        let mut fields: Vec<Vec<Piece>> = Vec::new();
        let mut current: Option<Vec<Piece>> = None;
        for part in self.expand(word) {
            match part {
                Expanded::Unknown => return vec![None],
                Expanded::Quoted(text) => current.get_or_insert_default().push(Piece::Literal(text)),
                Expanded::Glob(glob) => current.get_or_insert_default().push(Piece::Glob(glob)),
                Expanded::Fields(values) => {
                    for (index, value) in values.into_iter().enumerate() {
                        if index > 0 {
                            fields.extend(current.take());
                        }
                        current.get_or_insert_default().push(Piece::Literal(value));
                    }
                }
                Expanded::Split(text) => {
                    if text.starts_with(char::is_whitespace) {
                        fields.extend(current.take());
                    }
                    let mut split = text.split_whitespace().peekable();
                    while let Some(field) = split.next() {
                        current
                            .get_or_insert_default()
                            .push(Piece::Literal(field.to_owned()));
                        if split.peek().is_some() || text.ends_with(char::is_whitespace) {
                            fields.extend(current.take());
                        }
                    }
                }
            }
        }
        fields.extend(current);
        fields.iter().flat_map(|pieces| self.file_names(pieces)).collect()
    }

    fn expand(&mut self, word: &Word) -> Vec<Expanded> {
        let mut expanded = Vec::new();
        let mut length = 0;
        for part in &word.parts {
            let part = self.expand_part(part);
            length += part.len();
            expanded.push(if length > MAX_WORD {
                Expanded::Unknown
            } else {
                part
            });
        }
        // What cannot be paid for ends the script, which `running` tells.
        let _ = self.pay(length / TEXT_AT_ONCE);
        expanded
    }

    fn expand_part(&mut self, part: &Part) -> Expanded {
        match part {
            Part::Literal { text, .. } => Expanded::Quoted(text.clone()),
            Part::Glob(glob) => Expanded::Glob(glob.clone()),
            Part::Tilde(None) => self
                .variable("HOME")
                .flatten()
                .map_or(Expanded::Unknown, Expanded::Quoted),
            Part::Parameter(parameter) => self.parameter(parameter),
            Part::CommandSubstitution { list, quoted } => {
                let output = self.substitution(list);
                match output {
                    Some(output) if *quoted => Expanded::Quoted(output),
                    Some(output) => Expanded::Split(output),
                    None => Expanded::Unknown,
                }
            }
            Part::Tilde(Some(_)) | Part::Arithmetic { .. } | Part::ShellSpecific(_) => Expanded::Unknown,
        }
    }

    /// A variable: outer `None` when it is unset, inner `None` when its value is not known.
    fn variable(&self, name: &str) -> Option<Variable> {
        match self.state.variables.get(name) {
            Some(variable) => Some(variable.clone()),
            None if self.state.more_variables => Some(None),
            None => None,
        }
    }

    fn parameter(&mut self, parameter: &Parameter) -> Expanded {
        let wrap = |text: String| {
            if parameter.quoted {
                Expanded::Quoted(text)
            } else {
                Expanded::Split(text)
            }
        };
        let value: Option<Variable> = match parameter.name.as_str() {
            "@" => return Expanded::Fields(self.state.positional.get(1..).unwrap_or_default().to_vec()),
            "?" => match &self.state.last {
                Status::Known(status) => Some(Some(status.to_string())),
                Status::Unknown(_) => Some(None),
            },
            "*" | "#" | "$" | "!" | "-" => return Expanded::Unknown,
            name => match name.parse::<usize>() {
                Ok(position) => self
                    .state
                    .positional
                    .get(position)
                    .map(|value| Some(value.clone())),
                Err(_) => self.variable(name),
            },
        };
        let given = |null_too: bool| match &value {
            None => Some(false),
            Some(None) => None,
            Some(Some(text)) => Some(!(null_too && text.is_empty())),
        };
        let known = |value: Option<Variable>| match value {
            None => wrap(String::new()),
            Some(Some(text)) => wrap(text),
            Some(None) => Expanded::Unknown,
        };
        match &parameter.operation {
            Operation::Value if value.is_none() && self.state.unset_is_error => {
                self.state.ended = Some(Status::Known(2));
                Expanded::Unknown
            }
            Operation::Value => known(value),
            Operation::Default { word, null_too } => match given(*null_too) {
                Some(true) => known(value),
                Some(false) => self.nested_text(word).map_or(Expanded::Unknown, wrap),
                None => Expanded::Unknown,
            },
            Operation::Assign { word, null_too } => match given(*null_too) {
                Some(true) => known(value),
                Some(false) => {
                    let text = self.nested_text(word);
                    self.state.variables.insert(parameter.name.clone(), text.clone());
                    text.map_or(Expanded::Unknown, wrap)
                }
                None => Expanded::Unknown,
            },
            Operation::Error { null_too, .. } => match given(*null_too) {
                Some(true) => known(value),
                Some(false) => {
                    self.state.ended = Some(Status::Known(2));
                    Expanded::Unknown
                }
                None => Expanded::Unknown,
            },
            Operation::Alternative { word, null_too } => match given(*null_too) {
                Some(true) => self.nested_text(word).map_or(Expanded::Unknown, wrap),
                Some(false) => wrap(String::new()),
                None => Expanded::Unknown,
            },
            Operation::Length
            | Operation::TrimPrefix { .. }
            | Operation::TrimSuffix { .. }
            | Operation::Other(_) => Expanded::Unknown,
        }
    }

    /// Pathname expansion; a pattern that matches nothing stays as it is.
    fn file_names(&self, pieces: &[Piece]) -> Vec<Field> {
        let written: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) | Piece::Glob(text) => text.as_str(),
            })
            .collect();
        if !pieces.iter().any(|piece| matches!(piece, Piece::Glob(_))) {
            return vec![Some(written)];
        }
        let mut found = vec![String::new()];
        for (index, component) in components(pieces).iter().enumerate() {
            let mut next = Vec::new();
            for prefix in &found {
                let separator = if index == 0 { "" } else { "/" };
                if let [] | [Piece::Literal(_)] = component.as_slice() {
                    let name = component.first().map_or("", |piece| match piece {
                        Piece::Literal(text) | Piece::Glob(text) => text,
                    });
                    next.push(format!("{prefix}{separator}{name}"));
                    continue;
                }
                let directory = match (prefix.as_str(), index) {
                    (_, 0) => ".",
                    ("", _) => "/",
                    (prefix, _) => prefix,
                };
                let Some(names) = self.names(directory) else {
                    return vec![None];
                };
                let hidden = matches!(component.first(), Some(Piece::Literal(text)) if text.starts_with('.'));
                let matching = names.into_iter().filter(|name| hidden || !name.starts_with('.'));
                next.extend(
                    matching
                        .filter(|name| pattern::matches(component, name))
                        .map(|name| format!("{prefix}{separator}{name}")),
                );
            }
            if next.len() > MAX_NAMES {
                return vec![None];
            }
            found = next;
        }
        // A literal component behind a pattern has to exist.
        found.retain(|path| self.exists(path));
        if found.is_empty() {
            vec![Some(written)]
        } else {
            found.into_iter().map(Some).collect()
        }
    }

    /// The names in a directory, when all of them are known.
    fn names(&self, directory: &str) -> Option<Vec<String>> {
        let Ok(place) = self.find(directory, true) else {
            return Some(Vec::new());
        };
        match dac::permits(self.process, self.state.world.get(place.inode), Want::Read).answer {
            Tri::Yes => {}
            Tri::No => return Some(Vec::new()),
            Tri::Unknown => return None,
        }
        let Some(listing) = self.state.world.directory(place.inode) else {
            return Some(Vec::new());
        };
        if listing.unlisted.is_some() {
            return None;
        }
        let names = listing.entries.iter().map(|(name, entry)| match entry {
            Entry::Present(_) => Some(Some(name.clone())),
            Entry::Absent => Some(None),
            Entry::Maybe(..) => None,
        });
        Some(names.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

/// A pattern cut at its slashes.
fn components(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut components = vec![Vec::new()];
    for piece in pieces {
        let Piece::Literal(text) = piece else {
            if let Some(last) = components.last_mut() {
                last.push(piece.clone());
            }
            continue;
        };
        for (index, part) in text.split('/').enumerate() {
            if index > 0 {
                components.push(Vec::new());
            }
            if let (Some(last), false) = (components.last_mut(), part.is_empty()) {
                match last.last_mut() {
                    Some(Piece::Literal(before)) => before.push_str(part),
                    _ => last.push(Piece::Literal(part.to_owned())),
                }
            }
        }
    }
    components
}
