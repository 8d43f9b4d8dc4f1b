// SPDX-License-Identifier: Apache-2.0
//! What the neighbours look like: indentation, lists, quotes.

use super::block::BlockStyle;
use super::quote::Quote;
use super::sheet::Sheet;
use super::target::Place;
use crate::arena::Shape;

/// The style of block text at a place: as the collections around it have it, the nearest first, else as the first of
/// the document that shows it.
pub(super) fn block_style(sheet: Sheet<'_>, place: &Place) -> BlockStyle {
    let mut seen = Seen::default();
    let around = place.above.iter().chain([&place.link]).rev();
    for link in around {
        seen.look_at(sheet, link.value);
    }
    let records = sheet.arena().records.iter().zip(0_u32..);
    let mappings = records.filter(|(record, _)| record.shape == Shape::Mapping);
    for (_, index) in mappings {
        if seen.step.is_some() && seen.list.is_some() {
            break;
        }
        seen.look_at(sheet, index);
    }
    let default = BlockStyle::default();
    BlockStyle {
        step: seen.step.unwrap_or(default.step),
        list: seen.list.unwrap_or(default.list),
        dash: default.dash,
        quote: nearest_quote(sheet, place.value()).unwrap_or(default.quote),
    }
}

#[derive(Default)]
struct Seen {
    step: Option<usize>,
    list: Option<usize>,
}

impl Seen {
    /// Looks how the collections in a mapping are indented against it.
    fn look_at(&mut self, sheet: Sheet<'_>, mapping: u32) {
        if sheet.record(mapping).shape != Shape::Mapping || sheet.is_flow(mapping) {
            return;
        }
        let Some(column) = collection_column(sheet, mapping) else {
            return;
        };
        for (_, value) in sheet.arena().pairs(mapping) {
            let seen = match sheet.record(value).shape {
                Shape::Mapping => &mut self.step,
                Shape::Sequence => &mut self.list,
                _ => continue,
            };
            if seen.is_some() || sheet.is_flow(value) {
                continue;
            }
            let inner = collection_column(sheet, value);
            *seen = inner.and_then(|inner| inner.checked_sub(column));
        }
        // A mapping cannot stand at the column of its key.
        self.step = self.step.filter(|&step| step > 0);
    }
}

/// The column at which the entries or dashes of a block collection stand.
pub(super) fn collection_column(sheet: Sheet<'_>, index: u32) -> Option<usize> {
    if sheet.record(index).shape == Shape::Sequence {
        return Some(sheet.column(sheet.start(index)));
    }
    let mut keys = sheet.arena().pairs(index).map(|(key, _)| key);
    let start = keys.find_map(|key| sheet.entry_start(sheet.start(key)))?;
    Some(sheet.column(start))
}

/// Blanks from a dash to the item behind it, the dash included, if that begins on the line of the dash.
pub(super) fn dash_width(sheet: Sheet<'_>, dash: usize, item: u32) -> Option<usize> {
    let start = sheet.start(item);
    let between = sheet.text.get(dash + 1..start)?;
    let is_blank = !between.is_empty() && between.bytes().all(|byte| byte == b' ');
    is_blank.then_some(start - dash)
}

/// The quotes of the nearest quoted scalar, one before the place rather than one behind it.
fn nearest_quote(sheet: Sheet<'_>, index: u32) -> Option<Quote> {
    let (before, behind) = sheet.arena().records.split_at_checked(index as usize)?;
    before
        .iter()
        .rev()
        .chain(behind)
        .find_map(|record| quote_of(record.shape))
}

/// The quotes of a scalar.
pub(super) const fn quote_of(shape: Shape) -> Option<Quote> {
    match shape {
        Shape::SingleQuoted => Some(Quote::Single),
        Shape::DoubleQuoted => Some(Quote::Double),
        _ => None,
    }
}
