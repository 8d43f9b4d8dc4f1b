// SPDX-License-Identifier: Apache-2.0
//! One document of a stream by itself, and its changed text back in its place.

use super::proof::same_run;
use super::refusal::Reason;
use super::sheet::Sheet;
use super::splice::{self, Replacement};
use crate::builder::narrow;
use crate::position::Span;
use crate::stream::{Document, Stream};

impl<'t> Document<'t> {
    /// The part of the stream that reads as this document alone: its directives and its marker, its value, and what
    /// follows up to the next marker (`---`, or `...`, which belongs to it). The byte order mark and the comments at the
    /// beginning of a stream belong to its first document.
    pub fn text_range(self) -> Span {
        let sheet = Sheet::new(self.stream());
        let documents = &self.stream().outcome().documents;
        let before = documents.partition_point(|record| record.span.start < self.span().start);
        let previous = before.checked_sub(1).and_then(|at| documents.get(at));
        let start = match previous {
            None if self.index() == 0 => 0,
            Some(record) if record.index as usize + 1 == self.index() => end_of(sheet, record.root),
            // Behind a broken document nobody knows what is its own and what is the next one's.
            _ => self.span().start as usize,
        };
        Span::new(narrow(start), narrow(end_of(sheet, self.root().index())))
    }

    /// The text of [`Self::text_range`].
    pub fn text(self) -> &'t str {
        self.stream()
            .text()
            .get(self.text_range().range())
            .unwrap_or_default()
    }

    /// The document as a stream of its own; `None` if it is alone in its stream.
    pub(super) fn alone(self) -> Result<Option<Stream>, Reason> {
        if self.is_alone() {
            return Ok(None);
        }
        let alone = Stream::parse(self.text());
        let is_same = alone.errors().is_empty()
            && alone.outcome().documents.len() == 1
            && same_run(
                (self.stream(), run(self)),
                (&alone, 0..narrow(alone.outcome().arena.records.len())),
            );
        if is_same {
            Ok(Some(alone))
        } else {
            Err(Reason::Layout(
                "a document that reads differently without the rest of its stream",
            ))
        }
    }

    /// The stream with `changes` made, proved to have `part` in the place of this document and everything else as it was.
    /// Without a part the document stays as it is.
    pub(super) fn with_part(self, part: Option<Stream>, changes: &[Replacement]) -> Result<Stream, Reason> {
        const BESIDE: Reason = Reason::Unproved("another document changes, too");
        let cut = self.text_range().range();
        let given = self.stream().text();
        let text = splice::apply(given, changes).ok_or(Reason::Unproved("the changes overlap"))?;
        let inner = given
            .get(..cut.start)
            .and_then(|before| text.strip_prefix(before))
            .and_then(|rest| rest.strip_suffix(given.get(cut.end..)?));
        if inner != Some(part.as_ref().map_or(self.text(), Stream::text)) {
            return Err(Reason::Unproved("the changes do not add up"));
        }
        let part = match part {
            Some(part) if self.is_alone() => return Ok(part),
            Some(part) => part,
            None => return Ok(Stream::parse(text)),
        };
        let whole = Stream::parse(text);
        if whole.errors().len() != self.stream().errors().len()
            || whole.documents().count() != self.stream().documents().count()
        {
            return Err(BESIDE);
        }
        for (before, after) in self.stream().documents().zip(whole.documents()) {
            let is_same = if before.root() == self.root() {
                part.documents()
                    .next()
                    .is_some_and(|document| same_run((&part, run(document)), (&whole, run(after))))
            } else {
                before.index() == after.index()
                    && same_run((self.stream(), run(before)), (&whole, run(after)))
            };
            if !is_same {
                return Err(BESIDE);
            }
        }
        Ok(whole)
    }

    /// Whether the stream is this document and nothing else, not even a comment behind its end marker.
    fn is_alone(self) -> bool {
        self.stream().errors().is_empty()
            && self.stream().outcome().documents.len() == 1
            && self.text_range().range() == (0..self.stream().text().len())
    }
}

/// The records of a document.
fn run(document: Document<'_>) -> std::ops::Range<u32> {
    let root = document.root().index();
    root..document.stream().outcome().arena.next(root)
}

/// The end of a document: before the line of the next marker, behind its own end marker (`...`).
fn end_of(sheet: Sheet<'_>, root: u32) -> usize {
    let mut line = sheet.line_end(sheet.end(root));
    loop {
        let next = sheet.next_line(line);
        let rest = sheet.text.get(next..).unwrap_or_default();
        let end = sheet.line_end(next);
        if rest.starts_with("...") {
            return sheet.next_line(end);
        }
        let is_gap = |rest: &str| {
            let first = rest.trim_start_matches([' ', '\t']);
            first.is_empty() || first.starts_with(['#', '\n', '\r'])
        };
        if next <= line || !is_gap(rest) {
            return next;
        }
        line = end;
    }
}
