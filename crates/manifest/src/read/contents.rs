// SPDX-License-Identifier: Apache-2.0
//! Reads Secrets and ConfigMaps (keys, never values), namespaces and service accounts.

use std::collections::BTreeMap;

use writeway_yaml::Node;

use super::{Fields, Reader, fields};
use crate::{ConfigMap, DataKey, Namespace, Secret, ServiceAccount};

pub(crate) fn secret(reader: &mut Reader, node: Node<'_>) -> Option<Secret> {
    reader.mapping(node, "", fields::SECRET, |fields| Secret {
        span: fields.span(),
        keys: keys(fields, ["data", "stringData"]),
        immutable: fields.bool("immutable"),
        secret_type: fields.string("type"),
        annotations: annotations(fields),
    })
}

pub(crate) fn config_map(reader: &mut Reader, node: Node<'_>) -> Option<ConfigMap> {
    reader.mapping(node, "", fields::CONFIG_MAP, |fields| ConfigMap {
        span: fields.span(),
        keys: keys(fields, ["data", "binaryData"]),
        immutable: fields.bool("immutable"),
        annotations: annotations(fields),
    })
}

/// The keys of two maps, of which the second wins.
fn keys(fields: &mut Fields<'_, '_>, maps: [&str; 2]) -> BTreeMap<String, DataKey> {
    let mut keys = BTreeMap::new();
    for map in maps {
        let places: BTreeMap<_, _> = fields
            .get(map)
            .into_iter()
            .flat_map(|node| node.entries())
            .map(|(key, _)| (key.key_text().into_owned(), key.span()))
            .collect();
        for (key, value) in fields.spanned_string_map(map) {
            let span = places.get(&key).copied().unwrap_or(value.span);
            keys.insert(
                key,
                DataKey {
                    span,
                    empty: value.is_empty(),
                },
            );
        }
    }
    keys
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
    reader.mapping(node, "", fields::SERVICE_ACCOUNT, |fields| ServiceAccount {
        span: fields.span(),
        automount_token: fields.bool("automountServiceAccountToken"),
    })
}

pub(super) fn annotations(fields: &mut Fields<'_, '_>) -> BTreeMap<String, String> {
    fields
        .object("metadata", &[], |metadata| metadata.string_map("annotations"))
        .unwrap_or_default()
}
