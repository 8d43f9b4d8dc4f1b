// SPDX-License-Identifier: Apache-2.0
//! What is wrong with the inputs, and what was left out of them.

use writeway_yaml::Span;

/// A file of an [`Inventory`](crate::Inventory), by its place in the input order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one of the files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The range in it.
    pub span: Span,
}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The API server (or `kubectl`) would refuse this.
    Error,
    /// Accepted, but probably not what was meant.
    Warning,
}

/// Something that the API server would refuse or warn about. The value it stands on counts as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: FileId,
    /// The value at fault.
    pub span: Span,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what to do; no position, no value of a Secret.
    pub message: String,
    /// The other place that matters, e.g. the first of two objects with one name.
    pub also: Option<Place>,
}

/// A field that its type does not have in Kubernetes 1.37. The API server drops it (strict validation warns).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownField {
    /// The file.
    pub file: FileId,
    /// The key.
    pub span: Span,
    /// The value.
    pub value: Span,
    /// Path in its object, e.g. `spec.containers[0].securityContex`.
    pub path: String,
}

/// A part of the input that is not in the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// Where it stands.
    pub place: Place,
    /// Why it was left out.
    pub reason: SkipReason,
}

/// Why a part of the input is not in the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// A document without content.
    Empty,
    /// A document without `kind` or `apiVersion`, so not a manifest.
    WithoutKind,
    /// The whole file is a template that has to be rendered first.
    Templated,
}
