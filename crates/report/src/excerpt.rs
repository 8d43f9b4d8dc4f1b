// SPDX-License-Identifier: Apache-2.0
//! The part of a file that is shown for a finding.
//!
//! The renderer walks over all the text it is given, so that it gets no more than the lines that matter; of a line
//! that is very long (JSON on one line) only the surroundings.

use std::borrow::Cow;
use std::ops::Range;

use writeway_manifest::Span;

use crate::printable::is_unprintable;

/// Lines are shown as a whole up to this length on each side of what is marked, in bytes.
const LONG_LINE: usize = 2048;
/// What is shown of a longer line on each side, in bytes.
const SURROUNDINGS: usize = 120;
/// A range of more lines is shown by its first one.
const MOST_LINES: usize = 6;

/// A piece of a text, and where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt<'t> {
    /// The piece.
    pub(crate) text: &'t str,
    /// Its first byte in the whole text.
    pub(crate) offset: usize,
    /// Whether it begins within a line, so that its columns are not those of the file.
    pub(crate) cut: bool,
}

impl<'t> Excerpt<'t> {
    /// The lines on which a range of the text stands. No more of the text is looked at than may be shown.
    pub(crate) fn around(text: &'t str, range: &Range<usize>) -> Self {
        let before = &text[text.floor_char_boundary(range.start.saturating_sub(LONG_LINE))..range.start];
        let after = &text[range.end..text.ceil_char_boundary(range.end.saturating_add(LONG_LINE))];
        let whole_before = before.rfind('\n').map(|at| before.len() - at - 1);
        let whole_before = whole_before.or((before.len() == range.start).then_some(before.len()));
        let whole_after = after
            .find('\n')
            .or((range.end + after.len() == text.len()).then_some(after.len()));
        let start = match whole_before {
            Some(length) => range.start - length,
            None => text.floor_char_boundary(range.start.saturating_sub(SURROUNDINGS)),
        };
        let end = match whole_after {
            Some(length) => range.end + length,
            None => text.ceil_char_boundary(range.end + SURROUNDINGS),
        };
        Self {
            text: &text[start..end],
            offset: start,
            cut: whole_before.is_none(),
        }
    }

    /// The piece without what the renderer leaves in it though a terminal would obey it: each such character is
    /// replaced by one of as many bytes, so that ranges stay what they are.
    pub(crate) fn shown(&self) -> Cow<'t, str> {
        let replaced = |character: char| is_unprintable(character) && character.len_utf8() > 1;
        if !self.text.contains(replaced) {
            return Cow::Borrowed(self.text);
        }
        let shown = self.text.chars().map(|character| match character.len_utf8() {
            2 if is_unprintable(character) => '\u{b7}',
            3 if is_unprintable(character) => char::REPLACEMENT_CHARACTER,
            _ => character,
        });
        Cow::Owned(shown.collect())
    }

    /// A range of the whole text within the piece.
    pub(crate) fn within(&self, range: &Range<usize>) -> Range<usize> {
        range.start - self.offset..range.end - self.offset
    }
}

/// What is marked for a span: all of it, or its beginning when it is long.
pub(crate) fn marked(text: &str, span: Span) -> Range<usize> {
    let end = text.floor_char_boundary((span.end as usize).min(text.len()));
    let start = text.floor_char_boundary((span.start as usize).min(end));
    let marked = &text[start..end];
    let first_line = marked.lines().next().map_or(0, str::len);
    let shown = if marked.lines().nth(MOST_LINES).is_some() || marked.len() > LONG_LINE {
        first_line
    } else {
        end - start
    };
    start..text.floor_char_boundary(start + shown.min(LONG_LINE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap() as u32;
        Span {
            start,
            end: start + part.len() as u32,
        }
    }

    #[test]
    fn an_excerpt_is_whole_lines() {
        let text = "a: 1\nb:\n  c: 2\nd: 3\n";
        let range = marked(text, span(text, "c: 2"));
        let excerpt = Excerpt::around(text, &range);
        assert_eq!(
            (excerpt.text, excerpt.within(&range), excerpt.cut),
            ("  c: 2", 2..6, false)
        );
    }

    #[test]
    fn control_characters_are_replaced_in_their_length() {
        let excerpt = Excerpt {
            text: "a\u{9b}31m\u{85}\u{200f}é\t\u{1b}",
            offset: 0,
            cut: false,
        };
        assert_eq!(excerpt.shown(), "a\u{b7}31m\u{b7}\u{fffd}é\t\u{1b}");
        assert_eq!(excerpt.shown().len(), excerpt.text.len());
    }

    #[test]
    fn of_a_long_line_only_the_surroundings_are_shown() {
        let text = format!("[{}\"é\"{}]", "\"é\",".repeat(10_000), ",\"x\"".repeat(10_000));
        let range = marked(&text, span(&text, "\"x\""));
        let excerpt = Excerpt::around(&text, &range);
        assert!(excerpt.cut && excerpt.text.len() <= 2 * SURROUNDINGS + 8);
        assert_eq!(&excerpt.text[excerpt.within(&range)], "\"x\"");
    }

    #[test]
    fn a_span_of_many_lines_is_marked_by_its_first() {
        let text = "spec:\n".to_owned() + &"  - a\n".repeat(20);
        assert_eq!(
            marked(
                &text,
                Span {
                    start: 0,
                    end: text.len() as u32
                }
            ),
            0..5
        );
    }
}
