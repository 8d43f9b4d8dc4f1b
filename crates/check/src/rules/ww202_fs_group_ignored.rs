// SPDX-License-Identifier: Apache-2.0
//! # WW202 fs-group-ignored
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds volumes to which kubelet does not apply the pod's `fsGroup`, although a process that is not root is to write to
//! them: `hostPath` and NFS, also behind a claim (the default of local-path-provisioner), and CSI volumes whose driver's
//! `fsGroupPolicy` excludes them.
//!
//! That the group is ignored is proven. Whether that matters is the owner's and mode's to say: when they are not known
//! the finding is a warning; when everybody may write to the volume, so that it works for another reason, it is an
//! information. Nothing is said when the process owns the volume or is in its group, when an init container changes the
//! owner, for sockets, devices, single files and the node's own directories (such as `/etc`, `/proc`, `/var/log`), and
//! where a mount of the volume is proven not to be writable: that is WW201's, which names the group as well. A claim with
//! `readOnly: true` is an information, unless another workload of that group writes to it.
//!
//! ## Why is this bad
//!
//! `fsGroup` is the usual way to let a program write to its volume. Where it has no effect nobody says so: the pod
//! starts, and fails at its first write; or it works on this cluster, where new volumes are 0777, and not on the next.
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
//! ```
//!
//! ## Use instead
//!
//! A claim whose volumes take `fsGroup`. For local-path-provisioner annotate the claim with `volumeType: local`, or
//! its class with `defaultVolumeType: local`; a PersistentVolume that exists keeps its type.
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
//! - Kubernetes: `pkg/volume/csi/csi_mounter.go`, supportsFSGroup; `pkg/volume/hostpath/host_path.go` and
//!   `pkg/volume/nfs/nfs.go`, which have no call of ChangePermissions
//! - rancher/local-path-provisioner: `provisioner.go`, createPersistentVolumeSource

use std::collections::BTreeSet;

use writeway_access::{FsGroupEffect, PathMap, Tri};
use writeway_manifest::{Container, HostPathSource, Spanned, VolumeSource, Which};

use crate::evidence::chown::changes_of_owner;
use crate::evidence::fs_group::Ignored;
use crate::evidence::mounted::{Mounted, Source};
use crate::evidence::node_directory::is_of_the_node;
use crate::evidence::writing::{WriteMount, need_of, path_of_mount, who, write_mounts, write_verdict};
use crate::mount_path::mount_of;
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww202_fs_group_ignored.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let Some(group) = context.workload.pod.security.fs_group else {
        return Vec::new();
    };
    let mounts: Vec<WriteMount<'_>> = write_mounts(context)
        .filter(|mount| mount.path.fs_group == FsGroupEffect::Ignored)
        .collect();
    let names: BTreeSet<&str> = mounts.iter().map(|mount| mount.mount.name.as_str()).collect();
    let mut findings: Vec<Finding> = names
        .into_iter()
        .filter_map(|name| {
            let mounts = mounts.iter().filter(|mount| *mount.mount.name == name);
            written(context, group, &mounts.copied().collect::<Vec<_>>())
        })
        .collect();
    findings.extend(read_only_claims(context, group));
    findings
}

/// A volume that is mounted to be written to.
fn written(context: &RuleContext<'_>, group: Spanned<i64>, mounts: &[WriteMount<'_>]) -> Option<Finding> {
    // A mount that is proven not to be writable is WW201's or WW205's, with the same cause.
    if mounts
        .iter()
        .any(|mount| write_verdict(mount.path).tri() == Tri::No)
    {
        return None;
    }
    let volume = mounts.first()?.volume;
    if is_left_to_the_node(&volume) {
        return None;
    }
    let relies =
        |mount: &&WriteMount<'_>| !may_be_root(context, mount.container, mount) && !is_given(context, mount);
    let open = |mount: &&WriteMount<'_>| write_verdict(mount.path).tri() == Tri::Unknown;
    let unknown = mounts.iter().filter(relies).find(open);
    let it = unknown.or_else(|| mounts.iter().filter(relies).find(|mount| is_everybodys(mount)))?;
    let (container, name, path) = (&it.container.name.value, &it.mount.name.value, &it.path.path);
    let message = format!(
        "`fsGroup: {}` has no effect on volume `{name}`, which container `{container}` mounts read-write at `{path}`",
        group.value
    );
    let cause = Ignored::of(context.access, context.workload, &volume);
    let finding = Finding::new(
        &RULE,
        context.workload,
        message,
        volume.name.span,
        "kubelet does not apply the group here",
    )
    .in_container(container)
    .because(write_verdict(it.path).why.iter().cloned())
    .needing([need_of(it)])
    .with_help(cause.cure(&who(it.map)))
    .related(context.place(group.span), "has no effect on this volume")
    .related(
        context.place(it.mount.span),
        format!("mounted for {}", who(it.map)),
    );
    let finding = volume.explain_behind(context, finding);
    Some(if unknown.is_some() {
        finding
    } else {
        finding
            .with_severity(Severity::Info)
            .with_confidence(Confidence::High)
            .because(["it works since everybody may write to the volume".to_owned()])
    })
}

