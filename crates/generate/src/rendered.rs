// SPDX-License-Identifier: Apache-2.0
//! What a generator makes: parts of a pod.

use crate::{Value, Warning};

/// An object of the Kubernetes API, or a part of one, as JSON: numbers are integers of 64 bits.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// Parts of a pod, in the order in which they belong into it. They are to be added to what is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// For `spec.initContainers`, in front of what needs them.
    pub init_containers: Vec<Value>,
    /// For `spec.volumes`.
    pub volumes: Vec<Value>,
    /// For `volumeMounts` of the container that uses what was made.
    pub volume_mounts: Vec<Value>,
    /// What has to be known of it.
    pub warnings: Vec<Warning>,
}

/// [`Rendered`] as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonParts {
    /// For `spec.initContainers`.
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
        JsonParts {
            init_containers: objects(&self.init_containers),
            volumes: objects(&self.volumes),
            volume_mounts: objects(&self.volume_mounts),
        }
    }
}

fn objects(values: &[Value]) -> Vec<JsonObject> {
    values
        .iter()
        .filter_map(|value| match value.into() {
            serde_json::Value::Object(object) => Some(object),
            // Every part is a mapping.
            _ => None,
        })
        .collect()
}
