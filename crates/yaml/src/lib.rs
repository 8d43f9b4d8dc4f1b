// SPDX-License-Identifier: Apache-2.0
//! Floor 0: text. The spanned tree of a whole YAML stream, with Kubernetes' scalar rules. Knows no Kubernetes.
//!
//! [`Stream::parse`] reads every document of a stream and never fails as a whole: a broken document becomes an
//! [`Error`] and reading goes on with the next one. Each [`Node`] knows its exact place in the text, and answers
//! in two readings: what is written ([`Node::raw`], [`Node::content`]) and what Kubernetes makes of it
//! ([`Node::scalar`], [`Node::key_text`], merge keys in [`Node::entries`]).
//!
//! [`Document::edit`] changes the text of a document by paths and touches no byte beyond what it has to; each edit is
//! read again and proved, or refused with a reason.
//!
//! Kubernetes reads YAML through `sigs.k8s.io/yaml`, which decodes with go-yaml v2 and then turns the result into
//! JSON. Where that differs from YAML 1.2, this crate follows go-yaml v2.
//!
//! ```
//! use writeway_yaml::{Scalar, Stream};
//!
//! let stream = Stream::parse("defaultMode: 0400\nreadOnly: yes\n");
//! let root = stream.documents().next().map(|document| document.root());
//! let mode = root.and_then(|root| root.get("defaultMode")).and_then(|mode| mode.scalar());
//! assert_eq!(mode, Some(Scalar::Int(256)));
//! assert_eq!(root.and_then(|root| root.get("readOnly")).and_then(|flag| flag.as_bool()), Some(true));
//! ```

mod arena;
mod builder;
mod comment;
mod edit;
mod error;
mod limits;
mod mapping;
mod node;
mod number;
mod position;
mod scalar;
mod stream;

pub use edit::{Edit, Edited, Operation, Path, Reason, Refusal, Replacement, Step, Value};
pub use error::{Duplicate, Error, ErrorKind};
pub use limits::Limits;
pub use node::{Entries, Items, Kind, Node, Style};
pub use position::{Position, Span};
pub use scalar::{Scalar, Tag};
pub use stream::{Document, Stream};
