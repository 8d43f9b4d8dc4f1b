// SPDX-License-Identifier: Apache-2.0
//! `allowPrivilegeEscalation`: no container gains privileges, by set-user-ID files for example
//! (policy/check_allowPrivilegeEscalation.go). Windows has none of that, which counts since 1.25.

use super::{Check, Objection, Revision, Spared};
use crate::setters::Setters;
use crate::subject::Subject;

pub(super) const CHECK: Check = Check {
    id: "allowPrivilegeEscalation",
    revisions: &[
        Revision::since(8, judge),
        Revision::since(25, judge).sparing(Spared::Windows),
    ],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    for container in subject.containers() {
        match container.security.allow_privilege_escalation {
            Some(field) if field.value => setters.container(container, field.span, "not `false`"),
            Some(_) => {}
            None => setters.lacking(container, "allowPrivilegeEscalation: false"),
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "allowPrivilegeEscalation != false",
        detail: format!(
            "{} must set securityContext.allowPrivilegeEscalation=false",
            setters.containers_phrase()
        ),
        culprits: setters.into_culprits(),
    })
}
