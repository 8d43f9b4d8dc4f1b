// SPDX-License-Identifier: Apache-2.0
//! What the neighbours look like: indentation, lists, quotes.

use super::block::BlockStyle;
use super::flow::FlowStyle;
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

/// The style of flow text in the collection at a place, or around it if that is empty.
pub(super) fn flow_style(sheet: Sheet<'_>, place: &Place) -> FlowStyle {
    let arena = sheet.arena();
    let mut style = FlowStyle {
        key_quotes: None,
        text_quotes: None,
        quote: nearest_quote(sheet, place.value()).unwrap_or_default(),
        colon: ": ",
        comma: ", ",
        pad: "",
        lines: None,
    };
    let around = place
        .above
        .iter()
        .chain([&place.link])
        .rev()
        .map(|link| link.value);
    let (mut mapping_seen, mut comma_seen, mut layout_seen) = (false, false, false);
    for collection in around.take_while(|&collection| sheet.is_flow(collection)) {
        let is_mapping = sheet.record(collection).shape == Shape::Mapping;
        let mut children = arena.items(collection);
        let Some(first) = children.next() else { continue };
        if !layout_seen {
            layout_seen = true;
            style.lines = line_step(sheet, collection, first);
            let behind = sheet.text.as_bytes().get(sheet.start(collection) + 1);
            style.pad = if behind == Some(&b' ') { " " } else { "" };
        }
        if is_mapping && !mapping_seen {
            mapping_seen = true;
            style.key_quotes = quote_of(sheet.record(first).shape);
            let value = arena.next(first);
            let between = sheet.text.get(sheet.end(first)..sheet.start(value));
            if style.key_quotes.is_some() && between == Some(":") && !sheet.record(value).span().is_empty() {
                style.colon = ":";
            }
            // Texts are in quotes wherever keys are in those of JSON.
            if style.key_quotes == Some(Quote::Double) {
                style.text_quotes = style.key_quotes;
            }
        }
        if !is_mapping && collection == place.value() {
            style.text_quotes = quote_of(sheet.record(first).shape);
        }
        let second = if is_mapping {
            children.nth(1)
        } else {
            children.next()
        };
        let previous = if is_mapping { arena.next(first) } else { first };
        if let Some(second) = second
            && !comma_seen
        {
            comma_seen = true;
            let between = sheet.text.get(sheet.end(previous)..sheet.start(second));
            style.comma = if between == Some(",") { "," } else { ", " };
        }
    }
    style
}

/// The indentation of a collection's first child against the line on which the collection starts, if that is another
/// line.
fn line_step(sheet: Sheet<'_>, collection: u32, first: u32) -> Option<String> {
    let (outer, inner) = (
        sheet.indentation(sheet.start(collection)),
        sheet.indentation(sheet.start(first)),
    );
    if sheet.line_start(sheet.start(first)) <= sheet.start(collection) {
        return None;
    }
    let step = inner.strip_prefix(outer).filter(|step| !step.is_empty());
    Some(step.unwrap_or("  ").to_owned())
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
