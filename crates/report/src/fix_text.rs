// SPDX-License-Identifier: Apache-2.0
//! A fix in words, the same in every format for people.

use writeway_check::{Finding, Fix};

use crate::printable;

/// What the fix does, and the options that make it; without control characters.
pub(crate) fn fix_text(fix: &Fix) -> String {
    let options = fix_options(fix.in_place, fix.safe);
    printable(&format!("{} ({options})", fix.title)).into_owned()
}

/// Each fix of a finding, as a part of a text: `fix: …`.
pub(crate) fn fix_lines(finding: &Finding) -> impl Iterator<Item = String> {
    finding.fixes.iter().map(|fix| format!("fix: {}", fix_text(fix)))
}

/// The options that make a fix; sorted, those that come first ask for the least.
pub(crate) const fn fix_options(in_place: bool, safe: bool) -> &'static str {
    match (in_place, safe) {
        (true, true) => "--fix",
        (true, false) => "--fix --unsafe-fixes",
        (false, true) => "--output kustomize DIR",
        (false, false) => "--output kustomize DIR --unsafe-fixes",
    }
}
