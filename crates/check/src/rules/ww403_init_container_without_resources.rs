// SPDX-License-Identifier: Apache-2.0
//! # WW403 init-container-without-resources
//!
//! - severity: info
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds init containers, and sidecars in `initContainers`, that have neither requests nor limits: no `resources`, or
//! an empty one.
//!
//! Nothing is said when something else gives them some: the pod's own `resources`, or a LimitRange among the inputs in
//! the workload's namespace that has defaults for containers. Main containers are left alone.
//!
//! ## Why is this bad
//!
//! The pod starts, so this is an information. But a namespace whose ResourceQuota limits `cpu` or `memory` refuses
//! the whole pod for one such container. Without limits a copy or a `chown -R` that goes wrong takes what the node has,
//! and one container without keeps the pod from the quality of service `Guaranteed` that its main containers ask for.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: copy-credentials
//!     image: busybox:1.36.1
//!     command: [cp, /source/token, /target/token]
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! initContainers:
//!   - name: copy-credentials
//!     image: busybox:1.36.1
//!     command: [cp, /source/token, /target/token]
//!     resources:
//!       requests: {cpu: 10m, memory: 16Mi}
//!       limits: {memory: 16Mi}
//! ```
//!
//! A pod asks for the most that one of its init containers or all of its main containers together ask for, so small
//! requests of an init container cost nothing. What is written to an `emptyDir` with `medium: Memory` counts as its
//! memory.
//!
//! ## References
//!
//! - Kubernetes: "Resource Management for Pods and Containers", "Limit Ranges", "Resource Quotas"
//! - Kubernetes: "Init Containers", resource sharing within containers
//! - Kubernetes: `plugin/pkg/admission/limitranger/admission.go`, mergePodResourceRequirements

use writeway_manifest::{Container, Resources, Role, Which};

use crate::evidence::footprint::footprint;
use crate::{Correction, Finding, Rule, RuleContext};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww403_init_container_without_resources.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let workload = context.workload;
    let namespace = workload.object.namespace.as_deref();
    let mut ranges = context.access.inventory.limit_ranges(namespace);
    if !is_empty(&workload.pod.resources) || ranges.any(|range| !is_empty(&range.container_defaults)) {
        return Vec::new();
    }
    let containers = workload.pod.containers(Which::Startup);
    let without = containers.filter(|container| is_empty(&container.resources));
    without.map(|container| report(context, container)).collect()
}

fn is_empty(resources: &Resources) -> bool {
    resources.requests.is_empty() && resources.limits.is_empty()
}

fn report(context: &RuleContext<'_>, container: &Container) -> Finding {
    let what = match container.role {
        Role::Sidecar => "sidecar",
        _ => "init container",
    };
    let message = format!("{what} `{}` has no resources", container.name.value);
    let (span, label) = match container.resources.span {
        Some(span) => (span, "neither requests nor limits"),
        None => (container.name.span, "has no `resources`"),
    };
    Finding::new(&RULE, context.workload, message, span, label)
        .in_container(&container.name)
        .with_help("set requests and a memory limit; 10m CPU and 16Mi are enough to copy some files")
        .asking(Correction::Resources {
            footprint: footprint(context, container),
        })
}
