// SPDX-License-Identifier: Apache-2.0
//! From parser events to the arena, one document after the other.

mod keys;
mod tree;

use std::ops::Range;

use granit_parser::{Event, Parser, ScanError, Span as EventSpan};

use crate::arena::{Arena, Shape};
use crate::error::{Duplicate, Error, ErrorKind};
use crate::layout;
use crate::limits::Limits;
use crate::position::Span;
use crate::scalar::Tag;
use tree::Tree;

/// A document in the arena.
#[derive(Debug)]
pub(crate) struct DocumentRecord {
    pub(crate) root: u32,
    pub(crate) span: Span,
    /// Position in the stream, broken documents counted.
    pub(crate) index: u32,
}

/// Everything that reading a stream yields.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) arena: Arena,
    pub(crate) documents: Vec<DocumentRecord>,
    pub(crate) errors: Vec<Error>,
    pub(crate) duplicates: Vec<Duplicate>,
}

/// Reads all documents of `text`.
pub(crate) fn build(text: &str, limits: &Limits) -> Outcome {
    let limit = limits.max_bytes.min(u32::MAX as usize);
    if text.len() > limit {
        let message = format!(
            "the text has {} bytes, more than the limit of {limit}; split the file",
            text.len()
        );
        let error = Error {
            span: Span::default(),
            kind: ErrorKind::TooLong,
            message,
        };
        return Outcome {
            errors: vec![error],
            ..Outcome::default()
        };
    }
    let mut reader = Reader {
        text,
        tree: Tree::new(text, limits),
        documents: Vec::new(),
        errors: Vec::new(),
        started: 0,
        index: 0,
        forbidden: layout::find_forbidden(text, 0),
    };
    reader.read(limits);
    let (arena, duplicates) = reader.tree.finish();
    Outcome {
        arena,
        documents: reader.documents,
        errors: reader.errors,
        duplicates,
    }
}

struct Reader<'t> {
    text: &'t str,
    tree: Tree<'t>,
    documents: Vec<DocumentRecord>,
    errors: Vec<Error>,
    /// Where the current document starts.
    started: usize,
    index: u32,
    /// The next character that may not be there; it breaks its document even inside a comment.
    forbidden: Option<(usize, char)>,
}

impl<'t> Reader<'t> {
    fn read(&mut self, limits: &Limits) {
        let mut options = granit_parser::options! {
            emit_unresolved_aliases: true,
            flow_nesting_limit: limits.max_depth,
            block_nesting_limit: limits.max_depth,
        };
        options.set_emit_comments(false);
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        while let Some(next) = parser.next_event() {
            let result = match next {
                Ok((event, span)) => self.event(event, span),
                Err(error) => Err(self.syntax_error(&error)),
            };
            if let Err(error) = result {
                self.abandon_document(error);
                if !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
        if let Some((offset, character)) = self.forbidden {
            self.errors.push(forbidden_character(offset, character));
        }
    }

    fn event(&mut self, event: Event<'t>, span: EventSpan) -> Result<(), Error> {
        let Some(range) = span.byte_range() else {
            return Ok(());
        };
        match event {
            Event::DocumentStart(explicit, _) => {
                self.started = range.start;
                self.tree
                    .start_document(if explicit { range.end } else { range.start });
                Ok(())
            }
            Event::DocumentEnd => self.end_document(range.end),
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.map_or(Tag::None, |tag| Tag::from_name(tag.handle(), tag.suffix()));
                self.tree.scalar(&value, style, anchor, tag, range)
            }
            Event::SequenceStart(style, anchor, _) => self.tree.open(Shape::Sequence, style, anchor, range),
            Event::MappingStart(style, anchor, _) => self.tree.open(Shape::Mapping, style, anchor, range),
            Event::SequenceEnd | Event::MappingEnd => self.tree.close(range.end),
            Event::Alias(anchor) => self.tree.alias(anchor, range),
            Event::UnresolvedAlias(name) => Err(unknown_alias(&name, &range)),
            _ => Ok(()),
        }
    }

    fn end_document(&mut self, end: usize) -> Result<(), Error> {
        if let Some((offset, character)) = self.forbidden.filter(|&(offset, _)| offset < end) {
            return Err(forbidden_character(offset, character));
        }
        self.documents.push(DocumentRecord {
            root: self.tree.root(),
            span: Span::new(narrow(self.started), narrow(end)),
            index: self.index,
        });
        self.index += 1;
        Ok(())
    }

    /// Drops what was read of the current document and keeps the reason.
    fn abandon_document(&mut self, error: Error) {
        self.tree.abandon_document();
        if self
            .forbidden
            .is_some_and(|(offset, _)| narrow(offset) <= error.span.start)
        {
            // One report a document: the parser may have stumbled over the same character.
            self.forbidden = layout::find_forbidden(self.text, error.span.end as usize);
        }
        self.errors.push(error);
        self.index += 1;
    }

    fn syntax_error(&self, error: &ScanError) -> Error {
        let offset = error.marker().byte_offset().unwrap_or(self.text.len());
        if let Some((place, character)) = self.forbidden.filter(|&(place, _)| place == offset) {
            return forbidden_character(place, character);
        }
        let length = self
            .text
            .get(offset..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        Error {
            span: span_of(&(offset..offset + length)),
            kind: ErrorKind::Syntax,
            message: error.info(),
        }
    }
}

fn forbidden_character(offset: usize, character: char) -> Error {
    let code = u32::from(character);
    Error {
        span: span_of(&(offset..offset + character.len_utf8())),
        kind: ErrorKind::ControlCharacter,
        message: format!(
            "the character U+{code:04X} is not allowed in YAML; remove it, or write it as an escape in double quotes"
        ),
    }
}

fn unknown_alias(name: &str, range: &Range<usize>) -> Error {
    Error {
        span: span_of(range),
        kind: ErrorKind::UnknownAlias,
        message: format!(
            "`*{name}` refers to an anchor `&{name}` that is not defined before it; if `*` is meant as text (a cron \
             schedule, a wildcard), put the value in quotes"
        ),
    }
}

fn span_of(range: &Range<usize>) -> Span {
    Span::new(narrow(range.start), narrow(range.end))
}

/// Offsets and indices fit in 32 bits, because `build` refuses longer texts.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
