// SPDX-License-Identifier: Apache-2.0
//! `appArmorProfile`: the runtime's profile or one of the node, by field or by annotation
//! (policy/check_appArmorProfile.go). The field is judged in every version since Kubernetes 1.30.

use std::collections::BTreeSet;

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::{plural, quoted};

pub(super) const CHECK: Check = Check {
    id: "appArmorProfile",
    revisions: &[Revision::since(0, judge)],
};

/// Annotations of this name, with any container behind it (core/v1, annotation_key_constants.go).
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

const LABEL: &str = "not an allowed AppArmor profile";

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut types = BTreeSet::new();
    if let Some(profile) = &subject.pod.security.app_armor_profile
        && let Some(bad) = subject.unconfining(profile)
    {
        types.insert(bad);
        setters.pod(profile.profile_type.span, LABEL);
    }
    for container in subject.containers() {
        if let Some(profile) = &container.security.app_armor_profile
            && let Some(bad) = subject.unconfining(profile)
        {
            types.insert(bad);
            setters.container(container, profile.profile_type.span, LABEL);
        }
    }
    let mut who = setters.phrases();
    let mut values: Vec<String> = types.into_iter().map(str::to_owned).collect();

    let mut annotations = BTreeSet::new();
    for (key, annotation) in subject.annotations {
        if !key.starts_with(ANNOTATION) {
            continue;
        }
        if let Some(bad) = subject.known(annotation).filter(|value| !is_allowed(value)) {
            annotations.insert(format!("{key}={bad:?}"));
            setters.pod(annotation.span, LABEL);
        }
    }
    if !annotations.is_empty() {
        who.push(plural(annotations.len(), "annotation", "annotations").to_owned());
        values.extend(annotations);
    }
    (!setters.is_empty()).then(|| Objection {
        reason: plural(
            values.len(),
            "forbidden AppArmor profile",
            "forbidden AppArmor profiles",
        ),
        detail: format!(
            "{} must not set AppArmor profile type to {}",
            who.join(" and "),
            quoted(&values)
        ),
        culprits: setters.into_culprits(),
    })
}

/// Whether an annotation may say so.
fn is_allowed(value: &str) -> bool {
    value.is_empty() || value == "runtime/default" || value.starts_with("localhost/")
}
