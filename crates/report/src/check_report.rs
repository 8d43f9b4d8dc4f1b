// SPDX-License-Identifier: Apache-2.0
//! What there is to say after a check.

use std::path::Path;

use writeway_access::Context;
use writeway_check::{Finding, Fingerprint, Judged, Verdict, repository_path};
use writeway_clock::Clocks;
use writeway_manifest::{Inventory, Place};

use crate::{Program, Summary};

/// What a check came to; every format gets all of it.
#[derive(Debug, Clone)]
pub struct CheckReport<'a> {
    /// What was checked, and what is known of it: who wants the write maps, makes them of this.
    pub context: &'a Context<'a>,
    /// The programs that rendered some of the inputs.
    pub renderers: &'a [Program],
    /// What could not be read.
    pub unread: &'a [Unread],
    /// What was found, by file, place and code, and what becomes of it.
    pub judged: &'a [Judged],
    /// Counts over the findings that are reported.
    pub summary: Summary,
    /// The clocks, when they are to be shown.
    pub clocks: Option<&'a Clocks<'a>>,
    /// The folder in which the program runs, which CI servers take for the repository's; empty when it is not known.
    pub folder: &'a Path,
}

impl<'a> CheckReport<'a> {
    /// The report on a run, with its counts.
    pub fn new(
        context: &'a Context<'a>,
        renderers: &'a [Program],
        unread: &'a [Unread],
        judged: &'a [Judged],
    ) -> Self {
        let summary = Summary::new(
            judged,
            unread.len(),
            context.inventory.workloads().len(),
            context.inventory.files().len(),
        );
        Self {
            context,
            renderers,
            unread,
            judged,
            summary,
            clocks: None,
            folder: Path::new(""),
        }
    }

    /// The report, with clocks.
    #[must_use]
    pub fn with_clocks(mut self, clocks: Option<&'a Clocks<'a>>) -> Self {
        self.clocks = clocks;
        self
    }

    /// The report, made in a folder.
    #[must_use]
    pub fn made_in(mut self, folder: &'a Path) -> Self {
        self.folder = folder;
        self
    }

    /// The objects of all inputs.
    pub(crate) fn inventory(&self) -> &'a Inventory {
        self.context.inventory
    }

    /// What could not be read, behind its place.
    pub(crate) fn unread_text(&self, unread: &Unread) -> String {
        let at = unread
            .place
            .map(|place| self.inventory().position_text(place) + ": ");
        at.unwrap_or_default() + &unread.message
    }

    /// A file as CI servers look for it: relative to the folder, unless it is given absolutely and lies elsewhere.
    pub(crate) fn path_in_repository(&self, name: &str) -> String {
        let below = Path::new(name).strip_prefix(self.folder).ok();
        let below = below.and_then(Path::to_str).filter(|below| !below.is_empty());
        repository_path(below.unwrap_or(name))
    }

    /// The findings that are reported.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        reported(self.judged).map(|judged| &judged.finding)
    }

    /// The findings that are reported, each with its fingerprint.
    pub(crate) fn fingerprinted(&self) -> impl Iterator<Item = (&'a Finding, Fingerprint)> + use<'a> {
        reported(self.judged).map(|judged| (&judged.finding, judged.fingerprint))
    }
}

fn reported(judged: &[Judged]) -> impl Iterator<Item = &Judged> {
    judged.iter().filter(|judged| judged.verdict == Verdict::Reported)
}

/// An input, or a part of one, that could not be read, so that nothing was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Why. Without a place it names the input.
    pub message: String,
    /// Where in the inputs, as far as they could be read at all.
    pub place: Option<Place>,
}
