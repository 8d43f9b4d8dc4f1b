// SPDX-License-Identifier: Apache-2.0
//! `seccompProfile_baseline`: whoever names a profile names one that filters: by annotation before 1.19, by field since
//! (policy/check_seccompProfile_baseline.go).

use std::collections::BTreeSet;

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::{plural, quoted};

pub(super) const CHECK: Check = Check {
    id: "seccompProfile_baseline",
    revisions: &[
        Revision::since(0, judge_annotations),
        Revision::since(19, judge_fields),
    ],
};

/// The pod's annotation, and those of containers, with the name behind (core/v1, annotation_key_constants.go).
const POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";

const LABEL: &str = "not an allowed seccomp profile";

fn judge_annotations(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut forbidden = BTreeSet::new();
    let bad = |key: &str| {
        let annotation = subject.annotations.get(key)?;
        let value = subject
            .known(annotation)
            .filter(|value| !is_allowed_annotation(value))?;
        Some((annotation.span, format!("{key}={value:?}")))
    };
    if let Some((span, shown)) = bad(POD_ANNOTATION) {
        forbidden.insert(shown);
        setters.pod(span, LABEL);
    }
    for container in subject.containers() {
        if let Some((span, shown)) = bad(&format!("{CONTAINER_ANNOTATION}{}", container.name.value)) {
            forbidden.insert(shown);
            setters.container(container, span, LABEL);
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "seccompProfile",
        detail: format!(
            "forbidden {} {}",
            plural(forbidden.len(), "annotation", "annotations"),
            forbidden.into_iter().collect::<Vec<_>>().join(", ")
        ),
        culprits: setters.into_culprits(),
    })
}

fn is_allowed_annotation(value: &str) -> bool {
    matches!(value, "runtime/default" | "docker/default") || value.starts_with("localhost/")
}

/// Objects to profiles that do not filter; a missing one is none.
pub(super) fn judge_fields(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut types = BTreeSet::new();
    if let Some(profile) = &subject.pod.security.seccomp_profile
        && let Some(bad) = subject.unconfining(profile)
    {
        types.insert(bad);
        setters.pod(profile.profile_type.span, LABEL);
    }
    for container in subject.containers() {
        if let Some(profile) = &container.security.seccomp_profile
            && let Some(bad) = subject.unconfining(profile)
        {
            types.insert(bad);
            setters.container(container, profile.profile_type.span, LABEL);
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "seccompProfile",
        detail: format!(
            "{} must not set securityContext.seccompProfile.type to {}",
            setters.phrase(),
            quoted(types)
        ),
        culprits: setters.into_culprits(),
    })
}
