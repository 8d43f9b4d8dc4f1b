// SPDX-License-Identifier: Apache-2.0
//! What no manifest says about time.

use std::time::Duration;

/// What is taken for granted about a cluster and about those who release to it. All of it is configured; what was
/// counted in is named in every result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumptions {
    /// How long it may take from the creation of a pod to kubelet's start of it, at worst.
    ///
    /// 10 s without configuration: twice what Kubernetes promises for pods that fit on a node
    /// (kubernetes/community, sig-scalability/slos/pod_startup_latency.md: 5 s in 99 % of the cases).
    pub scheduling: Duration,
    /// How long the pull of one image may take, at worst.
    ///
    /// 60 s without configuration: a tool image of 250 MB at 5 MB/s, with 10 s to spare for the registry and unpacking.
    pub image_pull: Duration,
    /// What `helm --timeout` is given where no HelmRelease of the inputs says it; not known without configuration.
    pub helm_timeout: Option<Duration>,
    /// How long a whole release may take, e.g. the time limit of the pipeline that runs `helm`; nothing is known about it
    /// without configuration.
    pub release_timeout: Option<Duration>,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            scheduling: Duration::from_secs(10),
            image_pull: Duration::from_secs(60),
            helm_timeout: None,
            release_timeout: None,
        }
    }
}
