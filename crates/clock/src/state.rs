// SPDX-License-Identifier: Apache-2.0
//! What a shell knows at one point of its run, and the set of all states it may be in there.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bound::{Bound, Reason};
use crate::clocks::{Clocks, Mark};
use crate::site::Site;
use crate::value::{By, Value};

/// Decisions that are kept of one round, or behind one wait.
const MAX_DECISIONS: usize = 10;

/// Shared until it is changed. The same object is equal without a look at it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shared<T>(Arc<T>);

impl<T: Ord> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Ord> Eq for Shared<T> {}

impl<T: Ord> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Shared<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.0.cmp(&other.0)
    }
}

impl<T> std::ops::Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> Shared<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(value))
    }

    pub(crate) fn change(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

/// An exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Known(u8),
    /// A failure, but which is not known.
    NotZero,
}

/// Exit status of success.
pub(crate) const SUCCESS: Status = Status::Known(0);
/// Exit status of a command that reports a failure.
pub(crate) const FAILURE: Status = Status::Known(1);

impl Status {
    pub(crate) fn succeeded(self) -> bool {
        self == SUCCESS
    }

    pub(crate) const fn of(holds: bool) -> Self {
        if holds { SUCCESS } else { FAILURE }
    }

    pub(crate) fn negated(self) -> Self {
        Self::of(!self.succeeded())
    }
}

/// Where the shell goes next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flow {
    /// To the next command.
    Next,
    /// Out of so many loops.
    Break(u32),
    /// To the next round of the loop that is so many levels out.
    Continue(u32),
    /// Out of the function.
    Return,
    /// To its end.
    Exit,
    /// Nowhere, ever.
    Never(Reason),
}

/// Options of the shell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Options {
    /// `-e`.
    pub(crate) exit_on_error: bool,
    /// `-u`.
    pub(crate) unset_is_error: bool,
    /// `-o pipefail`.
    pub(crate) pipe_fail: bool,
}

/// How something turned out that could have turned out otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decision {
    pub(crate) site: Site,
    /// Which of the ways: 0 is success.
    pub(crate) outcome: u8,
    pub(crate) by: By,
    /// It asks the same as the wait before it.
    pub(crate) related: bool,
}

/// Decisions in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trace {
    pub(crate) decisions: Vec<Decision>,
    /// There were more of them than are kept.
    pub(crate) cut: bool,
}

impl Trace {
    pub(crate) fn push(&mut self, decision: Decision) {
        if self.decisions.len() < MAX_DECISIONS {
            self.decisions.push(decision);
        } else {
            self.cut = true;
        }
    }

    /// The decision at which two traces take different ways, when they are the same otherwise.
    fn fork(&self, other: &Self) -> Option<usize> {
        if self.decisions.len() != other.decisions.len() || self.cut != other.cut {
            return None;
        }
        let mut different = self
            .decisions
            .iter()
            .zip(&other.decisions)
            .enumerate()
            .filter(|(_, (one, two))| one != two);
        let (index, (one, two)) = different.next()?;
        (different.next().is_none() && one.site == two.site).then_some(index)
    }
}

/// What is noted behind a wait until the script does something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Watch {
    /// The wait ended without what it waited for.
    pub(crate) exhausted: bool,
    pub(crate) trace: Trace,
}

/// Something that runs in the background.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Job {
    pub(crate) started: Mark,
    pub(crate) best: Bound,
    pub(crate) worst: Bound,
}

/// Everything that decides how a script goes on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) flow: Flow,
    pub(crate) status: Status,
    pub(crate) options: Options,
    pub(crate) variables: Shared<BTreeMap<Arc<str>, Value>>,
    /// `$0` and the positional parameters.
    pub(crate) positional: Shared<Vec<Value>>,
    /// Names and numbers of functions.
    pub(crate) functions: Shared<BTreeMap<Arc<str>, usize>>,
    /// The values to which `local` variables of each function called return.
    pub(crate) locals: Shared<Vec<BTreeMap<Arc<str>, Option<Value>>>>,
    /// What was written to standard output, when something wants to know it.
    pub(crate) output: Option<Value>,
    pub(crate) jobs: Shared<Vec<Job>>,
    /// Decisions of the current round of each loop around.
    pub(crate) rounds: Vec<Shared<Trace>>,
    pub(crate) watches: Shared<BTreeMap<Site, Watch>>,
}

/// A state, and the time at which it is reached.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) key: Key,
    pub(crate) clocks: Clocks,
    /// Status of the last command substitution of the current command.
    pub(crate) substituted: Option<Status>,
}

impl State {
    pub(crate) fn runs(&self) -> bool {
        self.key.flow == Flow::Next
    }

    pub(crate) fn with(mut self, status: Status) -> Self {
        self.key.status = status;
        self
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.key.variables.change().insert(name.into(), value);
    }

    /// Notes a decision of the world, and what comes of it.
    pub(crate) fn decide(&mut self, decision: Decision, is_related: impl Fn(Site) -> bool) {
        if let Some(round) = self.key.rounds.last_mut() {
            round.change().push(Decision {
                related: false,
                ..decision
            });
        }
        self.note(decision, is_related);
    }

