// SPDX-License-Identifier: Apache-2.0
//! `windowsHostProcess`: no container is a process of a Windows node (policy/check_windowsHostProcess.go).

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;

pub(super) const CHECK: Check = Check {
    id: "windowsHostProcess",
    revisions: &[Revision::since(0, judge)],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let label = "a process of the node";
    let mut setters = Setters::default();
    if let Some(field) = subject.pod.security.host_process.filter(|field| field.value) {
        setters.pod(field.span, label);
    }
    for container in subject.containers() {
        if let Some(field) = container.security.host_process.filter(|field| field.value) {
            setters.container(container, field.span, label);
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "hostProcess",
        detail: format!(
            "{} must not set securityContext.windowsOptions.hostProcess=true",
            setters.phrase()
        ),
        culprits: setters.into_culprits(),
    })
}
