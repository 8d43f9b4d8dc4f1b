// SPDX-License-Identifier: Apache-2.0
//! The tree while it grows: open collections, anchors, and the bounds on depth and size.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{ScalarStyle, StructureStyle};

use super::gap::Gap;
use super::{block_scalar, narrow, span_of};
use crate::arena::{ANCHORED, Arena, FLOW, POOLED, Record, Shape};
use crate::error::{Duplicate, Error, ErrorKind};
use crate::limits::Limits;
use crate::position::Span;
use crate::scalar::{self, Tag};

/// A collection whose end has not been seen yet.
struct Frame {
    index: u32,
    children: u32,
    anchor: usize,
    size: Size,
    /// Ends of the first and of the last child, for the collection's own span.
    written: Option<Span>,
}

/// What a node costs when aliases are followed.
#[derive(Clone, Copy)]
struct Size {
    /// Nodes visited, this one included; long text counts as several.
    nodes: u64,
    /// Collections inside each other, this one included.
    height: usize,
}

/// So many bytes of a scalar count as one node more, so that repeating long text is bounded as well.
const BYTES_PER_NODE: usize = 256;

impl Size {
    const EMPTY_COLLECTION: Self = Self { nodes: 1, height: 1 };

    const fn of_scalar(bytes: usize) -> Self {
        Self {
            nodes: 1 + (bytes / BYTES_PER_NODE) as u64,
            height: 0,
        }
    }
}

/// A node that aliases may name; its size is known once it is closed.
struct Anchor {
    index: u32,
    size: Option<Size>,
}

/// Where the current document starts in everything that goes away if it is broken.
#[derive(Default)]
struct Start {
    records: usize,
    pool: usize,
    duplicates: usize,
}

pub(super) struct Tree<'t> {
    pub(super) text: &'t str,
    pub(super) arena: Arena,
    pub(super) duplicates: Vec<Duplicate>,
    /// The keys of the mapping that is being checked; kept for its memory.
    pub(super) names: Vec<u32>,
    limits: &'t Limits,
    start: Start,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Anchor>,
    /// Nodes that the document repeats through aliases.
    repeated: u64,
    gap: Gap<'t>,
}

impl<'t> Tree<'t> {
    pub(super) fn new(text: &'t str, limits: &'t Limits) -> Self {
        Self {
            text,
            arena: Arena::default(),
            duplicates: Vec::new(),
            names: Vec::new(),
            limits,
            start: Start::default(),
            frames: Vec::new(),
            anchors: HashMap::new(),
            repeated: 0,
            gap: Gap::new(text),
        }
    }

    pub(super) fn finish(self) -> (Arena, Vec<Duplicate>) {
        (self.arena, self.duplicates)
    }

