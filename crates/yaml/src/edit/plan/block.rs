// SPDX-License-Identifier: Apache-2.0
//! Edits of collections of block style: whole lines, as far as they belong to what changes.

use crate::arena::Shape;
use crate::edit::block::{BlockStyle, Lines};
use crate::edit::quote;
use crate::edit::refusal::Reason;
use crate::edit::sheet::{Mark, Sheet};
use crate::edit::splice::Replacement;
use crate::edit::style::{self, block_style, collection_column};
use crate::edit::target::{Holder, Place};
use crate::edit::value::Value;

const COMPLEX_KEY: Reason = Reason::Layout("a key that does not stand at the beginning of its line");

/// A new entry in front of `sibling`, or behind the last one.
pub(super) fn add_entry(
    sheet: Sheet<'_>,
    place: &Place,
    sibling: Option<u32>,
    key: &str,
    value: &Value,
) -> Result<Vec<Replacement>, Reason> {
    let mapping = place.value();
    let column = collection_column(sheet, mapping).ok_or(COMPLEX_KEY)?;
    let lines = block_style(sheet, place).entry(key, value, column);
    let Some(sibling) = sibling else {
        let comments = if column == 0 { usize::MAX } else { column };
        return Ok(vec![append(sheet, mapping, column, comments, &lines)]);
    };
    let start = sheet.entry_start(sheet.start(sibling)).ok_or(COMPLEX_KEY)?;
    let mut values = sheet
        .arena()
        .pairs(mapping)
        .take_while(|&(key, _)| key != sibling);
    let previous = values.by_ref().last().map(|(_, value)| value);
    Ok(vec![insert_before(
        sheet, place, start, previous, column, &lines,
    )?])
}

/// A new item with this number.
pub(super) fn insert_item(
    sheet: Sheet<'_>,
    place: &Place,
    index: usize,
    value: &Value,
) -> Result<Vec<Replacement>, Reason> {
    let list = place.value();
    let column = sheet.column(sheet.start(list));
    let first = sheet.arena().items(list).next();
    let dash = first.and_then(|item| style::dash_width(sheet, sheet.start(list), item));
    let style = block_style(sheet, place);
    let style = BlockStyle {
        dash: dash.unwrap_or(style.dash),
        ..style
    };
    let lines = style.item(value, column);
    let previous = index
        .checked_sub(1)
        .and_then(|before| sheet.arena().items(list).nth(before));
    if sheet.arena().items(list).nth(index).is_none() {
        // At the column of its key, a comment below the list may as well belong to the next key.
        let parent = place
            .above
            .last()
            .and_then(|link| collection_column(sheet, link.value));
        let flush = column == 0 || (matches!(place.link.holder, Holder::Key(_)) && parent == Some(column));
        return Ok(vec![append(
            sheet,
            list,
            column,
            column + usize::from(flush),
            &lines,
        )]);
    }
    let start = dash_of(sheet, list, index).ok_or(Reason::Layout("this list"))?;
    Ok(vec![insert_before(
        sheet, place, start, previous, column, &lines,
    )?])
}

/// Behind the last line of a collection, and behind the comments below it that stand at `comments` or deeper.
fn append(sheet: Sheet<'_>, collection: u32, column: usize, comments: usize, lines: &Lines) -> Replacement {
    let at = sheet.settle(sheet.end(collection), comments);
    Replacement::new(at..at, below(lines, column))
}

/// In front of the entry or item at `start`, which may be the first of its collection. The comments above it stay its
/// own.
fn insert_before(
    sheet: Sheet<'_>,
    place: &Place,
    start: usize,
    previous: Option<u32>,
    column: usize,
    lines: &Lines,
) -> Result<Replacement, Reason> {
    if let Some(previous) = previous {
        let at = sheet.settle(sheet.end(previous), column + 1);
        return Ok(Replacement::new(at..at, below(lines, column)));
    }
    if place.link.holder == Holder::Root || !sheet.begins_line(start) {
        let text = format!("{}\n{}", lines.joined(), " ".repeat(column));
        return Ok(Replacement::new(start..start, text));
    }
    let at = sheet.line_end(header(sheet, place)?.end);
    Ok(Replacement::new(at..at, below(lines, column)))
}

fn below(lines: &Lines, column: usize) -> String {
    format!("\n{}{}", " ".repeat(column), lines.joined())
}

/// The dash of an item.
fn dash_of(sheet: Sheet<'_>, list: u32, index: usize) -> Option<usize> {
    let Some(before) = index.checked_sub(1) else {
        return Some(sheet.start(list));
    };
    let mut items = sheet.arena().items(list).skip(before);
    let (previous, item) = (items.next()?, items.next()?);
    let marks = sheet.marks(sheet.end(previous), sheet.start(item));
    marks
        .iter()
        .find(|marked| marked.mark == Mark::Indicator(b'-'))
        .map(|marked| marked.start)
}

