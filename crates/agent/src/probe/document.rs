// SPDX-License-Identifier: Apache-2.0
//! The document that is printed: that of `writeway map --format json`, version 1, with one workload, one container, and
//! `null` or `unknown` for what a process cannot see of itself.

use serde::Serialize;

use super::identity::Identity;
use super::path::PathProbe;

#[derive(Serialize)]
pub(super) struct Document {
    version: u32,
    workloads: [Workload; 1],
}

#[derive(Serialize)]
struct Workload {
    file: Option<&'static str>,
    kind: &'static str,
    namespace: Option<String>,
    name: String,
    starts: Starts,
    containers: [Container; 1],
}

#[derive(Serialize)]
struct Starts {
    verdict: &'static str,
    why: [&'static str; 1],
}

#[derive(Serialize)]
struct Container {
    name: Option<String>,
    role: Option<&'static str>,
    identity: Identity,
    paths: Vec<PathProbe>,
}

/// Where the probe ran, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) namespace: Option<String>,
    pub(super) pod: String,
    pub(super) container: Option<String>,
}

impl Document {
    pub(super) fn new(origin: Origin, identity: Identity, paths: Vec<PathProbe>) -> Self {
        let container = Container {
            name: origin.container,
            role: None,
            identity,
            paths,
        };
        Self {
            version: 1,
            workloads: [Workload {
                file: None,
                kind: "Pod",
                namespace: origin.namespace,
                name: origin.pod,
                starts: Starts {
                    verdict: "unknown",
                    why: ["the probe runs in one container, and sees nothing of the others"],
                },
                containers: [container],
            }],
        }
    }
}
