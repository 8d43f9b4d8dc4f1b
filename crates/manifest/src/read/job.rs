// SPDX-License-Identifier: Apache-2.0
//! Reads `JobSpec`.

use super::{Reader, known};
use crate::JobSpec;
use crate::shape::Located;

/// The spec of a Job or of a CronJob's template, from the mapping that holds the pod's template.
pub(crate) fn job_spec(reader: &mut Reader, spec: &Located<'_>) -> Option<JobSpec> {
    reader.mapping(spec.node, &spec.path, known::JOB_SPEC, |fields| JobSpec {
        span: fields.span(),
        backoff_limit: fields.int32("backoffLimit"),
        backoff_limit_per_index: fields.int32("backoffLimitPerIndex"),
        active_deadline_seconds: fields.int64("activeDeadlineSeconds"),
        completions: fields.int32("completions"),
        parallelism: fields.int32("parallelism"),
        suspend: fields.bool("suspend"),
        pod_failure_policy: fields.get("podFailurePolicy").map(|node| node.span()),
    })
}