/// What stands in front of a value, on the line where it is announced.
struct Header {
    /// Behind the colon or the dash.
    start: usize,
    /// Behind the anchor and the tag that follow on this line, or the same as `start`.
    end: usize,
    /// The column of the key or the dash.
    column: usize,
}

fn header(sheet: Sheet<'_>, place: &Place) -> Result<Header, Reason> {
    let value = place.value();
    let container = place.above.last().map(|link| link.value);
    let (from, wanted, column) = match (place.link.holder, container) {
        (Holder::Key(key), Some(mapping)) => {
            let column = collection_column(sheet, mapping).ok_or(COMPLEX_KEY)?;
            sheet.entry_start(sheet.start(key)).ok_or(COMPLEX_KEY)?;
            (sheet.end(key), b':', column)
        }
        (Holder::Item(index), Some(list)) => {
            let dash = dash_of(sheet, list, index).ok_or(Reason::Layout("this list"))?;
            (dash, b'-', sheet.column(dash))
        }
        _ => return Err(Reason::Layout("an empty document")),
    };
    // The place of a value that is not written may be before the colon, or behind the line.
    let follower = sheet.arena().records.get(value as usize + 1);
    let end = if sheet.record(value).span().is_empty() {
        follower.map_or(sheet.text.len(), |record| record.start as usize)
    } else {
        sheet.start(value)
    };
    let mut marks = sheet.marks(from, end).into_iter();
    let indicator = marks.find(|marked| marked.mark == Mark::Indicator(wanted));
    let start = indicator.ok_or(Reason::Layout("this entry"))?.end;
    let properties = marks.take_while(|marked| marked.mark == Mark::Property);
    Ok(Header {
        start,
        end: properties.last().map_or(start, |marked| marked.end),
        column,
    })
}

/// Another value in the place of one.
pub(super) fn replace(sheet: Sheet<'_>, place: &Place, value: &Value) -> Result<Vec<Replacement>, Reason> {
    let style = block_style(sheet, place);
    if place.link.holder == Holder::Root {
        return Ok(fill_document(sheet, place.value(), &style.value(value, 0)));
    }
    let header = header(sheet, place)?;
    let quotes = style::quote_of(sheet.record(place.value()).shape);
    let is_flow = sheet.is_flow(place.value());
    let lines = match (place.link.holder, value, quotes) {
        (_, Value::Str(text), Some(quotes)) => Lines {
            head: quote::quoted(text, quotes),
            body: Vec::new(),
        },
        // What was in brackets stays in brackets.
        (_, Value::Map(_) | Value::List(_), _) if is_flow && sheet.record(place.value()).len > 0 => Lines {
            head: style::flow_style(sheet, place).value(value, &" ".repeat(header.column)),
            body: Vec::new(),
        },
        (Holder::Item(_), ..) => {
            let dash = dash_width_at(sheet, header.start, place.value()).unwrap_or(style.dash);
            BlockStyle { dash, ..style }.value_of_dash(value, header.column)
        }
        _ => style.value_of_key(value, header.column),
    };
    Ok(fill(sheet, place.value(), &header, header.start, &lines))
}

/// Whether an empty collection (`{}`, `[]`) is written in lines once it has something in it, as its neighbours are.
pub(super) fn takes_lines(sheet: Sheet<'_>, place: &Place) -> bool {
    let value = place.value();
    let inner = sheet
        .text
        .get(sheet.start(value) + 1..sheet.end(value).saturating_sub(1));
    sheet.is_flow(value)
        && sheet.record(value).len == 0
        && inner.is_some_and(|inner| inner.trim_matches(' ').is_empty())
        && place.above.last().is_some_and(|link| !sheet.is_flow(link.value))
}

/// Writes the first entry or item of an empty collection in lines. Its anchor and its tag stay.
pub(super) fn fill_empty(sheet: Sheet<'_>, place: &Place, value: &Value) -> Result<Vec<Replacement>, Reason> {
    let header = header(sheet, place)?;
    let style = block_style(sheet, place);
    let lines = match place.link.holder {
        // Behind an anchor, a key on the same line would take it.
        Holder::Item(_) if header.end == header.start => {
            let dash = dash_width_at(sheet, header.start, place.value()).unwrap_or(style.dash);
            BlockStyle { dash, ..style }.value_of_dash(value, header.column)
        }
        _ => style.value_of_key(value, header.column),
    };
    Ok(fill(sheet, place.value(), &header, header.end, &lines))
}

fn dash_width_at(sheet: Sheet<'_>, behind_dash: usize, item: u32) -> Option<usize> {
    style::dash_width(sheet, behind_dash.checked_sub(1)?, item)
}

