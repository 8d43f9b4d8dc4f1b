// SPDX-License-Identifier: Apache-2.0
//! # WW201 mount-not-writable
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds volumes that are mounted read-write into a container whose process cannot write to them: it cannot create a
//! file in the directory at the mount path or, when a file is mounted there, cannot open that file for writing.
//!
//! Only main containers and sidecars are looked at. An init container often mounts a volume just to read or to prepare
//! it, and when its preparation fails the pod does not start, which the map says. A mount with `readOnly: true`, a
//! volume that says so itself, and volumes that are always read-only (Secret, ConfigMap, downward API, projected,
//! image) are left out: nobody expects to write there. Nothing is said when the owner of the volume is not known;
//! a facts file can tell it.
//!
//! ## Why is this bad
//!
//! The pod starts, is ready, and fails at its first write. It is the usual end of three stories: a volume that belongs
//! to another user (a host directory, a volume of a provisioner that makes it for root); an `fsGroup` that has no
//! effect, since kubelet never applies it to that kind of volume; a container that runs as another user than the one
//! the volume was made for.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000                      # kubelet ignores it for hostPath
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     hostPath:
//!       path: /srv/app
//!       type: DirectoryOrCreate        # made by kubelet: root:root, 0755
//! ```
//!
//! ## Use instead
//!
//! A volume to which kubelet applies `fsGroup`; where the data has to stay on the node, a claim for a PersistentVolume
//! of type `local`. When the container only reads, say so with `readOnly: true`.
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data                # of a class whose volumes take fsGroup
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Configure volume permission and ownership change policy for Pods"
//! - Kubernetes: `pkg/volume/volume_linux.go`, ChangePermissions; `pkg/volume/hostpath/host_path.go`, which has no call
//!   of it
//! - rancher/local-path-provisioner#7 and #41: `fsGroup` without effect on its hostPath volumes

use std::cell::OnceCell;

use writeway_access::{ContainerMap, FsGroupEffect, PathMap, PodMap, Tri, map_pod};
use writeway_manifest::{Container, Mount, Span, Spanned, Which};

use crate::mounted::Mounted;
use crate::writing::{errno_note, is_file, write_verdict};
use crate::{Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww201_mount_not_writable.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let trial = FsGroupTrial {
        context,
        outcome: OnceCell::new(),
    };
    let containers = context.workload.pod.containers(Which::LongRunning);
    let mounts =
        containers.flat_map(|container| container.mounts.iter().enumerate().map(move |it| (container, it)));
    mounts
        .filter_map(|(container, (index, mount))| judge(context, &trial, container, index, mount))
        .collect()
}

fn judge(
    context: &RuleContext<'_>,
    trial: &FsGroupTrial<'_>,
    container: &Container,
    index: usize,
    mount: &Mount,
) -> Option<Finding> {
    let volume = Mounted::find(context.workload, mount)?;
    if mount.read_only.is_some_and(|field| field.value) || volume.is_read_only() {
        return None;
    }
    let map = context.container_map(container)?;
    let path = path_of_mount(map, index)?;
    let verdict = write_verdict(path);
    if verdict.tri() != Tri::No {
        return None;
    }
    let verb = if is_file(path) {
        "write to"
    } else {
        "create files in"
    };
    let message = format!(
        "container `{}` cannot {verb} `{}`, where volume `{}` is mounted read-write",
        container.name.value, path.path, mount.name.value
    );
    let finding = Finding::new(
        &RULE,
        context.workload,
        message,
        mount.span,
        format!("not writable{}", errno_note(verdict)),
    )
    .in_container(&container.name)
    .because(verdict.why.iter().cloned())
    .with_help(help(trial.group_that_helps(container, index), map, path));
    let finding = volume.explain(context, finding);
    Some(explain_identity(context, container, path, finding))
}

/// What is at the mount path itself: of a mount's paths the first in the map.
fn path_of_mount(map: &ContainerMap, index: usize) -> Option<&PathMap> {
    map.paths.iter().find(|path| path.mount == Some(index))
}

/// Adds the fields that decide who the process is.
fn explain_identity(
    context: &RuleContext<'_>,
    container: &Container,
    path: &PathMap,
    mut finding: Finding,
) -> Finding {
    let pod = &context.workload.pod.security;
    if let Some(user) = container.security.run_as_user.or(pod.run_as_user) {
        finding = finding.related(context.place(user.span), format!("runs as uid {}", user.value));
    }
    if let (Some(group), FsGroupEffect::Ignored) = (&pod.fs_group, path.fs_group) {
        finding = finding.related(context.place(group.span), "has no effect on this volume");
    }
    finding
}

/// What to do; `group` is the fsGroup that is proven to help, if there is one.
fn help(group: Option<u32>, map: &ContainerMap, path: &PathMap) -> String {
    if path.read_only == Some(true) {
        return "nothing makes this mount writable; say `readOnly: true`, and write to another volume"
            .to_owned();
    }
    if let Some(group) = group {
        return format!("set `securityContext.fsGroup: {group}` on the pod: it makes this mount writable");
    }
    let who = map
        .identity
        .uid
        .map_or("the process".to_owned(), |uid| format!("uid {uid}"));
    match path.fs_group {
        FsGroupEffect::Ignored => format!(
            "`fsGroup` cannot help here: give the volume to {who} where it is made, or use one to which kubelet applies \
             `fsGroup` (for node storage a PersistentVolume of type `local`)"
        ),
        _ => format!(
            "give the volume to {who} where it is made, or say `readOnly: true` if nothing is written"
        ),
    }
}

/// What would be if the pod had an fsGroup. It is worked out once for all mounts, since an fsGroup is a group of every
/// process of the pod.
struct FsGroupTrial<'a> {
    context: &'a RuleContext<'a>,
    /// The group that was tried and the map with it; `None` when the pod has an fsGroup already.
    outcome: OnceCell<Option<(u32, PodMap)>>,
}

impl FsGroupTrial<'_> {
    fn group_that_helps(&self, container: &Container, index: usize) -> Option<u32> {
        let (group, map) = self.outcome.get_or_init(|| self.run(container)).as_ref()?;
        let map = map.containers.iter().find(|map| map.name == *container.name)?;
        let helps = write_verdict(path_of_mount(map, index)?).tri() == Tri::Yes;
        helps.then_some(*group)
    }

    /// Tries the group that a reader would choose for the container: its own, or its uid where that is root's.
    fn run(&self, container: &Container) -> Option<(u32, PodMap)> {
        if self.context.workload.pod.security.fs_group.is_some() {
            return None;
        }
        let identity = self.context.container_map(container).map(|map| &map.identity)?;
        let group = identity
            .gid
            .filter(|gid| *gid != 0)
            .or(identity.uid)
            .unwrap_or(1000);
        let mut workload = self.context.workload.clone();
        workload.pod.security.fs_group = Some(Spanned::new(i64::from(group), Span::default()));
        Some((group, map_pod(self.context.access, &workload)))
    }
}
