// SPDX-License-Identifier: Apache-2.0
//! Edits of collections in brackets and braces: an item with its comma, and its line if it has one of its own.

use crate::arena::Shape;
use crate::edit::refusal::Reason;
use crate::edit::sheet::{Mark, Marked, Sheet};
use crate::edit::splice::Replacement;
use crate::edit::style::{flow_style, quote_of};
use crate::edit::target::{Holder, Place};
use crate::edit::value::Value;

const PAIR: Reason = Reason::Layout("a pair in brackets that has no braces of its own");

/// An item of a list, or a key with its value: from its first property to the end of its value.
struct Element {
    start: usize,
    end: usize,
    /// Behind the comma or bracket before it.
    from: usize,
    /// The comma behind it.
    comma: Option<usize>,
}

/// A collection in brackets or braces.
struct Enclosed<'t> {
    sheet: Sheet<'t>,
    collection: u32,
    /// First and last record of each element, which for an item are the same.
    nodes: Vec<(u32, u32)>,
}

impl<'t> Enclosed<'t> {
    fn new(sheet: Sheet<'t>, collection: u32) -> Result<Self, Reason> {
        let opens = sheet.text.as_bytes().get(sheet.start(collection)).copied();
        if !matches!(opens, Some(b'[' | b'{')) {
            return Err(PAIR);
        }
        let nodes = if sheet.record(collection).shape == Shape::Mapping {
            sheet.arena().pairs(collection).collect()
        } else {
            sheet.arena().items(collection).map(|item| (item, item)).collect()
        };
        Ok(Self {
            sheet,
            collection,
            nodes,
        })
    }

    /// Behind the opening bracket.
    fn open(&self) -> usize {
        self.sheet.start(self.collection) + 1
    }

    /// Before the closing bracket.
    fn close(&self) -> usize {
        self.sheet.end(self.collection).saturating_sub(1)
    }

    fn element(&self, index: usize) -> Option<Element> {
        let &(first, last) = self.nodes.get(index)?;
        let previous = index.checked_sub(1).and_then(|before| self.nodes.get(before));
        let behind_previous = previous.map_or(self.open(), |&(_, last)| self.sheet.end(last));
        let mut marks = self.sheet.marks(behind_previous, self.sheet.start(first));
        let comma = marks
            .iter()
            .position(|marked| marked.mark == Mark::Indicator(b','));
        let from = match previous {
            Some(_) => marks.get(comma?)?.end,
            None => self.open(),
        };
        marks.retain(|marked| marked.start >= from);
        let is_own = |marked: &&Marked| matches!(marked.mark, Mark::Property | Mark::Indicator(b'?'));
        let start = marks
            .iter()
            .find(is_own)
            .map_or(self.sheet.start(first), |marked| marked.start);
        let behind = self.sheet.marks(self.sheet.end(last), self.close());
        let (mut end, mut comma) = (self.sheet.end(last), None);
        for marked in behind {
            match marked.mark {
                // A key without a value can still have its colon.
                Mark::Indicator(b':') | Mark::Property => end = marked.end,
                Mark::Indicator(b',') => {
                    comma = Some(marked.start);
                    break;
                }
                Mark::Indicator(_) => break,
                Mark::Comment | Mark::LineBreak => {}
            }
        }
        Some(Element {
            start,
            end,
            from,
            comma,
        })
    }

    fn has_comment(&self, from: usize, to: usize) -> bool {
        self.sheet
            .marks(from, to)
            .iter()
            .any(|marked| marked.mark == Mark::Comment)
    }

    /// Whether nothing but a comment follows on the line of `offset`.
    fn ends_line(&self, offset: usize) -> bool {
        let end = self.sheet.line_end(offset);
        let rest = self
            .sheet
            .text
            .get(offset..end)
            .unwrap_or_default()
            .trim_start_matches([' ', '\t']);
        rest.is_empty() || rest.starts_with('#')
    }

