// SPDX-License-Identifier: Apache-2.0
//! Parts of a pod as plain JSON.

use writeway_yaml::Value;

use crate::Rendered;

/// An object of the Kubernetes API, or a part of one, as JSON. Ids are integers of 64 bits, as the API has them.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// [`Rendered`] as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonParts {
    /// For `spec.initContainers`, in front of what needs them.
    pub init_containers: Vec<JsonObject>,
    /// For `spec.volumes`.
    pub volumes: Vec<JsonObject>,
    /// For `volumeMounts` of the container that uses what was made.
    pub volume_mounts: Vec<JsonObject>,
}

impl Rendered {
    /// The same as plain JSON maps, as unstructured objects have them.
    #[must_use]
    pub fn to_json(&self) -> JsonParts {
        let objects = |values: &[Value]| values.iter().map(object).collect();
        JsonParts {
            init_containers: objects(&self.init_containers),
            volumes: objects(&self.volumes),
            volume_mounts: objects(&self.volume_mounts),
        }
    }
}

/// A mapping; what is none, and no part of a pod, has no entries.
pub(crate) fn object(value: &Value) -> JsonObject {
    let Value::Map(entries) = value else {
        return JsonObject::new();
    };
    entries
        .iter()
        .map(|(key, value)| (key.clone(), json(value)))
        .collect()
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Str(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(_) => object(value).into(),
    }
}
