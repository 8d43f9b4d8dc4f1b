// SPDX-License-Identifier: Apache-2.0
//! From parser events to the arena, one document after the other.

mod block_scalar;
mod forbidden;
mod gap;
mod keys;
mod quotes;
mod source;
mod tree;

use std::ops::Range;

use granit_parser::{Event, Parser, ScanError, Span as EventSpan};

pub(crate) use gap::skip_until;

use crate::arena::{Arena, Shape};
use crate::error::{Duplicate, Error, ErrorKind};
use crate::limits::Limits;
use crate::position::Span;
use crate::scalar::Tag;
use source::{Interrupted, Source};
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

/// Offsets and indices have 32 bits, and unescaped text can be longer than what is written (`\L` has two bytes, U+2028
/// three), so texts end well below 4 GiB.
const LONGEST: usize = 2 << 30;

/// A stream with more broken documents than this is no YAML, and its errors would take more memory than its text.
const MOST_ERRORS: usize = 10_000;

/// Reads all documents of `text`.
pub(crate) fn build(text: &str, limits: &Limits) -> Outcome {
    let limit = limits.max_bytes.min(LONGEST);
    if text.len() > limit {
        let message = format!(
            "the text has {} bytes, more than the limit of {limit}; split the file",
            text.len()
        );
        let error = Error::new(Span::default(), ErrorKind::TooLong, message);
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
        boundary: Some(0),
        marker: None,
        index: 0,
        forbidden: forbidden::find_forbidden(text, 0),
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
    /// Where the text of the current document may start: behind the one before it, unless that was broken.
    boundary: Option<usize>,
    /// Where the marker of the current document (`---`) stands, if it has one.
    marker: Option<usize>,
    index: u32,
    /// The next character that may not be there; it breaks its document even inside a comment.
    forbidden: Option<(usize, char)>,
}

impl<'t> Reader<'t> {
    fn read(&mut self, limits: &Limits) {
        let mut source = Source::new(self.text);
        while let Some(rewritten) = self.read_source(&source, limits) {
            source = rewritten;
        }
        if let Some((offset, character)) = self.forbidden.filter(|_| self.boundary.is_some()) {
            self.errors.push(forbidden_character(offset, character));
        }
    }

    /// Reads to the end of `source`, or to a place that needs another source from the current document on.
    fn read_source(&mut self, source: &Source<'t>, limits: &Limits) -> Option<Source<'t>> {
        let mut options = granit_parser::options! {
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            flow_nesting_limit: limits.max_depth,
            block_nesting_limit: limits.max_depth,
        };
        options.set_emit_comments(false);
        let mut parser = Parser::new_from_str_with_options(&source.text, options);
        while let Some(next) = parser.next_event() {
            let result = match next {
                Ok((event, span)) => self.event(&event, &span, source),
                Err(error) => {
                    let offset = source.original(error.marker().byte_offset().unwrap_or(source.text.len()));
                    if let Some(rewritten) = self.rewrite(source, &error, offset) {
                        return Some(rewritten);
                    }
                    Err(self.refusal(&error, offset, limits))
                }
            };
            if let Err(error) = result {
                let span = error.span;
                self.abandon_document(error);
                if self.errors.len() >= MOST_ERRORS {
                    let message =
                        format!("{MOST_ERRORS} documents are broken; the rest of the stream is not read");
                    self.errors
                        .push(Error::new(span, ErrorKind::TooManyErrors, message));
                    break;
                }
                if !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
        None
    }

    /// Gives up the current document to read it again, if the parser stumbled over a shape that go-yaml reads.
    fn rewrite(&mut self, source: &Source<'t>, error: &ScanError, offset: usize) -> Option<Source<'t>> {
        let document = self.boundary?;
        let gap = self.tree.gap();
        let interrupted = Interrupted {
            document,
            gap: gap.start().max(document),
            fresh: self.tree.is_fresh(),
            flow: self.tree.in_flow() || gap.indicator(b"[{", offset).is_some(),
        };
        let rewritten = source.rewritten(error.kind(), offset, &interrupted)?;
        self.tree.drop_document();
        self.boundary = Some(rewritten.base);
        Some(rewritten)
    }

    fn event(&mut self, event: &Event<'_>, span: &EventSpan, source: &Source<'t>) -> Result<(), Error> {
        let Some(range) = span.byte_range() else {
            return Ok(());
        };
        let range = source.original_range(&range);
        match event {
            &Event::DocumentStart(explicit, _) => {
                self.marker = explicit.then_some(range.start);
                if self.boundary.is_none() {
                    // What stands in a broken document is not reported twice.
                    self.forbidden = self
                        .forbidden
                        .and_then(|_| forbidden::find_forbidden(self.text, range.start));
                }
                let boundary = *self.boundary.get_or_insert(range.start);
                self.tree
                    .start_document(if explicit { range.end } else { boundary }, explicit);
                Ok(())
            }
            Event::DocumentEnd => self.end_document(range.end),
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag
                    .as_ref()
                    .map_or(Tag::None, |tag| Tag::from_name(tag.handle(), tag.suffix()));
                self.tree.scalar(value, *style, *anchor, tag, range)
            }
            &Event::SequenceStart(style, anchor, _) => self.tree.open(Shape::Sequence, style, anchor, range),
            &Event::MappingStart(style, anchor, _) => self.tree.open(Shape::Mapping, style, anchor, range),
            Event::SequenceEnd | Event::MappingEnd => self.tree.close(&range),
            &Event::Alias(anchor) => self.tree.alias(anchor, range),
            Event::Anchor(_, name) => check_anchor(name, &range),
            Event::UnresolvedAlias(name) => Err(unknown_alias(name, &range)),
            _ => Ok(()),
        }
    }

    fn end_document(&mut self, end: usize) -> Result<(), Error> {
        if let Some((offset, character)) = self.forbidden.filter(|&(offset, _)| offset < end) {
            return Err(forbidden_character(offset, character));
        }
        let root = self.tree.keep_document();
        let start = self.marker.map_or(self.tree.arena.record(root).start, narrow);
        self.documents.push(DocumentRecord {
            root,
            span: Span::new(start, narrow(end)),
            index: self.index,
        });
        self.boundary = Some(end);
        self.index += 1;
        Ok(())
    }

    /// Drops what was read of the current document and keeps the reason.
    fn abandon_document(&mut self, error: Error) {
        self.tree.drop_document();
        self.boundary = None;
        self.errors.push(error);
        self.index += 1;
    }

    /// What the parser refuses, in our terms.
    fn refusal(&self, error: &ScanError, offset: usize, limits: &Limits) -> Error {
        if let (granit_parser::ErrorKind::UnexpectedCharacter { character }, Some((place, forbidden))) =
            (error.kind(), self.forbidden)
            && *character == forbidden
        {
            return forbidden_character(place, forbidden);
        }
        let length = self
            .text
            .get(offset..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        let span = span_of(&(offset..offset + length));
        match error.kind() {
            granit_parser::ErrorKind::RecursionLimitExceeded => too_deep(span, limits),
            _ => Error::new(span, ErrorKind::Syntax, error.info()),
        }
    }
}

fn too_deep(span: Span, limits: &Limits) -> Error {
    let message = format!(
        "collections are nested more than {} deep; flatten the document",
        limits.max_depth
    );
    Error::new(span, ErrorKind::TooDeep, message)
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

/// go-yaml v2 (`scannerc.go`, `yaml_parser_scan_anchor`) ends the name earlier than YAML 1.2 does, and then stumbles.
fn check_anchor(name: &str, range: &Range<usize>) -> Result<(), Error> {
    if name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    {
        return Ok(());
    }
    let message = format!(
        "the anchor `&{name}` has characters that Kubernetes refuses; use letters, digits, `-` and `_`"
    );
    Err(Error::new(span_of(range), ErrorKind::Syntax, message))
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

/// Offsets and indices fit in 32 bits, because `build` refuses texts above [`LONGEST`].
pub(crate) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
