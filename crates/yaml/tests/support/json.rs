// SPDX-License-Identifier: Apache-2.0
//! What `sigs.k8s.io/yaml` makes of a node without a typed target.

use serde_json::{Map, Value};
use writeway_yaml::{Kind, Node, Scalar};

/// Infinities and not-a-number, which JSON has not, become strings that no other scalar here becomes.
pub(crate) fn to_json(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Sequence => node.items().map(to_json).collect(),
        Kind::Mapping => Value::Object(
            node.entries()
                .map(|(key, value)| (key.key_text().into_owned(), to_json(value)))
                .collect::<Map<_, _>>(),
        ),
        Kind::Scalar => match node.scalar() {
            None | Some(Scalar::Null) => Value::Null,
            Some(Scalar::Bool(value)) => value.into(),
            Some(Scalar::Int(value)) => value.into(),
            Some(Scalar::Uint(value)) => value.into(),
            Some(Scalar::Float(value)) if value.is_finite() => value.into(),
            Some(Scalar::Float(value)) => format!("\u{0}{value}").into(),
            Some(Scalar::Str(value)) => value.into_owned().into(),
        },
    }
}
