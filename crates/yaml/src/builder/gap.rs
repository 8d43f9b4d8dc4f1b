// SPDX-License-Identifier: Apache-2.0
//! What stands between two nodes: blanks, line breaks, comments, properties, indicators. The event parser does not
//! report all of it exactly, and takes tabs where go-yaml does not.

use crate::position::Span;

/// The text behind the last scalar, alias or bracket.
pub(super) struct Gap<'t> {
    text: &'t str,
    start: usize,
    /// Whether a key may come next, so that a tab would indent it (libyaml's `simple_key_allowed`).
    key_may_start: bool,
    /// The first tab at or behind `start`, or behind an earlier start; the length of the text if there is none.
    tab: usize,
}

impl<'t> Gap<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            start: 0,
            key_may_start: true,
            tab: 0,
        }
    }

    pub(super) const fn start(&self) -> usize {
        self.start
    }

    /// Goes on behind `start`; `key_may_start` tells whether that is the start of a line.
    pub(super) const fn move_to(&mut self, start: usize, key_may_start: bool) {
        self.start = start;
        self.key_may_start = key_may_start;
    }

    /// The offset of the first of `wanted` up to `last`, if nothing but a gap stands before it.
    pub(super) fn indicator(&self, wanted: &[u8], last: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut offset = self.start;
        while offset <= last {
            let byte = *bytes.get(offset)?;
            if wanted.contains(&byte) {
                return Some(offset);
            }
            offset = self.step(byte, offset)?;
        }
        None
    }

    /// The offset behind the piece of a gap that starts with `byte`; `None` if a node starts there.
    fn step(&self, byte: u8, offset: usize) -> Option<usize> {
        const BYTE_ORDER_MARK: char = '\u{feff}';
        let bytes = self.text.as_bytes();
        match byte {
            b'#' => Some(skip_until(bytes, offset, |byte| matches!(byte, b'\n' | b'\r'))),
            b'&' | b'!' => Some(skip_until(bytes, offset, |byte| byte.is_ascii_whitespace())),
            b' ' | b'\t' | b'\n' | b'\r' | b':' | b'?' | b'-' | b'.' => Some(offset + 1),
            _ => self
                .text
                .get(offset..)?
                .starts_with(BYTE_ORDER_MARK)
                .then_some(offset + BYTE_ORDER_MARK.len_utf8()),
        }
    }

    /// Where the value of a key with nothing behind its colon belongs: after the colon, when that follows on the line.
    pub(super) fn after_colon(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let colon = skip_until(bytes, self.start, |byte| !matches!(byte, b' ' | b'\t'));
        (bytes.get(colon) == Some(&b':')).then_some(colon + 1)
    }

    /// A tab that indents the node at `end` of block style. go-yaml v2 refuses it (`scannerc.go`,
    /// `yaml_parser_scan_to_next_token`). Lines with nothing but tabs or a comment are let pass.
    pub(super) fn misplaced_tab(&mut self, end: usize) -> Option<Span> {
        let bytes = self.text.as_bytes();
        if self.tab < self.start {
            self.tab = skip_until(bytes, self.start, |byte| byte == b'\t');
        }
        if self.tab >= end {
            return None;
        }
        let mut indents = self.key_may_start;
        let mut offset = self.start;
        while offset < end {
            let byte = *bytes.get(offset)?;
            match byte {
                b'\n' | b'\r' | b'-' | b'?' => indents = true,
                b':' | b'&' | b'!' => indents = false,
                b'\t' if indents => {
                    let behind = skip_until(bytes, offset, |byte| !matches!(byte, b' ' | b'\t'));
                    if behind >= end || !matches!(bytes.get(behind), Some(b'\n' | b'\r' | b'#')) {
                        return Some(super::span_of(&(offset..offset + 1)));
                    }
                }
                _ => {}
            }
            offset = self.step(byte, offset)?;
        }
        None
    }
}

/// The first offset at or behind `from` whose byte is wanted, or the length of the text.
pub(crate) fn skip_until(bytes: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|&byte| stop(byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(text: &str, start: usize) -> Gap<'_> {
        let mut gap = Gap::new(text);
        gap.move_to(start, false);
        gap
    }

    #[test]
    fn indicators_are_found_across_comments_and_properties() {
        assert_eq!(
            gap("key: &a|b !t # | not this\n  >-\n", 3).indicator(b"|>", 30),
            Some(28)
        );
        assert_eq!(gap("key:\n# c\n- a", 3).indicator(b"-", 9), Some(9));
        assert_eq!(gap("key: value |", 3).indicator(b"|", 12), None);
        assert_eq!(
            gap("key:\n- a", 3).indicator(b"-", 4),
            None,
            "beyond the last place"
        );
    }

    #[test]
    fn a_tab_is_misplaced_only_where_it_indents() {
        let misplaced = |text: &str, start| {
            gap(text, start)
                .misplaced_tab(text.len() - 1)
                .map(|span| span.start)
        };
        assert_eq!(misplaced("k:\tv", 1), None);
        assert_eq!(misplaced("k:\n\tv", 1), Some(3));
        assert_eq!(misplaced("k:\n \t# c\n\t\n v", 1), None);
        assert_eq!(misplaced("k:\n\t- v", 1), Some(3));
        assert_eq!(misplaced("k: # \t\n v", 1), None);
        assert_eq!(misplaced("-\tv", 0), Some(1));
        assert_eq!(misplaced("- &a\tv", 0), None);
    }
}
