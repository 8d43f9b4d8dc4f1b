// SPDX-License-Identifier: Apache-2.0
//! The waits of a script, and what happens behind each: whether a wait that is exhausted is told from one that is not.

use std::collections::{BTreeMap, BTreeSet};

use writeway_shell::Span;

use crate::bound::Bound;
use crate::clocks::{Mark, Range};
use crate::evaluation::{Exhaustion, Wait, WaitKind};
use crate::ledger::Ledger;
use crate::program::Effect;
use crate::site::Site;
use crate::state::{Decision, Flow, State, States, Trace, Watch};

/// What comes first behind a wait that is more than looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// Something is done there.
    Went(Site),
    /// The script ends with status 0.
    Succeeded,
    /// The script ends with another status, or never.
    Failed,
    /// The wait is entered again.
    Again,
    /// The script ends with status 0 within the wait: without what it waits for, or with it.
    Exited(bool),
}

/// Whether a loop waits for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looked {
    Yes,
    No,
    Unknown,
}

/// What is known of one wait.
#[derive(Debug, Clone)]
struct Record {
    kind: WaitKind,
    range: Option<Range>,
    /// What it asks, by its place: the name and how long one look takes.
    probes: BTreeMap<Site, (String, Bound)>,
    /// Whom it asks.
    targets: BTreeSet<String>,
    /// The first round, step by step.
    round: Option<Ledger>,
    looked: Looked,
    /// A way leads out of it without what it waits for.
    exhausts: bool,
    circular: bool,
    /// A time limit around it, and the wait that sets it.
    limit: Option<(std::time::Duration, Site)>,
    inner: bool,
}

/// How the script went on behind a wait.
type Behind = BTreeSet<(bool, Trace, Event)>;

/// All waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waits {
    records: BTreeMap<Site, Record>,
    open: Vec<Site>,
    behind: BTreeMap<Site, Behind>,
}

impl Waits {
    /// A wait begins.
    pub(crate) fn open(&mut self, site: Site, kind: WaitKind) {
        let inner = self.open.iter().any(|around| {
            self.records
                .get(around)
                .is_some_and(|record| record.kind != WaitKind::Timeout)
        });
        self.records.entry(site).or_insert_with(|| Record {
            kind,
            range: None,
            probes: BTreeMap::new(),
            targets: BTreeSet::new(),
            round: None,
            looked: Looked::Yes,
            exhausts: false,
            circular: false,
            limit: None,
            inner,
        });
        self.open.push(site);
    }

    /// Something is asked.
    pub(crate) fn ask(&mut self, name: &str, site: Site, effect: &Effect, targets: &BTreeSet<String>) {
        let worst = effect.failure.as_ref().or(effect.success.as_ref());
        let worst = worst.map_or(Bound::ZERO, |timing| timing.worst.clone());
        for wait in &self.open {
            if let Some(record) = self.records.get_mut(wait) {
                record.targets.extend(targets.iter().cloned());
                record
                    .probes
                    .entry(site)
                    .and_modify(|(_, known)| *known = Bound::longer(known, &worst))
                    .or_insert_with(|| (name.to_owned(), worst.clone()));
            }
        }
    }

    /// Files are asked for.
    pub(crate) fn ask_files(&mut self, files: &BTreeSet<String>) {
        for wait in &self.open {
            if let Some(record) = self.records.get_mut(wait) {
                record.targets.extend(files.iter().cloned());
            }
        }
    }

    /// Whether a wait asked one of these, too.
    pub(crate) fn asks_one_of(&self, wait: Site, targets: &BTreeSet<String>) -> bool {
        self.records
            .get(&wait)
            .is_some_and(|record| !record.targets.is_disjoint(targets))
    }

    /// The script does something, or ends: what is watched comes to its end.
    pub(crate) fn event(&mut self, state: &mut State, event: Event) {
        if state.key.watches.is_empty() {
            return;
        }
        for (site, watch) in std::mem::take(state.key.watches.change()) {
            let event = match event {
                // A function that is called once more waits for something else; a round is another try.
                Event::Went(next) if next == site && !state.key.rounds.is_empty() => Event::Again,
                event => event,
            };
            self.behind
                .entry(site)
                .or_default()
                .insert((watch.exhausted, watch.trace, event));
        }
    }

