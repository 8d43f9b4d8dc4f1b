// SPDX-License-Identifier: Apache-2.0
//! What was left out of the facts, for people.

/// How many notes are kept word for word.
const KEPT: usize = 50;

/// Notes in the order they arose; bounded, since a hostile layer may earn one with every entry.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    lines: Vec<String>,
    dropped: u64,
}

impl Notes {
    /// Adds a note; `line` is called only if it will be kept.
    pub(crate) fn add(&mut self, line: impl FnOnce() -> String) {
        if self.lines.len() < KEPT {
            self.lines.push(line());
        } else {
            self.dropped += 1;
        }
    }

    pub(crate) fn into_lines(mut self) -> Vec<String> {
        if self.dropped > 0 {
            self.lines
                .push(format!("{} more notes of this kind", self.dropped));
        }
        self.lines
    }
}