    /// The blanks in front of an element that begins its line.
    fn indent(&self, start: usize) -> Option<&'t str> {
        let before = self.sheet.text.get(self.sheet.line_start(start)..start)?;
        before
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'\t'))
            .then_some(before)
    }
}

/// A new entry or item in front of the one with this number, or behind the last one.
pub(super) fn add(
    sheet: Sheet<'_>,
    place: &Place,
    index: usize,
    key: Option<&str>,
    value: &Value,
) -> Result<Vec<Replacement>, Reason> {
    let enclosed = Enclosed::new(sheet, place.value())?;
    let style = flow_style(sheet, place);
    let write = |indent: &str, lines: bool| {
        let mut style = style.clone();
        style.lines = style.lines.filter(|_| lines);
        key.map_or_else(
            || style.value(value, indent),
            |key| style.entry(key, value, indent),
        )
    };
    if let Some(follower) = enclosed.element(index) {
        if let Some(indent) = enclosed.indent(follower.start)
            && sheet.line_start(follower.start) > follower.from
        {
            let at = sheet.line_end(follower.from);
            let text = format!("\n{indent}{},", write(indent, true));
            return Ok(vec![Replacement::new(at..at, text)]);
        }
        let text = format!("{}{}", write("", false), style.comma);
        return Ok(vec![Replacement::new(follower.start..follower.start, text)]);
    }
    let Some(last) = index.checked_sub(1).and_then(|before| enclosed.element(before)) else {
        return Ok(vec![first(&enclosed, place, write)]);
    };
    let behind = last.comma.map_or(last.end, |comma| comma + 1);
    let own_line = enclosed
        .indent(last.start)
        .filter(|_| sheet.line_start(enclosed.close()) > behind);
    let end = sheet.line_end(behind);
    Ok(match (own_line, last.comma) {
        (Some(indent), Some(_)) => vec![Replacement::new(
            end..end,
            format!("\n{indent}{},", write(indent, true)),
        )],
        (Some(indent), None) => {
            let line = format!("\n{indent}{}", write(indent, true));
            if end == behind {
                vec![Replacement::new(end..end, format!(",{line}"))]
            } else {
                vec![
                    Replacement::new(behind..behind, ","),
                    Replacement::new(end..end, line),
                ]
            }
        }
        (None, Some(_)) => {
            let blank = style.comma.trim_start_matches(',');
            vec![Replacement::new(
                behind..behind,
                format!("{blank}{},", write("", false)),
            )]
        }
        (None, None) => {
            vec![Replacement::new(
                behind..behind,
                format!("{}{}", style.comma, write("", false)),
            )]
        }
    })
}

/// The first element of an empty collection. If its neighbours stand on lines of their own, it does, too.
fn first(enclosed: &Enclosed<'_>, place: &Place, write: impl Fn(&str, bool) -> String) -> Replacement {
    let sheet = enclosed.sheet;
    let (open, close) = (enclosed.open(), enclosed.close());
    let lines = flow_style(sheet, place).lines;
    if enclosed.has_comment(open, close) {
        let indent = enclosed.indent(close).unwrap_or_default();
        let step = lines.unwrap_or_else(|| "  ".to_owned());
        let inner = format!("{indent}{step}");
        // Only behind the last comment of the collection there is a place that is none.
        let at = sheet.previous_line_end(sheet.line_start(close));
        return Replacement::new(at..at, format!("\n{inner}{}", write(&inner, false)));
    }
    match lines {
        Some(step) => {
            let indent = sheet.indentation(open);
            let inner = format!("{indent}{step}");
            Replacement::new(open..close, format!("\n{inner}{}\n{indent}", write(&inner, true)))
        }
        None => {
            let pad = flow_style(sheet, place).pad;
            Replacement::new(open..close, format!("{pad}{}{pad}", write("", false)))
        }
    }
}

