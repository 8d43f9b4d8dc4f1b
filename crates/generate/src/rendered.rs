// SPDX-License-Identifier: Apache-2.0
//! What a generator makes: parts of a pod.

use writeway_yaml::Value;

use crate::Warning;

/// Parts of a pod, to be added to what is there, in this order.
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
