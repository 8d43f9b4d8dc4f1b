// SPDX-License-Identifier: Apache-2.0
//! Places as people and other programs count them.

use serde::Serialize;
use writeway_manifest::{Inventory, Place};

/// A range in a file. Lines and columns count from 1, columns in characters (Unicode scalar values); the end is just
/// behind the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region<'a> {
    /// The file's name, as the user gave it.
    pub(crate) file: &'a str,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
}

impl<'a> Region<'a> {
    /// The range of a place.
    pub(crate) fn of(inventory: &'a Inventory, place: Place) -> Self {
        let file = inventory.file(place.file);
        let start = file.stream.position(place.span.start);
        let end = file.stream.position(place.span.end);
        Self {
            file: &file.name,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// The last line of which something is in the range: a range that takes a line's end with it stops before the next.
    pub(crate) fn last_line(&self) -> u32 {
        if self.end_column == 1 && self.end_line > self.line {
            self.end_line - 1
        } else {
            self.end_line
        }
    }
}
