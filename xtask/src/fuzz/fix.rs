// SPDX-License-Identifier: Apache-2.0
//! Repairs of any text: what they say and nothing else, the same bytes each time.

use anyhow::ensure;

use super::check;
use crate::repair_judge::examined;

/// Manifests, and facts behind a line of their own if there is one; safe fixes alone, and all.
pub(super) fn holds(bytes: &[u8]) -> anyhow::Result<()> {
    let Some((manifests, facts)) = check::input(bytes)? else {
        return Ok(());
    };
    for is_unsafe in [false, true] {
        let first = examined("the input", manifests, &facts, is_unsafe);
        ensure!(first.remarks.is_empty(), "{}", first.remarks.join("; "));
        let second = examined("the input", manifests, &facts, is_unsafe);
        ensure!(
            first.repaired == second.repaired,
            "two repairs of one input differ"
        );
    }
    Ok(())
}
