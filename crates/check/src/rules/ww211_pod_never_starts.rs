// SPDX-License-Identifier: Apache-2.0
//! # WW211 pod-never-starts
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds what keeps a pod from starting, a finding for each cause: what the API server refuses, what kubelet or the
//! container runtime cannot do, and init containers that always fail.
//!
//! Among the causes are a pod-level `runAsGroup` without `runAsUser` on containerd, `runAsNonRoot` for an image that
//! runs as root or as a user without a number, ids that a user namespace (`hostUsers: false`) does not map, file modes
//! above 0777, mounts of what is no volume, volume types that Kubernetes has no more, and keys that a Secret or
//! ConfigMap does not have.
//!
//! The confidence is medium where something else may change it: an object that the pod waits for, the controller of a
//! custom resource, or the container runtime when no fact names it and another one would start the pod. It is medium,
//! too, for `runAsNonRoot` with an official image that is known to run as root though no fact says so. Containers
//! without an image are left out, for they are part of a patch. Modes that were written in the wrong base are WW210's.
//! Nothing is said of a missing key of a Secret that a Role of the namespace lets its holders change by name: somebody is
//! to add it, and the pod is meant to wait.
//!
//! ## Why is this bad
//!
//! Nothing else matters about a pod that never runs. Few of these causes are seen before: `kubectl apply` takes the
//! Deployment, and the error stands in the events of a pod, or in the status of a ReplicaSet.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsGroup: 3000                   # containerd: user group is specified without user
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   runAsGroup: 3000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//! ```
//!
//! ## References
//!
//! - Kubernetes: `pkg/apis/core/validation/validation.go`; `pkg/kubelet/kuberuntime/security_context_others.go`,
//!   verifyRunAsNonRoot; `pkg/kubelet/userns/userns_manager.go`
//! - containerd: `internal/cri/util/util.go`, GenerateUserString
//! - Kubernetes: "User Namespaces", on the ids that a pod may have

use std::cell::OnceCell;

use writeway_access::{Cause, Context, Stop, Tri, map_pod};
use writeway_manifest::{Container, Span, Spanned, VolumeSource, Which};

use crate::evidence::known_config::{is_known_to_have_no_user, map_with_known_configs};
use crate::evidence::modes::is_misread;
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww211_pod_never_starts.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let starts = &context.map.starts;
    if is_partial(context) {
        return Vec::new();
    }
    if starts.verdict != Tri::No {
        return root_images(context);
    }
    let runtime = RuntimeTrial {
        context,
        outcome: OnceCell::new(),
    };
    let causes = starts
        .causes
        .iter()
        .filter(|cause| !is_misread(context, context.workload, cause.span));
    causes
        .filter_map(|cause| report(context, cause, &runtime))
        .collect()
}

/// Official images that are known to run as root, though no fact says so, in containers that must not.
fn root_images(context: &RuleContext<'_>) -> Vec<Finding> {
    let pod = &context.workload.pod;
    let refused = |container: &Container| {
        let security = &container.security;
        let non_root = security.run_as_non_root.or(pod.security.run_as_non_root);
        non_root.is_some_and(|field| field.value)
            && security.run_as_user.or(pod.security.run_as_user).is_none()
            && container
                .image
                .as_ref()
                .is_some_and(|image| is_known_to_have_no_user(image))
    };
    if !pod.containers(Which::Regular).any(refused) {
        return Vec::new();
    }
    let Some(map) = map_with_known_configs(context).filter(|map| map.starts.verdict == Tri::No) else {
        return Vec::new();
    };
    let runtime = RuntimeTrial {
        context,
        outcome: OnceCell::new(),
    };
    let mut causes = map.starts.causes;
    causes.retain(|cause| cause.stop.is_some() && is_run_as_non_root(context, cause.span));
    let findings = causes.iter().filter_map(|cause| report(context, cause, &runtime));
    findings
        .map(|finding| {
            finding
                .with_confidence(Confidence::Medium)
                .because(["the Dockerfile of this official image names no user".to_owned()])
        })
        .collect()
}

/// Whether this is a part of a pod, to be merged with the rest: every container of a pod has an image.
fn is_partial(context: &RuleContext<'_>) -> bool {
    let mut containers = context.workload.pod.containers(Which::All);
    containers.any(|container| container.image.is_none())
}

fn report(context: &RuleContext<'_>, cause: &Cause, runtime: &RuntimeTrial<'_>) -> Option<Finding> {
    let workload = context.workload;
    let (label, consequence) = match cause.stop? {
        Stop::Refused => (
            "refused by the API server",
            format!(
                "the API server refuses the whole {}, so that nothing of it is created",
                workload.object.kind
            ),
        ),
        Stop::Waits => (
            "what the pod waits for",
            "kubelet tries again and again, and starts the pod once this has changed".to_owned(),
        ),
        Stop::Fails => (
            "what fails",
            "the pod is created, and fails each time it is tried".to_owned(),
        ),
    };
    let message = format!("the pod never starts: {}", cause.why);
    let mut finding = Finding::new(&RULE, workload, message, cause.span, label)
        .because([consequence])
        .with_confidence(confidence(context, cause, runtime));
    if let Some(container) = container_around(context, cause.span) {
        finding = finding
            .in_container(&container.name)
            .related(context.place(container.name.span), "in this container");
    }
    finding.help = help(context, cause);
    Some(explain(context, cause, finding))
}

