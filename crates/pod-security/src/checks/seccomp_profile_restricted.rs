// SPDX-License-Identifier: Apache-2.0
//! `seccompProfile_restricted`: every container has a profile that filters, its own or the pod's
//! (policy/check_seccompProfile_restricted.go). Windows has none of that, which counts since 1.25.

use super::{Check, Objection, Revision, Spared, seccomp_profile_baseline};
use crate::setters::Setters;
use crate::subject::Subject;

const REPLACED: &[&str] = &[seccomp_profile_baseline::CHECK.id];

pub(super) const CHECK: Check = Check {
    id: "seccompProfile_restricted",
    revisions: &[
        Revision::since(19, judge).replacing(REPLACED),
        Revision::since(25, judge)
            .sparing(Spared::Windows)
            .replacing(REPLACED),
    ],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    if let Some(objection) = seccomp_profile_baseline::judge_fields(subject) {
        return Some(objection);
    }
    if subject.pod.security.seccomp_profile.is_some() {
        return None;
    }
    let mut setters = Setters::default();
    for container in subject.containers() {
        if container.security.seccomp_profile.is_none() {
            setters.lacking(container, "seccompProfile: {type: RuntimeDefault}");
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "seccompProfile",
        detail: format!(
            "pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
            setters.containers_phrase()
        ),
        culprits: setters.into_culprits(),
    })
}
