// SPDX-License-Identifier: Apache-2.0
//! What came of many repairs.

use std::collections::BTreeMap;
use std::fmt;

use super::mend::{Mended, Outcome};

/// Mounts by source and outcome, and pods.
#[derive(Default)]
pub(super) struct Tally {
    mounts: BTreeMap<(&'static str, usize, String), usize>,
    safe: usize,
    with_unsafe: usize,
    refused: usize,
    pods: usize,
    whole_safe: usize,
    whole: usize,
    faults: Vec<String>,
}

impl Tally {
    pub(super) fn add(&mut self, mended: &Mended) {
        let mut counts = [0, 0, 0];
        for mount in &mended.mounts {
            let (kind, words) = match &mount.outcome {
                Outcome::Safe(remedy) => (0_usize, format!("repaired by {remedy}")),
                Outcome::Unsafe(remedy) => (1, format!("repaired by {remedy}, unsafe")),
                Outcome::Refused(why) => (2, format!("refused, {why}")),
            };
            counts[kind] += 1;
            *self.mounts.entry((mount.source, kind, words)).or_default() += 1;
        }
        let [safe, unsafe_only, refused] = counts;
        self.safe += safe;
        self.with_unsafe += safe + unsafe_only;
        self.refused += refused;
        if !mended.mounts.is_empty() {
            self.pods += 1;
            self.whole_safe += usize::from(unsafe_only + refused == 0);
            self.whole += usize::from(refused == 0);
        }
        let faults = mended.faults.iter();
        self.faults
            .extend(faults.map(|fault| format!("{}: {fault}", mended.id)));
    }

    /// Mounts that safe fixes repaired, and those that all fixes did.
    pub(super) fn repaired(&self) -> (usize, usize) {
        (self.safe, self.with_unsafe)
    }

    /// Whether every repair holds.
    pub(super) fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            safe,
            with_unsafe,
            refused,
            pods,
            ..
        } = self;
        writeln!(
            f,
            "  {} mounts of {pods} pods cannot be written to: {safe} repaired by safe fixes, {} by unsafe ones, {refused} refused",
            with_unsafe + refused,
            with_unsafe - safe,
        )?;
        writeln!(
            f,
            "  {} of these pods can write to all of their mounts after safe fixes, {} after all",
            self.whole_safe, self.whole
        )?;
        for ((source, _, words), count) in &self.mounts {
            writeln!(f, "  {count:5}  {source}: {words}")?;
        }
        for fault in &self.faults {
            writeln!(f, "  wrong: {fault}")?;
        }
        Ok(())
    }
}
