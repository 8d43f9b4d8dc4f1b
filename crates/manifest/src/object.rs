// SPDX-License-Identifier: Apache-2.0
//! Which object something belongs to.

use std::ops::Deref;
use std::sync::Arc;

use writeway_yaml::Span;

use crate::FileId;

/// An object of the inputs: what it is called and where it stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectRef {
    /// The file.
    pub file: FileId,
    /// Index of the document in the file's stream.
    pub document: usize,
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.namespace`, as written.
    pub namespace: Option<String>,
    /// `metadata.name`, else `metadata.generateName`, else empty.
    pub name: String,
    /// The name's place; that of the object when it has none.
    pub name_span: Span,
    /// The whole object.
    pub span: Span,
}

impl ObjectRef {
    /// The API group: what stands before the slash in `apiVersion`, `""` for the core group.
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The namespace it goes to when none is chosen on the command line.
    pub fn effective_namespace(&self) -> &str {
        effective_namespace(self.namespace.as_deref())
    }
}

/// An absent or empty namespace is `default`.
pub(crate) fn effective_namespace(namespace: Option<&str>) -> &str {
    namespace
        .filter(|namespace| !namespace.is_empty())
        .unwrap_or("default")
}

/// An object together with what it says.
#[derive(Debug, PartialEq)]
pub struct Declared<T> {
    /// The object.
    pub object: ObjectRef,
    /// What it says. It is shared by the inventories of one text.
    pub value: Arc<T>,
}

/// Whatever it says can be shared.
impl<T> Clone for Declared<T> {
    fn clone(&self) -> Self {
        Self {
            object: self.object.clone(),
            value: Arc::clone(&self.value),
        }
    }
}

impl<T> Deref for Declared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
