// SPDX-License-Identifier: Apache-2.0
//! From an operation to the bytes that change, and to what has to be proved about them.

mod block;
mod end;
mod flow;

use super::path::Step;
use super::proof::{Change, Inserted};
use super::refusal::Reason;
use super::sheet::Sheet;
use super::splice::Replacement;
use super::target::{self, Found, Holder, Place};
use super::value::Value;
use super::{Edit, Operation};
use crate::arena::Shape;
use crate::limits::Limits;
use crate::node::Node;

/// An edit in bytes.
pub(super) struct Plan {
    /// In order, in offsets of the text that is edited.
    pub(super) replacements: Vec<Replacement>,
    pub(super) change: Change,
}

impl Plan {
    /// Whether two edits of one text have nothing to do with each other: each leaves alone what the other one is made in,
    /// and their bytes do not touch.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let apart = |one: &Replacement, other: &Replacement| {
            one.span.end < other.span.start || other.span.end < one.span.start
        };
        let mut mine = self.replacements.iter();
        self.change.is_beside(&other.change)
            && mine.all(|one| other.replacements.iter().all(|other| apart(one, other)))
    }
}

/// Works out one edit of the document with this root; `None` if it is so already.
pub(super) fn plan(sheet: Sheet<'_>, root: u32, edit: &Edit) -> Result<Option<Plan>, Reason> {
    let mut plan = outline(sheet, root, edit)?;
    if let Some(plan) = &mut plan {
        end::keep(sheet, plan);
        for replacement in &mut plan.replacements {
            replacement.text = replacement.text.replace('\n', sheet.line_break());
        }
    }
    Ok(plan)
}

/// As [`plan`], with `\n` for every line break.
fn outline(sheet: Sheet<'_>, root: u32, edit: &Edit) -> Result<Option<Plan>, Reason> {
    let Some((last, _)) = edit.path.0.split_last() else {
        return Err(Reason::Malformed(
            "the document itself cannot be edited; name a key or an item",
        ));
    };
    if !fits(edit) {
        return Err(Reason::Malformed(
            "the place is too deep for a document, or the value is; flatten it",
        ));
    }
    let Found { place, missing } = target::find(sheet, root, &edit.path.0)?;
    match (&edit.operation, last) {
        (Operation::Remove, _) if missing.is_empty() => remove(sheet, &place).map(Some),
        (Operation::Remove, Step::Key(key))
            if missing.len() == 1 && target::is_merged(sheet, place.value(), key) =>
        {
            Err(Reason::Merged)
        }
        (Operation::Remove, _) => Err(Reason::NotFound),
        (Operation::Set(value), _) => set(sheet, &place, missing, value, None),
        (Operation::SetBefore(sibling, value), Step::Key(_)) => {
            set(sheet, &place, missing, value, Some(sibling))
        }
        (Operation::SetBefore(..), Step::Item(_)) => Err(Reason::Malformed(
            "only a key can be set before a key; insert an item by its number",
        )),
        (Operation::Insert(value), &Step::Item(index)) => {
            insert(sheet, &place, missing, value, index).map(Some)
        }
        (Operation::Insert(_), Step::Key(_)) => {
            Err(Reason::Malformed("only an item can be inserted; set a key"))
        }
    }
}

/// Whether the edit leaves a document that is not too deep to be read. Only then may anything here recurse over it.
fn fits(edit: &Edit) -> bool {
    fn is_within(value: &Value, levels: usize) -> bool {
        match value {
            Value::List(items) => levels > 0 && items.iter().all(|item| is_within(item, levels - 1)),
            Value::Map(entries) => {
                levels > 0 && entries.iter().all(|(_, value)| is_within(value, levels - 1))
            }
            _ => true,
        }
    }
    let Some(levels) = Limits::default().max_depth.checked_sub(edit.path.0.len()) else {
        return false;
    };
    match &edit.operation {
        Operation::Set(value) | Operation::SetBefore(_, value) | Operation::Insert(value) => {
            is_within(value, levels)
        }
        Operation::Remove => true,
    }
}

fn set(
    sheet: Sheet<'_>,
    place: &Place,
    missing: &[Step],
    value: &Value,
    before: Option<&str>,
) -> Result<Option<Plan>, Reason> {
    match missing.split_first() {
        None => {
            let node = Node::new(sheet.stream, place.value());
            if Value::read(node).as_ref() == Some(value) {
                return Ok(None);
            }
            replace(sheet, place, value).map(Some)
        }
        Some((Step::Item(_), _)) => Err(Reason::NotFound),
        Some((Step::Key(key), rest)) => {
            let before = before.filter(|_| rest.is_empty());
            let value = wrapped(rest, value, false)?;
            add_entry(sheet, place, key, &value, before).map(Some)
        }
    }
}

