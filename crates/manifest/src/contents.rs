// SPDX-License-Identifier: Apache-2.0
//! Secrets and ConfigMaps by their keys, namespaces and service accounts.

use std::collections::BTreeMap;

use writeway_yaml::Span;

use crate::Spanned;

/// `Secret`. No value is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Secret {
    /// The whole mapping.
    pub span: Span,
    /// Keys of `data` and `stringData` (which wins).
    pub keys: BTreeMap<String, DataKey>,
    /// `immutable`.
    pub immutable: Option<Spanned<bool>>,
    /// `type`; `Opaque` by default.
    pub secret_type: Option<Spanned<String>>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Kinds of the objects in `ownerReferences`.
    pub owners: Vec<String>,
}

/// `ConfigMap`. No value is kept, but where those of `data` stand; see [`crate::Inventory::config_map_text`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConfigMap {
    /// The whole mapping.
    pub span: Span,
    /// Keys of `data` and `binaryData`.
    pub keys: BTreeMap<String, DataKey>,
    /// `immutable`.
    pub immutable: Option<Spanned<bool>>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// A key of a Secret or ConfigMap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataKey {
    /// The key's place.
    pub span: Span,
    /// The value has no bytes.
    pub empty: bool,
    /// Where the value stands, when it is text that anybody may read: never in a Secret.
    pub text: Option<Span>,
}

/// `Namespace`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Namespace {
    /// The whole mapping.
    pub span: Span,
    /// Labels, among them those of Pod Security Admission.
    pub labels: BTreeMap<String, Spanned<String>>,
}

/// `ServiceAccount`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceAccount {
    /// The whole mapping.
    pub span: Span,
    /// `automountServiceAccountToken`; the pod's own field wins.
    pub automount_token: Option<Spanned<bool>>,
}
