// SPDX-License-Identifier: Apache-2.0
//! What is reported about an inventory, as it was read or as it becomes.

use std::collections::BTreeSet;

use rayon::prelude::*;
use writeway_access::Context;
use writeway_check::{Finding, Judged, Policy, Settings, Verdict, check, check_files, judge};
use writeway_facts::Facts;
use writeway_manifest::{FileId, Inventory};
use writeway_repair::{Options, Repair, Rules, offer, repair};

use crate::baseline::KnownFindings;

/// Everything that decides about what is found and reported.
pub(super) struct Checker<'a> {
    pub(super) facts: &'a Facts,
    pub(super) settings: &'a Settings,
    pub(super) policy: Policy<'a>,
    pub(super) known: Option<&'a KnownFindings<'a>>,
}

impl Checker<'_> {
    /// What maps are made from.
    pub(super) fn context<'i>(&'i self, inventory: &'i Inventory) -> Context<'i> {
        Context {
            inventory,
            facts: self.facts,
            extra_paths: &[],
        }
    }

    /// What the rules find.
    pub(super) fn findings(&self, inventory: &Inventory) -> Vec<Finding> {
        check(&self.context(inventory), self.settings)
    }

    /// Findings, each with what becomes of it, but for the baseline.
    pub(super) fn judged(&self, inventory: &Inventory, findings: Vec<Finding>) -> Vec<Judged> {
        judge(inventory, findings, self.settings, &self.policy)
    }

    /// What is reported of that.
    pub(super) fn reported(&self, mut judged: Vec<Judged>) -> Vec<Finding> {
        if let Some(known) = self.known {
            known.hide(&mut judged);
        }
        let reported = judged
            .into_iter()
            .filter(|judged| judged.verdict == Verdict::Reported);
        reported.map(|judged| judged.finding).collect()
    }

    /// Repairs what is reported.
    pub(super) fn repair(&self, inventory: &Inventory, options: &Options, reported: &[Finding]) -> Repair {
        let reported: Vec<_> = reported.iter().collect();
        repair(&self.context(inventory), options, &reported, self)
    }

    /// Adds to what is reported the fixes that there are for it.
    pub(super) fn offer_fixes(&self, inventory: &Inventory, options: &Options, judged: &mut [Judged]) {
        let context = self.context(inventory);
        judged
            .par_iter_mut()
            .filter(|judged| judged.verdict == Verdict::Reported)
            .for_each(|judged| judged.finding.fixes = offer(&context, options, &judged.finding));
    }
}

impl Rules for Checker<'_> {
    fn find(&self, inventory: &Inventory, files: &BTreeSet<FileId>) -> Vec<Finding> {
        check_files(&self.context(inventory), self.settings, &|file| {
            files.contains(&file)
        })
    }

    fn report(&self, inventory: &Inventory, files: &BTreeSet<FileId>, found: &[Finding]) -> Vec<Finding> {
        let mut reported = self.reported(self.judged(inventory, found.to_vec()));
        // The comments and annotations of other files suppress nothing here, which is no finding.
        reported.retain(|finding| files.contains(&finding.primary.place.file));
        reported
    }
}