fn insert(
    sheet: Sheet<'_>,
    place: &Place,
    missing: &[Step],
    value: &Value,
    index: usize,
) -> Result<Plan, Reason> {
    match missing.split_first() {
        // The item is there, and moves on.
        None => insert_item(sheet, &place.parent().ok_or(Reason::NotFound)?, index, value),
        Some((Step::Item(_), [])) if sheet.record(place.value()).shape == Shape::Sequence => {
            let length = sheet.record(place.value()).len as usize;
            if index != length {
                return Err(Reason::NotFound);
            }
            insert_item(sheet, place, index, value)
        }
        Some((Step::Item(0), [])) => replace(sheet, place, &Value::List(vec![value.clone()])),
        Some((Step::Item(_), _)) => Err(Reason::NotFound),
        Some((Step::Key(key), rest)) => add_entry(sheet, place, key, &wrapped(rest, value, true)?, None),
    }
}

/// `value` in the collections that `steps` ask for.
fn wrapped(steps: &[Step], value: &Value, is_insertion: bool) -> Result<Value, Reason> {
    let mut wrapped = value.clone();
    for (count, step) in steps.iter().rev().enumerate() {
        wrapped = match step {
            Step::Key(key) => Value::Map(vec![(key.clone(), wrapped)]),
            Step::Item(0) if count == 0 && is_insertion => Value::List(vec![wrapped]),
            Step::Item(_) => return Err(Reason::NotFound),
        };
    }
    Ok(wrapped)
}

fn add_entry(
    sheet: Sheet<'_>,
    place: &Place,
    key: &str,
    value: &Value,
    before: Option<&str>,
) -> Result<Plan, Reason> {
    let mapping = place.value();
    if sheet.record(mapping).shape != Shape::Mapping {
        return replace(sheet, place, &Value::Map(vec![(key.to_owned(), value.clone())]));
    }
    let arena = sheet.arena();
    let sibling = before.and_then(|name| {
        let mut keys = arena.pairs(mapping).map(|(index, _)| index);
        keys.find(|&index| {
            !arena.is_merge_key(sheet.text, index) && arena.key_name(sheet.text, index) == name
        })
    });
    let replacements = if block::takes_lines(sheet, place) {
        block::fill_empty(sheet, place, &Value::Map(vec![(key.to_owned(), value.clone())]))?
    } else if sheet.is_flow(mapping) {
        let mut keys = arena.pairs(mapping).map(|(index, _)| Some(index));
        let index = keys
            .position(|index| index == sibling)
            .unwrap_or(arena.pairs(mapping).count());
        flow::add(sheet, place, index, Some(key), value)?
    } else {
        block::add_entry(sheet, place, sibling, key, value)?
    };
    Ok(Plan {
        replacements,
        change: Change {
            above: place.collections_of_child(),
            at: sibling.unwrap_or_else(|| arena.next(mapping)),
            removed: 0,
            inserted: Inserted::Entry(key.to_owned(), value.clone()),
            grows: 2,
        },
    })
}

fn insert_item(sheet: Sheet<'_>, place: &Place, index: usize, value: &Value) -> Result<Plan, Reason> {
    let list = place.value();
    let replacements = if block::takes_lines(sheet, place) {
        block::fill_empty(sheet, place, &Value::List(vec![value.clone()]))?
    } else if sheet.is_flow(list) {
        flow::add(sheet, place, index, None, value)?
    } else {
        block::insert_item(sheet, place, index, value)?
    };
    let follower = sheet.arena().items(list).nth(index);
    Ok(Plan {
        replacements,
        change: Change {
            above: place.collections_of_child(),
            at: follower.unwrap_or_else(|| sheet.arena().next(list)),
            removed: 0,
            inserted: Inserted::Value(value.clone()),
            grows: 1,
        },
    })
}

fn replace(sheet: Sheet<'_>, place: &Place, value: &Value) -> Result<Plan, Reason> {
    let next = sheet.arena().next(place.value());
    if target::is_used_outside(sheet, place.value(), next) {
        return Err(Reason::Anchored);
    }
    let in_flow = place.above.last().is_some_and(|link| sheet.is_flow(link.value));
    let replacements = if in_flow {
        flow::replace(sheet, place, value)?
    } else {
        block::replace(sheet, place, value)?
    };
    Ok(Plan {
        replacements,
        change: Change {
            above: place.collections(),
            at: place.value(),
            removed: next - place.value(),
            inserted: Inserted::Value(value.clone()),
            grows: 0,
        },
    })
}

fn remove(sheet: Sheet<'_>, place: &Place) -> Result<Plan, Reason> {
    let (at, grows) = match place.link.holder {
        Holder::Root => return Err(Reason::NotFound),
        Holder::Key(key) => (key, -2),
        Holder::Item(_) => (place.value(), -1),
    };
    let next = sheet.arena().next(place.value());
    if target::is_used_outside(sheet, at, next) {
        return Err(Reason::Anchored);
    }
    let parent = place.parent().ok_or(Reason::NotFound)?;
    let replacements = if sheet.is_flow(parent.value()) {
        let index = match place.link.holder {
            Holder::Item(index) => index,
            _ => sheet
                .arena()
                .pairs(parent.value())
                .position(|(key, _)| key == at)
                .unwrap_or_default(),
        };
        flow::remove(sheet, &parent, index)?
    } else {
        block::remove(sheet, place, &parent)?
    };
    Ok(Plan {
        replacements,
        change: Change {
            above: place.collections(),
            at,
            removed: next - at,
            inserted: Inserted::Nothing,
            grows,
        },
    })
}
