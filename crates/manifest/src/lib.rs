// SPDX-License-Identifier: Apache-2.0
//! Floor 1: documents to objects.
//!
//! An own small model of the fields that decide who can write where, each with its [`Span`], read straight from the
//! spanned tree; the workloads that embed a pod; and the [`Inventory`] that joins objects across files.

mod container;
mod pod;
mod security;
mod spanned;
mod storage;
mod volume;

pub use container::{Container, Device, EnvSource, EnvVar, Mount, Role, SubPath, Which};
pub use pod::PodSpec;
pub use security::{Capabilities, ContainerSecurity, PodSecurity};
pub use spanned::Spanned;
pub use storage::{CsiDriver, PersistentSource, PersistentVolume, PersistentVolumeClaim, StorageClass};
pub use volume::{
    ClaimRef, ConfigMapSource, CsiSource, DownwardItem, EmptyDir, HostPathSource, ImageSource, Items, KeyToPath,
    ProjectedSource, SecretSource, Volume, VolumeSource,
};
pub use writeway_yaml::Span;
