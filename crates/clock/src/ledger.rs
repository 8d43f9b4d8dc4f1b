// SPDX-License-Identifier: Apache-2.0
//! What a duration is made of, step by step.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use writeway_shell::Span;

use crate::bound::{Bound, Reason};
use crate::evaluation::{Group, Step, Steps};
use crate::site::Site;

/// Different steps that are kept; beyond that only the sum is known.
const MAX_STEPS: usize = 64;

/// How often each thing that takes time was done.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ledger {
    entries: Arc<BTreeMap<(Site, Duration), Entry>>,
    /// What goes round without a limit has no steps that could be counted.
    endless: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    what: Reason,
    times: u64,
}

impl Ledger {
    pub(crate) fn one(site: Site, each: Duration, what: Reason) -> Self {
        let entry = Entry { what, times: 1 };
        Self {
            entries: Arc::new(BTreeMap::from([((site, each), entry)])),
            endless: false,
        }
    }

    /// Of what goes round without a limit.
    pub(crate) fn endless() -> Self {
        Self {
            endless: true,
            ..Self::default()
        }
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        if self.endless || other.endless {
            return Self::endless();
        }
        if other.entries.is_empty() {
            return self.clone();
        }
        if self.entries.is_empty() {
            return other.clone();
        }
        let mut sum = self.clone();
        let entries = Arc::make_mut(&mut sum.entries);
        for (key, theirs) in &*other.entries {
            let full = entries.len() >= MAX_STEPS;
            match entries.get_mut(key) {
                Some(entry) => entry.times = entry.times.saturating_add(theirs.times),
                None if full => {}
                None => {
                    entries.insert(*key, theirs.clone());
                }
            }
        }
        sum
    }

    /// The sum of all steps.
    pub(crate) fn total(&self) -> Duration {
        let each = self
            .entries
            .iter()
            .map(|((_, each), entry)| Bound::Finite(*each).times(entry.times).at_least());
        each.fold(Duration::ZERO, Duration::saturating_add)
    }

    /// How often what stands at `site` was done.
    pub(crate) fn times(&self, site: Site) -> u64 {
        let entries = self.entries.iter().filter(|((own, _), _)| *own == site);
        entries.map(|(_, entry)| entry.times).sum()
    }

    /// What the steps at a site take, when it is always the same.
    pub(crate) fn each(&self, site: Site) -> Option<Duration> {
        let mut entries = self.entries.keys().filter(|(own, _)| *own == site);
        let (_, each) = entries.next()?;
        entries.next().is_none().then_some(*each)
    }

    /// What is slept in a round, `self`, when it is the same in all rounds.
    pub(crate) fn interval(&self, all: &Self) -> Option<Duration> {
        let mut sum = Duration::ZERO;
        for ((site, each), entry) in &*self.entries {
            if &*entry.what == "sleep" {
                all.each(*site).filter(|_| entry.times == 1)?;
                sum = sum.saturating_add(*each);
            }
        }
        Some(sum).filter(|sum| !sum.is_zero())
    }

    /// The steps that take time, those that are done equally often together.
    pub(crate) fn steps(&self, span: impl Fn(Site) -> Option<Span>) -> Steps {
        let mut groups: Vec<Group> = Vec::new();
        for ((site, each), entry) in &*self.entries {
            if each.is_zero() {
                continue;
            }
            let step = Step {
                what: entry.what.to_string(),
                each: *each,
                span: span(*site),
            };
            match groups.iter_mut().find(|group| group.times == entry.times) {
                Some(group) => group.steps.push(step),
                None => groups.push(Group {
                    times: entry.times,
                    steps: vec![step],
                }),
            }
        }
        Steps { groups }
    }
}
