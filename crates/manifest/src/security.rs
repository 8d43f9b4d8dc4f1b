// SPDX-License-Identifier: Apache-2.0
//! `securityContext`, at the pod and at the container (staging/src/k8s.io/api/core/v1/types.go).

use writeway_yaml::Span;

use crate::Spanned;

/// `PodSecurityContext`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PodSecurity {
    /// The mapping itself, when written.
    pub span: Option<Span>,
    /// Default uid of every container.
    pub run_as_user: Option<Spanned<i64>>,
    /// Default primary gid of every container.
    pub run_as_group: Option<Spanned<i64>>,
    /// Kubelet refuses to start a container as uid 0.
    pub run_as_non_root: Option<Spanned<bool>>,
    /// Group that kubelet gives to the volumes whose plugin supports it, and to every process.
    pub fs_group: Option<Spanned<i64>>,
    /// `Always` or `OnRootMismatch`.
    pub fs_group_change_policy: Option<Spanned<String>>,
    /// Further groups of every process.
    pub supplemental_groups: Vec<Spanned<i64>>,
    /// `Merge` or `Strict`.
    pub supplemental_groups_policy: Option<Spanned<String>>,
    /// SELinux label of every container that has none of its own.
    pub se_linux_options: Option<SeLinuxOptions>,
    /// Seccomp profile of every container that has none of its own.
    pub seccomp_profile: Option<ConfinementProfile>,
    /// AppArmor profile of every container that has none of its own.
    pub app_armor_profile: Option<ConfinementProfile>,
    /// `windowsOptions.hostProcess`: Windows containers run as processes of the node.
    pub host_process: Option<Spanned<bool>>,
    /// Names of `sysctls`, in order.
    pub sysctls: Vec<Spanned<String>>,
}

/// `SecurityContext` of a container.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContainerSecurity {
    /// The mapping itself, when written.
    pub span: Option<Span>,
    /// Uid; wins over the pod's.
    pub run_as_user: Option<Spanned<i64>>,
    /// Primary gid; wins over the pod's.
    pub run_as_group: Option<Spanned<i64>>,
    /// Wins over the pod's.
    pub run_as_non_root: Option<Spanned<bool>>,
    /// The root file system is mounted read-only.
    pub read_only_root_filesystem: Option<Spanned<bool>>,
    /// Every capability and the host's devices.
    pub privileged: Option<Spanned<bool>>,
    /// `false` sets no_new_privs.
    pub allow_privilege_escalation: Option<Spanned<bool>>,
    /// Capabilities added to and dropped from the runtime's default set.
    pub capabilities: Capabilities,
    /// SELinux label; wins over the pod's.
    pub se_linux_options: Option<SeLinuxOptions>,
    /// Seccomp profile; wins over the pod's.
    pub seccomp_profile: Option<ConfinementProfile>,
    /// AppArmor profile; wins over the pod's.
    pub app_armor_profile: Option<ConfinementProfile>,
    /// `windowsOptions.hostProcess`; wins over the pod's.
    pub host_process: Option<Spanned<bool>>,
    /// `procMount`: `Default` or `Unmasked`.
    pub proc_mount: Option<Spanned<String>>,
}

/// `Capabilities`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Capabilities {
    /// Names without `CAP_`.
    pub add: Vec<Spanned<String>>,
    /// Names without `CAP_`, or `ALL`.
    pub drop: Vec<Spanned<String>>,
}

/// `SELinuxOptions`, without the level.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeLinuxOptions {
    /// `user`.
    pub user: Option<Spanned<String>>,
    /// `role`.
    pub role: Option<Spanned<String>>,
    /// `type`, e.g. `container_t`.
    pub label_type: Option<Spanned<String>>,
}

/// `SeccompProfile` or `AppArmorProfile`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfinementProfile {
    /// `type`: `RuntimeDefault`, `Localhost` or `Unconfined`; empty, and at the place of the mapping, when it is missing.
    pub profile_type: Spanned<String>,
}
