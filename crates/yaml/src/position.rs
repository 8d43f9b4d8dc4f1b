// SPDX-License-Identifier: Apache-2.0
//! Places in the text: byte ranges, and the lines and columns that people read.

use std::ops::Range;

/// A byte range in the text of a stream; `start` is included, `end` is not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The same span for indexing a `str`.
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether nothing is written there, as for the value of `key:` with nothing behind it.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether `other` lies inside this span; both ends may touch.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A place as people count: both numbers start at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, ended by LF, CRLF or a lone CR as in YAML.
    pub line: u32,
    /// Column in characters (Unicode scalar values), not bytes and not display cells.
    pub column: u32,
}

/// Where each line starts, so that an offset finds its line by binary search.
#[derive(Debug)]
pub(crate) struct LineTable {
    starts: Vec<u32>,
    ascii: bool,
}

impl LineTable {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (offset, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' || (byte == b'\r' && bytes.get(offset + 1) != Some(&b'\n')) {
                starts.push(u32::try_from(offset + 1).unwrap_or(u32::MAX));
            }
        }
        Self {
            starts,
            ascii: text.is_ascii(),
        }
    }

    /// The position of `offset`; one inside a character counts as the place of that character, one behind the
    /// end of the text as the end.
    pub(crate) fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .map_or(0, |&start| start as usize);
        let mut end = (offset as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = text.get(start..end).unwrap_or_default();
        // Editors do not count the mark at the beginning of a file.
        let before = if start == 0 {
            before.strip_prefix('\u{feff}').unwrap_or(before)
        } else {
            before
        };
        let characters = if self.ascii {
            before.len()
        } else {
            before.chars().count()
        };
        Position {
            line: saturating(line),
            column: saturating(characters).saturating_add(1),
        }
    }
}

fn saturating(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_lf_crlf_and_lone_cr() {
        let text = "a\nb\r\nc\rd";
        let table = LineTable::new(text);
        let at = |offset| table.position(text, offset);
        assert_eq!(at(0), Position { line: 1, column: 1 });
        assert_eq!(at(1), Position { line: 1, column: 2 });
        assert_eq!(at(2), Position { line: 2, column: 1 });
        assert_eq!(at(5), Position { line: 3, column: 1 });
        assert_eq!(at(7), Position { line: 4, column: 1 });
        assert_eq!(at(99), Position { line: 4, column: 2 });
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let text = "\u{feff}ab\n\u{feff}c";
        let table = LineTable::new(text);
        assert_eq!(table.position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(table.position(text, 4), Position { line: 1, column: 2 });
        assert_eq!(table.position(text, 9), Position { line: 2, column: 2 });
    }

    #[test]
    fn columns_count_characters() {
        let text = "ä€x\nyß";
        let table = LineTable::new(text);
        assert_eq!(table.position(text, 5), Position { line: 1, column: 3 });
        assert_eq!(
            table.position(text, 1),
            Position { line: 1, column: 1 },
            "inside ä"
        );
        assert_eq!(table.position(text, 10), Position { line: 2, column: 3 });
    }
}
