// SPDX-License-Identifier: Apache-2.0
//! What starts with a dollar sign or a backquote (POSIX XCU 2.6.2 to 2.6.4).

use super::word::Place;
use super::{Parsed, Parser, scan};
use crate::error::ParseError;
use crate::word::{Operation, Parameter, Part, Word};

impl<'a> Parser<'a> {
    /// The expansion at the cursor, which stands at `$`.
    pub(super) fn dollar(&mut self, place: Place, word: &mut Word) -> Parsed<()> {
        let quoted = place.is_quoted();
        let part = match self.peek_at(1) {
            Some(b'\\') if self.looks_at("$\\\n") => Err(self.broken()),
            Some(b'(') => match self.end_of_arithmetic() {
                Some(end) => self.arithmetic(end, quoted),
                None => self.nested(|parser| parser.command_substitution(quoted)),
            },
            Some(b'{') => self.nested(|parser| parser.braces(quoted)),
            Some(b'\'') if !quoted => self.c_quotes(),
            Some(b'"') if !quoted => Ok(self.shell_specific_dollar(1)),
            Some(b'[') => Ok(self.shell_specific_dollar(2)),
            _ => return self.plain_parameter(quoted, word),
        };
        word.parts.push(part?);
        Ok(())
    }

    /// `$name`, or a dollar sign that means nothing.
    fn plain_parameter(&mut self, quoted: bool, word: &mut Word) -> Parsed<()> {
        self.position += 1;
        match self.parameter_name(false) {
            Some(_) if self.name_goes_on() => return Err(self.broken()),
            Some(name) => word.parts.push(Part::Parameter(Parameter {
                name: name.to_owned(),
                operation: Operation::Value,
                quoted,
            })),
            None => word.push_literal("$", quoted),
        }
        Ok(())
    }

    /// Whether the line ends inside a name (`$na\` and `me` on the next line).
    fn name_goes_on(&self) -> bool {
        self.rest()
            .strip_prefix("\\\n")
            .is_some_and(|next| next.starts_with('\\') || scan::name(next) > 0)
    }

    fn broken(&self) -> ParseError {
        self.error("this expansion goes on in the next line; write it in one")
    }

    /// A dollar sign whose meaning depends on the shell; what it applies to is read as usual.
    fn shell_specific_dollar(&mut self, length: usize) -> Part {
        let text = self.rest().get(..length).unwrap_or("$").to_owned();
        self.position += length;
        Part::ShellSpecific(text)
    }

    /// `$'…'`: escapes in bash and BusyBox ash, a dollar sign before a plain quotation in dash.
    fn c_quotes(&mut self) -> Parsed<Part> {
        let bytes = self.rest().as_bytes();
        let mut length = 2;
        while let Some(byte) = bytes.get(length) {
            match byte {
                b'\\' => length += 2,
                b'\'' => {
                    let text = self.rest().get(..=length).unwrap_or("").to_owned();
                    self.position += length + 1;
                    return Ok(Part::ShellSpecific(text));
                }
                _ => length += 1,
            }
        }
        Err(self.error("this single quote is never closed"))
    }

    /// The offset after the `$((…))` at the cursor; `None` if it is a `$(…)` that starts with a subshell.
    fn end_of_arithmetic(&self) -> Option<usize> {
        let arithmetic = self.looks_at("$((");
        arithmetic
            .then(|| scan::double_parenthesis(self.text, self.position + 1))
            .flatten()
    }

    fn arithmetic(&mut self, end: usize, quoted: bool) -> Parsed<Part> {
        let start = self.position;
        let text = self.text.get(start + "$((".len()..end - "))".len()).unwrap_or("");
        self.position = end;
        let expression = self.inner(text, start, Parser::here_document_contents)?;
        Ok(Part::Arithmetic { expression, quoted })
    }

    fn command_substitution(&mut self, quoted: bool) -> Parsed<Part> {
        let start = self.position;
        self.position += "$(".len();
        let list = self.list()?;
        if self.take(")") {
            return Ok(Part::CommandSubstitution { list, quoted });
        }
        if self.peek().is_none() {
            self.position = start;
            return Err(self.error("this `$(` is never closed"));
        }
        Err(self.unexpected("`)`"))
    }

