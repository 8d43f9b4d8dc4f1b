// SPDX-License-Identifier: Apache-2.0
//! `PodSpec`: the part of it that decides who can write where.

use writeway_yaml::Span;

use crate::{Container, PodSecurity, Resources, Spanned, Volume, Which};

/// A pod, as a Pod or inside a workload's template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PodSpec {
    /// The whole mapping.
    pub span: Span,
    /// `securityContext`.
    pub security: PodSecurity,
    /// `volumes`, in order.
    pub volumes: Vec<Volume>,
    /// `resources`: what all containers share (beta in 1.34, KEP-2837).
    pub resources: Resources,
    /// `hostUsers`: `false` runs the pod in a user namespace.
    pub host_users: Option<Spanned<bool>>,
    /// `hostNetwork`.
    pub host_network: Option<Spanned<bool>>,
    /// `hostPID`.
    pub host_pid: Option<Spanned<bool>>,
    /// `hostIPC`: `/dev/shm` is the node's.
    pub host_ipc: Option<Spanned<bool>>,
    /// `os.name`.
    pub os: Option<Spanned<String>>,
    /// The node selector `kubernetes.io/os`.
    pub selected_os: Option<Spanned<String>>,
    /// `serviceAccountName`.
    pub service_account_name: Option<Spanned<String>>,
    /// `automountServiceAccountToken`.
    pub automount_service_account_token: Option<Spanned<bool>>,
    /// `restartPolicy`, as written: `Always` by default.
    pub restart_policy: Option<Spanned<String>>,
    /// `activeDeadlineSeconds`: seconds from the pod's start until it is ended.
    pub active_deadline_seconds: Option<Spanned<i64>>,
    /// `runtimeClassName`.
    pub runtime_class_name: Option<Spanned<String>>,
    /// Init containers and sidecars, then main, then ephemeral ones. Private, so that nobody forgets some of them.
    pub(crate) containers: Vec<Container>,
}

impl PodSpec {
    /// The containers one means, in start order.
    pub fn containers(&self, which: Which) -> impl DoubleEndedIterator<Item = &Container> + Clone {
        self.containers
            .iter()
            .filter(move |container| which.includes(container.role))
    }

    /// The operating system of the pod: `os.name`, or else the node selector's.
    pub fn operating_system(&self) -> Option<&Spanned<String>> {
        self.os.as_ref().or(self.selected_os.as_ref())
    }

    /// The containers one means, to change them in a copy: what would be if the pod were another.
    pub fn containers_mut(&mut self, which: Which) -> impl DoubleEndedIterator<Item = &mut Container> {
        self.containers
            .iter_mut()
            .filter(move |container| which.includes(container.role))
    }

    /// Takes containers out of a copy.
    pub fn retain_containers(&mut self, keep: impl FnMut(&Container) -> bool) {
        self.containers.retain(keep);
    }

    /// The volume of that name.
    pub fn volume(&self, name: &str) -> Option<&Volume> {
        self.volumes.iter().find(|volume| *volume.name == name)
    }
}
