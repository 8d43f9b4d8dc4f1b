// SPDX-License-Identifier: Apache-2.0
//! The text of a word with marks where a shell expands something, so that it can be searched like a text.

use writeway_shell::{Part, Word};

/// The first mark; the others follow it in the private use area of Unicode, which scripts have no use for.
const FIRST_MARK: u32 = 0xE000;

/// How many expansions are told apart; those behind them have the last mark.
const MARKS: usize = 256;

/// A word's text, or a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct WordText<'w> {
    text: String,
    /// What stands at the marks.
    expansions: Vec<&'w Part>,
}

impl<'w> WordText<'w> {
    pub(crate) fn of(word: &'w Word) -> Self {
        let mut text = String::new();
        let mut expansions = Vec::new();
        for part in &word.parts {
            match part {
                Part::Literal { text: literal, .. } => {
                    text.extend(literal.chars().filter(|character| index(*character).is_none()));
                }
                other => {
                    let mark = u32::try_from(expansions.len().min(MARKS - 1)).unwrap_or_default();
                    text.extend(char::from_u32(FIRST_MARK + mark));
                    expansions.push(other);
                }
            }
        }
        Self { text, expansions }
    }

    /// The text with its marks.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A part of the text, whose marks stand for the same.
    pub(crate) fn part(&self, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            expansions: self.expansions.clone(),
        }
    }

    /// What is expanded in it.
    pub(crate) fn expansions(&self) -> impl Iterator<Item = &'w Part> + use<'w, '_> {
        let marks = self.text.chars().filter_map(index);
        marks.filter_map(|index| self.expansions.get(index).copied())
    }

    /// For people: an ellipsis for each expansion.
    pub(crate) fn shown(&self) -> String {
        let shown = self
            .text
            .chars()
            .map(|character| if is_mark(character) { '…' } else { character });
        shown.collect()
    }
}

/// Whether something is expanded there.
pub(crate) fn is_mark(character: char) -> bool {
    index(character).is_some()
}

fn index(character: char) -> Option<usize> {
    let index = u32::from(character).checked_sub(FIRST_MARK)? as usize;
    (index < MARKS).then_some(index)
}
