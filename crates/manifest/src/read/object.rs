// SPDX-License-Identifier: Apache-2.0
//! Reads what an object is called.

use std::collections::BTreeMap;

use writeway_yaml::{Node, Scalar};

use super::{Fields, Reader, contents};
use crate::shape::Located;
use crate::{Metadata, ObjectRef, Spanned};

/// Longest name, group or kind (apimachinery/pkg/util/validation, `DNS1123SubdomainMaxLength`). An object's identity is
/// copied for each of its pods, so that it must not be endless.
pub(super) const MAX_NAME: usize = 253;

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
        Scalar::Str(text) if !text.is_empty() && text.len() <= MAX_NAME => Some(text.into_owned()),
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
            object.namespace = name(metadata, "namespace").map(|namespace| namespace.value);
            let generated = name(metadata, "generateName");
            if let Some(name) = name(metadata, "name").or(generated) {
                object.name_span = name.span;
                object.name = name.value;
            }
        });
    }
    Some(object)
}

fn name(metadata: &mut Fields<'_, '_>, field: &str) -> Option<Spanned<String>> {
    let name = metadata.string(field).filter(|name| !name.is_empty())?;
    if name.len() > MAX_NAME {
        metadata.refuse(&format!("has a `{field}` of more than {MAX_NAME} bytes"));
        return None;
    }
    Some(name)
}

/// What the metadata of an object says beside its name.
pub(crate) fn metadata(reader: &mut Reader, node: Node<'_>) -> Metadata {
    let metadata = reader.mapping(node, "", &[], |object| {
        object.object("metadata", &[], |metadata| Metadata {
            labels: metadata.spanned_string_map("labels"),
            annotations: metadata.spanned_string_map("annotations"),
        })
    });
    metadata.flatten().unwrap_or_default()
}

/// The annotations of a pod, from the mapping that holds its spec.
pub(crate) fn pod_annotations(
    reader: &mut Reader,
    template: &Located<'_>,
) -> BTreeMap<String, Spanned<String>> {
    reader
        .mapping(template.node, &template.path, &[], contents::spanned_annotations)
        .unwrap_or_default()
}
