// SPDX-License-Identifier: Apache-2.0
//! What the API server, kubelet and the runtime refuse before any volume is set up
//! (pkg/apis/core/validation/validation.go; the runtimes' own demands).

use std::collections::BTreeSet;

use writeway_manifest::{Container, PodSpec, Spanned, VolumeSource, Which, Workload};

use crate::Capability;
use crate::node::{Node, Runtime};
use crate::startup::Startup;
use crate::version::Feature;

/// Ids that a user namespace maps (pkg/kubelet/userns/userns_manager.go, userNsUnitLength).
pub(crate) const USER_NAMESPACE_IDS: u32 = 65536;
/// First kernel whose tmpfs can be mounted with mapped ids.
const IDMAPPED_TMPFS: (u32, u32) = (6, 3);

/// Checks the pod as written.
pub(crate) fn pod(node: &Node, workload: &Workload, startup: &mut Startup) {
    let pod = &workload.pod;
    ids(pod, startup);
    group_without_user(node, pod, startup);
    user_namespace(node, pod, startup);
    for mode in pod.volumes.iter().flat_map(|volume| volume.source.file_modes()) {
        file_mode(mode, startup);
    }
    for container in pod.containers(Which::All) {
        privileges(node, container, startup);
        mounts(workload, container, startup);
    }
}

/// Ids lie between 0 and 2147483647 (ValidateSecurityContext).
fn ids(pod: &PodSpec, startup: &mut Startup) {
    let of_pod = [
        pod.security.run_as_user,
        pod.security.run_as_group,
        pod.security.fs_group,
    ];
    let of_containers = pod
        .containers(Which::All)
        .flat_map(|container| [container.security.run_as_user, container.security.run_as_group]);
    let groups = pod.security.supplemental_groups.iter().map(|gid| Some(*gid));
    for id in of_pod.into_iter().chain(of_containers).chain(groups).flatten() {
        if i32::try_from(id.value).is_ok_and(|id| id >= 0) {
            continue;
        }
        startup.refuse(
            format!(
                "the API server refuses the id {}: it has to lie between 0 and 2147483647",
                id.value
            ),
            id.span,
        );
    }
}

/// Modes of files lie between 0 and 0777 (fileModeErrorMsg).
fn file_mode(mode: Spanned<i64>, startup: &mut Startup) {
    if !(0..=0o777).contains(&mode.value) {
        startup.refuse(
            format!(
                "the API server refuses the mode {} (octal {:o}): it has to lie between 0 and 0777 (511)",
                mode.value, mode.value
            ),
            mode.span,
        );
    }
}

/// containerd fails the sandbox of a pod with a group but no user, even if every container has one.
fn group_without_user(node: &Node, pod: &PodSpec, startup: &mut Startup) {
    let Some(group) = pod
        .security
        .run_as_group
        .filter(|_| pod.security.run_as_user.is_none())
    else {
        return;
    };
    match node.runtime {
        Runtime::Containerd => startup.fail(
            format!(
                "the pod has runAsGroup {} without runAsUser: containerd fails its sandbox (\"user group is specified \
                 without user\"), whatever its containers set",
                group.value
            ),
            group.span,
        ),
        Runtime::Crio => {}
        Runtime::Other => startup.doubt(
            "the pod has runAsGroup without runAsUser, which containerd refuses and this runtime may refuse",
            group.span,
        ),
    }
}