/// Another value in the place of one.
pub(super) fn replace(sheet: Sheet<'_>, place: &Place, value: &Value) -> Result<Vec<Replacement>, Reason> {
    let Some(parent) = place.parent() else {
        return Err(Reason::Layout("an empty document"));
    };
    let mut style = flow_style(sheet, &parent);
    let node = place.value();
    let (start, end) = (sheet.start(node), sheet.end(node));
    if style.text_quotes.is_none() {
        style.text_quotes = quote_of(sheet.record(node).shape);
    }
    let text = style.value(value, sheet.indentation(start));
    let Holder::Key(key) = place.link.holder else {
        let index = match place.link.holder {
            Holder::Item(index) => index,
            _ => 0,
        };
        let element = Enclosed::new(sheet, parent.value())?.element(index);
        let from = element.map_or(start, |element| element.start);
        return Ok(vec![Replacement::new(from..end, text)]);
    };
    let marks = sheet.marks(sheet.end(key), start.max(sheet.line_end(sheet.end(key))));
    let mut marks = marks
        .into_iter()
        .take_while(|marked| marked.mark != Mark::Indicator(b','));
    let Some(colon) = marks.find(|marked| marked.mark == Mark::Indicator(b':')) else {
        let at = sheet.end(key);
        return Ok(vec![Replacement::new(at..at, format!("{}{text}", style.colon))]);
    };
    let property = marks
        .find(|marked| marked.mark == Mark::Property)
        .map(|marked| marked.start);
    if sheet.record(node).span().is_empty() {
        let blank = style.colon.trim_start_matches(':');
        return Ok(vec![Replacement::new(
            colon.end..end.max(colon.end),
            format!("{blank}{text}"),
        )]);
    }
    Ok(vec![Replacement::new(
        property.unwrap_or(start).min(start)..end,
        text,
    )])
}

/// Without an entry or an item.
pub(super) fn remove(sheet: Sheet<'_>, parent: &Place, index: usize) -> Result<Vec<Replacement>, Reason> {
    const LIST: Reason = Reason::Layout("this list in brackets");
    let enclosed = Enclosed::new(sheet, parent.value())?;
    let element = enclosed.element(index).ok_or(LIST)?;
    let next = enclosed.element(index + 1);
    let behind = element.comma.map_or(element.end, |comma| comma + 1);
    let begins_line =
        enclosed.indent(element.start).is_some() && sheet.line_start(element.start) > element.from;
    let line = sheet.previous_line_end(sheet.line_start(element.start));
    let whole_line = (begins_line && enclosed.ends_line(behind)).then(|| line..sheet.line_end(behind));
    if enclosed.nodes.len() == 1 && !enclosed.has_comment(enclosed.open(), enclosed.close()) {
        return Ok(vec![Replacement::new(enclosed.open()..enclosed.close(), "")]);
    }
    if element.comma.is_some() || enclosed.nodes.len() == 1 {
        let gone = whole_line.unwrap_or_else(|| match next {
            Some(next)
                if !enclosed.has_comment(behind, next.start) && sheet.line_end(behind) >= next.start =>
            {
                element.start..next.start
            }
            _ if begins_line => element.start..behind,
            _ if enclosed.has_comment(element.from, element.start) => element.start..behind,
            _ => element.from..behind,
        });
        return Ok(vec![Replacement::new(gone, "")]);
    }
    // The last one takes the comma before it along.
    let comma = element.from.saturating_sub(1);
    if let Some(line) = whole_line {
        return Ok(vec![
            Replacement::new(comma..element.from, ""),
            Replacement::new(line, ""),
        ]);
    }
    if enclosed.has_comment(element.from, element.start) {
        return Ok(vec![
            Replacement::new(comma..element.from, ""),
            Replacement::new(element.start..element.end, ""),
        ]);
    }
    Ok(vec![Replacement::new(comma..element.end, "")])
}
