// SPDX-License-Identifier: Apache-2.0
//! Words and quoting (POSIX XCU 2.2).

use super::{Parsed, Parser, scan};
use crate::word::{Part, Word};

/// Where a piece of a word stands, which decides what ends it and what its characters mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the open: ends at a blank or an operator.
    Open,
    /// In double quotes: ends at the closing one.
    Quotes,
    /// In a here-document or an arithmetic expression: ends with the text; quotes are ordinary characters.
    Document,
    /// After the operator of `${…}`: ends at `}`.
    Braces {
        /// The whole expansion is in double quotes, so single quotes are ordinary characters.
        quoted: bool,
    },
}

impl Place {
    /// Whether text here is safe from field splitting and file name matching.
    pub(super) const fn is_quoted(self) -> bool {
        match self {
            Self::Open => false,
            Self::Quotes | Self::Document => true,
            Self::Braces { quoted } => quoted,
        }
    }

    const fn ends_at(self, byte: u8) -> bool {
        match self {
            Self::Open => scan::is_delimiter(byte),
            Self::Quotes => byte == b'"',
            Self::Document => false,
            Self::Braces { .. } => byte == b'}',
        }
    }

    /// Whether a backslash takes the meaning of `byte`; otherwise it is an ordinary character.
    const fn escapes(self, byte: u8) -> bool {
        match self {
            Self::Open | Self::Braces { quoted: false } => true,
            Self::Quotes => matches!(byte, b'$' | b'`' | b'"' | b'\\'),
            Self::Document => matches!(byte, b'$' | b'`' | b'\\'),
            Self::Braces { quoted: true } => matches!(byte, b'$' | b'`' | b'"' | b'\\' | b'}'),
        }
    }
}

impl Parser<'_> {
    /// The word at the cursor, if there is one.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        let start = self.position;
        let mut word = Word::default();
        if self.looks_at("<(") || self.looks_at(">(") {
            word.parts
                .push(self.shell_specific_parentheses(start, start + 1)?);
        }
        self.pieces(Place::Open, &mut word)?;
        let value = scan::name(self.text.get(start..).unwrap_or(""));
        if self.peek() == Some(b'(')
            && matches!(self.text.get(start + value..self.position), Some("=" | "+="))
        {
            word.parts
                .push(self.shell_specific_parentheses(self.position, self.position)?);
        }
        if self.position == start {
            return Ok(None);
        }
        word.resolve_tildes(false);
        word.resolve_globs();
        Ok(Some(word))
    }

    /// What stands after the `=` of an assignment.
    pub(super) fn assigned_value(&mut self) -> Parsed<Word> {
        let mut word = Word::default();
        if self.peek() == Some(b'(') {
            word.parts
                .push(self.shell_specific_parentheses(self.position, self.position)?);
        }
        self.pieces(Place::Open, &mut word)?;
        word.resolve_tildes(true);
        Ok(word)
    }

    /// The whole text as the contents of a here-document.
    pub(super) fn here_document_contents(&mut self) -> Parsed<Word> {
        let mut word = Word::default();
        self.pieces(Place::Document, &mut word)?;
        Ok(word)
    }

    /// The raw text from `start` to the parenthesis that closes the one at `open`.
    fn shell_specific_parentheses(&mut self, start: usize, open: usize) -> Parsed<Part> {
        let end = scan::parenthesis(self.text, open).ok_or_else(|| self.error("this `(` is never closed"))?;
        self.position = end;
        Ok(Part::ShellSpecific(
            self.text.get(start..end).unwrap_or("").to_owned(),
        ))
    }

    /// Reads pieces into `word` up to what ends them at `place`, which is left at the cursor.
    pub(super) fn pieces(&mut self, place: Place, word: &mut Word) -> Parsed<()> {
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.backslash(place, word),
                b'$' => self.dollar(place, word)?,
                b'`' => self.backquotes(place, word)?,
                _ if place.ends_at(byte) => return Ok(()),
                b'\'' if !place.is_quoted() => self.single_quotes(word)?,
                b'"' if place != Place::Document => self.double_quotes(word)?,
                _ => {
                    let special = |byte: u8| place.ends_at(byte) || b"\\$`'\"".contains(&byte);
                    let run = self
                        .rest()
                        .bytes()
                        .skip(1)
                        .take_while(|byte| !special(*byte))
                        .count()
                        + 1;
                    // A character's bytes are all ordinary but perhaps the first, so the run ends between two.
                    word.push_literal(self.rest().get(..run).unwrap_or(""), place.is_quoted());
                    self.position += run;
                }
            }
        }
        Ok(())
    }

    fn backslash(&mut self, place: Place, word: &mut Word) {
        self.position += 1;
        let escaped = self.rest().chars().next();
        match escaped {
            Some('\n') => self.position += 1,
            Some(character)
                if u8::try_from(character).map_or(!place.is_quoted(), |byte| place.escapes(byte)) =>
            {
                self.position += character.len_utf8();
                word.push_literal(character.encode_utf8(&mut [0; 4]), true);
            }
            _ => word.push_literal("\\", true),
        }
    }

    fn single_quotes(&mut self, word: &mut Word) -> Parsed<()> {
        let inside = self.rest().get(1..).unwrap_or("");
        let Some(length) = inside.find('\'') else {
            return Err(self.error("this single quote is never closed"));
        };
        word.push_literal(inside.get(..length).unwrap_or(""), true);
        self.position += length + 2;
        Ok(())
    }

    fn double_quotes(&mut self, word: &mut Word) -> Parsed<()> {
        let start = self.position;
        self.position += 1;
        let pieces = word.parts.len();
        self.pieces(Place::Quotes, word)?;
        if word.parts.len() == pieces {
            // `""` is an empty argument; but nothing may stand beside `"$@"`, which can be no argument at all.
            word.push_literal("", true);
        }
        if !self.take("\"") {
            self.position = start;
            return Err(self.error("this double quote is never closed"));
        }
        Ok(())
    }
}

