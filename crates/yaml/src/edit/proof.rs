// SPDX-License-Identifier: Apache-2.0
//! The invariant: the changed text, read again, is the old tree with exactly the intended changes in it.

use super::value::Value;
use crate::arena::{Arena, CONVERTED_KEY, FLOW, LAYERED, POOLED, Record, Shape};
use crate::scalar::{self, Scalar, Tag};
use crate::stream::Stream;

/// What is to change in the flat tree: some records that stand in a row go, others come in their place.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The collections around the place, the root first; the last one holds what changes.
    pub(super) above: Vec<u32>,
    /// The first record that goes, or the one in front of which others come.
    pub(super) at: u32,
    /// How many go.
    pub(super) removed: u32,
    /// What comes: nothing, a value, or a key with its value.
    pub(super) inserted: Inserted,
    /// By how many the children of the collection grow.
    pub(super) grows: i64,
}

#[derive(Debug, Clone)]
pub(super) enum Inserted {
    Nothing,
    Value(Value),
    Entry(String, Value),
}

impl Inserted {
    pub(super) const fn value(&self) -> Option<&Value> {
        match self {
            Self::Nothing => None,
            Self::Value(value) | Self::Entry(_, value) => Some(value),
        }
    }
}

impl Change {
    /// The record behind those that go.
    fn behind(&self) -> u32 {
        self.at.saturating_add(self.removed)
    }

    /// Whether two changes have nothing to do with each other: neither is in a collection that the other one changes.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let holds = |one: &Self, other: &Self| {
            one.above
                .last()
                .is_some_and(|holder| other.above.contains(holder))
        };
        let apart = self.behind() <= other.at || other.behind() <= self.at;
        apart && self.at != other.at && !holds(self, other) && !holds(other, self)
    }
}

/// Proves that `new` is `old` with `changes`, which are beside each other and in the order of the tree; the error says what
/// is not as it should be.
pub(super) fn prove(old: &Stream, new: &Stream, changes: &[&Change]) -> Result<(), &'static str> {
    if !new.errors().is_empty() {
        return Err("it is no YAML that Kubernetes reads");
    }
    let documents = |stream: &Stream| stream.outcome().documents.len();
    if documents(new) != documents(old) {
        return Err("the number of documents changes");
    }
    let (before, after) = (old.outcome(), new.outcome());
    let mut comparison = Comparison {
        old: (&before.arena, old.text()),
        new: (&after.arena, new.text()),
        changes: Vec::new(),
    };
    for change in changes {
        let start = i64::from(change.at) + comparison.shift(change.at);
        let end = u32::try_from(start)
            .ok()
            .and_then(|start| comparison.read(&change.inserted, start));
        let delta = i64::from(end.ok_or("the new value reads as something else")?)
            - start
            - i64::from(change.removed);
        comparison.changes.push((change, delta));
    }
    comparison.run()
}

/// Whether the records `one` of one stream are the records `two` of another.
pub(super) fn same_run(one: (&Stream, std::ops::Range<u32>), two: (&Stream, std::ops::Range<u32>)) -> bool {
    let ((old, old_run), (new, new_run)) = (one, two);
    let (old_arena, new_arena) = (&old.outcome().arena, &new.outcome().arena);
    old_run.len() == new_run.len()
        && old_run
            .clone()
            .zip(new_run.clone())
            .all(|(old_index, new_index)| {
                let (before, after) = (old_arena.record(old_index), new_arena.record(new_index));
                let moved = |index: u32| index.wrapping_sub(old_run.start).wrapping_add(new_run.start);
                same_scalar((old_arena, old.text(), before), (new_arena, new.text(), after))
                    && before.flags & COMPARED == after.flags & COMPARED
                    && after.next == moved(before.next)
                    && (before.shape.is_scalar()
                        || if before.shape == Shape::Alias {
                            after.payload == moved(before.payload)
                        } else {
                            after.len == before.len
                        })
            })
}

/// All flags but the one that tells where the content of a scalar lies.
const COMPARED: u8 = !POOLED;

struct Comparison<'t> {
    old: (&'t Arena, &'t str),
    new: (&'t Arena, &'t str),
    /// Each with how many records come, less those that go.
    changes: Vec<(&'t Change, i64)>,
}

