// SPDX-License-Identifier: Apache-2.0
//! The comments of a stream, which are no part of its tree: they stand between the scalars.

use crate::arena::Shape;
use crate::builder::{Outcome, narrow, skip_until};
use crate::position::Span;

/// Every comment of the documents that could be read, from its `#` to the end of the line, in the order of the text.
///
/// What looks like a comment inside of a scalar is none. Nobody can tell which is which in a broken document: of what
/// stands between two documents that could be read, with a broken one between them, only the rest of the line behind
/// the first counts.
pub(crate) fn comments(text: &str, outcome: &Outcome) -> Vec<Span> {
    let mut finder = Finder {
        text,
        behind: 0,
        found: Vec::new(),
    };
    let mut index = 0;
    for document in &outcome.documents {
        if document.index > index {
            finder.rest_of_line();
            finder.behind = document.span.start as usize;
        }
        index = document.index + 1;
        let nodes = document.root as usize..outcome.arena.next(document.root) as usize;
        for node in outcome.arena.records.get(nodes).unwrap_or_default() {
            let (start, end) = (node.start as usize, node.end as usize);
            match node.shape {
                Shape::Sequence | Shape::Mapping => {}
                Shape::Literal | Shape::Folded => {
                    finder.gap(start);
                    finder.behind = finder.block_header(start).max(end);
                }
                Shape::Plain | Shape::SingleQuoted | Shape::DoubleQuoted | Shape::Alias => {
                    finder.gap(start);
                    finder.behind = end;
                }
            }
        }
    }
    let broken = outcome.errors.len() + outcome.documents.len() > index as usize;
    if broken {
        finder.rest_of_line();
    } else {
        finder.gap(text.len());
    }
    finder.found
}

struct Finder<'t> {
    text: &'t str,
    /// Where the last scalar ends; 0 before the first one.
    behind: usize,
    found: Vec<Span>,
}

impl Finder<'_> {
    /// Looks through what stands between scalars: blanks, indicators, properties, markers, directives, comments.
    fn gap(&mut self, end: usize) {
        let bytes = self.text.as_bytes();
        let mut offset = self.behind;
        while offset < end {
            offset = match bytes.get(offset) {
                Some(b'#') => self.comment(offset),
                // The only words of a gap that may have `#` in them are tags, and the parameters of directives.
                Some(b'!') => skip_until(bytes, offset, |byte| byte.is_ascii_whitespace()),
                Some(byte) if byte.is_ascii_alphanumeric() => {
                    skip_until(bytes, offset, |byte| byte.is_ascii_whitespace())
                }
                _ => offset + 1,
            };
        }
    }

    /// Looks through the rest of the line behind the last scalar, if there was one.
    fn rest_of_line(&mut self) {
        if self.behind > 0 {
            self.gap(line_end(self.text.as_bytes(), self.behind));
        }
    }

    /// Looks behind the indicators of a block scalar, whose header belongs to it: `|-  # comment`. Answers where it ends.
    fn block_header(&mut self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        // Behind a broken document the header may be out of sight, so that the scalar starts with its text.
        if !matches!(bytes.get(start), Some(b'|' | b'>')) {
            return start;
        }
        let behind = skip_until(bytes, start, |byte| {
            !matches!(byte, b'|' | b'>' | b'+' | b'-' | b'0'..=b'9' | b' ' | b'\t')
        });
        if bytes.get(behind) == Some(&b'#') {
            return self.comment(behind);
        }
        behind
    }

    /// Keeps a comment, and answers where it ends.
    fn comment(&mut self, start: usize) -> usize {
        let end = line_end(self.text.as_bytes(), start);
        self.found.push(Span::new(narrow(start), narrow(end)));
        end
    }
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    skip_until(bytes, from, |byte| matches!(byte, b'\n' | b'\r'))
}
