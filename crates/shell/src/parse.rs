// SPDX-License-Identifier: Apache-2.0
//! The parser: recursive descent over the text, as shells do it, because what a character means depends on
//! where the grammar is (`#`, `}`, `esac`, a newline after which a here-document stands).
//!
//! Written here because the parser at hand, brush-parser (0.3 and 0.4 measured), panics on a large descriptor
//! number, doubles its time with every level of `case` and `( (`, refuses `case` inside `$(…)`, and does not keep
//! words as they were written.
//!
//! This room holds the cursor, its limits, and lists down to pipelines (POSIX XCU 2.9.2 to 2.9.3).

mod command;
mod compound;
mod expansion;
mod here_document;
mod redirect;
mod scan;
mod word;

use std::collections::BTreeMap;

use crate::error::ParseError;
use crate::script::{AndOr, Connector, List, Pipeline, Script, Span};

/// The longest script that is read, in bytes; an init container's line is far below.
pub const MAX_SCRIPT_BYTES: usize = 64 * 1024;

/// How deep commands, substitutions and expansions may nest in each other. It bounds the stack that parsing takes.
pub const MAX_NESTING: usize = 40;

type Parsed<T> = Result<T, ParseError>;

/// Parses the text that a shell gets after `-c`.
///
/// # Errors
///
/// [`ParseError`] where a shell would report a syntax error, and beyond [`MAX_SCRIPT_BYTES`] or
/// [`MAX_NESTING`].
pub fn parse(script: &str) -> Result<Script, ParseError> {
    if script.len() > MAX_SCRIPT_BYTES {
        return Err(ParseError::at(
            script,
            MAX_SCRIPT_BYTES,
            format!("the script is longer than {MAX_SCRIPT_BYTES} bytes; move it into a file of the image"),
        ));
    }
    if let Some(offset) = script.find('\0') {
        return Err(ParseError::at(
            script,
            offset,
            "a NUL byte cannot be passed to a shell; remove it",
        ));
    }
    let mut parser = Parser::new(script);
    let list = parser.whole()?;
    Ok(Script { list })
}

/// A cursor over one text.
struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
    /// Offsets of newlines after which here-documents stand, with the offset where the script goes on.
    here_documents: BTreeMap<usize, usize>,
    /// The last line end looked up for a here-document: from where, and the end.
    line_end: Option<(usize, usize)>,
    /// The range of the script that this text was taken from (a backquoted command), if it is not the script.
    origin: Option<Span>,
}

impl<'a> Parser<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            depth: 0,
            here_documents: BTreeMap::new(),
            line_end: None,
            origin: None,
        }
    }

    /// Parses `text`, which came from the bytes after `start`, with `parse`.
    fn inner<'b, T>(
        &self,
        text: &'b str,
        start: usize,
        parse: impl FnOnce(&mut Parser<'b>) -> Parsed<T>,
    ) -> Parsed<T> {
        let mut inner = Parser::new(text);
        inner.origin = Some(self.span(start));
        inner.depth = self.depth;
        inner
            .nested(parse)
            .map_err(|error| ParseError::at(self.text, start, error.message))
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_NESTING {
            return Err(self.error(format!(
                "commands nest deeper than {MAX_NESTING} levels; split the script"
            )));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.position + ahead).copied()
    }

    fn looks_at(&self, expected: &str) -> bool {
        self.rest().starts_with(expected)
    }

    fn take(&mut self, expected: &str) -> bool {
        let found = self.looks_at(expected);
        if found {
            self.position += expected.len();
        }
        found
    }

    fn span(&self, start: usize) -> Span {
        self.origin.unwrap_or(Span {
            start,
            end: self.position,
        })
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError::at(self.text, self.position, message)
    }

    /// The error for the token at the cursor.
    fn unexpected(&self, expected: &str) -> ParseError {
        let found = match self.peek() {
            None => "the script ends".to_owned(),
            Some(b'\n') => "the line ends".to_owned(),
            Some(byte) if scan::is_delimiter(byte) => format!("found `{}`", char::from(byte)),
            Some(_) => {
                let word: String = self
                    .rest()
                    .chars()
                    .take(20)
                    .take_while(|character| !u8::try_from(*character).is_ok_and(scan::is_delimiter))
                    .collect();
                format!("found `{word}`")
            }
        };
        self.error(format!("{found} where {expected} was expected"))
    }

    /// Skips blanks, comments and continued lines before a token.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.position += 1,
                Some(b'\\') if self.take("\\\n") => {}
                Some(b'#') => {
                    let rest = self.rest();
                    self.position += rest.find('\n').unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// Takes a newline with the here-documents that stand after it.
    fn take_newline(&mut self) -> bool {
        if self.peek() != Some(b'\n') {
            return false;
        }
        self.position = self
            .here_documents
            .remove(&self.position)
            .unwrap_or(self.position + 1);
        true
    }

    fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.take_newline() {
            self.skip_blanks();
        }
    }

    /// The whole text as commands.
    fn whole(&mut self) -> Parsed<List> {
        let list = self.list()?;
        match self.peek() {
            None => Ok(list),
            Some(_) => Err(self.unexpected("a command")),
        }
    }

    /// Commands up to a token that ends a list; the caller decides which one it may be.
    fn list(&mut self) -> Parsed<List> {
        let mut list = List::new();
        loop {
            self.skip_lines();
            if self.at_end_of_list() {
                return Ok(list);
            }
            let mut and_or = self.and_or()?;
            let more = match self.peek() {
                Some(b';') if !matches!(self.peek_at(1), Some(b';' | b'&')) => self.take(";"),
                Some(b'&') => {
                    and_or.background = true;
                    self.take("&")
                }
                Some(b'\n') => true,
                _ => false,
            };
            list.push(and_or);
            if !more {
                self.skip_blanks();
                return Ok(list);
            }
        }
    }

    /// A list that a reserved word or parenthesis requires to have a command.
    fn commands(&mut self, after: &str) -> Parsed<List> {
        let list = self.list()?;
        if list.is_empty() {
            return Err(self.unexpected(&format!("a command after `{after}`")));
        }
        Ok(list)
    }

    fn at_end_of_list(&self) -> bool {
        match self.peek() {
            None | Some(b')') => true,
            Some(b';') => matches!(self.peek_at(1), Some(b';' | b'&')),
            _ => matches!(
                self.reserved(),
                Some("then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}")
            ),
        }
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let connector = if self.take("&&") {
                Connector::And
            } else if self.take("||") {
                Connector::Or
            } else {
                return Ok(AndOr {
                    first,
                    rest,
                    background: false,
                });
            };
            self.skip_lines();
            rest.push((connector, self.pipeline()?));
        }
    }

    /// A pipeline and the blanks after it.
    fn pipeline(&mut self) -> Parsed<Pipeline> {
        let mut negated = false;
        while self.reserved() == Some("!") {
            negated = !negated;
            self.position += 1;
            self.skip_blanks();
        }
        let mut commands = Vec::new();
        loop {
            let mut command = self.command()?;
            self.skip_blanks();
            let piped = !self.looks_at("||") && self.take("|");
            if piped && self.take("&") {
                command.redirects.push(redirect::errors_to_output());
            }
            commands.push(command);
            if !piped {
                return Ok(Pipeline { negated, commands });
            }
            self.skip_lines();
        }
    }
}
