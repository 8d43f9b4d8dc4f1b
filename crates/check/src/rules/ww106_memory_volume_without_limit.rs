// SPDX-License-Identifier: Apache-2.0
//! # WW106 memory-volume-without-limit
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds `emptyDir` volumes with `medium: Memory` that nothing limits, and such that may grow beyond what their writers
//! may use: without a `sizeLimit` while a container that can write to it has no memory limit; or with a `sizeLimit`
//! greater than the memory limits of all containers that can write to it together.
//!
//! A container's limit may also come from the pod's own `resources`, or from a LimitRange among the inputs. Since there
//! may be one that is not among them, the confidence is medium where no limit is seen.
//!
//! ## Why is this bad
//!
//! Files in such a volume are memory of the container that wrote them. Without any limit a program that fills its
//! directory for temporary files takes the memory of the node, and the kernel or kubelet ends pods that did nothing
//! wrong. With a memory limit below the `sizeLimit` the container is killed before the volume is full: what should have
//! been "no space left on device" is exit code 137.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: web
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: tmp
//!         mountPath: /tmp
//! volumes:
//!   - name: tmp
//!     emptyDir:
//!       medium: Memory
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: web
//!     image: ghcr.io/acme/app:1.2
//!     resources:
//!       limits: {memory: 512Mi}        # what the program needs, and the volume
//!     volumeMounts:
//!       - name: tmp
//!         mountPath: /tmp
//! volumes:
//!   - name: tmp
//!     emptyDir:
//!       medium: Memory
//!       sizeLimit: 64Mi
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Volumes", emptyDir: memory-backed volumes count against the container's memory limit
//! - Kubernetes: `pkg/volume/emptydir/empty_dir.go`, calculateEmptyDirMemorySize: without a `sizeLimit` the size is the
//!   pod's memory limit, or all that the node can give

use writeway_manifest::{Container, EmptyDir, Quantity, Spanned, Volume, VolumeSource, Which};

use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww106_memory_volume_without_limit.rs"), run);

const MEMORY: &str = "memory";

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let volumes = context.workload.pod.volumes.iter();
    volumes.filter_map(|volume| judge(context, volume)).collect()
}

fn judge(context: &RuleContext<'_>, volume: &Volume) -> Option<Finding> {
    let VolumeSource::EmptyDir(source) = &volume.source else {
        return None;
    };
    let medium = source
        .medium
        .as_ref()
        .filter(|medium| *medium.value == *"Memory")?;
    let writers: Vec<_> = writers(context, volume).collect();
    if writers.is_empty() {
        return None;
    }
    match size_limit(source) {
        None => unlimited(context, volume, medium, &writers),
        Some((written, size)) => beyond(context, volume, written, size, &writers),
    }
}

/// The volume's limit; 0 is none (pkg/volume/emptydir/empty_dir.go).
fn size_limit(source: &EmptyDir) -> Option<(&Spanned<String>, Quantity)> {
    let written = source.size_limit.as_ref()?;
    let size = Quantity::parse(written)?;
    (size > Quantity::ZERO).then_some((written, size))
}

/// A container that can write to the volume.
struct Writer<'a> {
    container: &'a Container,
    /// Its memory limit, as written somewhere.
    limit: Option<&'a Spanned<String>>,
}

impl Writer<'_> {
    /// The value of its limit; none is no limit.
    fn value(&self) -> Option<Quantity> {
        let value = Quantity::parse(self.limit?)?;
        (value > Quantity::ZERO).then_some(value)
    }
}

fn writers<'a>(context: &RuleContext<'a>, volume: &'a Volume) -> impl Iterator<Item = Writer<'a>> + use<'a> {
    let inventory = context.access.inventory;
    let namespace = context.workload.object.namespace.as_deref();
    let default = inventory
        .limit_ranges(namespace)
        .find_map(|range| range.container_defaults.limits.get(MEMORY));
    let containers = context.workload.pod.containers(Which::All);
    let writing = containers.filter(|container| {
        container.mounts.iter().any(|mount| {
            *mount.name == *volume.name && !mount.read_only.is_some_and(|read_only| read_only.value)
        })
    });
    writing.map(move |container| Writer {
        container,
        limit: container.resources.limits.get(MEMORY).or(default),
    })
}

/// The pod's own limit, which all containers share.
fn pod_limit(context: &RuleContext<'_>) -> Option<Quantity> {
    let limit = context.workload.pod.resources.limits.get(MEMORY)?;
    Quantity::parse(limit).filter(|limit| *limit > Quantity::ZERO)
}

fn unlimited(
    context: &RuleContext<'_>,
    volume: &Volume,
    medium: &Spanned<String>,
    writers: &[Writer<'_>],
) -> Option<Finding> {
    if pod_limit(context).is_some() {
        return None;
    }
    let free: Vec<_> = writers.iter().filter(|writer| writer.value().is_none()).collect();
    let first = free.first()?;
    let message = format!(
        "volume `{}` is memory without a `sizeLimit`, and container `{}`, which can write to it, has no memory limit",
        volume.name.value, first.container.name.value
    );
    let mut finding = Finding::new(
        &RULE,
        context.workload,
        message,
        medium.span,
        "may take all the memory of the node",
    )
    .of_volume(&volume.name)
    .with_confidence(Confidence::Medium)
    .in_container(&first.container.name)
    .with_help("set a `sizeLimit`, and a memory limit of the container that has room for it");
    for writer in free {
        finding = finding.related(context.place(writer.container.name.span), "has no memory limit");
    }
    Some(finding)
}

fn beyond(
    context: &RuleContext<'_>,
    volume: &Volume,
    written: &Spanned<String>,
    size: Quantity,
    writers: &[Writer<'_>],
) -> Option<Finding> {
    let own = writers
        .iter()
        .map(Writer::value)
        .try_fold(Quantity::ZERO, |sum, limit| Some(sum.saturating_add(limit?)));
    let pod = pod_limit(context);
    let (limit, of_pod) = match (own, pod) {
        (Some(own), Some(pod)) => (own.min(pod), pod < own),
        (Some(own), None) => (own, false),
        (None, Some(pod)) => (pod, true),
        (None, None) => return None,
    };
    if size <= limit {
        return None;
    }
    let whose = if of_pod {
        "the pod".to_owned()
    } else {
        let names = writers
            .iter()
            .map(|writer| format!("`{}`", *writer.container.name));
        format!("container {}", names.collect::<Vec<_>>().join(" and "))
    };
    let message = format!(
        "volume `{}` may grow to {} of memory, which is more than the memory limit of {whose}",
        volume.name.value, written.value
    );
    let mut finding = Finding::new(
        &RULE,
        context.workload,
        message,
        written.span,
        "the container is killed before the volume is full",
    )
    .of_volume(&volume.name)
    .with_help("lower the `sizeLimit`, or raise the memory limit: what is in the volume counts as memory");
    if let [writer] = writers {
        finding = finding.in_container(&writer.container.name);
    }
    if of_pod && let Some(limit) = context.workload.pod.resources.limits.get(MEMORY) {
        return Some(finding.related(context.place(limit.span), "the pod's memory limit"));
    }
    for writer in writers {
        if let Some(limit) = writer.container.resources.limits.get(MEMORY) {
            let label = format!("the memory limit of `{}`", *writer.container.name);
            finding = finding.related(context.place(limit.span), label);
        }
    }
    Some(finding)
}
