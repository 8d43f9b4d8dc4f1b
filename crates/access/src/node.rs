// SPDX-License-Identifier: Apache-2.0
//! The node's settings that decide: runtime, umask, kernel, sysctls.

use writeway_facts::Facts;

use crate::version::{DEFAULT_VERSION, Version};

/// The container runtime behind kubelet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    /// containerd; also what is taken when no fact names the runtime.
    Containerd,
    /// CRI-O.
    Crio,
    /// One that this model does not know.
    Other,
}

/// What the map takes of the node.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) version: Version,
    pub(crate) runtime: Runtime,
    /// umask of container processes: runc's default is 0022 (libcontainer/rootfs_linux.go, finalizeRootfs).
    pub(crate) umask: u16,
    /// `fs.protected_regular`, when a fact states it.
    pub(crate) protected_regular: Option<i64>,
    /// Kernel major and minor version, when a fact states it.
    pub(crate) kernel: Option<(u32, u32)>,
}

impl Node {
    pub(crate) fn new(facts: &Facts) -> Self {
        let runtime = match facts.node.runtime.as_deref() {
            None => Runtime::Containerd,
            Some(name) if name.starts_with("containerd") => Runtime::Containerd,
            Some(name) if name.starts_with("cri-o") => Runtime::Crio,
            Some(_) => Runtime::Other,
        };
        let kernel = facts.node.kernel.as_deref().and_then(|text| {
            let mut numbers = text.split(|c: char| !c.is_ascii_digit());
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        });
        Self {
            version: Version::new(
                facts.kubernetes.version.unwrap_or(DEFAULT_VERSION),
                &facts.kubernetes.feature_gates,
            ),
            runtime,
            umask: facts.node.umask.map_or(0o022, |umask| umask.0),
            protected_regular: facts.node.sysctls.get("fs.protected_regular").copied(),
            kernel,
        }
    }
}
