// SPDX-License-Identifier: Apache-2.0
//! `runAsUser`: nobody asks for uid 0 (policy/check_runAsUser.go). In a user namespace uid 0 is nobody on the node, which
//! counts since 1.35 (KEP-127).

use super::{Check, Objection, Revision, Spared};
use crate::setters::Setters;
use crate::subject::Subject;

pub(super) const CHECK: Check = Check {
    id: "runAsUser",
    revisions: &[
        Revision::since(23, judge),
        Revision::since(35, judge).sparing(Spared::UserNamespaces),
    ],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    if let Some(field) = subject.pod.security.run_as_user.filter(|user| user.value == 0) {
        setters.pod(field.span, "root");
    }
    for container in subject.containers() {
        if let Some(field) = container.security.run_as_user.filter(|user| user.value == 0) {
            setters.container(container, field.span, "root");
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "runAsUser=0",
        detail: format!("{} must not set runAsUser=0", setters.phrase()),
        culprits: setters.into_culprits(),
    })
}
