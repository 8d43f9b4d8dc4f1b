// SPDX-License-Identifier: Apache-2.0
//! Floor 1: documents to objects.
//!
//! An own small model of the fields that decide who can write where, each with its [`Span`], read straight from the
//! spanned tree; the workloads that embed a pod; and the [`Inventory`] that joins objects across files.
//!
//! ```
//! use writeway_manifest::{Inventory, ParsedFile, Which};
//!
//! let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: app, image: nginx}]\n";
//! let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", text)]);
//! let pod = &inventory.workloads()[0].pod;
//! assert_eq!(pod.containers(Which::Main).count(), 1);
//! ```

mod container;
mod contents;
mod environment;
mod expansion;
mod flux;
mod hook;
mod inventory;
mod job;
mod limits;
mod maker;
mod metadata;
mod object;
mod parse;
mod pod;
mod probe;
mod problem;
mod quantity;
mod rbac;
mod read;
mod release;
mod security;
mod shape;
mod spanned;
mod storage;
mod sub_path;
mod templating;
mod uses;
mod volume;
mod workload;

pub use container::{
    Container, Device, EnvFromSource, EnvSource, EnvVar, HandlerHost, Mount, Port, Resources, Role, Which,
};
pub use contents::{ConfigMap, DataKey, Namespace, Secret, ServiceAccount};
pub use expansion::expand;
pub use flux::{GitReference, GitRepository, ImageUpdateAutomation};
pub use hook::{ArgoHook, HelmHook, HookDeletePolicy, HookEvent};
pub use inventory::Inventory;
pub use job::JobSpec;
pub use limits::LimitRange;
pub use maker::{SecretMaker, Upkeep};
pub use metadata::Metadata;
pub use object::{Declared, ObjectRef};
pub use parse::ParsedFile;
pub use pod::PodSpec;
pub use probe::{Probe, Probes};
pub use problem::{FileId, Place, Problem, Severity, SkipReason, Skipped, UnknownField};
pub use quantity::Quantity;
pub use rbac::{Grant, PolicyRule, RbacRole, RoleBinding, Subject};
pub use release::{Application, ApplicationSource, HelmAction, HelmRelease};
pub use security::{Capabilities, ConfinementProfile, ContainerSecurity, PodSecurity, SeLinuxOptions};
pub use spanned::Spanned;
pub use storage::{
    CsiDriver, DataSource, PersistentSource, PersistentVolume, PersistentVolumeClaim, StorageClass,
};
pub use sub_path::{ExpandedPath, SubPath};
pub use uses::{Use, Via};
pub use volume::{
    ClaimRef, ConfigMapSource, CsiSource, DownwardItem, EmptyDir, HostPathSource, ImageSource, Items,
    KeyToPath, ProjectedSource, SecretSource, Volume, VolumeSource,
};
pub use workload::{ClaimTemplate, Workload};
pub use writeway_shell::parse_go_duration;
pub use writeway_yaml::Span;
