// SPDX-License-Identifier: Apache-2.0
//! `sysctls`: only those that concern nobody but the pod (policy/check_sysctls.go).

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;

pub(super) const CHECK: Check = Check {
    id: "sysctls",
    revisions: &[
        Revision::since(0, |subject| judge(subject, 0)),
        Revision::since(27, |subject| judge(subject, 27)),
        Revision::since(29, |subject| judge(subject, 29)),
        Revision::since(32, |subject| judge(subject, 32)),
        Revision::since(37, |subject| judge(subject, 37)),
    ],
};

/// Safe sysctls, each since a minor version.
const SAFE: &[(&str, u64)] = &[
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    // kubernetes/kubernetes#138389
    ("net.ipv4.tcp_notsent_lowat", 37),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
];

fn judge(subject: &Subject<'_>, minor: u64) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut forbidden = Vec::new();
    for sysctl in &subject.pod.security.sysctls {
        let Some(name) = subject.known(sysctl) else {
            continue;
        };
        if !SAFE.iter().any(|(safe, since)| *safe == name && *since <= minor) {
            forbidden.push(name);
            setters.pod(sysctl.span, "not a safe sysctl");
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "forbidden sysctls",
        detail: forbidden.join(", "),
        culprits: setters.into_culprits(),
    })
}
