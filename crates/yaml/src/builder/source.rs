// SPDX-License-Identifier: Apache-2.0
//! The text as the parser gets it: the given text, or a copy from some offset on in which shapes that go-yaml reads,
//! and the parser refuses, are rewritten. Offsets always come back as those of the given text.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::ErrorKind;

use super::quotes::quoted_around;

/// Text that may be read again after rewrites, beyond four times the whole: hundreds of rewrites in an ordinary file,
/// but no quadratic work on a hostile one.
const REREAD_ALLOWANCE: usize = 16 << 20;

pub(super) struct Source<'t> {
    given: &'t str,
    /// What the parser reads; it starts at `base` of the given text.
    pub(super) text: Cow<'t, str>,
    pub(super) base: usize,
    edits: Vec<Edit>,
    /// Bytes that may be read again.
    allowance: usize,
}

/// A replacement that keeps the meaning; `removed` bytes at `place` of the given text become `inserted` at `at` of what
/// the parser reads.
#[derive(Clone, Copy)]
struct Edit {
    place: usize,
    removed: usize,
    inserted: Insert,
    at: usize,
}

#[derive(Clone, Copy)]
enum Insert {
    Blanks(usize),
    Text(&'static str),
}

impl Insert {
    const fn len(self) -> usize {
        match self {
            Self::Blanks(count) => count,
            Self::Text(text) => text.len(),
        }
    }
}

impl Edit {
    const fn new(place: usize, removed: usize, inserted: Insert) -> Self {
        Self {
            place,
            removed,
            inserted,
            at: 0,
        }
    }
}

/// The document that an error interrupts, in offsets of the given text.
pub(super) struct Interrupted {
    /// Where the document starts.
    pub(super) document: usize,
    /// Where its last complete token ends.
    pub(super) gap: usize,
    /// Whether it has no value yet.
    pub(super) fresh: bool,
    /// Whether brackets or braces are open.
    pub(super) flow: bool,
}

impl<'t> Source<'t> {
    pub(super) fn new(given: &'t str) -> Self {
        let allowance = given.len().saturating_mul(4).saturating_add(REREAD_ALLOWANCE);
        Self {
            given,
            text: Cow::Borrowed(given),
            base: 0,
            edits: Vec::new(),
            allowance,
        }
    }

    /// The offset in the given text of an offset that the parser reports.
    pub(super) fn original(&self, offset: usize) -> usize {
        let before = self.edits.partition_point(|edit| edit.at < offset);
        let Some(edit) = before.checked_sub(1).and_then(|last| self.edits.get(last)) else {
            return self.base + offset;
        };
        let within = offset - edit.at;
        match within.checked_sub(edit.inserted.len()) {
            Some(behind) => edit.place + edit.removed + behind,
            None => edit.place + within.min(edit.removed),
        }
    }

    pub(super) fn original_range(&self, range: &Range<usize>) -> Range<usize> {
        self.original(range.start)..self.original(range.end)
    }

    /// A source that gets past an error at `offset` of the given text, if that is one of the shapes that only go-yaml
    /// reads.
    pub(super) fn rewritten(
        &self,
        kind: &ErrorKind,
        offset: usize,
        interrupted: &Interrupted,
    ) -> Option<Self> {
        let edits = match kind {
            // Files that were joined with their byte order marks: the parser skips a mark only at its very start.
            ErrorKind::BomInsideDocument if interrupted.fresh => {
                let rest = self
                    .given
                    .get(offset..)
                    .filter(|rest| rest.starts_with('\u{feff}'))?;
                let (text, edits) = (Cow::Borrowed(rest), Vec::new());
                return Some(Self {
                    given: self.given,
                    text,
                    base: offset,
                    edits,
                    allowance: self.allowance,
                });
            }
            ErrorKind::InvalidQuotedScalarIndent | ErrorKind::TabInIndentation => {
                self.indented_quotes(interrupted.gap, offset)?
            }
            ErrorKind::UnknownQuotedScalarEscape => self.plain_apostrophes(interrupted.gap, offset)?,
            ErrorKind::TabInBlockIndentation if interrupted.flow => self.blanks_for_tabs(offset)?,
            // `"value"# comment`
            ErrorKind::CommentNotSeparated => {
                vec![Edit::new(offset, 0, Insert::Blanks(1))]
            }
            _ => return None,
        };
        // The same place twice means that the rewrite did not help.
        let mut all: Vec<Edit> = self
            .edits
            .iter()
            .filter(|edit| edit.place >= interrupted.document)
            .copied()
            .collect();
        let known = |new: &Edit| all.binary_search_by_key(&new.place, |edit| edit.place).is_ok();
        if edits.is_empty() || edits.iter().any(known) {
            return None;
        }
        all.extend(edits);
        all.sort_by_key(|edit| edit.place);
        self.restarted(interrupted.document, all)
    }

