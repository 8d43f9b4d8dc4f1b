// SPDX-License-Identifier: Apache-2.0
//! Containers and what they mount.

use std::collections::BTreeMap;

use writeway_yaml::Span;

use crate::{ContainerSecurity, Probes, Spanned, SubPath};

/// Where in the life of a pod a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs to completion before the next one.
    Init,
    /// An init container with `restartPolicy: Always`: started in order, then runs beside the main containers.
    Sidecar,
    /// A container of `spec.containers`.
    Main,
    /// A debug container of `spec.ephemeralContainers`.
    Ephemeral,
}

impl Role {
    /// The role's name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Sidecar => "sidecar",
            Self::Main => "main",
            Self::Ephemeral => "ephemeral",
        }
    }
}

/// Which containers of a pod one means. There is no iterating without saying so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// `spec.initContainers`, sidecars left out.
    Init,
    /// `spec.initContainers` with `restartPolicy: Always`.
    Sidecar,
    /// `spec.containers`.
    Main,
    /// `spec.initContainers` in order, sidecars included.
    Startup,
    /// What may run for the pod's whole life: sidecars and main containers.
    LongRunning,
    /// Init, sidecar and main containers, in start order.
    Regular,
    /// Every container, ephemeral ones included, in start order.
    All,
}

impl Which {
    /// Whether a role is meant.
    pub fn includes(self, role: Role) -> bool {
        match self {
            Self::Init => role == Role::Init,
            Self::Sidecar => role == Role::Sidecar,
            Self::Main => role == Role::Main,
            Self::Startup => matches!(role, Role::Init | Role::Sidecar),
            Self::LongRunning => matches!(role, Role::Sidecar | Role::Main),
            Self::Regular => role != Role::Ephemeral,
            Self::All => true,
        }
    }
}

/// A container of any role.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// The whole mapping.
    pub span: Span,
    /// Its role.
    pub role: Role,
    /// Its name; the span is that of the mapping when the name is missing.
    pub name: Spanned<String>,
    /// Image reference.
    pub image: Option<Spanned<String>>,
    /// Replaces the image's ENTRYPOINT.
    pub command: Option<Vec<Spanned<String>>>,
    /// Replaces the image's CMD.
    pub args: Option<Vec<Spanned<String>>>,
    /// Replaces the image's WORKDIR.
    pub working_dir: Option<Spanned<String>>,
    /// `env`, in order.
    pub env: Vec<EnvVar>,
    /// `envFrom` is present, so that variables not listed in `env` may exist.
    pub env_from: Option<Span>,
    /// The objects that `envFrom` names.
    pub env_from_sources: Vec<EnvFromSource>,
    /// `volumeMounts`, in order.
    pub mounts: Vec<Mount>,
    /// `volumeDevices`, in order.
    pub devices: Vec<Device>,
    /// `resources`.
    pub resources: Resources,
    /// `securityContext`.
    pub security: ContainerSecurity,
    /// File that carries the termination message; `/dev/termination-log` by default.
    pub termination_message_path: Option<Spanned<String>>,
    /// `ports`, in order.
    pub ports: Vec<Port>,
    /// `startupProbe`, `readinessProbe` and `livenessProbe`.
    pub probes: Probes,
    /// The hosts that probes and lifecycle hooks name.
    pub handler_hosts: Vec<HandlerHost>,
}

/// An entry of `ports`.
#[derive(Debug, Clone, PartialEq)]
pub struct Port {
    /// `containerPort`.
    pub container_port: Option<Spanned<i64>>,
    /// `hostPort`: a port of the node.
    pub host_port: Option<Spanned<i64>>,
}

/// A `host` of `httpGet` or `tcpSocket`, in a probe or a lifecycle hook.
#[derive(Debug, Clone, PartialEq)]
pub struct HandlerHost {
    /// The field that has the handler, e.g. `livenessProbe` or `preStop`.
    pub field: &'static str,
    /// The host; without one kubelet asks the pod itself.
    pub host: Spanned<String>,
}

/// `resources` (`ResourceRequirements`), by resource name, each quantity as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// The mapping itself, when written.
    pub span: Option<Span>,
    /// What the scheduler sets aside for the container.
    pub requests: BTreeMap<String, Spanned<String>>,
    /// What the kernel lets it have.
    pub limits: BTreeMap<String, Spanned<String>>,
}

/// An entry of `env`.
#[derive(Debug, Clone, PartialEq)]
pub struct EnvVar {
    /// Name of the variable.
    pub name: Spanned<String>,
    /// Where the value comes from.
    pub source: EnvSource,
}

/// Where the value of an environment variable comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum EnvSource {
    /// `value`, with `$(VAR)` not yet expanded; `""` when neither `value` nor `valueFrom` is there.
    Value(Spanned<String>),
    /// `valueFrom.fieldRef.fieldPath`.
    Field(Spanned<String>),
    /// `valueFrom.secretKeyRef`.
    SecretKey {
        /// Name of the Secret.
        name: Spanned<String>,
        /// Key in it.
        key: Spanned<String>,
        /// The container starts without it.
        optional: bool,
    },
    /// `valueFrom.configMapKeyRef`.
    ConfigMapKey {
        /// Name of the ConfigMap.
        name: Spanned<String>,
        /// Key in it.
        key: Spanned<String>,
        /// The container starts without it.
        optional: bool,
    },
    /// Another `valueFrom`, by its field name.
    Other(Spanned<String>),
}

/// An entry of `envFrom`.
#[derive(Debug, Clone, PartialEq)]
pub enum EnvFromSource {
    /// `secretRef`.
    Secret {
        /// Name of the Secret.
        name: Spanned<String>,
        /// The container starts without it.
        optional: bool,
    },
    /// `configMapRef`.
    ConfigMap {
        /// Name of the ConfigMap.
        name: Spanned<String>,
        /// The container starts without it.
        optional: bool,
    },
}

/// An entry of `volumeMounts`.
#[derive(Debug, Clone, PartialEq)]
pub struct Mount {
    /// The whole mapping.
    pub span: Span,
    /// Name of the volume.
    pub name: Spanned<String>,
    /// Path in the container.
    pub mount_path: Spanned<String>,
    /// Part of the volume to mount.
    pub sub_path: Option<SubPath>,
    /// `readOnly`.
    pub read_only: Option<Spanned<bool>>,
    /// `recursiveReadOnly`: `Disabled`, `IfPossible` or `Enabled`.
    pub recursive_read_only: Option<Spanned<String>>,
    /// `mountPropagation`.
    pub propagation: Option<Spanned<String>>,
}

/// An entry of `volumeDevices`.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Name of the volume.
    pub name: Spanned<String>,
    /// Path of the device node in the container.
    pub device_path: Spanned<String>,
}