    /// The script ends.
    pub(crate) fn finish(&mut self, state: &mut State) {
        let succeeded = !matches!(state.key.flow, Flow::Never(_)) && state.key.status.succeeded();
        self.event(
            state,
            if succeeded {
                Event::Succeeded
            } else {
                Event::Failed
            },
        );
    }

    /// Watches what happens behind a wait.
    pub(crate) fn watch(&mut self, site: Site, state: &mut State, exhausted: bool) {
        if let Some(record) = self.records.get_mut(&site) {
            record.exhausts |= exhausted;
        }
        let watch = Watch {
            exhausted,
            trace: Trace::default(),
        };
        state.key.watches.change().insert(site, watch);
    }

    /// Notes how long a wait took.
    pub(crate) fn took(&mut self, site: Site, state: &State) {
        let (Some(record), Some(age)) = (self.records.get_mut(&site), state.clocks.age(Mark::Wait(site)))
        else {
            return;
        };
        match &mut record.range {
            Some(range) => {
                range.join(age);
            }
            unset @ None => *unset = Some(age.clone()),
        }
    }

    /// A loop has been left on all its ways.
    pub(crate) fn loop_ends(&mut self, site: Site, looked: Looked, round: Option<Ledger>, circular: bool) {
        self.open.pop();
        if let Some(record) = self.records.get_mut(&site) {
            record.looked = looked;
            record.round = record.round.take().or(round);
            record.circular |= circular;
        }
    }

    /// A program that waits has ended in these ways.
    pub(crate) fn close(&mut self, site: Site, ends: States, exhausted: impl Fn(&State) -> bool) -> States {
        self.open.pop();
        let mut after = States::default();
        for mut end in ends {
            self.took(site, &end);
            end.clocks.remove(Mark::Wait(site));
            let exhausted = exhausted(&end);
            self.watch(site, &mut end, exhausted);
            after.insert(end);
        }
        after
    }

    /// Waits of scripts with these numbers are cut off by the wait at `site`.
    pub(crate) fn limit(&mut self, sources: impl Fn(u32) -> bool, limit: std::time::Duration, site: Site) {
        for (inner, record) in &mut self.records {
            if *inner != site && sources(inner.source) && record.limit.is_none_or(|(known, _)| limit < known)
            {
                record.limit = Some((limit, site));
            }
        }
    }

    /// What is known of all waits, by their place.
    pub(crate) fn report(&self, span: impl Fn(Site) -> Option<Span>) -> Vec<Wait> {
        let mut waits = Vec::new();
        for (site, record) in &self.records {
            let Some(range) = &record.range else { continue };
            // A program within a loop is the loop's probe.
            if record.inner && record.kind == WaitKind::Program {
                continue;
            }
            let mut timing = range.timing();
            if let Some((limit, _)) = record.limit {
                timing.worst = timing.worst.cut(limit);
            }
            let exhausted = match record.limit {
                Some((_, around)) => self.exhaustion(around, &span),
                None => self.exhaustion(*site, &span),
            };
            let kind = match record.looked {
                Looked::No => WaitKind::Pause,
                Looked::Yes | Looked::Unknown => record.kind,
            };
            let ledger = &range.most.ledger;
            let attempts = record.probes.keys().map(|probe| ledger.times(*probe)).max();
            let attempts = attempts.filter(|_| !record.circular);
            let probe = match record.probes.len() {
                1 => record.probes.values().next().map(|(_, worst)| worst.clone()),
                _ => None,
            };
            let mut probes: Vec<String> = record.probes.values().map(|(name, _)| name.clone()).collect();
            probes.dedup();
            waits.push(Wait {
                span: span(*site),
                kind,
                attempts: attempts.filter(|attempts| *attempts > 0),
                interval: record.round.as_ref().and_then(|round| round.interval(ledger)),
                probe,
                probes,
                timing,
                worst_steps: ledger.steps(&span),
                exhausted,
            });
        }
        waits
    }