    /// Backquotes: inside them backslashes are removed once more before the commands are parsed.
    pub(super) fn backquotes(&mut self, place: Place, word: &mut Word) -> Parsed<()> {
        let start = self.position;
        let mut commands = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        loop {
            match characters.next() {
                None => return Err(self.error("this backquote is never closed")),
                Some((end, '`')) => {
                    self.position += end + 1;
                    break;
                }
                Some((_, '\\')) => match characters.next() {
                    Some((_, escaped @ ('$' | '`' | '\\'))) => commands.push(escaped),
                    Some((_, '"')) if place == Place::Quotes => commands.push('"'),
                    escaped => {
                        commands.push('\\');
                        commands.extend(escaped.map(|(_, character)| character));
                    }
                },
                Some((_, character)) => commands.push(character),
            }
        }
        let list = self.inner(&commands, start, Parser::whole)?;
        word.parts.push(Part::CommandSubstitution {
            list,
            quoted: place.is_quoted(),
        });
        Ok(())
    }

    /// The parameter name at the cursor. Without braces `$10` is `$1` followed by a zero.
    fn parameter_name(&mut self, braces: bool) -> Option<&'a str> {
        let rest = self.rest();
        let length = match self.peek()? {
            b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' => 1,
            b'0'..=b'9' if braces => rest.bytes().take_while(u8::is_ascii_digit).count(),
            b'0'..=b'9' => 1,
            _ => scan::name(rest),
        };
        if length == 0 {
            return None;
        }
        self.position += length;
        rest.get(..length)
    }

    /// `${…}`.
    fn braces(&mut self, quoted: bool) -> Parsed<Part> {
        let start = self.position;
        self.position += "${".len();
        let inside = self.position;
        let known = self.parameter(quoted)?;
        let (name, operation) = if let Some(known) = known
            && self.peek() == Some(b'}')
        {
            known
        } else {
            // Read on as a word so that quotes and nested expansions hide a `}`.
            self.pieces(Place::Braces { quoted }, &mut Word::default())?;
            let text = self.text.get(inside..self.position).unwrap_or("").to_owned();
            let name = text.get(..scan::name(&text)).unwrap_or("").to_owned();
            (name, Operation::Other(text))
        };
        if !self.take("}") {
            self.position = start;
            return Err(self.error("this `${` is never closed"));
        }
        Ok(Part::Parameter(Parameter {
            name,
            operation,
            quoted,
        }))
    }

    /// The name and operation between the braces, as far as POSIX has them.
    fn parameter(&mut self, quoted: bool) -> Parsed<Option<(String, Operation)>> {
        if let Some(name) = self.length_of() {
            return Ok(Some((name.to_owned(), Operation::Length)));
        }
        let Some(name) = self.parameter_name(true) else {
            return Ok(None);
        };
        Ok(self
            .operation(quoted)?
            .map(|operation| (name.to_owned(), operation)))
    }

    /// The name in `#name`; a `#` that is the parameter itself stays.
    fn length_of(&mut self) -> Option<&'a str> {
        let start = self.position;
        if self.take("#")
            && let Some(name) = self.parameter_name(true)
            && self.peek() == Some(b'}')
        {
            return Some(name);
        }
        self.position = start;
        None
    }

    fn operation(&mut self, quoted: bool) -> Parsed<Option<Operation>> {
        if self.peek() == Some(b'}') {
            return Ok(Some(Operation::Value));
        }
        for longest in [true, false] {
            if self.take(if longest { "##" } else { "#" }) {
                return Ok(Some(Operation::TrimPrefix {
                    pattern: self.pattern()?,
                    longest,
                }));
            }
            if self.take(if longest { "%%" } else { "%" }) {
                return Ok(Some(Operation::TrimSuffix {
                    pattern: self.pattern()?,
                    longest,
                }));
            }
        }
        let null_too = self.take(":");
        let operator = self.peek();
        if !matches!(operator, Some(b'-' | b'=' | b'?' | b'+')) {
            return Ok(None);
        }
        self.position += 1;
        let mut word = Word::default();
        self.pieces(Place::Braces { quoted }, &mut word)?;
        Ok(Some(match operator {
            Some(b'-') => Operation::Default { word, null_too },
            Some(b'=') => Operation::Assign { word, null_too },
            Some(b'?') => Operation::Error { word, null_too },
            _ => Operation::Alternative { word, null_too },
        }))
    }

    /// A pattern up to the closing brace; quotes around the whole expansion do not quote it.
    fn pattern(&mut self) -> Parsed<Word> {
        let mut pattern = Word::default();
        self.pieces(Place::Braces { quoted: false }, &mut pattern)?;
        pattern.resolve_globs();
        Ok(pattern)
    }
}
