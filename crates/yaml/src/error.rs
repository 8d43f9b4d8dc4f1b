// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a stream, and where.

use crate::position::Span;

/// A reason why a document, or the rest of a stream, could not be read. The position is in `span`, and not part of
/// the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The offending place; empty when it lies between two characters.
    pub span: Span,
    /// The class of the error, for callers that treat some of them specially.
    pub kind: ErrorKind,
    /// What is wrong and what to do, in lower case, without position.
    pub message: String,
}

impl Error {
    pub(crate) fn new(span: Span, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            span,
            kind,
            message: message.into(),
        }
    }
}

/// The classes of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is no YAML.
    Syntax,
    /// A character that YAML forbids, NUL for instance.
    ControlCharacter,
    /// `*name` without an earlier `&name` in the same document.
    UnknownAlias,
    /// `*name` inside the very value that `&name` marks.
    SelfReference,
    /// A key that Kubernetes cannot turn into a JSON name: a collection, null, or a number above `i64::MAX`.
    InvalidKey,
    /// The value of a merge key (`<<`) is no mapping and no list of mappings.
    InvalidMerge,
    /// The text of a scalar contradicts its explicit tag, as in `!!int abc`.
    InvalidTag,
    /// More text than `Limits::max_bytes`.
    TooLong,
    /// Deeper than `Limits::max_depth`.
    TooDeep,
    /// More nodes than `Limits::max_nodes`.
    TooManyNodes,
    /// So many broken documents that reading the stream was given up.
    TooManyErrors,
    /// More nodes through aliases than `Limits::max_alias_nodes`.
    TooManyAliases,
}

/// A key that stands twice in one mapping. Kubernetes lets the last one win, or refuses the object under strict
/// field validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key as it appears in JSON.
    pub key: String,
    /// The earlier key.
    pub first: Span,
    /// The later key, whose value counts.
    pub second: Span,
}
