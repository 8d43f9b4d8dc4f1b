// SPDX-License-Identifier: Apache-2.0
//! Texts that do not end in a line break: what stands last in them would change its meaning by getting one or by
//! lacking one, if it is a block scalar.

use super::Plan;
use crate::arena::Shape;
use crate::builder::{narrow, skip_until};
use crate::edit::block::literal_header;
use crate::edit::sheet::Sheet;
use crate::edit::splice::Replacement;
use crate::edit::value::Value;

/// Makes a plan keep the meaning of block scalars at the end of a text that does not end in a line break.
pub(super) fn keep(sheet: Sheet<'_>, plan: &mut Plan) {
    let end = sheet.text.len();
    if sheet.text.ends_with(['\n', '\r']) {
        return;
    }
    let Some(last) = plan
        .replacements
        .iter_mut()
        .rfind(|last| last.span.end as usize == end)
    else {
        return;
    };
    let ends_in_literal =
        |value: &Value| matches!(tail(value), Value::Str(text) if literal_header(text) == Some("|"));
    if last.text.contains('\n') && plan.change.inserted.value().is_some_and(ends_in_literal) {
        last.text.push('\n');
    }
    let count = narrow(sheet.arena().records.len());
    let stays = plan.change.at + plan.change.removed < count || plan.change.removed == 0;
    let appends = stays && last.span.is_empty() && last.text.starts_with('\n');
    if let Some(stripped) = appends.then(|| strip_final_break(sheet)).flatten() {
        let place = plan
            .replacements
            .partition_point(|other| other.span < stripped.span);
        plan.replacements.insert(place, stripped);
    }
}

/// What stands last in a value.
fn tail(value: &Value) -> &Value {
    let mut tail = value;
    loop {
        tail = match tail {
            Value::List(items) => match items.last() {
                Some(last) => last,
                None => return tail,
            },
            Value::Map(entries) => match entries.last() {
                Some((_, last)) => last,
                None => return tail,
            },
            _ => return tail,
        };
    }
}

/// A block scalar at the end of a text without a line break there has none either. It says so (`|-`) once something
/// follows it.
fn strip_final_break(sheet: Sheet<'_>) -> Option<Replacement> {
    let record = sheet.arena().records.last()?;
    let is_block = matches!(record.shape, Shape::Literal | Shape::Folded);
    if !is_block || sheet.arena().content(sheet.text, record).ends_with('\n') {
        return None;
    }
    let start = record.start as usize + 1;
    let end = skip_until(sheet.text.as_bytes(), start, |byte| {
        !matches!(byte, b'+' | b'-' | b'0'..=b'9')
    });
    let indicators = sheet.text.get(start..end)?;
    if indicators.contains('-') {
        return None;
    }
    Some(match indicators.find('+') {
        Some(plus) => Replacement::new(start + plus..start + plus + 1, "-"),
        None => Replacement::new(start..start, "-"),
    })
}