/// Puts lines in the place of a document's null.
fn fill_document(sheet: Sheet<'_>, root: u32, lines: &Lines) -> Vec<Replacement> {
    let (start, end) = (sheet.start(root), sheet.end(root));
    if start < end && sheet.begins_line(start) {
        return vec![
            Replacement::new(start..end, lines.head.as_str()),
            Replacement::new(sheet.line_end(end)..sheet.line_end(end), body(lines)),
        ];
    }
    // Behind the marker, on whose line no block collection may begin.
    let documents = sheet.stream.documents();
    let marker = documents
        .into_iter()
        .next()
        .map_or(start, |document| document.span().start as usize);
    let line_end = sheet.line_end(marker);
    let mut replacements = vec![Replacement::new(
        line_end..line_end,
        format!("\n{}{}", lines.head, body(lines)),
    )];
    if start < end {
        replacements.insert(0, Replacement::new(start..end, ""));
    }
    replacements
}

fn body(lines: &Lines) -> String {
    lines.body.iter().map(|line| format!("\n{line}")).collect()
}

/// Puts lines behind a header in the place of a value. What stands between `from` and the value on the line goes, too.
fn fill(sheet: Sheet<'_>, value: u32, header: &Header, from: usize, lines: &Lines) -> Vec<Replacement> {
    let (start, end) = (sheet.start(value), sheet.end(value));
    let is_empty = sheet.record(value).span().is_empty();
    let between = sheet.text.get(from..start).unwrap_or_default();
    // Blanks that align values stay.
    let is_aligned =
        !is_empty && !between.is_empty() && between.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    let (from, head) = match lines.head.as_str() {
        "" => (from, String::new()),
        head if is_aligned => (start, head.to_owned()),
        head => (from, format!(" {head}")),
    };
    let body = body(lines);
    let line_end = sheet.line_end(end);
    if is_empty || sheet.line_start(start) == sheet.line_start(header.start) {
        // A value that is not written can stand behind a comment, for the parser.
        let gone = from..if is_empty { header.end } else { end };
        if body.is_empty() {
            return vec![Replacement::new(gone, head)];
        }
        return vec![
            Replacement::new(gone, head),
            Replacement::new(line_end..line_end, body),
        ];
    }
    let above = sheet.previous_line_end(sheet.line_start(start));
    vec![
        Replacement::new(from..header.end, head),
        Replacement::new(above..line_end, body),
    ]
}

/// Without an entry or an item.
pub(super) fn remove(sheet: Sheet<'_>, place: &Place, parent: &Place) -> Result<Vec<Replacement>, Reason> {
    let container = parent.value();
    let start = match place.link.holder {
        Holder::Key(key) => sheet.entry_start(sheet.start(key)).ok_or(COMPLEX_KEY)?,
        Holder::Item(index) => dash_of(sheet, container, index).ok_or(Reason::Layout("this list"))?,
        Holder::Root => return Err(Reason::NotFound),
    };
    let end = sheet.end(place.value());
    let line_end = sheet.line_end(end);
    let children = sheet.record(container).len;
    let is_mapping = sheet.record(container).shape == Shape::Mapping;
    if children == if is_mapping { 2 } else { 1 } {
        let empty = if is_mapping { "{}" } else { "[]" };
        if parent.link.holder == Holder::Root || !sheet.begins_line(start) {
            return Ok(vec![Replacement::new(start..end, empty)]);
        }
        let at = header(sheet, parent)?.end;
        let above = sheet.previous_line_end(sheet.line_start(start));
        return Ok(vec![
            Replacement::new(at..at, format!(" {empty}")),
            Replacement::new(above..line_end, ""),
        ]);
    }
    let below = sheet.next_line(line_end);
    if sheet.begins_line(start) {
        // The text may end in no line break, and then goes on to.
        let gone = if below == line_end && !follows_block_scalar(sheet, place.value()) {
            sheet.previous_line_end(sheet.line_start(start))..line_end
        } else {
            sheet.line_start(start).max(start - sheet.column(start))..below
        };
        return Ok(vec![Replacement::new(gone, "")]);
    }
    // The next entry comes up behind the dash, or the comment above it does.
    let rest = sheet.text.get(below..).unwrap_or_default();
    let next = below + (rest.len() - rest.trim_start().len());
    Ok(vec![Replacement::new(start..next, "")])
}

/// Whether the scalar in front of a value is a block scalar, which would lose its line break with that of the value.
fn follows_block_scalar(sheet: Sheet<'_>, value: u32) -> bool {
    let before = sheet.arena().records.get(..value as usize).unwrap_or_default();
    let mut scalars = before.iter().rev().filter(|record| record.shape.is_scalar());
    let is_block = |shape| matches!(shape, Shape::Literal | Shape::Folded);
    // The first one may be the value's own key.
    scalars.by_ref().take(2).any(|record| is_block(record.shape))
}
