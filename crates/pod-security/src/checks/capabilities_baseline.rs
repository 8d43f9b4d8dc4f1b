// SPDX-License-Identifier: Apache-2.0
//! `capabilities_baseline`: nothing is added to what runtimes give anyway, of which `NET_RAW` is no part
//! (policy/check_capabilities_baseline.go).

use std::collections::BTreeSet;

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::quoted;

pub(super) const CHECK: Check = Check {
    id: "capabilities_baseline",
    revisions: &[Revision::since(0, judge)],
};

const ALLOWED: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    adding(subject, ALLOWED).map(|(setters, detail)| Objection {
        reason: "non-default capabilities",
        detail,
        culprits: setters.into_culprits(),
    })
}

/// The containers that add other capabilities than these, and what is said about them.
pub(super) fn adding<'p>(subject: &Subject<'p>, allowed: &[&str]) -> Option<(Setters<'p>, String)> {
    let mut setters = Setters::default();
    let mut capabilities = BTreeSet::new();
    for container in subject.containers() {
        for capability in &container.security.capabilities.add {
            if let Some(bad) = subject.known(capability).filter(|name| !allowed.contains(name)) {
                capabilities.insert(bad);
                setters.container(container, capability.span, "adds a capability");
            }
        }
    }
    (!setters.is_empty()).then(|| {
        let detail = format!(
            "{} must not include {} in securityContext.capabilities.add",
            setters.containers_phrase(),
            quoted(capabilities)
        );
        (setters, detail)
    })
}