    /// What stands behind the last complete token.
    pub(super) fn gap(&self) -> &Gap<'t> {
        &self.gap
    }

    /// Whether the current document has no value yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.arena.records.len() == self.start.records
    }

    /// Starts a document whose first value can stand at `offset`, on the line of a marker (`---`) or not.
    pub(super) fn start_document(&mut self, offset: usize, behind_marker: bool) {
        self.gap.move_to(offset, !behind_marker);
    }

    /// Keeps the document and returns the index of its root.
    pub(super) fn keep_document(&mut self) -> u32 {
        let root = narrow(self.start.records);
        self.start = Start {
            records: self.arena.records.len(),
            pool: self.arena.pool.len(),
            duplicates: self.duplicates.len(),
        };
        self.forget_document();
        root
    }

    /// Drops what was read of the current document.
    pub(super) fn drop_document(&mut self) {
        self.arena.records.truncate(self.start.records);
        self.arena.pool.truncate(self.start.pool);
        self.duplicates.truncate(self.start.duplicates);
        self.forget_document();
    }

    fn forget_document(&mut self) {
        self.frames.clear();
        self.anchors.clear();
        self.repeated = 0;
    }

    pub(super) fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Tag,
        range: Range<usize>,
    ) -> Result<(), Error> {
        let shape = match style {
            ScalarStyle::SingleQuoted => Shape::SingleQuoted,
            ScalarStyle::DoubleQuoted => Shape::DoubleQuoted,
            ScalarStyle::Literal => Shape::Literal,
            ScalarStyle::Folded => Shape::Folded,
            _ => Shape::Plain,
        };
        // The parser stands a `~` in for a value that is not written.
        let value = match shape {
            Shape::Plain if range.is_empty() => "",
            Shape::Literal | Shape::Folded if range.end == self.text.len() => {
                let added = block_scalar::lacks_final_break(self.text, value);
                value.strip_suffix('\n').filter(|_| added).unwrap_or(value)
            }
            _ => value,
        };
        let span = self.written_span(shape, &range, value);
        if !span.is_empty() {
            self.check_indentation(span.start)?;
        }
        if matches!(shape, Shape::Literal | Shape::Folded)
            && block_scalar::starts_with_tab(self.text, span.range(), value)
        {
            let message = "the first line of the block starts with a tab, which Kubernetes refuses; give the indentation \
                           behind the indicator (`|2`), or indent with blanks";
            return Err(Error::new(span, ErrorKind::Syntax, message));
        }
        if tag != Tag::None {
            scalar::resolve(value, shape == Shape::Plain, tag)
                .map_err(|mismatch| Error::new(span, ErrorKind::InvalidTag, mismatch.to_string()))?;
        }
        let (payload, pooled) = self.store(value);
        let flags = pooled | anchored(anchor);
        let record = Record {
            payload,
            len: narrow(value.len()),
            tag,
            flags,
            ..Record::new(span, shape)
        };
        let index = self.push(record)?;
        let size = Size::of_scalar(value.len());
        if anchor != 0 {
            self.anchors.insert(
                anchor,
                Anchor {
                    index,
                    size: Some(size),
                },
            );
        }
        self.add_to_parent(size, span);
        let is_block = matches!(shape, Shape::Literal | Shape::Folded);
        self.gap.move_to(range.end.max(span.end as usize), is_block);
        Ok(())
    }

    /// Where a scalar stands, with the header of a block scalar and without what follows its last line.
    fn written_span(&self, shape: Shape, range: &Range<usize>, value: &str) -> Span {
        match shape {
            Shape::Literal | Shape::Folded => {
                // Behind a document that was given up the header may be out of sight.
                let written = self
                    .gap
                    .indicator(b"|>", range.start)
                    .map_or(range.clone(), |header| {
                        header..block_scalar::written_end(self.text, header, range.end, value)
                    });
                span_of(&written)
            }
            Shape::Plain if range.is_empty() && self.expects_value() => {
                let colon = self.gap.after_colon();
                let place = colon.map_or(range.start, |colon| colon.max(range.start));
                span_of(&(place..place))
            }
            _ => span_of(range),
        }
    }

    /// Remembers the content of a scalar: as a slice of the text if it is one, else in the pool.
    fn store(&mut self, value: &str) -> (u32, u8) {
        let offset = (value.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        if self.text.get(offset..offset.saturating_add(value.len())) == Some(value) {
            return (narrow(offset), 0);
        }
        let start = narrow(self.arena.pool.len());
        self.arena.pool.push_str(value);
        (start, POOLED)
    }

    pub(super) fn open(
        &mut self,
        shape: Shape,
        style: StructureStyle,
        anchor: usize,
        range: Range<usize>,
    ) -> Result<(), Error> {
        let flow = style == StructureStyle::Flow;
        // A list at its key's own column starts, for the parser, behind its first dash.
        let start = if shape == Shape::Sequence && !flow && self.in_mapping() {
            self.gap.indicator(b"-", range.start).unwrap_or(range.start)
        } else {
            range.start
        };
        let span = span_of(&(start..start));
        if self.frames.len() >= self.limits.max_depth {
            return Err(super::too_deep(span, self.limits));
        }
        if flow {
            self.check_indentation(span.start)?;
        }
        let flags = anchored(anchor) | if flow { FLOW } else { 0 };
        let record = Record {
            flags,
            ..Record::new(span, shape)
        };
        let index = self.push(record)?;
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor { index, size: None });
        }
        self.frames.push(Frame {
            index,
            children: 0,
            anchor,
            size: Size::EMPTY_COLLECTION,
            written: None,
        });
        if flow {
            self.gap.move_to(range.end, false);
        }
        Ok(())
    }

    pub(super) fn close(&mut self, end: &Range<usize>) -> Result<(), Error> {
        let Some(frame) = self.frames.pop() else {
            return Ok(());
        };
        let next = narrow(self.arena.records.len());
        let Some(record) = self.arena.records.get_mut(frame.index as usize) else {
            return Ok(());
        };
        record.next = next;
        record.len = frame.children;
        // A closing bracket is text; the ends of block collections and of pairs within brackets are not.
        if record.has(FLOW) && !end.is_empty() {
            record.end = narrow(end.end);
        }
        if let Some(written) = frame.written {
            record.start = record.start.min(written.start);
            record.end = record.end.max(written.end);
        }
        let (span, shape) = (record.span(), record.shape);
        if record.has(FLOW) {
            self.gap.move_to(span.end as usize, false);
        }
        if shape == Shape::Mapping {
            self.check_keys(frame.index)?;
        }
        if let Some(anchor) = self.anchors.get_mut(&frame.anchor) {
            anchor.size = Some(frame.size);
        }
        self.add_to_parent(frame.size, span);
        Ok(())
    }

    pub(super) fn alias(&mut self, id: usize, range: Range<usize>) -> Result<(), Error> {
        let span = span_of(&range);
        let Some(anchor) = self.anchors.get(&id) else {
            return Err(super::unknown_alias(
                self.text.get(range.start + 1..range.end).unwrap_or_default(),
                &range,
            ));
        };
        let target = anchor.index;
        let anchored = anchor.size;
        self.check_indentation(span.start)?;
        let Some(size) = anchored else {
            let message = "the alias stands inside the value that its own anchor marks, so the value would contain \
                           itself; write the value out";
            return Err(Error::new(span, ErrorKind::SelfReference, message));
        };
        self.repeated = self.repeated.saturating_add(size.nodes);
        if self.repeated > self.limits.max_alias_nodes as u64 {
            let message = format!(
                "document expands to more than {} nodes through aliases (billion laughs); write repeated values out",
                self.limits.max_alias_nodes
            );
            return Err(Error::new(span, ErrorKind::TooManyAliases, message));
        }
        if self.frames.len() + size.height > self.limits.max_depth {
            return Err(super::too_deep(span, self.limits));
        }
        self.push(Record {
            payload: target,
            ..Record::new(span, Shape::Alias)
        })?;
        self.add_to_parent(size, span);
        self.gap.move_to(range.end, false);
        Ok(())
    }

    /// Adds a record whose subtree is, so far, only itself.
    fn push(&mut self, mut record: Record) -> Result<u32, Error> {
        let index = self.arena.records.len();
        if index >= self.limits.max_nodes {
            let message = format!(
                "the stream has more than {} values; split the file",
                self.limits.max_nodes
            );
            return Err(Error::new(record.span(), ErrorKind::TooManyNodes, message));
        }
        let index = narrow(index);
        record.next = index.saturating_add(1);
        self.arena.records.push(record);
        Ok(index)
    }

    fn add_to_parent(&mut self, size: Size, span: Span) {
        if let Some(parent) = self.frames.last_mut() {
            parent.children += 1;
            parent.size.nodes = parent.size.nodes.saturating_add(size.nodes);
            parent.size.height = parent.size.height.max(size.height + 1);
            let first = parent.written.map_or(span.start, |written| written.start);
            parent.written = Some(Span::new(first, span.end));
        }
    }

    /// Refuses tabs that indent a node of block style.
    fn check_indentation(&mut self, start: u32) -> Result<(), Error> {
        if self.in_flow() {
            return Ok(());
        }
        self.gap.misplaced_tab(start as usize).map_or(Ok(()), |span| {
            let message = "a tab indents the line, which Kubernetes refuses; indent with blanks";
            Err(Error::new(span, ErrorKind::Syntax, message))
        })
    }

    pub(super) fn in_flow(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|parent| self.arena.record(parent.index).has(FLOW))
    }

    fn in_mapping(&self) -> bool {
        self.frames
            .last()
            .is_some_and(|parent| self.arena.record(parent.index).shape == Shape::Mapping)
    }

    fn expects_value(&self) -> bool {
        self.in_mapping() && self.frames.last().is_some_and(|parent| parent.children % 2 == 1)
    }
}

const fn anchored(anchor: usize) -> u8 {
    if anchor == 0 { 0 } else { ANCHORED }
}