impl Comparison<'_> {
    fn run(&self) -> Result<(), &'static str> {
        const ELSEWHERE: &str = "something else changes, too";
        let length = |arena: &Arena| i64::try_from(arena.records.len()).unwrap_or(i64::MAX);
        let all: i64 = self.changes.iter().map(|(_, delta)| delta).sum();
        if length(self.old.0) + all != length(self.new.0) {
            return Err(ELSEWHERE);
        }
        let end = u32::try_from(self.old.0.records.len()).map_err(|_| ELSEWHERE)?;
        let mut stays = 0;
        for (change, _) in self.changes.iter() {
            if change.at < stays || change.behind() > end || !(stays..change.at).all(|index| self.same(index))
            {
                return Err(ELSEWHERE);
            }
            stays = change.behind();
        }
        if (stays..end).all(|index| self.same(index)) {
            Ok(())
        } else {
            Err(ELSEWHERE)
        }
    }

    /// By how much a record that stays moves.
    fn shift(&self, index: u32) -> i64 {
        let before = self.changes.iter().filter(|(change, _)| change.behind() <= index);
        before.map(|(_, delta)| delta).sum()
    }

    fn moved(&self, index: u32) -> Option<u32> {
        u32::try_from(i64::from(index) + self.shift(index)).ok()
    }

    /// Whether a record that stays is the same in both trees, except for what the changes do to the collections around
    /// them.
    fn same(&self, index: u32) -> bool {
        let before = self.old.0.record(index);
        let Some(after) = self
            .moved(index)
            .and_then(|moved| self.new.0.records.get(moved as usize))
        else {
            return false;
        };
        let inside = self
            .changes
            .iter()
            .filter(|(change, _)| change.above.contains(&index));
        let (mut grown, mut is_holder, mut longer) = (0, false, 0);
        for (change, delta) in inside {
            longer += delta;
            if change.above.last() == Some(&index) {
                is_holder = true;
                grown += change.grows;
            }
        }
        // A collection that gets its first child, or loses its last one, may change between brackets and lines.
        let may_change_style = is_holder && (before.len == 0 || after.len == 0);
        let compared = if may_change_style {
            COMPARED & !FLOW
        } else {
            COMPARED
        };
        let next = i64::from(before.next) + self.shift(index) + longer;
        let details = match before.shape {
            Shape::Alias => {
                let goes =
                    |(change, _): &(&Change, i64)| (change.at..change.behind()).contains(&before.payload);
                !self.changes.iter().any(goes) && self.moved(before.payload) == Some(after.payload)
            }
            Shape::Sequence | Shape::Mapping => i64::from(after.len) == i64::from(before.len) + grown,
            _ => true,
        };
        details
            && next == i64::from(after.next)
            && before.flags & compared == after.flags & compared
            && same_scalar((self.old.0, self.old.1, before), (self.new.0, self.new.1, after))
    }

    /// Reads what was inserted at `index`; answers the index behind it.
    fn read(&self, inserted: &Inserted, index: u32) -> Option<u32> {
        match inserted {
            Inserted::Nothing => Some(index),
            Inserted::Value(value) => self.matches(value, index),
            Inserted::Entry(key, value) => self.matches_entry(key, value, index),
        }
    }

    /// Whether the records from `index` on are `value`; answers the index behind them.
    fn matches(&self, value: &Value, index: u32) -> Option<u32> {
        let (arena, text) = self.new;
        let record = arena.records.get(index as usize)?;
        let children = usize::try_from(record.len).ok()?;
        match (value, record.shape) {
            (Value::List(items), Shape::Sequence) if children == items.len() => items
                .iter()
                .try_fold(index + 1, |index, item| self.matches(item, index)),
            (Value::Map(entries), Shape::Mapping)
                if children == entries.len() * 2 && !record.has(LAYERED) =>
            {
                entries.iter().try_fold(index + 1, |index, (key, value)| {
                    self.matches_entry(key, value, index)
                })
            }
            (_, shape) if shape.is_scalar() && record.tag == Tag::None => {
                let content = arena.content(text, record);
                let read = scalar::resolve(content, shape == Shape::Plain, record.tag).ok()?;
                same_value(value, &read).then_some(index + 1)
            }
            _ => None,
        }
    }

    fn matches_entry(&self, key: &str, value: &Value, index: u32) -> Option<u32> {
        let (arena, text) = self.new;
        let record = arena.records.get(index as usize)?;
        let is_key = record.shape.is_scalar()
            && !record.has(CONVERTED_KEY)
            && !arena.is_merge_key(text, index)
            && arena.content(text, record) == key;
        is_key.then(|| self.matches(value, index + 1))?
    }
}

fn same_value(value: &Value, read: &Scalar<'_>) -> bool {
    match (value, read) {
        (Value::Null, Scalar::Null) => true,
        (Value::Bool(value), Scalar::Bool(read)) => value == read,
        (Value::Int(value), Scalar::Int(read)) => value == read,
        (Value::Float(value), Scalar::Float(read)) => {
            value.to_bits() == read.to_bits() || (value.is_nan() && read.is_nan())
        }
        (Value::Str(value), Scalar::Str(read)) => value == read,
        _ => false,
    }
}

/// Whether two records have the same shape and tag, and the same content if they are scalars.
fn same_scalar(one: (&Arena, &str, &Record), two: (&Arena, &str, &Record)) -> bool {
    let (before, after) = (one.2, two.2);
    before.shape == after.shape
        && before.tag == after.tag
        && (!before.shape.is_scalar() || one.0.content(one.1, before) == two.0.content(two.1, after))
}
