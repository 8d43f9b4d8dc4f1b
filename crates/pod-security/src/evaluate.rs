// SPDX-License-Identifier: Apache-2.0
//! Runs the checks of a policy on a pod (k8s.io/pod-security-admission, policy/registry.go).

use writeway_manifest::Workload;

use crate::checks::{BASELINE, Check, RESTRICTED, Revision};
use crate::subject::Subject;
use crate::{Level, Policy, Refusal, Verdict};

/// What a policy says about a pod, or about the pods of a workload. A value that could not be read may be anything, so
/// that nothing is said about its pod.
pub fn evaluate(workload: &Workload, policy: Policy) -> Verdict {
    let checks = checks_of(policy);
    if !checks.is_empty() && !workload.unread.is_empty() {
        let mut unknown = workload.unread.clone();
        unknown.sort_unstable();
        unknown.dedup();
        return Verdict {
            refusals: Vec::new(),
            unknown,
        };
    }
    let subject = Subject::new(workload);
    let refusals = checks
        .into_iter()
        .filter(|(_, revision)| !revision.spares.includes(&subject))
        .filter_map(|(check, revision)| {
            let objection = (revision.judge)(&subject)?;
            Some(Refusal {
                check: check.id,
                reason: objection.reason,
                detail: objection.detail,
                culprits: objection.culprits,
            })
        })
        .collect();
    Verdict {
        refusals,
        unknown: subject.into_unknown(),
    }
}

/// The checks of a policy, in the order in which Kubernetes runs them: at level restricted those of baseline first,
/// without the ones that a stricter check replaces.
fn checks_of(policy: Policy) -> Vec<(&'static Check, &'static Revision)> {
    let minor = policy.version.minor();
    let at_version = |checks: &'static [Check]| {
        checks
            .iter()
            .filter_map(move |check| Some((check, check.revision(minor)?)))
    };
    let restricted: Vec<_> = match policy.level {
        Level::Privileged => return Vec::new(),
        Level::Baseline => Vec::new(),
        Level::Restricted => at_version(&RESTRICTED).collect(),
    };
    let replaced = |id| {
        restricted
            .iter()
            .any(|(_, revision)| revision.replaces.contains(&id))
    };
    let baseline = at_version(&BASELINE).filter(|(check, _)| !replaced(check.id));
    let mut checks: Vec<_> = baseline.collect();
    checks.extend(restricted);
    checks
}
