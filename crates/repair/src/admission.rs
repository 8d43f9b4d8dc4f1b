// SPDX-License-Identifier: Apache-2.0
//! Whether Pod Security takes a pod after a change that it took before.

use writeway_access::Context;
use writeway_manifest::Workload;
use writeway_pod_security::{Level, Policy, PolicyVersion, Request, Verdict};

/// What Pod Security says of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It takes the pod as it did before.
    AsBefore,
    /// The namespace enforces a level that refuses what is new.
    Refused(String),
    /// Nobody says what the namespace enforces, and this level took the pod before.
    LosesLevel(Level),
}

/// Compares a pod with what becomes of it.
pub(crate) fn compare(context: &Context<'_>, before: &Workload, after: &Workload) -> Admission {
    let request = Request {
        cluster_minor: context
            .facts
            .kubernetes
            .version
            .map(|version| version.minor.into()),
        ..Request::default()
    };
    let enforced = request.admit(context.inventory, before);
    let Some(policy) = enforced.policy else {
        return without_level(&request, before, after);
    };
    match new_refusal(&enforced.verdict, &request.evaluate(after, policy)) {
        Some(why) => Admission::Refused(format!(
            "Pod Security level {policy} of the namespace refuses it: {why}"
        )),
        None => Admission::AsBefore,
    }
}

fn without_level(request: &Request, before: &Workload, after: &Workload) -> Admission {
    let loses = |level| {
        let policy = Policy {
            level,
            version: PolicyVersion::Latest,
        };
        let before = request.evaluate(before, policy);
        before.admitted() == Some(true) && request.evaluate(after, policy).admitted() != Some(true)
    };
    match [Level::Baseline, Level::Restricted]
        .into_iter()
        .find(|level| loses(*level))
    {
        Some(level) => Admission::LosesLevel(level),
        None => Admission::AsBefore,
    }
}

/// What is refused now and was not before.
fn new_refusal(before: &Verdict, after: &Verdict) -> Option<String> {
    let known = |check| before.refusals.iter().any(|refusal| refusal.check == check);
    let new = after.refusals.iter().find(|refusal| !known(refusal.check))?;
    Some(format!("{} ({})", new.reason, new.detail))
}