/// Whether an init container gives the volume to somebody, so that nobody waits for `fsGroup` to do it.
fn is_given(context: &RuleContext<'_>, mount: &WriteMount<'_>) -> bool {
    let mut inits = context.workload.pod.containers(Which::Init);
    inits.any(|init| {
        let changes = changes_of_owner(context, init);
        let mut paths = changes.iter().flat_map(|change| &change.paths);
        paths.any(|path| mount_of(init, path).is_some_and(|(given, _)| *given.name == *mount.mount.name))
    })
}

/// Whether the process is root, or may be for all that is known.
fn may_be_root(context: &RuleContext<'_>, container: &Container, mount: &WriteMount<'_>) -> bool {
    match mount.map.identity.uid {
        Some(uid) => uid == 0,
        None => {
            let pod = context.workload.pod.security.run_as_non_root;
            !container
                .security
                .run_as_non_root
                .or(pod)
                .is_some_and(|field| field.value)
        }
    }
}

/// Whether the process may write there as everybody may, not as owner or by its group.
fn is_everybodys(mount: &WriteMount<'_>) -> bool {
    let identity = &mount.map.identity;
    let PathMap {
        mode: Some(mode),
        uid: Some(owner),
        gid: Some(gid),
        ..
    } = mount.path
    else {
        return false;
    };
    let in_group = identity
        .groups
        .as_ref()
        .is_some_and(|groups| groups.contains(gid));
    write_verdict(mount.path).tri() == Tri::Yes
        && identity.uid != Some(*owner)
        && !in_group
        && mode & 0o002 != 0
}

fn is_left_to_the_node(volume: &Mounted<'_>) -> bool {
    let Source::Volume(VolumeSource::HostPath(HostPathSource { path, kind })) = volume.source else {
        return false;
    };
    let kind = kind.as_ref().map_or("", |kind| kind.as_str());
    !matches!(kind, "" | "Directory" | "DirectoryOrCreate") || is_of_the_node(path)
}

/// Claims that the pod uses read-only, so that their files stay as they are.
fn read_only_claims(context: &RuleContext<'_>, group: Spanned<i64>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for volume in &context.workload.pod.volumes {
        let VolumeSource::Claim(reference) = &volume.source else {
            continue;
        };
        let Some(read_only) = reference.read_only.filter(|field| field.value) else {
            continue;
        };
        if has_a_writer(context, &reference.claim_name, group.value) {
            continue;
        }
        let reader = context
            .workload
            .pod
            .containers(Which::LongRunning)
            .find_map(|container| {
                let map = context.container_map(container)?;
                let index = container
                    .mounts
                    .iter()
                    .position(|mount| *mount.name == *volume.name)?;
                let path = path_of_mount(map, index)?;
                let stranger = map.identity.uid.is_some_and(|uid| uid != 0) && !can_enter(map, path);
                (path.fs_group == FsGroupEffect::Ignored && stranger).then_some((container, path))
            });
        let Some((container, path)) = reader else {
            continue;
        };
        let message = format!(
            "`fsGroup: {}` has no effect on volume `{}`, since the claim is used read-only: container `{}` reads `{}` only \
             as far as its owner and mode allow",
            group.value, volume.name.value, container.name.value, path.path
        );
        let finding = Finding::new(
            &RULE,
            context.workload,
            message,
            read_only.span,
            "kubelet leaves the volume alone",
        )
        .in_container(&container.name)
        .with_severity(Severity::Info)
        .because(path.create.why.iter().cloned())
        .with_help(Ignored::ReadOnly.cure(""))
        .related(context.place(group.span), "has no effect on this volume");
        findings.push(finding);
    }
    findings
}

/// Whether the process is known to be able to list the directory.
fn can_enter(map: &writeway_access::ContainerMap, path: &PathMap) -> bool {
    let Some(mode) = path.mode else { return false };
    let bits = match (&map.identity.groups, path.gid) {
        _ if path.uid.is_some() && path.uid == map.identity.uid => mode >> 6,
        (Some(groups), Some(gid)) if groups.contains(&gid) => mode >> 3,
        _ => mode,
    };
    bits & 0o5 == 0o5
}

/// Whether another workload with the group mounts the claim read-write, so that its kubelet applies the group.
fn has_a_writer(context: &RuleContext<'_>, claim: &str, group: i64) -> bool {
    let inventory = context.access.inventory;
    let namespace = context.workload.object.namespace.as_deref();
    let users = inventory.users_of_claim(namespace, claim).iter();
    users
        .map(|user| &inventory.workloads()[user.workload].pod)
        .any(|pod| {
            pod.security.fs_group.is_some_and(|other| other.value == group)
                && pod.volumes.iter().any(|volume| match &volume.source {
                    VolumeSource::Claim(reference) => {
                        *reference.claim_name == claim
                            && !reference.read_only.is_some_and(|field| field.value)
                    }
                    _ => false,
                })
        })
}
