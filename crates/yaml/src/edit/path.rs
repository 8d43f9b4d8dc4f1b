// SPDX-License-Identifier: Apache-2.0
//! Places by names: where a value is, in words that stay true when text before it changes.

use std::fmt;

use crate::arena::{Arena, Shape};
use crate::node::Node;
use crate::position::Span;
use crate::stream::Document;

/// One step down into a collection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The value of a name in a mapping, by its JSON name as [`Node::key_text`] gives it.
    Key(String),
    /// An item of a list, counted from 0.
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for Step {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

/// The way from the root of a document to a value: `spec.containers[0].name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The root of a document.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// This path with one more step, of a name or a number.
    #[must_use]
    pub fn join(&self, step: impl Into<Step>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
    }

    /// The value at this path below `root`: aliases followed, merge keys applied, the last of duplicates.
    pub fn find<'t>(&self, root: Node<'t>) -> Option<Node<'t>> {
        self.0.iter().try_fold(root, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Item(index) => node.items().nth(*index),
        })
    }
}

impl<S: Into<Step>> FromIterator<S> for Path {
    fn from_iter<I: IntoIterator<Item = S>>(steps: I) -> Self {
        Self(steps.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Path {
    /// As Kubernetes writes field paths; a name with other characters than those of a field stands in `["…"]`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("the document");
        }
        for (count, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(index) => write!(formatter, "[{index}]")?,
                Step::Key(key) if is_field(key) && count == 0 => formatter.write_str(key)?,
                Step::Key(key) if is_field(key) => write!(formatter, ".{key}")?,
                Step::Key(key) => write!(formatter, "[{key:?}]")?,
            }
        }
        Ok(())
    }
}

fn is_field(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

impl<'t> Document<'t> {
    /// The path to a value, or to the value of a key, that is written in this document. `None` for a place that no path
    /// names: what stands inside of a merge key, or under the earlier of two equal keys.
    pub fn path_of(self, node: Node<'t>) -> Option<Path> {
        if !std::ptr::eq(node.stream(), self.stream()) {
            return None;
        }
        let arena = &self.stream().outcome().arena;
        path_to(arena, self.stream().text(), self.root().index(), node.index())
    }

    /// As [`Self::path_of`], for the innermost value that is written at exactly this place of the stream.
    pub fn path_to(self, span: Span) -> Option<Path> {
        self.path_of(self.stream().value_at(span)?)
    }
}

fn path_to(arena: &Arena, text: &str, root: u32, wanted: u32) -> Option<Path> {
    if wanted < root || wanted >= arena.next(root) {
        return None;
    }
    let mut steps = Vec::new();
    let mut at = root;
    while at != wanted {
        let holds = |index: u32| wanted < arena.next(index);
        if arena.record(at).shape == Shape::Sequence {
            let (count, item) = arena.items(at).enumerate().find(|&(_, item)| holds(item))?;
            steps.push(Step::Item(count));
            at = item;
            continue;
        }
        let mut pairs = arena.pairs(at);
        let (key, value) = pairs.find(|&(_, value)| holds(value))?;
        let name = arena.key_name(text, key);
        let is_repeated = |(other, _)| arena.key_name(text, other) == name;
        if arena.is_merge_key(text, key) || pairs.any(is_repeated) {
            return None;
        }
        steps.push(Step::Key(name.into_owned()));
        if wanted == key {
            break;
        }
        at = value;
    }
    Some(Path(steps))
}