    fn exhaustion(&self, site: Site, span: &impl Fn(Site) -> Option<Span>) -> Exhaustion {
        let Some(record) = self.records.get(&site) else {
            return Exhaustion::Unknown("the wait is not followed".into());
        };
        match record.looked {
            Looked::No => return Exhaustion::Unknown("there is nothing it waits for".into()),
            Looked::Unknown => {
                return Exhaustion::Unknown("too much is decided in one round to follow all of it".into());
            }
            Looked::Yes => {}
        }
        let unlimited = match &record.range {
            Some(range) => matches!(range.most.bound, Bound::Unbounded(_)),
            None => false,
        };
        if !record.exhausts {
            return if unlimited {
                Exhaustion::Never
            } else {
                Exhaustion::Unknown("it is not known how it ends without what it waits for".into())
            };
        }
        let Some(behind) = self.behind.get(&site) else {
            return Exhaustion::Unknown("what comes behind it is not followed".into());
        };
        let satisfied: BTreeSet<(Vec<(Site, u8)>, Event)> = behind
            .iter()
            .filter(|(exhausted, ..)| !exhausted)
            .map(|(_, trace, event)| (plain(trace), *event))
            .collect();
        let ways: Vec<Way<'_>> = behind
            .iter()
            .filter(|(exhausted, ..)| *exhausted)
            .map(|(_, trace, event)| Way {
                rest: &trace.decisions,
                cut: trace.cut,
                event: *event,
                as_if: satisfied.contains(&(plain(trace), *event)),
            })
            .collect();
        match judge(&ways) {
            Verdict::Fails => Exhaustion::Fails,
            Verdict::Handled => Exhaustion::Handled,
            Verdict::Unknown => {
                Exhaustion::Unknown("too much is decided behind it to follow all of it".into())
            }
            Verdict::GoesOn(next) => Exhaustion::FallsThrough {
                next: next.and_then(span),
            },
        }
    }
}

fn plain(trace: &Trace) -> Vec<(Site, u8)> {
    let decisions = trace.decisions.iter();
    decisions
        .map(|decision| (decision.site, decision.outcome))
        .collect()
}

/// A way from an exhausted wait to the first event.
#[derive(Clone, Copy)]
struct Way<'t> {
    rest: &'t [Decision],
    cut: bool,
    event: Event,
    /// It is also taken behind a wait that was not exhausted.
    as_if: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    Fails,
    Handled,
    GoesOn(Option<Site>),
    Unknown,
}

/// What becomes of all ways from one decision on.
fn judge(ways: &[Way<'_>]) -> Verdict {
    let mut verdicts = Vec::new();
    let mut groups: BTreeMap<Site, BTreeMap<u8, Vec<Way<'_>>>> = BTreeMap::new();
    let mut related = BTreeSet::new();
    for way in ways {
        match way.rest.split_first() {
            None => verdicts.push(match way.event {
                _ if way.cut => Verdict::Unknown,
                Event::Failed => Verdict::Fails,
                Event::Again => Verdict::Handled,
                Event::Went(site) if way.as_if => Verdict::GoesOn(Some(site)),
                Event::Succeeded if way.as_if => Verdict::GoesOn(None),
                Event::Went(_) | Event::Succeeded | Event::Exited(_) => Verdict::Handled,
            }),
            Some((first, rest)) => {
                if first.related {
                    related.insert(first.site);
                }
                let group = groups.entry(first.site).or_default();
                group.entry(first.outcome).or_default().push(Way { rest, ..*way });
            }
        }
    }
    for (site, outcomes) in groups {
        let inner: Vec<Verdict> = outcomes.values().map(|ways| judge(ways)).collect();
        // It looks again, and fails if it is still not there.
        let checks = related.contains(&site) && inner.len() > 1 && inner.contains(&Verdict::Fails);
        let goes_on = inner.iter().any(|verdict| *verdict != Verdict::Fails);
        verdicts.push(if checks && goes_on {
            Verdict::Handled
        } else {
            together(&inner)
        });
    }
    together(&verdicts)
}

/// What is certain when any of these may be.
fn together(verdicts: &[Verdict]) -> Verdict {
    if verdicts.contains(&Verdict::Unknown) {
        return Verdict::Unknown;
    }
    if verdicts.contains(&Verdict::Handled) {
        return Verdict::Handled;
    }
    // What it does next says more than that it ends.
    let acts = |verdict: &&Verdict| matches!(verdict, Verdict::GoesOn(Some(_)));
    let ends = |verdict: &&Verdict| matches!(verdict, Verdict::GoesOn(_));
    let goes_on = verdicts.iter().find(acts).or_else(|| verdicts.iter().find(ends));
    goes_on.copied().unwrap_or(Verdict::Fails)
}
