// SPDX-License-Identifier: Apache-2.0
//! Reads Secrets and ConfigMaps (keys, never values), namespaces and service accounts.

use std::collections::BTreeMap;

use writeway_yaml::{Node, Scalar};

use super::{Fields, Reader, known};
use crate::{ConfigMap, DataKey, Namespace, Secret, ServiceAccount, Spanned};

pub(crate) fn secret(reader: &mut Reader, node: Node<'_>) -> Option<Secret> {
    reader.mapping(node, "", known::SECRET, |fields| Secret {
        span: fields.span(),
        keys: keys(
            fields,
            [("data", Encoding::Base64), ("stringData", Encoding::Hidden)],
        ),
        immutable: fields.bool("immutable"),
        secret_type: fields.string("type"),
        labels: fields
            .object("metadata", &[], |metadata| metadata.string_map("labels"))
            .unwrap_or_default(),
        annotations: annotations(fields),
        owners: owners(fields),
    })
}

pub(crate) fn config_map(reader: &mut Reader, node: Node<'_>) -> Option<ConfigMap> {
    reader.mapping(node, "", known::CONFIG_MAP, |fields| ConfigMap {
        span: fields.span(),
        keys: keys(
            fields,
            [("data", Encoding::Text), ("binaryData", Encoding::Base64)],
        ),
        immutable: fields.bool("immutable"),
        annotations: annotations(fields),
    })
}

/// How the values of a map are written.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Text,
    /// Text of which nobody is told where it stands.
    Hidden,
    /// `[]byte` of Go, which JSON carries in base64.
    Base64,
}

/// The keys of several maps, of which later ones win.
fn keys(fields: &mut Fields<'_, '_>, maps: [(&str, Encoding); 2]) -> BTreeMap<String, DataKey> {
    let mut keys = BTreeMap::new();
    for (map, encoding) in maps {
        keys.extend(fields.map(map, |reader, key, value| {
            let empty = match value.scalar() {
                Some(Scalar::Null) => true,
                Some(Scalar::Str(text)) if encoding != Encoding::Base64 => text.is_empty(),
                Some(Scalar::Str(text)) => {
                    if !is_base64(&text) {
                        reader.refuse(value.span(), "must be base64; use `stringData` for plain text");
                    }
                    text.trim_matches(['\r', '\n']).is_empty()
                }
                _ => {
                    // Somebody meant a value: the key does not count as missing.
                    reader.wrong_type(value, "a string");
                    false
                }
            };
            Some(DataKey {
                span: key.span(),
                empty,
                text: (encoding == Encoding::Text).then(|| value.span()),
            })
        }));
    }
    keys
}

/// Whether Go's `base64.StdEncoding` decodes a text: padded, line breaks ignored, unused last bits not looked at.
fn is_base64(text: &str) -> bool {
    let (mut digits, mut padding) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'\r' | b'\n' => {}
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            _ => return false,
        }
    }
    padding <= 2 && (digits + padding).is_multiple_of(4)
}

pub(crate) fn namespace(reader: &mut Reader, node: Node<'_>) -> Option<Namespace> {
    reader.mapping(node, "", &[], |fields| Namespace {
        span: fields.span(),
        labels: fields
            .object("metadata", &[], |metadata| metadata.spanned_string_map("labels"))
            .unwrap_or_default(),
    })
}

pub(crate) fn service_account(reader: &mut Reader, node: Node<'_>) -> Option<ServiceAccount> {
    reader.mapping(node, "", known::SERVICE_ACCOUNT, |fields| ServiceAccount {
        span: fields.span(),
        automount_token: fields.bool("automountServiceAccountToken"),
    })
}

pub(super) fn spanned_annotations(fields: &mut Fields<'_, '_>) -> BTreeMap<String, Spanned<String>> {
    fields
        .object("metadata", &[], |metadata| {
            metadata.spanned_string_map("annotations")
        })
        .unwrap_or_default()
}

fn owners(fields: &mut Fields<'_, '_>) -> Vec<String> {
    let kinds = fields.object("metadata", &[], |metadata| {
        metadata.objects("ownerReferences", &[], |owner| owner.string("kind"))
    });
    let kinds = kinds.flatten().into_iter().flatten().flatten();
    kinds.map(|kind| kind.value).collect()
}

pub(super) fn annotations(fields: &mut Fields<'_, '_>) -> BTreeMap<String, String> {
    fields
        .object("metadata", &[], |metadata| metadata.string_map("annotations"))
        .unwrap_or_default()
}