    /// libyaml asks for no indentation inside quotes, and takes tabs there. Blanks at the start of a continued line are folded away, so they
    /// can be added without changing the value.
    fn indented_quotes(&self, gap: usize, offset: usize) -> Option<Vec<Edit>> {
        let quoted = quoted_around(self.given, gap, offset)?;
        let line_start = self
            .given
            .get(..quoted.start)?
            .rfind('\n')
            .map_or(0, |line| line + 1);
        let blanks = Insert::Blanks(1 + quoted.start - line_start);
        let lines = self.given.get(quoted.clone())?.match_indices('\n');
        Some(
            lines
                .map(|(line, _)| Edit::new(quoted.start + line + 1, 0, blanks))
                .collect(),
        )
    }

    /// libyaml takes any blank within brackets, and the parser does except for a tab that stands left of the block around
    /// them.
    fn blanks_for_tabs(&self, offset: usize) -> Option<Vec<Edit>> {
        let line = self.given.get(..offset)?.rfind('\n').map_or(0, |line| line + 1);
        let tabs = self.given.get(line..offset)?.match_indices('\t');
        Some(
            tabs.map(|(tab, _)| Edit::new(line + tab, 1, Insert::Blanks(1)))
                .collect(),
        )
    }

    /// libyaml knows `\'` inside double quotes, YAML 1.2 does not.
    fn plain_apostrophes(&self, gap: usize, offset: usize) -> Option<Vec<Edit>> {
        let quoted = quoted_around(self.given, gap, offset + 1)?;
        let text = self.given.get(quoted.clone())?;
        let mut edits = Vec::new();
        let mut escaped = false;
        for (index, byte) in text.bytes().enumerate() {
            if escaped && byte == b'\'' {
                edits.push(Edit::new(quoted.start + index, 1, Insert::Text("x27")));
            }
            escaped = !escaped && byte == b'\\';
        }
        Some(edits)
    }

    /// The given text from `base` on with `edits`, which are in order, carried out.
    fn restarted(&self, base: usize, mut edits: Vec<Edit>) -> Option<Self> {
        let rest = self.given.get(base..)?;
        let inserted = edits
            .iter()
            .fold(0_usize, |sum, edit| sum.saturating_add(edit.inserted.len()));
        let allowance = self.allowance.checked_sub(rest.len().saturating_add(inserted))?;
        let mut text = String::with_capacity(rest.len() + inserted);
        let mut copied = base;
        for edit in &mut edits {
            text.push_str(self.given.get(copied..edit.place)?);
            edit.at = text.len();
            match edit.inserted {
                Insert::Blanks(count) => text.extend(std::iter::repeat_n(' ', count)),
                Insert::Text(inserted) => text.push_str(inserted),
            }
            copied = edit.place + edit.removed;
        }
        text.push_str(self.given.get(copied..)?);
        Some(Self {
            given: self.given,
            text: Cow::Owned(text),
            base,
            edits,
            allowance,
        })
    }
}
