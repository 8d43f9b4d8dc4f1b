// SPDX-License-Identifier: Apache-2.0
//! The text as the parser gets it: the given text, or a copy from some offset on in which shapes that go-yaml reads,
//! and the parser refuses, are rewritten. Offsets always come back as those of the given text.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::ErrorKind;

use crate::layout;

/// Text that may be read again after rewrites, beyond four times the whole: hundreds of rewrites in an ordinary file,
/// but no quadratic work on a hostile one.
const REREAD_ALLOWANCE: usize = 16 << 20;

pub(super) struct Source<'t> {
    given: &'t str,
    /// What the parser reads; it starts at `base` of the given text.
    pub(super) text: Cow<'t, str>,
    base: usize,
    edits: Vec<Edit>,
    /// Bytes that may be read again.
    allowance: usize,
}

/// A replacement that keeps the meaning; `removed` bytes at `place` of the given text became `inserted` ones.
#[derive(Clone)]
struct Edit {
    place: usize,
    removed: usize,
    inserted: Cow<'static, str>,
}

/// The document that an error interrupts, in offsets of the given text.
pub(super) struct Interrupted {
    /// Where the document starts.
    pub(super) document: usize,
    /// Where its last complete token ends.
    pub(super) gap: usize,
    /// Whether it has no value yet.
    pub(super) fresh: bool,
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
        let mut original = self.base + offset;
        for edit in &self.edits {
            if original <= edit.place {
                break;
            }
            let within = original - edit.place;
            if within < edit.inserted.len() {
                return edit.place + within.min(edit.removed);
            }
            original = original - edit.inserted.len() + edit.removed;
        }
        original
    }

    pub(super) fn original_range(&self, range: &Range<usize>) -> Range<usize> {
        if self.edits.is_empty() {
            return self.base + range.start..self.base + range.end;
        }
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
                let mark = offset + self.given.get(offset..)?.find('\u{feff}')?;
                return self.restarted(mark, Vec::new());
            }
            ErrorKind::InvalidQuotedScalarIndent => self.indented_quotes(interrupted.gap, offset)?,
            ErrorKind::UnknownQuotedScalarEscape => self.plain_apostrophes(interrupted.gap, offset)?,
            // `"value"# comment`
            ErrorKind::CommentNotSeparated => {
                vec![Edit {
                    place: offset,
                    removed: 0,
                    inserted: Cow::Borrowed(" "),
                }]
            }
            _ => return None,
        };
        // The same place twice means that the rewrite did not help.
        let mut all: Vec<Edit> = self
            .edits
            .iter()
            .filter(|edit| edit.place >= interrupted.document)
            .cloned()
            .collect();
        let known = |new: &Edit| all.iter().any(|edit| edit.place == new.place);
        if edits.is_empty() || edits.iter().any(known) {
            return None;
        }
        all.extend(edits);
        all.sort_by_key(|edit| edit.place);
        self.restarted(interrupted.document, all)
    }

    /// libyaml asks for no indentation inside quotes. Blanks at the start of a continued line are folded away, so they
    /// can be added without changing the value.
    fn indented_quotes(&self, gap: usize, offset: usize) -> Option<Vec<Edit>> {
        let quoted = layout::quoted_around(self.given, gap, offset)?;
        let line_start = self
            .given
            .get(..quoted.start)?
            .rfind('\n')
            .map_or(0, |line| line + 1);
        let blanks = " ".repeat(1 + quoted.start - line_start);
        let lines = self.given.get(quoted.clone())?.match_indices('\n');
        Some(
            lines
                .map(|(line, _)| Edit {
                    place: quoted.start + line + 1,
                    removed: 0,
                    inserted: Cow::Owned(blanks.clone()),
                })
                .collect(),
        )
    }

    /// libyaml knows `\'` inside double quotes, YAML 1.2 does not.
    fn plain_apostrophes(&self, gap: usize, offset: usize) -> Option<Vec<Edit>> {
        let quoted = layout::quoted_around(self.given, gap, offset + 1)?;
        let text = self.given.get(quoted.clone())?;
        let mut edits = Vec::new();
        let mut escaped = false;
        for (index, byte) in text.bytes().enumerate() {
            if escaped && byte == b'\'' {
                edits.push(Edit {
                    place: quoted.start + index,
                    removed: 1,
                    inserted: Cow::Borrowed("x27"),
                });
            }
            escaped = !escaped && byte == b'\\';
        }
        Some(edits)
    }

    /// The given text from `base` on with `edits` carried out.
    fn restarted(&self, base: usize, edits: Vec<Edit>) -> Option<Self> {
        let rest = self.given.get(base..)?;
        let inserted: usize = edits.iter().map(|edit| edit.inserted.len()).sum();
        let allowance = self.allowance.checked_sub(rest.len().saturating_add(inserted))?;
        if edits.is_empty() {
            return Some(Self {
                given: self.given,
                text: Cow::Borrowed(rest),
                base,
                edits,
                allowance,
            });
        }
        let mut text = String::with_capacity(rest.len() + inserted);
        let mut copied = base;
        for edit in &edits {
            text.push_str(self.given.get(copied..edit.place)?);
            text.push_str(&edit.inserted);
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
