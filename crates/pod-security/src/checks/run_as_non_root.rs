// SPDX-License-Identifier: Apache-2.0
//! `runAsNonRoot`: kubelet starts no container as root (policy/check_runAsNonRoot.go). In a user namespace root is
//! nobody on the node, which counts since 1.35 (KEP-127).

use super::{Check, Objection, Revision, Spared};
use crate::setters::Setters;
use crate::subject::Subject;

pub(super) const CHECK: Check = Check {
    id: "runAsNonRoot",
    revisions: &[
        Revision::since(0, judge),
        Revision::since(35, judge).sparing(Spared::UserNamespaces),
    ],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let (mut allowing, mut silent) = (Setters::default(), Setters::default());
    let of_the_pod = subject.pod.security.run_as_non_root;
    if let Some(field) = of_the_pod.filter(|field| !field.value) {
        allowing.pod(field.span, "allows root");
    }
    for container in subject.containers() {
        match container.security.run_as_non_root {
            Some(field) if !field.value => allowing.container(container, field.span, "allows root"),
            Some(_) => {}
            None if of_the_pod.is_some_and(|field| field.value) => {}
            None => silent.lacking(container, "runAsNonRoot: true"),
        }
    }
    let (detail, setters) = if !allowing.is_empty() {
        let detail = format!(
            "{} must not set securityContext.runAsNonRoot=false",
            allowing.phrase()
        );
        (detail, allowing)
    } else if !silent.is_empty() {
        let detail = format!(
            "pod or {} must set securityContext.runAsNonRoot=true",
            silent.containers_phrase()
        );
        (detail, silent)
    } else {
        return None;
    };
    Some(Objection {
        reason: "runAsNonRoot != true",
        detail,
        culprits: setters.into_culprits(),
    })
}
