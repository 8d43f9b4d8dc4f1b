// SPDX-License-Identifier: Apache-2.0
//! The objects that a pod names.

use writeway_yaml::Span;

use crate::{EnvFromSource, EnvSource, PodSpec, ProjectedSource, Spanned, VolumeSource, Which};

/// A workload that uses an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// Index in [`Inventory::workloads`](crate::Inventory::workloads).
    pub workload: usize,
    /// How it is used.
    pub via: Via,
    /// Where the object's name stands, in the workload's file.
    pub span: Span,
}

/// How a pod uses an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// A volume of its own or a part of a projected one.
    Volume,
    /// A variable's `valueFrom`.
    Env,
    /// `envFrom`.
    EnvFrom,
    /// `serviceAccountName`.
    Identity,
}

/// Kinds that a pod names in its own namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Secret,
    ConfigMap,
    Claim,
    ServiceAccount,
}

/// Calls back for every object that the pod names, in the order of the manifest.
pub(crate) fn for_each_use(pod: &PodSpec, mut found: impl FnMut(Target, Via, &Spanned<String>)) {
    for volume in &pod.volumes {
        match &volume.source {
            VolumeSource::Secret(secret) => {
                option(&secret.name, |name| found(Target::Secret, Via::Volume, name))
            }
            VolumeSource::ConfigMap(map) => {
                option(&map.name, |name| found(Target::ConfigMap, Via::Volume, name))
            }
            VolumeSource::Claim(claim) => found(Target::Claim, Via::Volume, &claim.claim_name),
            VolumeSource::Projected { sources, .. } => {
                for source in sources {
                    match source {
                        ProjectedSource::Secret(secret) => {
                            option(&secret.name, |name| found(Target::Secret, Via::Volume, name));
                        }
                        ProjectedSource::ConfigMap(map) => {
                            option(&map.name, |name| found(Target::ConfigMap, Via::Volume, name));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    for container in pod.containers(Which::All) {
        for variable in &container.env {
            match &variable.source {
                EnvSource::SecretKey { name, .. } => found(Target::Secret, Via::Env, name),
                EnvSource::ConfigMapKey { name, .. } => found(Target::ConfigMap, Via::Env, name),
                _ => {}
            }
        }
        for source in &container.env_from_sources {
            match source {
                EnvFromSource::Secret { name, .. } => found(Target::Secret, Via::EnvFrom, name),
                EnvFromSource::ConfigMap { name, .. } => found(Target::ConfigMap, Via::EnvFrom, name),
            }
        }
    }
    option(&pod.service_account_name, |name| {
        found(Target::ServiceAccount, Via::Identity, name)
    });
}

fn option(name: &Option<Spanned<String>>, found: impl FnOnce(&Spanned<String>)) {
    if let Some(name) = name {
        found(name);
    }
}
