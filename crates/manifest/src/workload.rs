// SPDX-License-Identifier: Apache-2.0
//! Objects that are, or make, pods.

use std::collections::BTreeMap;
use std::sync::Arc;

use writeway_yaml::Span;

use crate::{JobSpec, ObjectRef, PersistentVolumeClaim, PodSpec, Spanned};

/// A pod and the object that makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// The object.
    pub object: ObjectRef,
    /// The pod. It is shared by the inventories of one text.
    pub pod: Arc<PodSpec>,
    /// Where the pod's spec stands in the object, e.g. `spec.template.spec`.
    pub pod_path: String,
    /// The pod was found by its shape, in a custom resource whose controller may add to it what it likes.
    pub by_shape: bool,
    /// Annotations of the pod, not of the object that makes it.
    pub pod_annotations: BTreeMap<String, Spanned<String>>,
    /// Values of the pod and its annotations that are not what their type demands, so that nobody knows them. They count
    /// as absent.
    pub unread: Vec<Span>,
    /// How often and how long the pod may try, when a Job makes it.
    pub job: Option<JobSpec>,
    /// `volumeClaimTemplates`: claims made for each pod, mounted by the template's name.
    pub claim_templates: Vec<ClaimTemplate>,
}

impl Workload {
    /// The pod, to change it: what shares it keeps the one that it has.
    pub fn pod_mut(&mut self) -> &mut PodSpec {
        Arc::make_mut(&mut self.pod)
    }
}

/// An entry of `volumeClaimTemplates`.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimTemplate {
    /// Its name, which is also that of the pod's volume.
    pub name: Spanned<String>,
    /// The claim.
    pub claim: PersistentVolumeClaim,
}

/// A kind whose pod stands at a known place.
pub(crate) struct WorkloadKind {
    /// API groups, today's first.
    groups: &'static [&'static str],
    /// `kind`.
    kind: &'static str,
    /// Path of the pod's spec.
    pub(crate) pod: &'static [&'static str],
    /// Fields that the pod's spec has beside those of PodSpec.
    pub(crate) more_fields: &'static [&'static str],
}

/// Inline fields of Knative's RevisionSpec (knative.dev/serving, pkg/apis/serving/v1/revision_types.go).
const REVISION_SPEC: &[&str] = &[
    "containerConcurrency",
    "timeoutSeconds",
    "responseStartTimeoutSeconds",
    "idleTimeoutSeconds",
];

const TEMPLATE: &[&str] = &["spec", "template", "spec"];

/// Every kind whose pod is found by its place; other custom resources are searched by shape.
const KINDS: &[WorkloadKind] = &[
    kind(&[""], "Pod", &["spec"]),
    kind(&[""], "PodTemplate", &["template", "spec"]),
    kind(&[""], "ReplicationController", TEMPLATE),
    kind(&["apps", "extensions"], "Deployment", TEMPLATE),
    kind(&["apps", "extensions"], "ReplicaSet", TEMPLATE),
    kind(&["apps", "extensions"], "DaemonSet", TEMPLATE),
    kind(&["apps"], "StatefulSet", TEMPLATE),
    kind(&["batch"], "Job", TEMPLATE),
    kind(
        &["batch"],
        "CronJob",
        &["spec", "jobTemplate", "spec", "template", "spec"],
    ),
    kind(&["argoproj.io"], "Rollout", TEMPLATE),
    kind(&["apps.openshift.io", ""], "DeploymentConfig", TEMPLATE),
    WorkloadKind {
        more_fields: REVISION_SPEC,
        ..kind(&["serving.knative.dev"], "Service", TEMPLATE)
    },
    WorkloadKind {
        more_fields: REVISION_SPEC,
        ..kind(&["serving.knative.dev"], "Configuration", TEMPLATE)
    },
    WorkloadKind {
        more_fields: REVISION_SPEC,
        ..kind(&["serving.knative.dev"], "Revision", &["spec"])
    },
];

const fn kind(
    groups: &'static [&'static str],
    kind: &'static str,
    pod: &'static [&'static str],
) -> WorkloadKind {
    WorkloadKind {
        groups,
        kind,
        pod,
        more_fields: &[],
    }
}

/// The kind's entry in the table.
pub(crate) fn workload_kind(object: &ObjectRef) -> Option<&'static WorkloadKind> {
    KINDS
        .iter()
        .find(|entry| entry.kind == object.kind && entry.groups.contains(&object.group()))
}
