// SPDX-License-Identifier: Apache-2.0
//! Replacements of bytes, and the sum of several that are made one after the other.

use std::ops::Range;

use crate::builder::narrow;
use crate::position::Span;

/// New text for a range of the old text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The bytes of the old text that go; empty for an insertion.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

impl Replacement {
    pub(super) fn new(range: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            span: Span::new(narrow(range.start), narrow(range.end)),
            text: text.into(),
        }
    }
}

/// `text` with `changes`, which are in order and do not overlap, made. `None` if they do not fit.
pub(super) fn apply(text: &str, changes: &[Replacement]) -> Option<String> {
    let added: usize = changes.iter().map(|change| change.text.len()).sum();
    let mut result = String::with_capacity(text.len() + added);
    let mut copied = 0;
    for change in changes {
        let range = change.span.range();
        result.push_str(text.get(copied..range.start)?);
        result.push_str(&change.text);
        copied = range.end;
    }
    result.push_str(text.get(copied..)?);
    Some(result)
}

/// A text in pieces, which are those of an old text or new.
pub(super) struct Pieces {
    pieces: Vec<Piece>,
}

#[derive(Clone)]
enum Piece {
    /// Bytes of the old text.
    Kept(Range<usize>),
    New(String),
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Kept(range) => range.len(),
            Self::New(text) => text.len(),
        }
    }

    fn part(&self, part: Range<usize>) -> Self {
        match self {
            Self::Kept(range) => Self::Kept(range.start + part.start..range.start + part.end),
            Self::New(text) => Self::New(text.get(part).unwrap_or_default().to_owned()),
        }
    }
}

impl Pieces {
    /// A text of so many bytes as it is.
    pub(super) fn of(length: usize) -> Self {
        Self {
            pieces: vec![Piece::Kept(0..length)],
        }
    }

    /// Makes changes, which are in order, in offsets of the text as it is now.
    pub(super) fn splice(&mut self, changes: &[Replacement]) {
        // From the back, so that the offsets of those that are still to come stay true.
        for change in changes.iter().rev() {
            let range = change.span.range();
            let mut pieces = Vec::with_capacity(self.pieces.len() + 2);
            let mut behind = Vec::new();
            let mut offset = 0;
            for piece in &self.pieces {
                let length = piece.len();
                let before = range.start.saturating_sub(offset).min(length);
                let gone = range.end.saturating_sub(offset).min(length).max(before);
                if before > 0 {
                    pieces.push(piece.part(0..before));
                }
                if gone < length {
                    behind.push(piece.part(gone..length));
                }
                offset += length;
            }
            pieces.push(Piece::New(change.text.clone()));
            pieces.append(&mut behind);
            self.pieces = pieces;
        }
    }

    /// What has changed in a text of so many bytes, in its offsets and in order.
    pub(super) fn changes(&self, length: usize) -> Vec<Replacement> {
        let mut changes = Vec::new();
        let (mut text, mut old) = (String::new(), 0);
        let end = Piece::Kept(length..length);
        for piece in self.pieces.iter().chain([&end]) {
            match piece {
                Piece::New(new) => text.push_str(new),
                Piece::Kept(range) => {
                    if range.start > old || !text.is_empty() {
                        changes.push(Replacement::new(old..range.start, std::mem::take(&mut text)));
                    }
                    old = range.end;
                }
            }
        }
        changes
    }
}
