// SPDX-License-Identifier: Apache-2.0
//! The flat memory of a stream: all nodes in one vector, in the order in which they are written.

use std::borrow::Cow;

use crate::position::Span;
use crate::scalar::{self, Scalar, Tag};

/// What a record is. Aliases are records of their own here; cursors follow them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
    Sequence,
    Mapping,
    Alias,
}

impl Shape {
    pub(crate) const fn is_scalar(self) -> bool {
        !matches!(self, Self::Sequence | Self::Mapping | Self::Alias)
    }
}

/// The content of a scalar lies in [`Arena::pool`], because it is not a slice of the text.
pub(crate) const POOLED: u8 = 1;
/// A key whose JSON name differs from its content, `on` for instance.
pub(crate) const CONVERTED_KEY: u8 = 2;
/// A mapping whose entries are not simply its children: merge keys or duplicates.
pub(crate) const LAYERED: u8 = 4;
/// The node carries an anchor, so that aliases may repeat it.
pub(crate) const ANCHORED: u8 = 8;
/// A collection in brackets or braces, or a pair within brackets.
pub(crate) const FLOW: u8 = 16;

/// One node in 24 bytes. Children follow their parent; the keys and values of a mapping alternate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Index behind the last descendant, which is the next sibling if there is one.
    pub(crate) next: u32,
    /// Scalar: offset of the content. Alias: index of the anchored record.
    pub(crate) payload: u32,
    /// Scalar: bytes of content. Collection: number of children.
    pub(crate) len: u32,
    pub(crate) shape: Shape,
    pub(crate) tag: Tag,
    pub(crate) flags: u8,
}

impl Record {
    /// A record without content, children and properties.
    pub(crate) const fn new(span: Span, shape: Shape) -> Self {
        Self {
            start: span.start,
            end: span.end,
            next: 0,
            payload: 0,
            len: 0,
            shape,
            tag: Tag::None,
            flags: 0,
        }
    }

    pub(crate) const fn span(&self) -> Span {
        Span::new(self.start, self.end)
    }

    pub(crate) const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// All nodes of a stream and the scalar contents that are no slices of its text.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    pub(crate) records: Vec<Record>,
    pub(crate) pool: String,
}

/// Stands in for an index that cannot occur, so that lookups need no panic.
const NOTHING: Record = Record {
    next: u32::MAX,
    ..Record::new(Span::new(0, 0), Shape::Plain)
};

impl Arena {
    pub(crate) fn record(&self, index: u32) -> &Record {
        self.records.get(index as usize).unwrap_or(&NOTHING)
    }

    /// The last record with this place. Records stand in the order in which they begin.
    pub(crate) fn at(&self, span: Span) -> Option<u32> {
        let behind = self.records.partition_point(|record| record.start <= span.start);
        let beginning_there = self.records[..behind]
            .iter()
            .rev()
            .take_while(|record| record.start == span.start);
        let back = beginning_there.take_while(|record| record.span() != span).count();
        let index = behind.checked_sub(back + 1)?;
        (self.records[index].span() == span).then(|| u32::try_from(index).ok())?
    }

    /// The index of the record that an alias stands for; any other index is its own.
    pub(crate) fn target(&self, index: u32) -> u32 {
        let record = self.record(index);
        if record.shape == Shape::Alias {
            record.payload
        } else {
            index
        }
    }

    /// The content of a scalar after unquoting and folding.
    pub(crate) fn content<'t>(&'t self, text: &'t str, record: &Record) -> &'t str {
        let source = if record.has(POOLED) { &self.pool } else { text };
        let start = record.payload as usize;
        source.get(start..start + record.len as usize).unwrap_or_default()
    }

    /// The JSON name of a key, itself or through an alias. Empty for a collection, which is no key.
    pub(crate) fn key_name<'t>(&'t self, text: &'t str, index: u32) -> Cow<'t, str> {
        let record = self.record(self.target(index));
        let content = self.content(text, record);
        if self.record(index).has(CONVERTED_KEY) {
            scalar::resolve(content, record.shape == Shape::Plain, record.tag)
                .map_or(Cow::Borrowed(content), Scalar::into_key)
        } else {
            Cow::Borrowed(content)
        }
    }

    /// Whether a key is the merge key `<<` (go-yaml v2 `decode.go`, `isMerge`); an alias or a quoted one is not.
    pub(crate) fn is_merge_key(&self, text: &str, index: u32) -> bool {
        let record = self.record(index);
        let implicit = matches!(
            (record.tag, record.shape),
            (Tag::None, Shape::Plain) | (Tag::NonSpecific | Tag::Merge, _)
        );
        implicit && record.shape.is_scalar() && record.len == 2 && self.content(text, record) == "<<"
    }

    /// The indices of a mapping's keys and values as written.
    pub(crate) fn pairs(&self, index: u32) -> Pairs<'_> {
        Pairs(self.items(index))
    }

    /// The indices of the children: a list's items, or the keys and values of a mapping in turn.
    pub(crate) fn items(&self, index: u32) -> Siblings<'_> {
        Siblings {
            arena: self,
            next: index.saturating_add(1),
            end: self.next(index),
        }
    }

    /// The index behind the whole subtree of `index`.
    pub(crate) fn next(&self, index: u32) -> u32 {
        self.record(index).next
    }
}

/// The children of one record in the order of the text.
#[derive(Clone)]
pub(crate) struct Siblings<'t> {
    arena: &'t Arena,
    next: u32,
    end: u32,
}

impl Iterator for Siblings<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        self.next = self.arena.next(index);
        Some(index)
    }
}

/// The entries of a mapping as written: indices of key and value.
#[derive(Clone)]
pub(crate) struct Pairs<'t>(Siblings<'t>);

impl Iterator for Pairs<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        Some((self.0.next()?, self.0.next()?))
    }
}
