// SPDX-License-Identifier: Apache-2.0
//! `hostProbesAndHostLifecycle`: kubelet asks the pod itself, and nobody else in its name
//! (policy/check_hostProbesAndhostLifecycle.go, KEP-4940).

use std::collections::BTreeSet;

use super::{Check, Objection, Revision};
use crate::setters::{Setters, containers_phrase};
use crate::subject::Subject;
use crate::wording::{plural, quoted};

pub(super) const CHECK: Check = Check {
    id: "hostProbesAndHostLifecycle",
    revisions: &[Revision::since(34, judge)],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut hosts = BTreeSet::new();
    for container in subject.containers() {
        for handler in &container.handler_hosts {
            if let Some(host) = subject.known(&handler.host).filter(|host| !host.is_empty()) {
                hosts.insert(host);
                setters.container(
                    container,
                    handler.host.span,
                    format!("a host in `{}`", handler.field),
                );
            }
        }
    }
    let containers = setters.sorted_names();
    (!setters.is_empty()).then(|| Objection {
        reason: "probe or lifecycle host",
        detail: format!(
            "{} {} {} {}",
            containers_phrase(containers.iter().copied()),
            plural(containers.len(), "uses", "use"),
            plural(hosts.len(), "probe or lifecycle host", "probe or lifecycle hosts"),
            quoted(hosts)
        ),
        culprits: setters.into_culprits(),
    })
}
