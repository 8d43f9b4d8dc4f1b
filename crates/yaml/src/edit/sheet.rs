// SPDX-License-Identifier: Apache-2.0
//! The text around nodes: lines, columns, and what stands between one node and the next.

use crate::arena::{Arena, FLOW, Record};
use crate::builder::skip_until;
use crate::stream::Stream;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A parsed text, looked at by lines.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'t> {
    pub(super) stream: &'t Stream,
    pub(super) text: &'t str,
}

/// What stands between two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Comment,
    LineBreak,
    /// An anchor or a tag.
    Property,
    /// `-`, `?`, `:`, `,`, a bracket or a brace.
    Indicator(u8),
}

/// A mark with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) mark: Mark,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'t> Sheet<'t> {
    pub(super) fn new(stream: &'t Stream) -> Self {
        Self {
            stream,
            text: stream.text(),
        }
    }

    pub(super) fn arena(self) -> &'t Arena {
        &self.stream.outcome().arena
    }

    pub(super) fn record(self, index: u32) -> &'t Record {
        self.arena().record(index)
    }

    pub(super) fn start(self, index: u32) -> usize {
        self.record(index).start as usize
    }

    pub(super) fn end(self, index: u32) -> usize {
        self.record(index).end as usize
    }

    pub(super) fn is_flow(self, index: u32) -> bool {
        self.record(index).has(FLOW)
    }

    /// The start of the line that `offset` is on.
    pub(super) fn line_start(self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        before
            .iter()
            .rposition(|&byte| matches!(byte, b'\n' | b'\r'))
            .map_or(0, |at| at + 1)
    }

    /// The end of the line that `offset` is on, before its line break.
    pub(super) fn line_end(self, offset: usize) -> usize {
        skip_until(self.text.as_bytes(), offset, |byte| matches!(byte, b'\n' | b'\r'))
    }

    /// The start of the line behind the one that ends at `line_end`; the end of the text if there is none.
    pub(super) fn next_line(self, line_end: usize) -> usize {
        let rest = self.text.get(line_end..).unwrap_or_default();
        let length = if rest.starts_with("\r\n") {
            2
        } else {
            rest.len().min(1)
        };
        line_end + length
    }

    /// The end of the line before the one that starts at `line_start`.
    pub(super) fn previous_line_end(self, line_start: usize) -> usize {
        let before = self.text.get(..line_start).unwrap_or_default();
        let without = before.strip_suffix('\n').unwrap_or(before);
        without.strip_suffix('\r').unwrap_or(without).len()
    }

    /// Characters between the start of the line and `offset`.
    pub(super) fn column(self, offset: usize) -> usize {
        let before = self.text.get(self.line_start(offset)..offset).unwrap_or_default();
        before
            .strip_prefix(BYTE_ORDER_MARK)
            .unwrap_or(before)
            .chars()
            .count()
    }

    /// Where an entry or an item that has its first token at `offset` begins, its properties and its `?`
    /// included. `None` if it begins on another line.
    pub(super) fn entry_start(self, offset: usize) -> Option<usize> {
        let line = self.line_start(offset);
        let bytes = self.text.as_bytes();
        let mut at = line;
        if self.text.get(line..)?.starts_with(BYTE_ORDER_MARK) {
            at += BYTE_ORDER_MARK.len();
        }
        if self.text.get(at..offset)?.starts_with("---") {
            at += 3;
        }
        loop {
            at = skip_until(bytes, at, |byte| byte != b' ');
            if at >= offset {
                return (at == offset).then_some(at);
            }
            match bytes.get(at) {
                Some(b'-' | b':')
                    if bytes
                        .get(at + 1)
                        .is_some_and(|&next| matches!(next, b' ' | b'\t')) =>
                {
                    at += 1
                }
                Some(b'&' | b'!' | b'?') => return Some(at),
                _ => return None,
            }
        }
    }

    /// Whether only blanks stand on the line before `offset`.
    pub(super) fn begins_line(self, offset: usize) -> bool {
        let before = self.text.get(self.line_start(offset)..offset).unwrap_or_default();
        before
            .strip_prefix(BYTE_ORDER_MARK)
            .unwrap_or(before)
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// The blanks at the start of the line that `offset` is on, up to there.
    pub(super) fn indentation(self, offset: usize) -> &'t str {
        let line = self.text.get(self.line_start(offset)..offset).unwrap_or_default();
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blanks).unwrap_or_default()
    }

    /// The marks between two nodes; a scalar that stands there ends them.
    pub(super) fn marks(self, from: usize, to: usize) -> Vec<Marked> {
        let bytes = self.text.as_bytes();
        let mut marks = Vec::new();
        let mut at = from;
        while at < to {
            let Some(&byte) = bytes.get(at) else { break };
            let (mark, end) = match byte {
                b' ' | b'\t' => {
                    at += 1;
                    continue;
                }
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => (Mark::LineBreak, at + 2),
                b'\n' | b'\r' => (Mark::LineBreak, at + 1),
                b'#' => (Mark::Comment, self.line_end(at)),
                b'&' | b'!' => {
                    let verbatim = bytes.get(at + 1) == Some(&b'<');
                    let end = skip_until(bytes, at, |byte| {
                        byte.is_ascii_whitespace()
                            || (!verbatim && matches!(byte, b',' | b'[' | b']' | b'{' | b'}'))
                    });
                    (Mark::Property, end)
                }
                b'-' | b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' => (Mark::Indicator(byte), at + 1),
                _ => break,
            };
            marks.push(Marked { mark, start: at, end });
            at = end;
        }
        marks
    }

    /// Where new lines go below content that ends at `end`: behind the line, and behind the comments right below it
    /// that stand at `column` or deeper.
    pub(super) fn settle(self, end: usize, column: usize) -> usize {
        let mut settled = self.line_end(end);
        loop {
            let line = self.next_line(settled);
            let first = skip_until(self.text.as_bytes(), line, |byte| byte != b' ');
            let is_comment = self.text.as_bytes().get(first) == Some(&b'#');
            if line <= settled || !is_comment || first - line < column {
                return settled;
            }
            settled = self.line_end(first);
        }
    }

    /// The line break of the text.
    pub(super) fn line_break(self) -> &'static str {
        let first = self.line_end(0);
        match self.text.get(first..) {
            Some(rest) if rest.starts_with("\r\n") => "\r\n",
            Some(rest) if rest.starts_with('\r') => "\r",
            _ => "\n",
        }
    }
}
