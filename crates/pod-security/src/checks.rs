// SPDX-License-Identifier: Apache-2.0
//! The table of checks, and what a check is (k8s.io/pod-security-admission, policy/checks.go).

mod allow_privilege_escalation;
mod app_armor_profile;
mod capabilities_baseline;
mod capabilities_restricted;
mod host_namespaces;
mod host_path_volumes;
mod host_ports;
mod host_probes_and_host_lifecycle;
mod privileged;
mod proc_mount;
mod proc_mount_restricted;
mod restricted_volumes;
mod run_as_non_root;
mod run_as_user;
mod se_linux_options;
mod seccomp_profile_baseline;
mod seccomp_profile_restricted;
mod sysctls;
mod windows_host_process;

use crate::Culprit;
use crate::subject::Subject;

/// The checks of level baseline, by id.
pub static BASELINE: [Check; 12] = [
    app_armor_profile::CHECK,
    capabilities_baseline::CHECK,
    host_namespaces::CHECK,
    host_path_volumes::CHECK,
    host_ports::CHECK,
    host_probes_and_host_lifecycle::CHECK,
    privileged::CHECK,
    proc_mount::CHECK,
    se_linux_options::CHECK,
    seccomp_profile_baseline::CHECK,
    sysctls::CHECK,
    windows_host_process::CHECK,
];

/// The checks that level restricted adds, by id.
pub static RESTRICTED: [Check; 7] = [
    allow_privilege_escalation::CHECK,
    capabilities_restricted::CHECK,
    proc_mount_restricted::CHECK,
    restricted_volumes::CHECK,
    run_as_non_root::CHECK,
    run_as_user::CHECK,
    seccomp_profile_restricted::CHECK,
];

/// A check of the Pod Security Standards.
pub struct Check {
    /// Its id in Kubernetes.
    pub id: &'static str,
    /// What it is in which version, the oldest first.
    pub(crate) revisions: &'static [Revision],
}

impl Check {
    /// The minor versions that changed the check, the one that brought it first.
    pub fn versions(&self) -> impl ExactSizeIterator<Item = u64> + use<> {
        self.revisions.iter().map(|revision| revision.since)
    }

    /// What the check is in a version; `None` before it was there.
    pub(crate) fn revision(&self, minor: u64) -> Option<&'static Revision> {
        self.revisions.iter().rfind(|revision| revision.since <= minor)
    }
}

/// A check from a version on.
pub(crate) struct Revision {
    /// The minor version of Kubernetes.
    pub(crate) since: u64,
    /// Objects to a pod, or not.
    pub(crate) judge: fn(&Subject<'_>) -> Option<Objection>,
    /// Pods that it lets pass whatever they say.
    pub(crate) spares: Spared,
    /// Checks of level baseline that this one says everything about.
    pub(crate) replaces: &'static [&'static str],
}

impl Revision {
    /// A revision for all pods, beside all other checks.
    const fn since(minor: u64, judge: fn(&Subject<'_>) -> Option<Objection>) -> Self {
        Self {
            since: minor,
            judge,
            spares: Spared::Nobody,
            replaces: &[],
        }
    }

    /// The revision, for which some pods are beyond reproach.
    const fn sparing(mut self, pods: Spared) -> Self {
        self.spares = pods;
        self
    }

    /// The revision, which replaces checks of level baseline.
    const fn replacing(mut self, checks: &'static [&'static str]) -> Self {
        self.replaces = checks;
        self
    }
}

/// Pods that a revision of a check has nothing against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spared {
    /// None.
    Nobody,
    /// Those for Windows, which has no such thing.
    Windows,
    /// Those in a user namespace, whose root is nobody on the node.
    UserNamespaces,
}

impl Spared {
    /// Whether a pod is among them.
    pub(crate) fn includes(self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Nobody => false,
            Self::Windows => subject.is_windows(),
            Self::UserNamespaces => subject.has_user_namespace(),
        }
    }
}

/// What a check has against a pod.
pub(crate) struct Objection {
    /// What it is about.
    pub(crate) reason: &'static str,
    /// Who does what.
    pub(crate) detail: String,
    /// The fields that are the cause.
    pub(crate) culprits: Vec<Culprit>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_is_in_kubernetes_order() {
        for checks in [&BASELINE[..], &RESTRICTED[..]] {
            assert!(checks.is_sorted_by(|a, b| a.id < b.id));
            for check in checks {
                assert!(check.versions().is_sorted_by(|a, b| a < b), "{}", check.id);
                assert!(check.versions().len() > 0, "{}", check.id);
            }
        }
    }

    #[test]
    fn only_checks_of_baseline_are_replaced_and_only_by_those_of_restricted() {
        let replaced = |checks: &'static [Check]| {
            let revisions = checks.iter().flat_map(|check| check.revisions);
            revisions.flat_map(|revision| revision.replaces)
        };
        assert_eq!(replaced(&BASELINE).count(), 0);
        for id in replaced(&RESTRICTED) {
            assert!(BASELINE.iter().any(|check| check.id == *id), "{id}");
        }
    }
}