impl Word {
    /// Appends text, joined to the literal before it if that is of the same kind.
    pub(super) fn push_literal(&mut self, new: &str, new_quoted: bool) {
        match self.parts.last_mut() {
            Some(Part::Literal { text, quoted }) if *quoted == new_quoted => text.push_str(new),
            _ => self.parts.push(Part::Literal {
                text: new.to_owned(),
                quoted: new_quoted,
            }),
        }
    }

    /// Finds the tilde prefixes (POSIX XCU 2.6.1): at the start, and in an assignment after each colon.
    fn resolve_tildes(&mut self, after_colons: bool) {
        let mut resolved = Self::default();
        let mut at_start = true;
        let count = self.parts.len();
        for (index, part) in std::mem::take(&mut self.parts).into_iter().enumerate() {
            let Part::Literal { text, quoted: false } = part else {
                resolved.parts.push(part);
                at_start = false;
                continue;
            };
            let mut rest = text.as_str();
            while !rest.is_empty() {
                if let Some(user) = at_start
                    .then(|| login(rest, index + 1 == count, after_colons))
                    .flatten()
                {
                    resolved
                        .parts
                        .push(Part::Tilde((!user.is_empty()).then(|| user.to_owned())));
                    rest = rest.get(1 + user.len()..).unwrap_or("");
                }
                let colon = if after_colons { rest.find(':') } else { None };
                let end = colon.map_or(rest.len(), |colon| colon + 1);
                if end > 0 {
                    resolved.push_literal(rest.get(..end).unwrap_or(rest), false);
                }
                at_start = colon.is_some();
                rest = rest.get(end..).unwrap_or("");
            }
        }
        *self = resolved;
    }

    /// Turns unquoted `*`, `?` and bracket expressions into globs (POSIX XCU 2.14).
    pub(super) fn resolve_globs(&mut self) {
        let mut resolved = Self::default();
        for part in std::mem::take(&mut self.parts) {
            let Part::Literal { text, quoted: false } = part else {
                resolved.parts.push(part);
                continue;
            };
            let mut rest = text.as_str();
            while let Some(start) = rest.find(['*', '?', '[']) {
                let (before, pattern) = rest.split_at(start);
                if !before.is_empty() {
                    resolved.push_literal(before, false);
                }
                let length = if pattern.starts_with('[') {
                    bracket_expression(pattern)
                } else {
                    Some(1)
                };
                let (glob, after) = pattern.split_at(length.unwrap_or(1));
                match length {
                    Some(_) => resolved.parts.push(Part::Glob(glob.to_owned())),
                    None => resolved.push_literal(glob, false),
                }
                rest = after;
            }
            if !rest.is_empty() {
                resolved.push_literal(rest, false);
            }
        }
        *self = resolved;
    }
}

/// The user name of the tilde prefix that `text` starts with; empty for `~` alone. A prefix must reach a slash
/// or the end of the word, all of it unquoted.
fn login(text: &str, ends_word: bool, ends_at_colon: bool) -> Option<&str> {
    let user = text.strip_prefix('~')?;
    let end = user.find(|character: char| character == '/' || (ends_at_colon && character == ':'));
    let user = match end {
        Some(end) => user.get(..end)?,
        None if ends_word => user,
        None => return None,
    };
    let portable = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (user.bytes().all(portable) && !user.starts_with('-')).then_some(user)
}

/// What is looked at to find the end of a bracket expression; more would take quadratic time.
const LONGEST_BRACKETS: usize = 128;

/// The length of the bracket expression that `text` starts with; `None` if its `[` is an ordinary character. The
/// `[` alone counts as one if the end is too far away to be looked for.
fn bracket_expression(text: &str) -> Option<usize> {
    let bytes = text.as_bytes().get(..LONGEST_BRACKETS).unwrap_or(text.as_bytes());
    let too_far = (text.len() > bytes.len()).then_some(1);
    let mut position = 1;
    if matches!(bytes.get(position), Some(b'!' | b'^')) {
        position += 1;
    }
    let first = position;
    loop {
        let Some(byte) = bytes.get(position) else {
            return too_far;
        };
        match (byte, bytes.get(position + 1)) {
            (b']', _) if position > first => return Some(position + 1),
            (b'[', Some(kind @ (b':' | b'.' | b'='))) => {
                let inside = bytes.get(position + 2..).unwrap_or(&[]);
                let name = inside
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count();
                let closes = inside
                    .get(name..)
                    .is_some_and(|after| after.starts_with(&[*kind, b']']));
                position += if closes { name + 4 } else { 1 };
            }
            _ => position += 1,
        }
    }
}
