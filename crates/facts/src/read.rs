// SPDX-License-Identifier: Apache-2.0
//! A facts file, YAML or JSON, to [`Facts`], with every mistake in it named.
//!
//! A key without a value (null) means the same as leaving the key out, as in Kubernetes.

mod cluster;
mod fields;
mod image;
mod scalars;
mod volume;

use std::collections::BTreeMap;

use writeway_yaml::{Kind, Limits, Node, Span, Stream};

use crate::error::{FactsError, FactsErrors};
use crate::model::Facts;
use fields::Section;

#[cfg(test)]
pub(crate) use fields::SECTIONS;

/// How many mistakes are told; a file of another kind has one on every line.
const ERRORS_MAX: usize = 1000;

const FACTS: Section = Section {
    what: "a facts file",
    keys: &[
        "images",
        "hostPaths",
        "storageClasses",
        "claims",
        "kubernetes",
        "node",
    ],
};

/// Reads the text of a facts file. An empty one states nothing.
///
/// # Errors
/// All mistakes with their places: text that is no YAML, unknown or repeated keys, values that a key does not take,
/// paths that are not absolute and clean.
pub fn read(text: &str) -> Result<Facts, FactsErrors> {
    let stream = Stream::parse_with(text, &limits());
    let mut reader = Reader {
        stream: &stream,
        errors: Vec::new(),
    };
    for error in stream.errors() {
        reader.error(error.span, error.message.clone());
    }
    for duplicate in stream.duplicates() {
        let first = stream.position(duplicate.first.start);
        let key = shown(&duplicate.key);
        reader.error(
            duplicate.second,
            format!(
                "the key {key} stands here a second time, first at {}:{}",
                first.line, first.column
            ),
        );
    }
    let mut documents = stream.documents();
    let facts = documents.next().map(|document| reader.facts(document.root()));
    if let Some(second) = documents.next() {
        let message = "a second document; a facts file has one, write the facts of both into it";
        reader.error(second.span(), message.to_owned());
    }
    match reader.finish() {
        None => Ok(facts.unwrap_or_default()),
        Some(errors) => Err(errors),
    }
}

/// A facts file lists every file of an image, which a manifest never does: an image of a million files is some 100 MB.
fn limits() -> Limits {
    Limits {
        max_bytes: 256 << 20,
        max_nodes: 30_000_000,
        ..Limits::default()
    }
}

/// A facts file while it is read.
struct Reader<'t> {
    stream: &'t Stream,
    errors: Vec<FactsError>,
}

impl<'t> Reader<'t> {
    fn facts(&mut self, root: Node<'t>) -> Facts {
        let fields = self.fields(root, &FACTS);
        Facts {
            // Any name will do for an image: one that was saved without a name is called like its file.
            images: self.map(
                fields.get("images"),
                "image references",
                Self::named_key,
                Self::image,
            ),
            host_paths: self.map(
                fields.get("hostPaths"),
                "absolute paths",
                Self::absolute_key,
                Self::host_path,
            ),
            storage_classes: self.map(
                fields.get("storageClasses"),
                "class names",
                Self::named_key,
                Self::class_volume,
            ),
            claims: self.map(
                fields.get("claims"),
                "claims NAMESPACE/NAME",
                Self::claim_key,
                Self::class_volume,
            ),
            kubernetes: fields
                .get("kubernetes")
                .map(|node| self.kubernetes(node))
                .unwrap_or_default(),
            node: fields.get("node").map(|node| self.node(node)).unwrap_or_default(),
        }
    }

    /// A mapping whose keys the user names: `key` checks them, `value` reads what belongs to them. `keys` says what
    /// they are.
    fn map<T>(
        &mut self,
        node: Option<Node<'t>>,
        keys: &str,
        key: impl Fn(&mut Self, Node<'t>) -> Option<String>,
        value: impl Fn(&mut Self, Node<'t>) -> T,
    ) -> BTreeMap<String, T> {
        let mut map = BTreeMap::new();
        let Some(node) = node else {
            return map;
        };
        if node.kind() != Kind::Mapping {
            self.expected(node, &format!("a mapping of {keys}"));
            return map;
        }
        for (name, content) in node.entries() {
            let name = key(self, name);
            let content = value(self, content);
            if let Some(name) = name {
                map.insert(name, content);
            }
        }
        map
    }

    /// As [`Self::map`], for values that may be unusable.
    fn map_of<T>(
        &mut self,
        node: Option<Node<'t>>,
        keys: &str,
        value: impl Fn(&mut Self, Node<'t>) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let unless_null = |reader: &mut Self, node: Node<'t>| match node.is_null() {
            true => None,
            false => value(reader, node),
        };
        let values = self.map(node, keys, Self::named_key, unless_null);
        values
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect()
    }

    fn error(&mut self, span: Span, message: String) {
        if self.errors.len() <= ERRORS_MAX {
            self.errors.push(FactsError {
                position: self.stream.position(span.start),
                message,
            });
        }
    }

    /// The mistakes in the order of the text; what an alias repeats is told once.
    fn finish(self) -> Option<FactsErrors> {
        let mut errors = self.errors;
        errors.sort();
        errors.dedup();
        if errors.len() > ERRORS_MAX {
            errors.truncate(ERRORS_MAX);
            if let Some(last) = errors.last_mut() {
                last.message
                    .push_str("; reading ends here, there are too many mistakes");
            }
        }
        (!errors.is_empty()).then_some(FactsErrors(errors))
    }
}

/// A text from the file, fit for a message.
fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    let start: String = text[..end.unwrap_or(text.len())].escape_debug().collect();
    format!("`{start}{}`", if end.is_some() { "…" } else { "" })
}
