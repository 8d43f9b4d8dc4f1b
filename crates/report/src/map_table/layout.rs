// SPDX-License-Identifier: Apache-2.0
//! The widths of the columns.

use unicode_width::UnicodeWidthStr;

use super::column::{COLUMNS, Cell};
use crate::paint::paint;
use crate::shortened::shortened;

/// Spaces before a row.
const INDENT: usize = 4;
/// Spaces between two columns.
const GAP: usize = 2;

/// A width for each column, in cells of the terminal.
pub(super) struct Layout([usize; COLUMNS.len()]);

impl Layout {
    /// Each column as wide as its widest cell; where that is wider than the terminal, those that may be shortened give
    /// way, the last one first.
    pub(super) fn fitting<'a>(
        rows: impl Iterator<Item = &'a [Cell; COLUMNS.len()]>,
        terminal: Option<usize>,
    ) -> Self {
        let mut widths = COLUMNS.map(|column| column.title.width());
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width());
            }
        }
        let total = INDENT + widths.iter().sum::<usize>() + GAP * (COLUMNS.len() - 1);
        let mut excess = terminal.map_or(0, |terminal| total.saturating_sub(terminal));
        for (width, column) in widths.iter_mut().zip(&COLUMNS).rev() {
            let shortest = column.shortest.unwrap_or(*width);
            let taken = excess.min(width.saturating_sub(shortest));
            *width -= taken;
            excess -= taken;
        }
        Self(widths)
    }

    /// A row, without spaces at its end.
    pub(super) fn line(&self, cells: &[Cell; COLUMNS.len()], color: bool) -> String {
        let mut line = String::new();
        let mut pending = 0;
        for (cell, width) in cells.iter().zip(self.0) {
            let text = shortened(&cell.text, width);
            line.extend(std::iter::repeat_n(' ', pending));
            line.push_str(&paint(&text, cell.style, color));
            pending = width - text.width() + GAP;
        }
        line
    }
}
