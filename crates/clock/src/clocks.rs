// SPDX-License-Identifier: Apache-2.0
//! The time that has passed since marks: since the start, since each loop's start, since each reading of the clock.
//!
//! Each mark has an age, which lies in a range. All marks age together, so what lay between two of them never changes;
//! it is kept, too. When a test shows how old one mark is, the others are known better as well: that is how a deadline
//! limits a loop.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bound::{Bound, Reason};
use crate::evaluation::Timing;
use crate::ledger::Ledger;
use crate::site::Site;

/// A moment that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// The script's start.
    Start,
    /// The start of the wait there.
    Wait(Site),
    /// The start of what runs at the same time as other things.
    Parallel(Site, u8),
    /// A reading of the clock there; a second one of the same place while the first is in use has another number.
    Reading(Site, u8),
}

/// A bound and what it is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cost {
    pub(crate) bound: Bound,
    pub(crate) ledger: Ledger,
}

/// The least and the most.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Range {
    pub(crate) least: Bound,
    pub(crate) most: Cost,
}

impl Cost {
    /// Of two without a limit it is the one with more that can be counted.
    fn is_longer(&self, other: &Self) -> bool {
        let counted = || self.ledger.total().cmp(&other.ledger.total());
        self.bound.compare(&other.bound).then_with(counted).is_gt()
    }
}

impl Range {
    pub(crate) fn zero() -> Self {
        Self {
            least: Bound::ZERO,
            most: Cost {
                bound: Bound::ZERO,
                ledger: Ledger::default(),
            },
        }
    }

    pub(crate) fn timing(&self) -> Timing {
        Timing {
            best: self.least.clone(),
            worst: self.most.bound.clone(),
        }
    }

    /// `more` passes, too.
    fn pass(&mut self, more: &Self) {
        self.least = self.least.plus(&more.least);
        self.most = Cost {
            bound: self.most.bound.plus(&more.most.bound),
            ledger: self.most.ledger.plus(&more.most.ledger),
        };
    }

    /// It is one or the other. Whether that is another range than before.
    pub(crate) fn join(&mut self, other: &Self) -> bool {
        let least = self.least.shorter(&other.least);
        let most = self.most.bound.longer(&other.most.bound);
        let changed = least != self.least || most != self.most.bound;
        let longer = other.most.is_longer(&self.most);
        self.least = least;
        self.most.bound = most;
        if longer {
            self.most.ledger = other.most.ledger.clone();
        }
        changed
    }

    /// Both run at the same time, and both have to end.
    pub(crate) fn both(&self, other: &Self) -> Self {
        let longer = other.most.is_longer(&self.most);
        Self {
            least: self.least.longer(&other.least),
            most: Cost {
                bound: self.most.bound.longer(&other.most.bound),
                ledger: if longer {
                    &other.most.ledger
                } else {
                    &self.most.ledger
                }
                .clone(),
            },
        }
    }
}

/// A mark's age, and its distance to the marks that are older.
#[derive(Debug, Clone, PartialEq)]
struct Age {
    age: Range,
    /// How much older these are.
    older: BTreeMap<Mark, Range>,
}

/// All marks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Clocks {
    marks: BTreeMap<Mark, Age>,
}

impl Clocks {
    /// Nothing but the start, now.
    pub(crate) fn new() -> Self {
        let mut clocks = Self {
            marks: BTreeMap::new(),
        };
        clocks.set(Mark::Start);
        clocks
    }

    /// Sets a mark now.
    pub(crate) fn set(&mut self, mark: Mark) {
        self.remove(mark);
        let older = self.marks.iter().map(|(mark, age)| (*mark, age.age.clone()));
        let older = older.collect();
        let age = Range::zero();
        self.marks.insert(mark, Age { age, older });
    }

    pub(crate) fn remove(&mut self, mark: Mark) {
        if self.marks.remove(&mark).is_some() {
            for age in self.marks.values_mut() {
                age.older.remove(&mark);
            }
        }
    }

    /// Forgets the readings of the clock that nothing refers to.
    pub(crate) fn keep_readings(&mut self, used: impl Fn(Mark) -> bool) {
        let unused: Vec<Mark> = self
            .marks
            .keys()
            .filter(|mark| matches!(mark, Mark::Reading(..)) && !used(**mark))
            .copied()
            .collect();
        for mark in unused {
            self.remove(mark);
        }
    }

    pub(crate) fn has(&self, mark: Mark) -> bool {
        self.marks.contains_key(&mark)
    }

    pub(crate) fn age(&self, mark: Mark) -> Option<&Range> {
        self.marks.get(&mark).map(|age| &age.age)
    }

    /// Whether a mark has just been set, for certain.
    pub(crate) fn is_now(&self, mark: Mark) -> bool {
        self.age(mark).is_some_and(|age| age.most.bound == Bound::ZERO)
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, range: &Range) {
        for age in self.marks.values_mut() {
            age.age.pass(range);
        }
    }

    /// It is this or another past. Whether that is another than before.
    pub(crate) fn join(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (mark, theirs) in &other.marks {
            let Some(own) = self.marks.get_mut(mark) else {
                self.marks.insert(*mark, theirs.clone());
                changed = true;
                continue;
            };
            changed |= own.age.join(&theirs.age);
            for (older, distance) in &theirs.older {
                match own.older.get_mut(older) {
                    Some(own) => changed |= own.join(distance),
                    None => {
                        own.older.insert(*older, distance.clone());
                        changed = true;
                    }
                }
            }
        }
        changed
    }

    /// So much time may have passed since every mark; what lies between them stays.
    pub(crate) fn widen(&mut self, limit: &Bound) {
        for age in self.marks.values_mut() {
            age.age.most.bound = age.age.most.bound.longer(limit);
            age.age.most.ledger = Ledger::endless();
        }
    }

    /// `mark` is younger than `limit`: a test has shown it, at `site`.
    pub(crate) fn is_younger(&mut self, mark: Mark, limit: Duration, site: Site, what: &Reason) {
        let Some(known) = self.marks.get(&mark) else {
            return;
        };
        let older = known.older.clone();
        let deadline = Range {
            least: Bound::ZERO,
            most: Cost {
                bound: Bound::Finite(limit),
                ledger: Ledger::one(site, limit, what.clone()),
            },
        };
        for (other, age) in &mut self.marks {
            let mut most = deadline.clone();
            if let Some(distance) = older.get(other) {
                let before = Range {
                    least: Bound::ZERO,
                    most: distance.most.clone(),
                };
                most.pass(&before);
            } else if let Some(distance) = age.older.get(&mark) {
                let least = distance.least.at_least();
                most.most.bound = Bound::Finite(limit.saturating_sub(least));
                most.most.ledger = Ledger::one(site, limit.saturating_sub(least), what.clone());
            }
            if most.most.bound.compare(&age.age.most.bound).is_lt() {
                age.age.most = most.most;
            }
        }
    }

    /// `mark` is at least as old as `least`.
    pub(crate) fn is_older(&mut self, mark: Mark, least: Duration) {
        let Some(known) = self.marks.get(&mark) else {
            return;
        };
        let older = known.older.clone();
        let least = Bound::Finite(least);
        for (other, age) in &mut self.marks {
            let least = if *other == mark {
                least.clone()
            } else if let Some(distance) = older.get(other) {
                least.plus(&distance.least)
            } else if let Some(distance) = age.older.get(&mark) {
                match distance.most.bound.finite() {
                    Some(most) => least.minus(most),
                    None => Bound::ZERO,
                }
            } else {
                continue;
            };
            if least.at_least() > age.age.least.at_least() {
                age.age.least = least;
            }
        }
    }
}
