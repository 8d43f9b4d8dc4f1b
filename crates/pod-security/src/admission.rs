// SPDX-License-Identifier: Apache-2.0
//! Which policy a pod is judged by, and how it fares. What controllers make is judged by its template: the admission
//! controller only warns of a template, and refuses the pods that are made from it (admission/admission.go).

use writeway_manifest::{Inventory, Workload};

use crate::{Level, NamespacePolicy, Policy, PolicyVersion, Verdict, evaluate};

/// What is asked for, whatever namespaces say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Request {
    /// The level; without one, what the label `enforce` of the pod's Namespace says.
    pub level: Option<Level>,
    /// The version; without one, what `enforce-version` says, or latest for a level that is asked for.
    pub version: Option<PolicyVersion>,
    /// The cluster's own minor version, which is its latest.
    pub cluster_minor: Option<u64>,
}

/// How a pod fares.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission<'a> {
    /// The pod, or what makes it.
    pub workload: &'a Workload,
    /// The policy; `None` when nobody asks for a level and no Namespace among the inputs says one. The admission
    /// controller then takes its default, which is privileged unless the cluster is configured otherwise.
    pub policy: Option<Policy>,
    /// What the policy says.
    pub verdict: Verdict,
}

impl Request {
    /// Judges a workload by what is asked for, or by what its Namespace enforces.
    pub fn admit<'a>(&self, inventory: &Inventory, workload: &'a Workload) -> Admission<'a> {
        let policy = self.policy(inventory, workload);
        let verdict = policy.map(|policy| self.evaluate(workload, policy));
        Admission {
            workload,
            policy,
            verdict: verdict.unwrap_or_default(),
        }
    }

    /// Judges a workload by a policy, on the cluster.
    pub fn evaluate(&self, workload: &Workload, policy: Policy) -> Verdict {
        let version = match self.cluster_minor {
            Some(minor) => policy.version.on_cluster(minor),
            None => policy.version,
        };
        evaluate(workload, Policy { version, ..policy })
    }

    fn policy(&self, inventory: &Inventory, workload: &Workload) -> Option<Policy> {
        if let Some(level) = self.level {
            let version = self.version.unwrap_or(PolicyVersion::Latest);
            return Some(Policy { level, version });
        }
        let namespace = inventory.namespace(workload.object.effective_namespace())?;
        let enforce = NamespacePolicy::from_labels(&namespace.labels).enforce;
        enforce.level_label?;
        Some(Policy {
            version: self.version.unwrap_or(enforce.policy.version),
            ..enforce.policy
        })
    }
}
