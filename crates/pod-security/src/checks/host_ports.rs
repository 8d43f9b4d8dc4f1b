// SPDX-License-Identifier: Apache-2.0
//! `hostPorts`: no container takes a port of the node (policy/check_hostPorts.go).
//!
//! On the node's network every port of a container is one: the API server fills in `hostPort` before pods are judged
//! (pkg/apis/core/v1/defaults.go, SetDefaults_Pod; ephemeral containers have no ports).

use std::collections::BTreeSet;

use writeway_manifest::{Port, Spanned};

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::plural;

pub(super) const CHECK: Check = Check {
    id: "hostPorts",
    revisions: &[Revision::since(0, judge)],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let on_the_nodes_network = subject.pod.host_network.is_some_and(|field| field.value);
    let mut setters = Setters::default();
    // In the order of text, as Kubernetes prints them.
    let mut ports = BTreeSet::new();
    for container in subject.containers() {
        for port in &container.ports {
            if let Some(taken) = taken(port, on_the_nodes_network) {
                ports.insert(taken.value.to_string());
                setters.container(container, taken.span, "a port of the node");
            }
        }
    }
    let containers = setters.container_count();
    (!setters.is_empty()).then(|| Objection {
        reason: "hostPort",
        detail: format!(
            "{} {} {} {}",
            setters.containers_phrase(),
            plural(containers, "uses", "use"),
            plural(ports.len(), "hostPort", "hostPorts"),
            ports.into_iter().collect::<Vec<_>>().join(", ")
        ),
        culprits: setters.into_culprits(),
    })
}

/// The port of the node that a container's port takes.
fn taken(port: &Port, on_the_nodes_network: bool) -> Option<Spanned<i64>> {
    let written = port.host_port.filter(|port| port.value != 0);
    let filled_in = port
        .container_port
        .filter(|port| on_the_nodes_network && port.value != 0);
    written.or(filled_in)
}
