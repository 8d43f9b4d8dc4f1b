// SPDX-License-Identifier: Apache-2.0
//! What would be if a workload were another one: for rules whose finding is the difference.

use writeway_access::{Context, PodMap, map_pod};
use writeway_manifest::Workload;

use crate::RuleContext;

/// The map of a changed workload, of its mounts and the paths of every map.
pub(crate) fn map_mounts(context: &RuleContext<'_>, workload: &Workload) -> PodMap {
    let access = Context {
        extra_paths: &[],
        ..*context.access
    };
    map_pod(&access, workload)
}
