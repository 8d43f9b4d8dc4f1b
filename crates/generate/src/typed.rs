// SPDX-License-Identifier: Apache-2.0
//! Parts of a pod as typed objects of `k8s-openapi`.

use k8s_openapi::api::core::v1::{Container, Volume, VolumeMount};
use serde::de::DeserializeOwned;

use crate::{JsonObject, Rendered};

/// [`Rendered`] as typed objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TypedParts {
    /// For `spec.initContainers`, in front of what needs them.
    pub init_containers: Vec<Container>,
    /// For `spec.volumes`.
    pub volumes: Vec<Volume>,
    /// For `volumeMounts` of the container that uses what was made.
    pub volume_mounts: Vec<VolumeMount>,
}

impl Rendered {
    /// The same as objects of `k8s-openapi`, whose version of Kubernetes the program chooses.
    ///
    /// # Errors
    /// When a field of that version has another type, which none of 1.33 to 1.37 has.
    ///
    /// ```
    /// use writeway_generate::{Mount, Own};
    ///
    /// let own = Own::new(1000, 1000, [Mount::new("data", "/data")?])?;
    /// let container = &own.render().to_typed()?.init_containers[0];
    /// assert_eq!(container.security_context.as_ref().and_then(|context| context.run_as_user), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_typed(&self) -> Result<TypedParts, serde_json::Error> {
        let parts = self.to_json();
        Ok(TypedParts {
            init_containers: typed(parts.init_containers)?,
            volumes: typed(parts.volumes)?,
            volume_mounts: typed(parts.volume_mounts)?,
        })
    }
}

fn typed<T: DeserializeOwned>(objects: Vec<JsonObject>) -> Result<Vec<T>, serde_json::Error> {
    let values = objects.into_iter().map(serde_json::Value::from);
    values.map(serde_json::from_value).collect()
}
