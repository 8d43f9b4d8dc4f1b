// SPDX-License-Identifier: Apache-2.0
//! What was done and what was left: counts, and the first lines on what was left.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::log::Log;

/// How many entries that were left are named.
const NAMED: u64 = 10;

/// Numbers of entries.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Got another owner or mode.
    pub(super) changed: u64,
    /// Had both already.
    pub(super) right: u64,
    /// Directories that had to be taken to be entered.
    pub(super) taken: u64,
    /// Left: other things are mounted there.
    pub(super) mounts: u64,
    /// Left: each look found something else there.
    pub(super) changing: u64,
    /// Failed: names of files that may have others elsewhere.
    pub(super) links: u64,
    /// Failed: refused by the kernel.
    pub(super) refused: u64,
}

impl Counts {
    /// Entries that are not as asked for.
    pub(super) const fn failed(&self) -> u64 {
        self.links + self.refused
    }

    fn add(&mut self, other: &Self) {
        self.changed += other.changed;
        self.right += other.right;
        self.taken += other.taken;
        self.mounts += other.mounts;
        self.changing += other.changing;
        self.links += other.links;
        self.refused += other.refused;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changed, {} right already", self.changed, self.right)?;
        for (count, what) in [
            (self.mounts, "left on other mounts"),
            (self.changing, "left that others kept changing"),
            (self.links, "left with names that may be elsewhere"),
            (self.refused, "refused"),
            (self.taken, "directories taken for the time"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// Why an entry was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It is on another mount.
    Mount,
    /// It was something else at each look.
    Changing,
    /// It has names that were not found here.
    Links,
    /// The kernel refuses.
    Refused,
}

/// The counts of all threads.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    log: &'a Log,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    counts: Counts,
    named: u64,
    unnamed: u64,
    first_failure: Option<String>,
}

impl<'a> Tally<'a> {
    /// Nothing yet.
    pub(super) fn new(log: &'a Log) -> Self {
        Self {
            log,
            state: Mutex::default(),
        }
    }

    /// Adds what a thread counted.
    pub(super) fn add(&self, counts: &Counts) {
        self.state().counts.add(counts);
    }

    /// An entry, or some names of one, that was left; says so if not too many were before.
    pub(super) fn left(&self, left: Left, entries: u64, path: impl fmt::Display, why: impl fmt::Display) {
        let mut state = self.state();
        let counts = &mut state.counts;
        let (count, failed) = match left {
            Left::Mount => (&mut counts.mounts, false),
            Left::Changing => (&mut counts.changing, false),
            Left::Links => (&mut counts.links, true),
            Left::Refused => (&mut counts.refused, true),
        };
        *count += entries;
        let first_failure = failed && state.first_failure.is_none();
        if state.named >= NAMED && !first_failure {
            state.unnamed += 1;
            return;
        }
        let line = format!("{path}: {why}");
        if state.named < NAMED {
            state.named += 1;
            self.log.warning(format_args!("left {line}"));
        } else {
            state.unnamed += 1;
        }
        if first_failure {
            state.first_failure = Some(line);
        }
    }

    /// Says how many were left without being named; answers the counts and the first failure.
    pub(super) fn close(&self) -> (Counts, Option<String>) {
        let mut state = self.state();
        if state.unnamed > 0 {
            self.log.warning(format_args!("left {} more", state.unnamed));
        }
        (state.counts, state.first_failure.take())
    }

    /// The counts so far.
    pub(super) fn counts(&self) -> Counts {
        self.state().counts
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
