// SPDX-License-Identifier: Apache-2.0
//! Where in the tree an edit acts, and whether a change may be made there at all.

use super::path::Step;
use super::refusal::Reason;
use super::sheet::Sheet;
use crate::arena::{ANCHORED, LAYERED, Shape};
use crate::mapping;
use crate::scalar::{self, Scalar};

/// What a value belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// It is the document.
    Root,
    /// It is the value of this key.
    Key(u32),
    /// It is the item of a list with this number.
    Item(usize),
}

/// A written value, and what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) holder: Holder,
    pub(super) value: u32,
}

/// A written value with all that is above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The collections around the value, the document's root first.
    pub(super) above: Vec<Link>,
    pub(super) link: Link,
}

impl Place {
    pub(super) const fn value(&self) -> u32 {
        self.link.value
    }

    /// The place of the collection that holds the value.
    pub(super) fn parent(&self) -> Option<Self> {
        let (&link, above) = self.above.split_last()?;
        Some(Self {
            above: above.to_vec(),
            link,
        })
    }

    /// The collections around the value, the document's root first.
    pub(super) fn collections(&self) -> Vec<u32> {
        self.above.iter().map(|link| link.value).collect()
    }

    /// The collections around a child of the value.
    pub(super) fn collections_of_child(&self) -> Vec<u32> {
        let links = self.above.iter().chain([&self.link]);
        links.map(|link| link.value).collect()
    }
}

/// How far a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found<'p> {
    /// The last value that is there.
    pub(super) place: Place,
    /// The steps that lead nowhere; the first of them is missing in `place`.
    pub(super) missing: &'p [Step],
}

/// Goes down from the root as far as `steps` lead.
pub(super) fn find<'p>(sheet: Sheet<'_>, root: u32, steps: &'p [Step]) -> Result<Found<'p>, Reason> {
    let mut place = Place {
        above: Vec::new(),
        link: Link {
            holder: Holder::Root,
            value: root,
        },
    };
    let mut missing = steps;
    while let Some((step, rest)) = missing.split_first() {
        let record = sheet.record(place.link.value);
        if record.shape == Shape::Alias {
            return Err(Reason::Alias);
        }
        if record.has(ANCHORED) && is_aliased(sheet, place.link.value) {
            return Err(Reason::Anchored);
        }
        let child = match (step, record.shape) {
            (Step::Key(key), Shape::Mapping) => entry(sheet, place.link.value, key, rest.is_empty())?
                .map(|(key, value)| (Holder::Key(key), value)),
            (Step::Item(index), Shape::Sequence) => {
                let mut items = sheet.arena().items(place.link.value);
                items.nth(*index).map(|item| (Holder::Item(*index), item))
            }
            _ if is_null(sheet, place.link.value) => None,
            (Step::Key(_), _) => return Err(wrong_kind("a mapping", sheet, place.link.value)),
            (Step::Item(_), _) => return Err(wrong_kind("a list", sheet, place.link.value)),
        };
        let Some((holder, value)) = child else { break };
        place.above.push(place.link);
        place.link = Link { holder, value };
        missing = rest;
    }
    Ok(Found { place, missing })
}

/// The written entry of a key. `None` if there is none, and also if a merge key brings one that is to be overridden as
/// a whole.
fn entry(sheet: Sheet<'_>, mapping: u32, key: &str, is_last: bool) -> Result<Option<(u32, u32)>, Reason> {
    let arena = sheet.arena();
    let mut written = arena.pairs(mapping).filter(|&(index, _)| {
        !arena.is_merge_key(sheet.text, index) && arena.key_name(sheet.text, index) == key
    });
    let found = written.next();
    if written.next().is_some() {
        return Err(Reason::Duplicate);
    }
    if found.is_none() && !is_last && is_merged(sheet, mapping, key) {
        return Err(Reason::Merged);
    }
    Ok(found)
}

/// Whether a mapping has a name, written or through a merge key.
pub(super) fn is_merged(sheet: Sheet<'_>, mapping: u32, key: &str) -> bool {
    sheet.record(mapping).has(LAYERED)
        && mapping::entries(sheet.arena(), sheet.text, mapping)
            .iter()
            .any(|&(index, _)| sheet.arena().key_name(sheet.text, index) == key)
}

/// Whether an alias names the value.
fn is_aliased(sheet: Sheet<'_>, index: u32) -> bool {
    let mut records = sheet.arena().records.iter();
    records.any(|record| record.shape == Shape::Alias && record.payload == index)
}

/// Whether a value outside of the records from `start` up to `end` is an alias of one inside.
pub(super) fn is_used_outside(sheet: Sheet<'_>, start: u32, end: u32) -> bool {
    let inside = start..end;
    let records = sheet.arena().records.iter().zip(0_u32..);
    records
        .filter(|(record, index)| record.shape == Shape::Alias && !inside.contains(index))
        .any(|(record, _)| inside.contains(&record.payload))
}

/// Whether a scalar is null, so that a collection may take its place.
pub(super) fn is_null(sheet: Sheet<'_>, index: u32) -> bool {
    let record = sheet.record(index);
    record.shape.is_scalar()
        && scalar::resolve(
            sheet.arena().content(sheet.text, record),
            record.shape == Shape::Plain,
            record.tag,
        ) == Ok(Scalar::Null)
}

fn wrong_kind(wanted: &'static str, sheet: Sheet<'_>, index: u32) -> Reason {
    let found = match sheet.record(index).shape {
        Shape::Sequence => "a list",
        Shape::Mapping => "a mapping",
        _ => "a scalar",
    };
    Reason::WrongKind { wanted, found }
}
