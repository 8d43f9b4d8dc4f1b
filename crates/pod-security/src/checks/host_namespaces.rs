// SPDX-License-Identifier: Apache-2.0
//! `hostNamespaces`: the pod has a network, processes and IPC of its own (policy/check_hostNamespaces.go).

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;

pub(super) const CHECK: Check = Check {
    id: "hostNamespaces",
    revisions: &[Revision::since(0, judge)],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let fields = [
        ("hostNetwork=true", subject.pod.host_network),
        ("hostPID=true", subject.pod.host_pid),
        ("hostIPC=true", subject.pod.host_ipc),
    ];
    let mut setters = Setters::default();
    let mut shared = Vec::new();
    for (name, field) in fields {
        if let Some(field) = field.filter(|field| field.value) {
            shared.push(name);
            setters.pod(field.span, "a namespace of the node");
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "host namespaces",
        detail: shared.join(", "),
        culprits: setters.into_culprits(),
    })
}
