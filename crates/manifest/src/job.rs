// SPDX-License-Identifier: Apache-2.0
//! Jobs: how often and how long their pods may try.

use writeway_yaml::Span;

use crate::Spanned;

/// `JobSpec` (batch/v1), of a Job or of a CronJob's template: the part that bounds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JobSpec {
    /// The whole mapping.
    pub span: Span,
    /// `backoffLimit`: retries until the Job has failed; see [`Self::retries`].
    pub backoff_limit: Option<Spanned<i64>>,
    /// `backoffLimitPerIndex`: retries of each index; the limit of all is then without bound unless written.
    pub backoff_limit_per_index: Option<Spanned<i64>>,
    /// `activeDeadlineSeconds`: seconds from the Job's start until all of its pods are ended, retries included.
    pub active_deadline_seconds: Option<Spanned<i64>>,
    /// `completions`: pods that have to succeed.
    pub completions: Option<Spanned<i64>>,
    /// `parallelism`: pods that run at a time.
    pub parallelism: Option<Spanned<i64>>,
    /// `suspend`: nothing runs until somebody changes it.
    pub suspend: Option<Spanned<bool>>,
    /// `podFailurePolicy` is there: exit codes may end the Job early, or not count.
    pub pod_failure_policy: Option<Span>,
}

/// Retries of a Job without `backoffLimit` (pkg/apis/batch/v1/defaults.go, SetDefaults_Job).
const DEFAULT_BACKOFF_LIMIT: i64 = 6;

impl JobSpec {
    /// How often a failed pod is tried again until the Job has failed; `None` when each index has a limit of its own.
    pub fn retries(&self) -> Option<u32> {
        let limit = match (&self.backoff_limit, &self.backoff_limit_per_index) {
            (Some(limit), _) => limit.value,
            (None, Some(_)) => return None,
            (None, None) => DEFAULT_BACKOFF_LIMIT,
        };
        // A negative limit is refused by the API server.
        Some(u32::try_from(limit).unwrap_or(0))
    }
}
