// SPDX-License-Identifier: Apache-2.0
//! Commands: which kind it is, simple commands and function definitions (POSIX XCU 2.9.1, 2.9.5).

use super::{Parsed, Parser, scan};
use crate::script::{Assignment, Command, CommandKind, Compound, Function, Simple};
use crate::word::Word;

/// Words that mean something at the start of a command. `[[` and `function` are not POSIX, but no script uses
/// them for anything else.
const RESERVED: [&str; 18] = [
    "!", "[[", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "then", "until",
    "while", "{", "}", "in",
];

/// Reads one kind of compound command.
type CompoundParser<'a> = fn(&mut Parser<'a>) -> Parsed<Compound>;

impl<'a> Parser<'a> {
    /// The reserved word at the cursor. Any quote in it makes it an ordinary word.
    pub(super) fn reserved(&self) -> Option<&'static str> {
        RESERVED.into_iter().find(|reserved| {
            let Some(mut after) = self.rest().strip_prefix(reserved) else {
                return false;
            };
            while let Some(continued) = after.strip_prefix("\\\n") {
                after = continued;
            }
            after.bytes().next().is_none_or(scan::is_delimiter)
        })
    }

    /// Takes the reserved word that the grammar requires here.
    pub(super) fn expect(&mut self, reserved: &str) -> Parsed<()> {
        if self.reserved() == Some(reserved) {
            self.position += reserved.len();
            return Ok(());
        }
        Err(self.unexpected(&format!("`{reserved}`")))
    }

    pub(super) fn command(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        let start = self.position;
        // Each kind has a function of its own, so that what nests takes no more of the stack than its own kind needs.
        match self.start_of_compound()? {
            Some(parse) => self.compound(start, parse),
            None => match self.function_name()? {
                Some(name) => self.function(start, name),
                None => self.simple(start),
            },
        }
    }

    fn compound(&mut self, start: usize, parse: CompoundParser<'a>) -> Parsed<Command> {
        let kind = CommandKind::Compound(self.nested(parse)?);
        let redirects = self.redirects()?;
        Ok(Command {
            kind,
            redirects,
            span: self.span(start),
        })
    }

    fn function(&mut self, start: usize, name: &str) -> Parsed<Command> {
        let body = Box::new(self.nested(Self::function_body)?);
        let kind = CommandKind::Function(Function {
            name: name.to_owned(),
            body,
        });
        Ok(Command {
            kind,
            redirects: Vec::new(),
            span: self.span(start),
        })
    }

    /// The name of the function whose definition starts at the cursor, which then stands before the body.
    fn function_name(&mut self) -> Parsed<Option<&'a str>> {
        let keyword = self.reserved() == Some("function");
        if keyword {
            self.position += "function".len();
            self.skip_blanks();
        }
        let start = self.position;
        let plain = |byte: &u8| !scan::is_delimiter(*byte) && !b"\\'\"$`=".contains(byte);
        let name = self.rest().bytes().take_while(plain).count();
        let name = self.rest().get(..name).unwrap_or("");
        if name.is_empty() {
            return if keyword {
                Err(self.unexpected("a function name"))
            } else {
                Ok(None)
            };
        }
        self.position += name.len();
        self.skip_blanks();
        if self.take("(") {
            self.skip_blanks();
            if !self.take(")") {
                return Err(self.unexpected("`)` after the function name"));
            }
        } else if !keyword {
            self.position = start;
            return Ok(None);
        }
        Ok(Some(name))
    }

    /// POSIX wants a compound command here; dash and BusyBox ash take any.
    fn function_body(&mut self) -> Parsed<Command> {
        self.skip_lines();
        self.command()
    }

    fn simple(&mut self, start: usize) -> Parsed<Command> {
        let mut simple = Simple::default();
        let mut redirects = Vec::new();
        let mut end = start;
        loop {
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
            } else if let Some(assignment) = self.assignment(simple.words.is_empty())? {
                simple.assignments.push(assignment);
            } else if let Some(word) = self.word()? {
                simple.words.push(word);
            } else {
                break;
            }
            end = self.position;
            self.skip_blanks();
        }
        if end == start {
            return Err(self.unexpected("a command"));
        }
        if self.peek() == Some(b'(') {
            return Err(self.unexpected("the end of the command"));
        }
        let after = std::mem::replace(&mut self.position, end);
        let span = self.span(start);
        self.position = after;
        Ok(Command {
            kind: CommandKind::Simple(simple),
            redirects,
            span,
        })
    }

    /// `name=value`, which is an assignment only `before_words`.
    fn assignment(&mut self, before_words: bool) -> Parsed<Option<Assignment>> {
        let name = self.rest().get(..scan::name(self.rest())).unwrap_or("");
        if !before_words || name.is_empty() {
            return Ok(None);
        }
        let operator = self.rest().get(name.len()..).unwrap_or("");
        let append = operator.starts_with("+=");
        if !append && !operator.starts_with('=') {
            return Ok(None);
        }
        self.position += name.len() + if append { 2 } else { 1 };
        let value = self.assigned_value()?;
        Ok(Some(Assignment {
            name: name.to_owned(),
            value,
            append,
        }))
    }

    /// A word that must be there.
    pub(super) fn required_word(&mut self, what: &str) -> Parsed<Word> {
        self.skip_blanks();
        self.word()?.ok_or_else(|| self.unexpected(what))
    }

    /// What reads the compound command without its redirections that starts at the cursor, if one does.
    fn start_of_compound(&self) -> Parsed<Option<CompoundParser<'a>>> {
        if self.peek() == Some(b'(') {
            return Ok(Some(Self::parenthesised));
        }
        let parse = match self.reserved() {
            Some("{") => Self::group,
            Some("if") => Self::if_clause,
            Some("for") => Self::for_clause,
            Some("while") => Self::while_clause,
            Some("until") => Self::until_clause,
            Some("case") => Self::case_clause,
            Some("[[") => Self::test_clause,
            Some("function") | None => return Ok(None),
            Some(_) => return Err(self.unexpected("a command")),
        };
        Ok(Some(parse))
    }
}
