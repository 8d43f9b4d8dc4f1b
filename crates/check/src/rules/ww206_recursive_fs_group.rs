// SPDX-License-Identifier: Apache-2.0
//! # WW206 recursive-fs-group
//!
//! - severity: info
//! - confidence: medium
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds pods with an `fsGroup` whose claims take it, without `fsGroupChangePolicy: OnRootMismatch`: kubelet then goes
//! through every file of the volume each time a pod starts, and changes group and mode of each.
//!
//! Claims and claim templates that are mounted to be written to count; an `emptyDir` or a Secret starts small. The confidence
//! is high when the image is known to keep data there, and low when it is not known whether kubelet applies the group to the
//! volume.
//!
//! ## Why is this bad
//!
//! The start takes longer with every file, up to minutes on network storage, and the pod is `ContainerCreating` for that
//! time, without an event that says why. The walk also undoes what the program has set: a directory that was 0700 is 0770
//! after the next start.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000                      # each start goes through all files
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000
//!   fsGroupChangePolicy: OnRootMismatch
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! Keep `Always` where somebody else adds files to the volume that the pod has to be able to write to.
//!
//! ## References
//!
//! - Kubernetes: "Configure volume permission and ownership change policy for Pods"
//! - Kubernetes: `pkg/volume/volume_linux.go`, skipPermissionChange and requiresPermissionChange

use writeway_access::{FsGroupEffect, Lifetime};
use writeway_facts::knowledge::{Knowledge, Persistence, lookup};

use crate::evidence::writing::{WriteMount, write_mounts};
use crate::mount_path::is_within;
use crate::{Confidence, Correction, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww206_recursive_fs_group.rs"), run);

/// The first minor version of Kubernetes 1 that has `OnRootMismatch` by default (gate ConfigurableFSGroupPolicy).
const HAS_POLICY: u16 = 20;

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    report(context).into_iter().collect()
}

fn report(context: &RuleContext<'_>) -> Option<Finding> {
    let security = &context.workload.pod.security;
    let group = security.fs_group?;
    let policy = security.fs_group_change_policy.as_ref();
    let version = context.access.facts.kubernetes.version;
    if policy.is_some_and(|policy| policy.value == "OnRootMismatch")
        || version.is_some_and(|version| (version.major, version.minor) < (1, HAS_POLICY))
    {
        return None;
    }
    let mut walked: Vec<(WriteMount<'_>, Confidence)> = Vec::new();
    for mount in write_mounts(context) {
        let Some(confidence) = confidence(&mount) else {
            continue;
        };
        match walked
            .iter_mut()
            .find(|(known, _)| *known.mount.name == *mount.mount.name)
        {
            Some((_, known)) => *known = confidence.min(*known),
            None => walked.push((mount, confidence)),
        }
    }
    // What is only guessed is not said beside what is proven.
    let best = walked.iter().map(|(_, confidence)| *confidence).min()?;
    if best < Confidence::Low {
        walked.retain(|(_, confidence)| *confidence < Confidence::Low);
    }
    let names: Vec<_> = walked
        .iter()
        .map(|(mount, _)| format!("`{}`", mount.mount.name.value))
        .collect();
    let verb = if best == Confidence::Low { "may go" } else { "goes" };
    let message = format!(
        "kubelet {verb} through all files of {} {} at every start of the pod, to give them to group {}",
        if names.len() == 1 { "volume" } else { "volumes" },
        names.join(" and "),
        group.value
    );
    let (span, label) = match policy {
        Some(policy) => (policy.span, "at every start"),
        None => (
            group.span,
            "without `fsGroupChangePolicy`, which is `Always` then",
        ),
    };
    let finding = Finding::new(&RULE, context.workload, message, span, label)
        .with_confidence(best)
        .because(walked.iter().flat_map(|(mount, _)| {
            let steps = mount.path.create.why.iter();
            steps.filter(|step| step.contains("fsGroup")).cloned()
        }))
        .with_help(
            "set `fsGroupChangePolicy: OnRootMismatch`: kubelet then leaves a volume alone whose root directory has the group \
             and mode already",
        );
    let volumes = walked.iter().map(|(mount, _)| mount.mount.name.value.clone());
    let finding = finding.asking(Correction::GroupOnce {
        volumes: volumes.collect(),
    });
    Some(walked.iter().fold(finding, |finding, (mount, _)| {
        mount.volume.explain(context, finding)
    }))
}

/// How sure it is that kubelet walks a volume that grows; `None` when it does not.
fn confidence(mount: &WriteMount<'_>) -> Option<Confidence> {
    if !matches!(mount.path.lifetime, Lifetime::Claim | Lifetime::External) {
        return None;
    }
    match mount.path.fs_group {
        FsGroupEffect::Applied if keeps_data(mount) => Some(Confidence::High),
        FsGroupEffect::Applied => Some(Confidence::Medium),
        FsGroupEffect::Unknown => Some(Confidence::Low),
        FsGroupEffect::Ignored | FsGroupEffect::Unset => None,
    }
}

/// Whether the image is known to keep data in the mount.
fn keeps_data(mount: &WriteMount<'_>) -> bool {
    let Some(Knowledge::Known(writes)) = mount.container.image.as_ref().map(|image| lookup(image)) else {
        return false;
    };
    let data = writes
        .iter()
        .filter(|write| write.persistence == Persistence::Data);
    data.filter_map(|write| write.path)
        .any(|path| is_within(path, &mount.mount.mount_path))
}
