// SPDX-License-Identifier: Apache-2.0
//! A whole stream of documents with its text.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::builder::{self, DocumentRecord, Outcome};
use crate::comment;
use crate::error::{Duplicate, Error};
use crate::limits::Limits;
use crate::node::Node;
use crate::position::{LineTable, Position, Span};

/// The documents of one file, socket or string, with every value's place in its text.
pub struct Stream {
    text: Arc<str>,
    outcome: Outcome,
    lines: OnceLock<LineTable>,
}

impl Stream {
    /// Reads all documents within the default [`Limits`]. What cannot be read is in [`Self::errors`].
    pub fn parse(text: impl Into<Arc<str>>) -> Self {
        Self::parse_with(text, &Limits::default())
    }

    /// Reads all documents within `limits`.
    pub fn parse_with(text: impl Into<Arc<str>>, limits: &Limits) -> Self {
        let text = text.into();
        let outcome = builder::build(&text, limits);
        Self {
            text,
            outcome,
            lines: OnceLock::new(),
        }
    }

    /// The text as it was given, byte order mark and line ends included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The documents that could be read, in order. A stream of comments alone has none; `---` alone has one, null.
    pub fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        self.outcome
            .documents
            .iter()
            .map(|record| Document { stream: self, record })
    }

    /// Why documents are missing, in the order of the text; at most one error a document. After 10,000 of them
    /// reading stops.
    pub fn errors(&self) -> &[Error] {
        &self.outcome.errors
    }

    /// Keys that stand twice in one mapping of a document that could be read.
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.outcome.duplicates
    }

    /// Every comment, from its `#` to the end of its line, in the order of the text. What looks like one inside of a
    /// scalar is none, and in broken documents nobody can tell. The text is gone through for each call.
    pub fn comments(&self) -> Vec<Span> {
        comment::comments(&self.text, &self.outcome)
    }

    /// Line and column of a byte offset. The first call makes a table of all lines; each call is then a binary
    /// search, and a count of characters within the line.
    pub fn position(&self, offset: u32) -> Position {
        self.lines
            .get_or_init(|| LineTable::new(&self.text))
            .position(&self.text, offset)
    }

    /// The innermost value that was written at exactly this place; an alias is found where it is written.
    pub fn value_at(&self, span: Span) -> Option<Node<'_>> {
        let index = self.outcome.arena.at(span)?;
        Some(Node::new(self, index))
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Stream")
            .field("bytes", &self.text.len())
            .field("documents", &self.outcome.documents.len())
            .field("errors", &self.outcome.errors)
            .finish_non_exhaustive()
    }
}

/// One document of a stream.
#[derive(Clone, Copy)]
pub struct Document<'t> {
    stream: &'t Stream,
    record: &'t DocumentRecord,
}

impl<'t> Document<'t> {
    /// The value that the document consists of; null if it is empty.
    pub fn root(self) -> Node<'t> {
        Node::new(self.stream, self.record.root)
    }

    /// From the first marker (`---`) or value to the end of the last value.
    pub fn span(self) -> Span {
        self.record.span
    }

    /// Position in the stream, starting at 0; documents that could not be read are counted.
    pub fn index(self) -> usize {
        self.record.index as usize
    }

    /// The stream that the document belongs to.
    pub fn stream(self) -> &'t Stream {
        self.stream
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Document")
            .field("index", &self.record.index)
            .field("span", &self.record.span)
            .field("root", &self.root())
            .finish()
    }
}
