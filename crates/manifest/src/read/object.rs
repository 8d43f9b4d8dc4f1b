// SPDX-License-Identifier: Apache-2.0
//! Reads what an object is called.

use std::collections::BTreeMap;

use writeway_yaml::{Node, Scalar};

use super::{Reader, contents};
use crate::ObjectRef;

/// `apiVersion` and `kind` of the items of a list, which may leave out their own.
pub(crate) struct ItemType<'a> {
    pub(crate) api_version: &'a str,
    pub(crate) kind: &'a str,
}

/// The object's identity; none when `kind` or `apiVersion` is missing or not a string.
pub(crate) fn object_ref(
    reader: &mut Reader,
    node: Node<'_>,
    document: usize,
    inherited: Option<&ItemType<'_>>,
) -> Option<ObjectRef> {
    let text = |field| match node.get(field)?.scalar()? {
        Scalar::Str(text) if !text.is_empty() => Some(text.into_owned()),
        _ => None,
    };
    let api_version = text("apiVersion").or_else(|| inherited.map(|of| of.api_version.to_owned()))?;
    let kind = text("kind").or_else(|| inherited.map(|of| of.kind.to_owned()))?;
    let mut object = ObjectRef {
        document,
        api_version,
        kind,
        name_span: node.span(),
        span: node.span(),
        ..ObjectRef::default()
    };
    if let Some(metadata) = node.get("metadata") {
        reader.mapping(metadata, "metadata", &[], |metadata| {
            object.namespace = metadata.string("namespace").map(|namespace| namespace.value);
            let generated = metadata.string("generateName");
            if let Some(name) = metadata
                .string("name")
                .filter(|name| !name.is_empty())
                .or(generated)
            {
                object.name_span = name.span;
                object.name = name.value;
            }
        });
    }
    Some(object)
}

/// The annotations of a pod, from the mapping that holds its spec.
pub(crate) fn pod_annotations(reader: &mut Reader, parent: Node<'_>, path: &str) -> BTreeMap<String, String> {
    reader
        .mapping(parent, path, &[], contents::annotations)
        .unwrap_or_default()
}
