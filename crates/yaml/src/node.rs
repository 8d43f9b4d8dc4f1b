// SPDX-License-Identifier: Apache-2.0
//! Cursors into the tree.

use std::borrow::Cow;
use std::fmt;

use crate::arena::{ANCHORED, Arena, FLOW, LAYERED, Pairs, Record, Shape, Siblings};
use crate::mapping;
use crate::position::Span;
use crate::scalar::{self, Scalar, Tag};
use crate::stream::Stream;

/// A value in a stream. An alias behaves like the value that it names, except that [`Node::span`] and
/// [`Node::raw`] show the alias itself. Two nodes are equal if they are the same place of the same stream.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    stream: &'t Stream,
    index: u32,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A single value; [`Node::scalar`] says which.
    Scalar,
    /// A list.
    Sequence,
    /// Names with values.
    Mapping,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Bare.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl<'t> Node<'t> {
    pub(crate) const fn new(stream: &'t Stream, index: u32) -> Self {
        Self { stream, index }
    }

    const fn at(self, index: u32) -> Self {
        Self {
            stream: self.stream,
            index,
        }
    }

    pub(crate) const fn index(self) -> u32 {
        self.index
    }

    fn arena(self) -> &'t Arena {
        &self.stream.outcome().arena
    }

    /// The record of the value, aliases followed.
    fn record(self) -> &'t Record {
        self.arena().record(self.target())
    }

    fn target(self) -> u32 {
        self.arena().target(self.index)
    }

    /// The stream that the node belongs to.
    pub const fn stream(self) -> &'t Stream {
        self.stream
    }

    /// What the value is.
    pub fn kind(self) -> Kind {
        match self.record().shape {
            Shape::Sequence => Kind::Sequence,
            Shape::Mapping => Kind::Mapping,
            _ => Kind::Scalar,
        }
    }

    /// The place of the value itself: quotes, brackets and the header of a block scalar included; tag, anchor,
    /// comments and the line break behind it not. A block collection reaches from its first key or dash to the end
    /// of its last value. A value that is not written is an empty span behind its colon or dash.
    pub fn span(self) -> Span {
        self.arena().record(self.index).span()
    }

    /// The text of [`Self::span`].
    pub fn raw(self) -> &'t str {
        self.stream.text().get(self.span().range()).unwrap_or_default()
    }

    /// What a scalar says after unquoting, unescaping and folding, before anything is made of it: `0400` and `yes`
    /// stay as they are. `None` for collections.
    pub fn content(self) -> Option<&'t str> {
        let record = self.record();
        record
            .shape
            .is_scalar()
            .then(|| self.arena().content(self.stream.text(), record))
    }

    /// What Kubernetes makes of a scalar. `None` for collections.
    pub fn scalar(self) -> Option<Scalar<'t>> {
        let record = self.record();
        let content = self.content()?;
        // A tag that does not fit was refused with its document, so the fallback is never seen.
        Some(
            scalar::resolve(content, record.shape == Shape::Plain, record.tag)
                .unwrap_or(Scalar::Str(Cow::Borrowed(content))),
        )
    }

    /// The value if it is a string, `None` otherwise; for `!!binary`, which has to be decoded, see [`Self::scalar`].
    pub fn as_str(self) -> Option<&'t str> {
        match self.scalar()? {
            Scalar::Str(Cow::Borrowed(value)) => Some(value),
            _ => None,
        }
    }

    /// The value if it is a boolean.
    pub fn as_bool(self) -> Option<bool> {
        match self.scalar()? {
            Scalar::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The value if it is an integer that fits.
    pub fn as_i64(self) -> Option<i64> {
        match self.scalar()? {
            Scalar::Int(value) => Some(value),
            _ => None,
        }
    }

    /// What a Go field of type string receives through `sigs.k8s.io/yaml` with a typed target
    /// (`convertToJSONableObject`): a string as it is, a number or boolean in its canonical text. `None` for null,
    /// which leaves such a field empty, and for collections.
    pub fn text_value(self) -> Option<Cow<'t, str>> {
        self.scalar()?.into_text()
    }

    /// How a scalar is written. `None` for collections.
    pub fn style(self) -> Option<Style> {
        match self.record().shape {
            Shape::Plain => Some(Style::Plain),
            Shape::SingleQuoted => Some(Style::SingleQuoted),
            Shape::DoubleQuoted => Some(Style::DoubleQuoted),
            Shape::Literal => Some(Style::Literal),
            Shape::Folded => Some(Style::Folded),
            Shape::Sequence | Shape::Mapping | Shape::Alias => None,
        }
    }

    /// The explicit tag of a scalar; tags of collections change nothing and are not kept.
    pub fn tag(self) -> Tag {
        self.record().tag
    }

    /// Whether a collection is written in brackets or braces.
    pub fn is_flow(self) -> bool {
        self.record().has(FLOW)
    }

    /// Whether this place is an alias (`*name`) of a value that stands elsewhere.
    pub fn is_alias(self) -> bool {
        self.arena().record(self.index).shape == Shape::Alias
    }

    /// Whether the value carries an anchor (`&name`), so that aliases may repeat it elsewhere.
    pub fn is_anchored(self) -> bool {
        self.record().has(ANCHORED)
    }

    /// The value that an alias names, at its own place; any other node itself.
    pub fn resolved(self) -> Self {
        self.at(self.target())
    }

    /// Whether the value is null: `~`, `null` or nothing.
    pub fn is_null(self) -> bool {
        self.scalar() == Some(Scalar::Null)
    }

    /// The value of a name in a mapping, merge keys applied, the last of duplicates. `None` also for other kinds.
    pub fn get(self, key: &str) -> Option<Self> {
        self.get_entry(key).map(|(_, value)| value)
    }

    /// As [`Self::get`], with the key's node.
    pub fn get_entry(self, key: &str) -> Option<(Self, Self)> {
        let text = self.stream.text();
        let (key, value) = self
            .raw_entries()
            .find(|&(index, _)| self.arena().key_name(text, index) == key)?;
        Some((self.at(key), self.at(value)))
    }

    /// The entries of a mapping in the order of the text, merge keys applied; of duplicates the last one is left, at
    /// the place of the first. Empty for other kinds.
    pub fn entries(self) -> Entries<'t> {
        Entries {
            node: self,
            raw: self.raw_entries(),
        }
    }

    fn raw_entries(self) -> RawEntries<'t> {
        let (arena, target) = (self.arena(), self.target());
        let record = arena.record(target);
        if record.shape != Shape::Mapping {
            RawEntries::Layered(Vec::new().into_iter())
        } else if record.has(LAYERED) {
            RawEntries::Layered(mapping::entries(arena, self.stream.text(), target).into_iter())
        } else {
            RawEntries::Written(arena.pairs(target))
        }
    }

    /// The items of a list. Empty for other kinds.
    pub fn items(self) -> Items<'t> {
        let target = self.target();
        let is_list = self.arena().record(target).shape == Shape::Sequence;
        Items {
            node: self,
            raw: is_list.then(|| self.arena().items(target)),
        }
    }

    /// The JSON name that this node becomes as a key: booleans, numbers and floats in the text that
    /// `sigs.k8s.io/yaml` gives them, so `on:` is `true` and `0x10:` is `16`. Empty for collections.
    pub fn key_text(self) -> Cow<'t, str> {
        self.scalar().map_or(Cow::Borrowed(""), Scalar::into_key)
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.stream, other.stream) && self.index == other.index
    }
}

impl Eq for Node<'_> {}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Node")
            .field("kind", &self.kind())
            .field("span", &self.span())
            .finish()
    }
}

/// The entries of a mapping; see [`Node::entries`].
#[derive(Clone)]
pub struct Entries<'t> {
    node: Node<'t>,
    raw: RawEntries<'t>,
}

#[derive(Clone)]
enum RawEntries<'t> {
    Written(Pairs<'t>),
    Layered(std::vec::IntoIter<(u32, u32)>),
}

impl Iterator for RawEntries<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        match self {
            Self::Written(pairs) => pairs.next(),
            Self::Layered(entries) => entries.next(),
        }
    }
}

impl<'t> Iterator for Entries<'t> {
    type Item = (Node<'t>, Node<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.raw.next()?;
        Some((self.node.at(key), self.node.at(value)))
    }
}

/// The items of a list; see [`Node::items`].
#[derive(Clone)]
pub struct Items<'t> {
    node: Node<'t>,
    raw: Option<Siblings<'t>>,
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        Some(self.node.at(self.raw.as_mut()?.next()?))
    }
}
