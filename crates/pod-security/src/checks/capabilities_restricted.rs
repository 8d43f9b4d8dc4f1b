// SPDX-License-Identifier: Apache-2.0
//! `capabilities_restricted`: every container drops `ALL` and adds at most `NET_BIND_SERVICE`
//! (policy/check_capabilities_restricted.go). Windows has none of that, which counts since 1.25.

use super::{Check, Objection, Revision, Spared, capabilities_baseline};
use crate::setters::Setters;
use crate::subject::Subject;

const REPLACED: &[&str] = &[capabilities_baseline::CHECK.id];

pub(super) const CHECK: Check = Check {
    id: "capabilities_restricted",
    revisions: &[
        Revision::since(22, judge).replacing(REPLACED),
        Revision::since(25, judge)
            .sparing(Spared::Windows)
            .replacing(REPLACED),
    ],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut keeping = Setters::default();
    for container in subject.containers() {
        let drop = &container.security.capabilities.drop;
        // A name that is not known yet may be `ALL`.
        if drop
            .iter()
            .any(|name| subject.known(name).is_none_or(|name| name == "ALL"))
        {
            continue;
        }
        keeping.lacking(container, "capabilities: {drop: [ALL]}");
    }
    let mut details = Vec::new();
    if !keeping.is_empty() {
        details.push(format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            keeping.containers_phrase()
        ));
    }
    let mut culprits = keeping.into_culprits();
    if let Some((adding, detail)) = capabilities_baseline::adding(subject, &["NET_BIND_SERVICE"]) {
        details.push(detail);
        culprits.extend(adding.into_culprits());
    }
    (!culprits.is_empty()).then(|| Objection {
        reason: "unrestricted capabilities",
        detail: details.join("; "),
        culprits,
    })
}