fn confidence(context: &RuleContext<'_>, cause: &Cause, runtime: &RuntimeTrial<'_>) -> Confidence {
    let waits = cause.stop == Some(Stop::Waits);
    if waits || context.workload.by_shape || !runtime.stops_everywhere(cause) {
        Confidence::Medium
    } else {
        Confidence::High
    }
}

fn container_around<'a>(context: &RuleContext<'a>, span: Span) -> Option<&'a Container> {
    let mut containers = context.workload.pod.containers(Which::All);
    containers.find(|container| container.span.contains(span))
}

/// Points at the fields that take part beside the one at fault.
fn explain(context: &RuleContext<'_>, cause: &Cause, finding: Finding) -> Finding {
    let pod = &context.workload.pod;
    if is_id(context, cause.span)
        && let Some(field) = pod.host_users.filter(|field| !field.value)
    {
        return finding.related(context.place(field.span), "a user namespace has 65536 ids");
    }
    if is_run_as_non_root(context, cause.span) {
        let own = container_around(context, cause.span).and_then(|container| container.security.run_as_user);
        if let Some(user) = own.or(pod.security.run_as_user) {
            return finding.related(context.place(user.span), format!("runs as uid {}", user.value));
        }
    }
    finding
}

/// What to do, where the field at fault tells.
fn help(context: &RuleContext<'_>, cause: &Cause) -> Option<String> {
    let pod = &context.workload.pod;
    let is_at = |field: Option<Spanned<i64>>| field.is_some_and(|field| field.span == cause.span);
    let volume = pod.volumes.iter().find(|volume| volume.name.span == cause.span);
    let text = if let Some(VolumeSource::Removed(_)) = volume.map(|volume| &volume.source) {
        "mount a claim whose volume a CSI driver of that storage provides"
    } else if let Some(VolumeSource::GitRepo) = volume.map(|volume| &volume.source) {
        "let an init container clone the repository into an `emptyDir`"
    } else if is_at(pod.security.run_as_group) && pod.security.run_as_user.is_none() {
        "set `runAsUser` beside it, or `runAsGroup` in the containers instead"
    } else if is_run_as_non_root(context, cause.span) {
        "set `runAsUser` to the uid, other than 0, that the image is made for"
    } else if is_id(context, cause.span) && pod.host_users.is_some_and(|field| !field.value) {
        "choose ids up to 65535, or leave out `hostUsers: false`"
    } else if cause.stop == Some(Stop::Waits) {
        "create what is missing, or change this field"
    } else {
        return None;
    };
    Some(text.to_owned())
}

fn is_run_as_non_root(context: &RuleContext<'_>, span: Span) -> bool {
    let pod = &context.workload.pod;
    let containers = pod.containers(Which::All);
    let fields = containers.filter_map(|container| container.security.run_as_non_root);
    fields
        .chain(pod.security.run_as_non_root)
        .any(|field| field.span == span)
}

fn is_id(context: &RuleContext<'_>, span: Span) -> bool {
    let pod = &context.workload.pod;
    let containers = pod.containers(Which::All);
    let of_containers = containers.flat_map(|container| {
        let security = &container.security;
        security.run_as_user.into_iter().chain(security.run_as_group)
    });
    let security = &pod.security;
    of_containers
        .chain(security.run_as_user)
        .chain(security.run_as_group)
        .chain(security.fs_group)
        .chain(security.supplemental_groups.iter().copied())
        .any(|id| id.span == span)
}

/// What would be with a runtime that is not known. It is tried only where no fact names the runtime.
struct RuntimeTrial<'a> {
    context: &'a RuleContext<'a>,
    /// The places that keep the pod from starting then, too; `None` when the runtime is known.
    outcome: OnceCell<Option<Vec<Span>>>,
}

impl RuntimeTrial<'_> {
    fn stops_everywhere(&self, cause: &Cause) -> bool {
        match self.outcome.get_or_init(|| self.run()) {
            Some(places) => places.contains(&cause.span),
            None => true,
        }
    }

    fn run(&self) -> Option<Vec<Span>> {
        let access = self.context.access;
        if access.facts.node.runtime.is_some() {
            return None;
        }
        let mut facts = access.facts.clone();
        facts.node.runtime = Some("unknown".to_owned());
        let context = Context {
            facts: &facts,
            ..*access
        };
        let starts = map_pod(&context, self.context.workload).starts;
        let stopped = starts.verdict == Tri::No;
        let places = starts.causes.iter().map(|cause| cause.span);
        Some(places.filter(|_| stopped).collect())
    }
}
