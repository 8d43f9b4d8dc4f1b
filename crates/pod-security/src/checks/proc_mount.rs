// SPDX-License-Identifier: Apache-2.0
//! `procMount`: the masks of `/proc` stay, but in a user namespace since 1.35 (policy/check_procMount_baseline.go).

use std::collections::BTreeSet;

use super::{Check, Objection, Revision, Spared};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::quoted;

pub(super) const CHECK: Check = Check {
    id: "procMount",
    revisions: &[
        Revision::since(0, judge),
        Revision::since(35, judge).sparing(Spared::UserNamespaces),
    ],
};

pub(super) fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut types = BTreeSet::new();
    for container in subject.containers() {
        let Some(proc_mount) = &container.security.proc_mount else {
            continue;
        };
        if let Some(bad) = subject.known(proc_mount).filter(|value| *value != "Default") {
            types.insert(bad);
            setters.container(container, proc_mount.span, "not `Default`");
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "procMount",
        detail: format!(
            "{} must not set securityContext.procMount to {}",
            setters.containers_phrase(),
            quoted(types)
        ),
        culprits: setters.into_culprits(),
    })
}
