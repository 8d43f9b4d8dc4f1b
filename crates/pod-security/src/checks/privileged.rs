// SPDX-License-Identifier: Apache-2.0
//! `privileged`: no container has every capability and the node's devices (policy/check_privileged.go).

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;

pub(super) const CHECK: Check = Check {
    id: "privileged",
    revisions: &[Revision::since(0, judge)],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    for container in subject.containers() {
        if let Some(privileged) = container.security.privileged.filter(|field| field.value) {
            setters.container(container, privileged.span, "privileged");
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "privileged",
        detail: format!(
            "{} must not set securityContext.privileged=true",
            setters.containers_phrase()
        ),
        culprits: setters.into_culprits(),
    })
}