    /// Notes how a question was answered that nobody but the script decides.
    pub(crate) fn note(&mut self, decision: Decision, is_related: impl Fn(Site) -> bool) {
        if self.key.watches.is_empty() {
            return;
        }
        for (site, watch) in self.key.watches.change() {
            let related = is_related(*site);
            watch.trace.push(Decision { related, ..decision });
        }
    }

    /// Notes a status that something depends on, unless what decided it has just been noted.
    pub(crate) fn note_once(&mut self, decision: Decision) {
        if self.key.watches.is_empty() {
            return;
        }
        for watch in self.key.watches.change().values_mut() {
            let noted = watch.trace.decisions.last().is_some_and(|last| {
                let (own, around) = (last.site, decision.site);
                own.source > around.source
                    || (own.source == around.source && own.start >= around.start && own.end <= around.end)
            });
            if !noted {
                watch.trace.push(decision);
            }
        }
    }

    /// Forgets the readings of the clock that no variable holds.
    pub(crate) fn forget_readings(&mut self) {
        let variables = &self.key.variables;
        self.clocks.keep_readings(|mark| {
            variables
                .values()
                .any(|value| value.marks().any(|used| used == mark))
        });
    }
}

/// States with the times at which they are reached; of equal ones the times are joined.
#[derive(Debug, Clone, Default)]
pub(crate) struct States(BTreeMap<Key, Clocks>);

impl States {
    pub(crate) fn insert(&mut self, state: State) {
        match self.0.entry(state.key) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(state.clocks);
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                entry.get_mut().join(&state.clocks);
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that go on, and the others.
    pub(crate) fn split(self, first: impl Fn(&Key) -> bool) -> (Self, Self) {
        let (one, other) = self.0.into_iter().partition(|(key, _)| first(key));
        (Self(one), Self(other))
    }

    /// Drops what two states differ in when it is only how one decision was made, of which nothing came.
    pub(crate) fn reduce(self) -> Self {
        let decided = |key: &Key| {
            key.rounds.last().is_some_and(|round| !round.decisions.is_empty())
                || key
                    .watches
                    .values()
                    .any(|watch| !watch.trace.decisions.is_empty())
        };
        if self.len() < 2 || !self.0.keys().any(decided) {
            return self;
        }
        let mut groups: BTreeMap<Key, Vec<(Key, Clocks)>> = BTreeMap::new();
        for (key, clocks) in self.0 {
            groups
                .entry(without_traces(&key))
                .or_default()
                .push((key, clocks));
        }
        let mut reduced = Self::default();
        for mut group in groups.into_values() {
            while let Some((one, two, key)) = indistinct(&group) {
                let (_, clocks) = group.swap_remove(one.max(two));
                let other = &mut group[one.min(two)];
                other.0 = key;
                other.1.join(&clocks);
            }
            for (key, clocks) in group {
                reduced.insert(State {
                    key,
                    clocks,
                    substituted: None,
                });
            }
        }
        reduced
    }
}

/// States of one group that are compared pair by pair.
const MAX_COMPARED: usize = 16;

/// Two of them that differ in one decision only, and what they have in common.
fn indistinct(group: &[(Key, Clocks)]) -> Option<(usize, usize, Key)> {
    for (first, (one, _)) in group.iter().enumerate().take(MAX_COMPARED) {
        for (second, (two, _)) in group.iter().enumerate().take(MAX_COMPARED).skip(first + 1) {
            if let Some(key) = common(one, two) {
                return Some((first, second, key));
            }
        }
    }
    None
}

fn common(one: &Key, two: &Key) -> Option<Key> {
    let mut key = one.clone();
    if let (Some(round), Some(other)) = (key.rounds.last_mut(), two.rounds.last())
        && round != other
    {
        let fork = round.fork(other)?;
        round.change().decisions.remove(fork);
    }
    for (site, other) in &*two.watches {
        let own = one.watches.get(site)?;
        if own != other {
            let fork = own.trace.fork(&other.trace)?;
            let watch = key.watches.change().get_mut(site)?;
            watch.trace.decisions.remove(fork);
        }
    }
    Some(key)
}

fn without_traces(key: &Key) -> Key {
    let mut key = key.clone();
    if let Some(round) = key.rounds.last_mut() {
        *round = Shared::default();
    }
    if key
        .watches
        .values()
        .any(|watch| !watch.trace.decisions.is_empty())
    {
        for watch in key.watches.change().values_mut() {
            watch.trace = Trace::default();
        }
    }
    key
}

impl FromIterator<State> for States {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        let mut set = Self::default();
        set.extend(states);
        set
    }
}

impl Extend<State> for States {
    fn extend<I: IntoIterator<Item = State>>(&mut self, states: I) {
        for state in states {
            self.insert(state);
        }
    }
}

impl IntoIterator for States {
    type Item = State;
    type IntoIter =
        std::iter::Map<std::collections::btree_map::IntoIter<Key, Clocks>, fn((Key, Clocks)) -> State>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(key, clocks)| State {
            key,
            clocks,
            substituted: None,
        })
    }
}