fn user_namespace(node: &Node, pod: &PodSpec, startup: &mut Startup) {
    let Some(field) = pod.host_users.filter(|host_users| !host_users.value) else {
        return;
    };
    if !node.version.has(Feature::UserNamespacesSupport) {
        startup.doubt(
            format!(
                "hostUsers: false is off by default in Kubernetes {}",
                node.version.number
            ),
            field.span,
        );
    }
    for (set, name) in [
        (pod.host_pid, "hostPID"),
        (pod.host_ipc, "hostIPC"),
        (pod.host_network, "hostNetwork"),
    ] {
        if let Some(set) = set.filter(|set| set.value) {
            startup.refuse(
                format!("the API server refuses {name} together with hostUsers: false"),
                set.span,
            );
        }
    }
    let mut ids: Vec<(Spanned<i64>, &str)> = Vec::new();
    for container in pod.containers(Which::All) {
        let security = &container.security;
        ids.extend(
            security
                .run_as_user
                .or(pod.security.run_as_user)
                .map(|id| (id, "runAsUser")),
        );
        ids.extend(
            security
                .run_as_group
                .or(pod.security.run_as_group)
                .map(|id| (id, "runAsGroup")),
        );
        if let Some(device) = container.devices.first() {
            startup.refuse(
                "the API server refuses volumeDevices together with hostUsers: false",
                device.name.span,
            );
        }
    }
    ids.extend(pod.security.fs_group.map(|id| (id, "fsGroup")));
    let supplemental = pod.security.supplemental_groups.iter();
    ids.extend(supplemental.map(|id| (*id, "supplementalGroups")));
    for (id, name) in ids {
        if id.value >= i64::from(USER_NAMESPACE_IDS) {
            startup.fail(
                format!(
                    "hostUsers: false maps the ids 0 to 65535 only, so no container starts with {name} {}",
                    id.value
                ),
                id.span,
            );
        }
    }
    let used = mounted_volumes(pod);
    for volume in pod
        .volumes
        .iter()
        .filter(|volume| used.contains(volume.name.as_str()))
    {
        let tmpfs = match &volume.source {
            VolumeSource::Secret(_) | VolumeSource::Projected { .. } | VolumeSource::DownwardApi { .. } => {
                true
            }
            VolumeSource::EmptyDir(source) => source
                .medium
                .as_ref()
                .is_some_and(|medium| medium.as_str() == "Memory"),
            _ => false,
        };
        if matches!(volume.source, VolumeSource::Nfs { .. }) {
            startup.fail(
                format!(
                    "volume `{}`: NFS cannot be mounted with mapped ids, which hostUsers: false needs",
                    *volume.name
                ),
                volume.span,
            );
        }
        if tmpfs && node.kernel.is_some_and(|kernel| kernel < IDMAPPED_TMPFS) {
            startup.fail(
                format!(
                    "volume `{}` is a tmpfs, which kernels before 6.3 cannot mount with mapped ids",
                    *volume.name
                ),
                volume.span,
            );
        }
    }
}

fn privileges(node: &Node, container: &Container, startup: &mut Startup) {
    let security = &container.security;
    let privileged = security.privileged.filter(|privileged| privileged.value);
    if let (Some(_), Some(escalation)) = (
        privileged,
        security
            .allow_privilege_escalation
            .filter(|escalation| !escalation.value),
    ) {
        startup.refuse(
            "the API server refuses privileged: true together with allowPrivilegeEscalation: false",
            escalation.span,
        );
    }
    // Only this spelling is looked for (ValidateSecurityContext).
    let administers = security
        .capabilities
        .add
        .iter()
        .find(|name| name.as_str() == "CAP_SYS_ADMIN");
    if let Some(name) = administers
        && security
            .allow_privilege_escalation
            .is_some_and(|escalation| !escalation.value)
    {
        startup.refuse(
            "the API server refuses the capability CAP_SYS_ADMIN together with allowPrivilegeEscalation: false",
            name.span,
        );
    }
    if node.runtime == Runtime::Crio {
        let names = security
            .capabilities
            .add
            .iter()
            .chain(&security.capabilities.drop);
        for name in names.filter(|name| !name.eq_ignore_ascii_case("ALL")) {
            if Capability::from_name(name.strip_prefix("CAP_").unwrap_or(name)).is_none() {
                startup.fail(
                    format!(
                        "CRI-O fails the container: it does not know the capability `{}`",
                        **name
                    ),
                    name.span,
                );
            }
        }
    }
    for mount in &container.mounts {
        if let Some(propagation) = mount
            .propagation
            .as_ref()
            .filter(|value| value.as_str() == "Bidirectional")
            && privileged.is_none()
        {
            startup.refuse(
                "the API server refuses Bidirectional mount propagation without privileged: true",
                propagation.span,
            );
        }
    }
}

fn mounts(workload: &Workload, container: &Container, startup: &mut Startup) {
    let mut seen = BTreeSet::new();
    for mount in &container.mounts {
        let template = workload
            .claim_templates
            .iter()
            .any(|template| *template.name == *mount.name);
        if workload.pod.volume(&mount.name).is_none() && !template {
            startup.refuse(
                format!(
                    "the API server refuses a mount of what is no volume of the pod: container `{}` mounts `{}`",
                    *container.name, *mount.name
                ),
                mount.name.span,
            );
        }
        // As text: `/v` and `/v/` are taken, and the runtime mounts one over the other.
        if !seen.insert(mount.mount_path.as_str()) {
            startup.refuse(
                format!(
                    "the API server refuses two mounts at one path: container `{}` mounts two volumes at {}",
                    *container.name, *mount.mount_path
                ),
                mount.mount_path.span,
            );
        }
    }
}

fn mounted_volumes(pod: &PodSpec) -> BTreeSet<&str> {
    let mounts = pod.containers(Which::All).flat_map(|container| &container.mounts);
    mounts.map(|mount| mount.name.as_str()).collect()
}
