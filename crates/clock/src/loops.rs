// SPDX-License-Identifier: Apache-2.0
//! Loops. The states at a loop's head are the nodes of a graph, a round is an edge. Each node is evaluated once: a
//! counter makes a chain, and what comes back to where it was makes a cycle, which has no limit unless a deadline sets one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use writeway_shell::{CommandKind, Compound, List, Word};

use crate::bound::{Bound, Reason};
use crate::clocks::{Clocks, Mark};
use crate::evaluation::WaitKind;
use crate::interpreter::Interpreter;
use crate::site::Site;
use crate::state::{Decision, Flow, Key, SUCCESS, Shared, State, States, Trace};
use crate::value::{By, Value};
use crate::watch::{Event, Looked};
use crate::words::Field;

/// Nodes of one loop: beyond that nobody counts.
const MAX_NODES: usize = 8_000;
/// Nodes after which it is tried whether what counts decides anything.
const FIRST_NODES: usize = 48;
/// How often all rounds are looked at again until no time changes.
const MAX_PASSES: usize = 8;

/// The kinds of loop.
pub(crate) enum Loop<'l> {
    For {
        variable: &'l str,
        fields: &'l [Field],
    },
    While {
        condition: &'l List,
        /// Goes on when the condition succeeds; `until`: when it fails.
        wanted: bool,
    },
}

/// A state at the loop's head, before the word of that index.
struct Node {
    index: usize,
    key: Key,
    clocks: Clocks,
    /// When it is reached from outside of the loop.
    entry: Option<Clocks>,
    edges: Vec<Edge>,
    exits: Vec<(State, Trace)>,
}

/// A round that comes back to the head.
struct Edge {
    to: usize,
    trace: Trace,
    clocks: Clocks,
}

/// All rounds of a loop.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
    ids: BTreeMap<(usize, Key), usize>,
    /// A node's time changed after it had been evaluated.
    stale: bool,
    /// Variables that are not followed.
    forgotten: Vec<Arc<str>>,
}

impl Interpreter<'_> {
    pub(crate) fn run_loop(&mut self, site: Site, what: &Loop<'_>, body: &List, mut state: State) -> States {
        if matches!(what, Loop::While { .. }) || sleeps(body) {
            // Who goes on to wait for something else has gone on.
            self.waits.event(&mut state, Event::Went(site));
        }
        self.waits.open(site, WaitKind::Loop);
        self.around += 1;
        state.clocks.set(Mark::Wait(site));
        state.key.status = SUCCESS;
        state.key.rounds.push(Shared::default());
        let mut graph = self.follow(what, body, &state);
        let circular = self.settle(&mut graph, what, body);
        self.around -= 1;
        self.leave(site, graph, circular.as_ref())
    }

    /// Follows all rounds. What counts up for ever, and decides nothing, is not counted.
    fn follow(&mut self, what: &Loop<'_>, body: &List, entry: &State) -> Graph {
        let counts = matches!(what, Loop::While { .. });
        let mut graph = Graph::default();
        let mut queue = VecDeque::new();
        graph.enter(entry, &mut queue);
        let first = if counts { FIRST_NODES } else { MAX_NODES };
        if self.explore(&mut graph, &mut queue, what, body, first) || self.gave_up.is_some() {
            return graph;
        }
        let mut without = Graph {
            forgotten: graph.changed(),
            ..Graph::default()
        };
        let (waits, steps) = (self.waits.clone(), self.steps_left());
        let mut other = VecDeque::new();
        without.enter(entry, &mut other);
        let closed = self.explore(&mut without, &mut other, what, body, FIRST_NODES);
        if closed && (!without.doubts() || graph.doubts()) {
            return without;
        }
        let gave_up = self.gave_up.take();
        self.waits = waits;
        if self.explore(&mut graph, &mut queue, what, body, MAX_NODES) || !closed {
            if self.gave_up.is_none() && !queue.is_empty() {
                self.gave_up = gave_up;
                self.give_up("a loop has too many rounds");
            }
            return graph;
        }
        // It decides something, but what is not known: it is one of many ways.
        self.gave_up = None;
        self.restore_steps(steps);
        let mut other = VecDeque::new();
        let mut without = Graph {
            forgotten: without.forgotten,
            ..Graph::default()
        };
        without.enter(entry, &mut other);
        self.explore(&mut without, &mut other, what, body, FIRST_NODES);
        without
    }

    /// Evaluates the nodes that wait for it. Whether none is left.
    fn explore(
        &mut self,
        graph: &mut Graph,
        queue: &mut VecDeque<usize>,
        what: &Loop<'_>,
        body: &List,
        most: usize,
    ) -> bool {
        while let Some(id) = queue.pop_front() {
            if graph.nodes.len() > most || self.gave_up.is_some() {
                queue.push_front(id);
                return false;
            }
            self.round(graph, id, what, body, queue);
        }
        self.gave_up.is_none()
    }

    /// Runs one round from a node.
    fn round(
        &mut self,
        graph: &mut Graph,
        id: usize,
        what: &Loop<'_>,
        body: &List,
        queue: &mut VecDeque<usize>,
    ) {
        let node = &graph.nodes[id];
        let index = node.index;
        let status = node.key.status;
        let mut head = State {
            key: node.key.clone(),
            clocks: node.clocks.clone(),
            substituted: None,
        };
        let mut exits = Vec::new();
        // What runs the body, and at which word it comes back.
        let mut bodies: Vec<(usize, States)> = Vec::new();
        match what {
            Loop::For { variable, fields } => match fields.get(index) {
                None => exits.push(head),
                Some(field) => {
                    if field.many {
                        let (by, _) = field.value.doubt();
                        let decide = |mut state: State, outcome| {
                            let decision = Decision {
                                site: Site {
                                    source: u32::MAX,
                                    start: u32::try_from(index).unwrap_or(u32::MAX),
                                    end: 0,
                                },
                                outcome,
                                by: By::Script.max(by),
                                related: false,
                            };
                            state.decide(decision, |_| false);
                            state
                        };
                        let over = decide(head.clone(), 1);
                        graph.come_back(id, index + 1, over, queue);
                        head = decide(head, 0);
                    }
                    head.set(variable, field.value.clone());
                    let next = if field.many { index } else { index + 1 };
                    bodies.push((next, States::from_iter([head])));
                }
            },
            Loop::While { condition, wanted } => {
                let decided =
                    self.conditional(true, |shell| shell.list(condition, States::from_iter([head])));
                let (running, gone) = decided.split(|key| key.flow == Flow::Next);
                exits.extend(gone);
                let (goes_on, over) = running.split(|key| key.status.succeeded() == *wanted);
                // The loop's status is that of its last round.
                exits.extend(over.into_iter().map(|state| state.with(status)));
                bodies.push((index, goes_on));
            }
        }
        let node = &mut graph.nodes[id];
        if !matches!(what, Loop::For { fields, .. } if fields.get(index).is_some_and(|field| field.many)) {
            node.edges.clear();
        }
        node.exits.clear();
        for (next, states) in bodies {
            if states.is_empty() {
                continue;
            }
            for mut end in self.list(body, states) {
                match end.key.flow {
                    Flow::Next | Flow::Continue(0 | 1) => {
                        end.key.flow = Flow::Next;
                        graph.come_back(id, next, end, queue);
                    }
                    _ => exits.push(end),
                }
            }
        }
        for mut end in exits {
            end.key.flow = match end.key.flow {
                Flow::Break(0 | 1) => Flow::Next,
                Flow::Break(levels) => Flow::Break(levels - 1),
                Flow::Continue(levels) => Flow::Continue(levels.saturating_sub(1)),
                other => other,
            };
            let trace = end
                .key
                .rounds
                .pop()
                .map(|trace| (*trace).clone())
                .unwrap_or_default();
            graph.nodes[id].exits.push((end, trace));
        }
    }

    /// Finds the cycles and the times at all nodes. Returns the nodes that are in cycles, and why they have no limit.
    fn settle(&mut self, graph: &mut Graph, what: &Loop<'_>, body: &List) -> Option<Circle> {
        let mut circle = None;
        for _ in 0..MAX_PASSES {
            if self.gave_up.is_some() {
                return None;
            }
            let found = graph.circular(|_| true);
            if found.is_empty() {
                break;
            }
            let certain =
                graph.circular(|trace| trace.decisions.iter().all(|decision| decision.by == By::World));
            let why: Reason = if certain.is_empty() {
                "how often a loop goes round is not known".into()
            } else {
                "nothing limits how often a loop goes round".into()
            };
            let limit = if certain.is_empty() {
                Bound::unknown(why.clone())
            } else {
                Bound::Unbounded(why.clone())
            };
            let before = (graph.nodes.len(), graph.edges());
            for id in &found {
                graph.nodes[*id].clocks.widen(&limit);
            }
            let nodes = found;
            circle = Some(Circle { nodes, why });
            let mut queue = VecDeque::new();
            let count = graph.nodes.len();
            for id in 0..count {
                self.round(graph, id, what, body, &mut queue);
            }
            while let Some(id) = queue.pop_front() {
                if self.gave_up.is_some() {
                    return circle;
                }
                self.round(graph, id, what, body, &mut queue);
            }
            if (graph.nodes.len(), graph.edges()) == before {
                break;
            }
        }
        // What a deadline limits comes down again.
        for _ in 0..MAX_PASSES {
            if circle.is_none() && !graph.stale {
                return circle;
            }
            let changed = graph.recompute();
            if !changed {
                return circle;
            }
            let mut queue = VecDeque::new();
            for id in 0..graph.nodes.len() {
                self.round(graph, id, what, body, &mut queue);
                if self.gave_up.is_some() {
                    return circle;
                }
            }
        }
        circle
    }

    /// Leaves the loop on every way out, and notes which of them mean that the wait is exhausted.
    fn leave(&mut self, site: Site, graph: Graph, circle: Option<&Circle>) -> States {
        let judged = graph.judge(circle.map(|circle| &circle.nodes));
        let first_round = graph
            .nodes
            .first()
            .and_then(|node| node.edges.first())
            .and_then(|edge| edge.clocks.age(Mark::Wait(site)))
            .map(|age| age.most.ledger.clone());
        let stuck = graph.stuck(circle.map(|circle| &circle.nodes));
        let mut ends = States::default();
        for (id, node) in graph.nodes.into_iter().enumerate() {
            if stuck.contains(&id)
                && let Some(circle) = circle
            {
                let mut key = node.key.clone();
                key.rounds.pop();
                key.flow = Flow::Never(circle.why.clone());
                let mut state = State {
                    key,
                    clocks: node.clocks.clone(),
                    substituted: None,
                };
                state.clocks.widen(&Bound::Unbounded(circle.why.clone()));
                self.waits.took(site, &state);
                state.clocks.remove(Mark::Wait(site));
                ends.insert(state);
            }
            for (number, (mut state, _)) in node.exits.into_iter().enumerate() {
                let exhausted = match &judged {
                    Judged::Wait(exhausted) => Some(exhausted.contains(&(id, number))),
                    Judged::Pause | Judged::Unknown => None,
                };
                self.waits.took(site, &state);
                state.clocks.remove(Mark::Wait(site));
                if let Some(exhausted) = exhausted {
                    self.waits.watch(site, &mut state, exhausted);
                    if state.key.flow == Flow::Exit && state.key.status.succeeded() {
                        // Who writes `exit 0` into the loop means it.
                        self.waits.event(&mut state, Event::Exited(exhausted));
                    }
                    // In the rounds around it, it is one decision.
                    if let Some(round) = state.key.rounds.last_mut() {
                        round.change().push(Decision {
                            site,
                            outcome: u8::from(exhausted),
                            by: By::World,
                            related: false,
                        });
                    }
                }
                ends.insert(state);
            }
        }
        let looked = match judged {
            Judged::Wait(_) => Looked::Yes,
            Judged::Pause => Looked::No,
            Judged::Unknown => Looked::Unknown,
        };
        self.waits.loop_ends(site, looked, first_round, circle.is_some());
        ends
    }
}

/// The nodes that are in cycles, and why that has no end.
struct Circle {
    nodes: BTreeSet<usize>,
    why: Reason,
}

/// What the ways out of a loop mean.
enum Judged {
    /// It waits for something; these ways out (node and number) are taken without it.
    Wait(BTreeSet<(usize, usize)>),
    /// There is nothing it waits for.
    Pause,
    /// That is not known.
    Unknown,
}

impl Graph {
    /// The way in.
    fn enter(&mut self, state: &State, queue: &mut VecDeque<usize>) {
        let id = self.node(0, state.key.clone(), &state.clocks, queue);
        self.nodes[id].entry = Some(state.clocks.clone());
    }

    /// The variables that are not the same in the first node and in the last.
    fn changed(&self) -> Vec<Arc<str>> {
        let (Some(first), Some(last)) = (self.nodes.first(), self.nodes.last()) else {
            return Vec::new();
        };
        let before = &first.key.variables;
        let changed = last.key.variables.iter();
        changed
            .filter(|(name, value)| before.get(*name) != Some(value))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Whether something is decided in it that is not known.
    fn doubts(&self) -> bool {
        let edges = self
            .nodes
            .iter()
            .flat_map(|node| node.edges.iter().map(|edge| &edge.trace));
        let exits = self
            .nodes
            .iter()
            .flat_map(|node| node.exits.iter().map(|(_, trace)| trace));
        let mut decisions = edges.chain(exits).flat_map(|trace| &trace.decisions);
        decisions.any(|decision| decision.by == By::Script)
    }

    /// The node for a state; a new one is to be evaluated.
    fn node(&mut self, index: usize, mut key: Key, clocks: &Clocks, queue: &mut VecDeque<usize>) -> usize {
        key.flow = Flow::Next;
        for name in &self.forgotten {
            let unknown = Value::unknown(By::Script, "how often a loop has gone round is not counted");
            key.variables.change().insert(name.clone(), unknown);
        }
        if let Some(id) = self.ids.get(&(index, key.clone())) {
            let waiting = queue.contains(id);
            let changed = self.nodes[*id].clocks.join(clocks);
            self.stale |= changed && !waiting;
            return *id;
        }
        let id = self.nodes.len();
        self.ids.insert((index, key.clone()), id);
        self.nodes.push(Node {
            index,
            key,
            clocks: clocks.clone(),
            entry: None,
            edges: Vec::new(),
            exits: Vec::new(),
        });
        queue.push_back(id);
        id
    }

    /// A round from `from` ends at the head.
    fn come_back(&mut self, from: usize, index: usize, mut end: State, queue: &mut VecDeque<usize>) {
        let trace = end
            .key
            .rounds
            .last()
            .map(|trace| (**trace).clone())
            .unwrap_or_default();
        if let Some(round) = end.key.rounds.last_mut() {
            *round = Shared::default();
        }
        end.forget_readings();
        let clocks = end.clocks;
        let to = self.node(index, end.key, &clocks, queue);
        let edges = &mut self.nodes[from].edges;
        match edges.iter_mut().find(|edge| edge.to == to && edge.trace == trace) {
            Some(edge) => edge.clocks = clocks,
            None => edges.push(Edge { to, trace, clocks }),
        }
    }

    fn edges(&self) -> usize {
        self.nodes
            .iter()
            .map(|node| node.edges.len() + node.exits.len())
            .sum()
    }

    /// The nodes in cycles of rounds of which `keep` holds.
    fn circular(&self, keep: impl Fn(&Trace) -> bool) -> BTreeSet<usize> {
        let mut left: BTreeSet<usize> = (0..self.nodes.len()).collect();
        let arcs: Vec<(usize, usize)> = self
            .nodes
            .iter()
            .enumerate()
            .flat_map(|(from, node)| {
                let kept = node.edges.iter().filter(|edge| keep(&edge.trace));
                kept.map(move |edge| (from, edge.to)).collect::<Vec<_>>()
            })
            .collect();
        for backwards in [false, true] {
            let turned = arcs
                .iter()
                .map(|(from, to)| if backwards { (*to, *from) } else { (*from, *to) });
            let turned: Vec<(usize, usize)> = turned.collect();
            let mut into = vec![0_usize; self.nodes.len()];
            let mut out: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
            for (from, to) in &turned {
                if left.contains(from) && left.contains(to) {
                    into[*to] += 1;
                    out[*from].push(*to);
                }
            }
            let mut free: Vec<usize> = left.iter().copied().filter(|id| into[*id] == 0).collect();
            while let Some(id) = free.pop() {
                left.remove(&id);
                for to in &out[id] {
                    into[*to] -= 1;
                    if into[*to] == 0 {
                        free.push(*to);
                    }
                }
            }
        }
        left
    }

    /// The times at all nodes from those at the ends of the rounds. Whether one is another than before.
    fn recompute(&mut self) -> bool {
        let mut clocks: Vec<Option<Clocks>> = self.nodes.iter().map(|node| node.entry.clone()).collect();
        for node in &self.nodes {
            for edge in &node.edges {
                match &mut clocks[edge.to] {
                    Some(known) => {
                        known.join(&edge.clocks);
                    }
                    unset @ None => *unset = Some(edge.clocks.clone()),
                }
            }
        }
        let mut changed = false;
        for (node, clocks) in self.nodes.iter_mut().zip(clocks) {
            let Some(clocks) = clocks else { continue };
            changed |= node.clocks != clocks;
            node.clocks = clocks;
        }
        self.stale = false;
        changed
    }

    /// How many rounds may follow from each node.
    fn rounds_to_go(&self, circular: Option<&BTreeSet<usize>>) -> Vec<u64> {
        let mut left = vec![0_u64; self.nodes.len()];
        for id in circular.into_iter().flatten() {
            left[*id] = u64::MAX;
        }
        for _ in 0..=self.nodes.len() {
            let mut changed = false;
            for (id, node) in self.nodes.iter().enumerate().rev() {
                let most = node
                    .edges
                    .iter()
                    .map(|edge| left[edge.to].saturating_add(1))
                    .max();
                let most = most.unwrap_or(0).max(left[id]);
                changed |= most != left[id];
                left[id] = most;
            }
            if !changed {
                break;
            }
        }
        left
    }

    /// Which ways out mean that the wait is exhausted: those that are left when everything turns out so that the loop
    /// goes on for longest.
    fn judge(&self, circular: Option<&BTreeSet<usize>>) -> Judged {
        let left = self.rounds_to_go(circular);
        let mut scores: BTreeMap<(Site, u8), u64> = BTreeMap::new();
        let mut cut = false;
        for node in &self.nodes {
            let rounds = node
                .edges
                .iter()
                .map(|edge| (&edge.trace, left[edge.to].saturating_add(1)));
            let exits = node.exits.iter().map(|(_, trace)| (trace, 0));
            for (trace, score) in rounds.chain(exits) {
                cut |= trace.cut;
                for decision in &trace.decisions {
                    let best = scores.entry((decision.site, decision.outcome)).or_default();
                    *best = (*best).max(score);
                }
            }
        }
        if cut {
            return Judged::Unknown;
        }
        let mut best: BTreeMap<Site, u64> = BTreeMap::new();
        for ((site, _), score) in &scores {
            let most = best.entry(*site).or_default();
            *most = (*most).max(*score);
        }
        let goes_on = |trace: &Trace| {
            trace
                .decisions
                .iter()
                .all(|decision| scores.get(&(decision.site, decision.outcome)) == best.get(&decision.site))
        };
        let mut reached = BTreeSet::from([0]);
        let mut queue = VecDeque::from([0]);
        while let Some(id) = queue.pop_front() {
            for edge in self
                .nodes
                .get(id)
                .map(|node| node.edges.as_slice())
                .unwrap_or_default()
            {
                if goes_on(&edge.trace) && reached.insert(edge.to) {
                    queue.push_back(edge.to);
                }
            }
        }
        let mut exhausted = BTreeSet::new();
        let mut satisfied = false;
        for (id, node) in self.nodes.iter().enumerate() {
            for (number, (state, trace)) in node.exits.iter().enumerate() {
                if reached.contains(&id) && goes_on(trace) {
                    exhausted.insert((id, number));
                } else {
                    let fails = state.key.flow == Flow::Exit && !state.key.status.succeeded();
                    satisfied |= !fails;
                }
            }
        }
        if satisfied {
            Judged::Wait(exhausted)
        } else {
            Judged::Pause
        }
    }

    /// The nodes in cycles from which no way leads out.
    fn stuck(&self, circular: Option<&BTreeSet<usize>>) -> BTreeSet<usize> {
        let Some(circular) = circular else {
            return BTreeSet::new();
        };
        let mut free: BTreeSet<usize> = BTreeSet::new();
        loop {
            let before = free.len();
            for (id, node) in self.nodes.iter().enumerate() {
                if !node.exits.is_empty() || node.edges.iter().any(|edge| free.contains(&edge.to)) {
                    free.insert(id);
                }
            }
            if free.len() == before {
                break;
            }
        }
        circular.difference(&free).copied().collect()
    }
}

/// Whether commands sleep, so that a loop around them is a wait.
fn sleeps(list: &List) -> bool {
    list.iter().any(|and_or| {
        let pipelines =
            std::iter::once(&and_or.first).chain(and_or.rest.iter().map(|(_, pipeline)| pipeline));
        pipelines
            .flat_map(|pipeline| &pipeline.commands)
            .any(|command| match &command.kind {
                CommandKind::Simple(simple) => simple
                    .words
                    .first()
                    .and_then(Word::literal)
                    .is_some_and(|name| name == "sleep"),
                CommandKind::Compound(compound) => match compound {
                    Compound::Subshell(list) | Compound::Group(list) => sleeps(list),
                    Compound::If { branches, otherwise } => {
                        branches
                            .iter()
                            .any(|branch| sleeps(&branch.condition) || sleeps(&branch.body))
                            || otherwise.as_ref().is_some_and(sleeps)
                    }
                    Compound::For { body, .. } => sleeps(body),
                    Compound::While { .. } | Compound::Until { .. } => true,
                    Compound::Case { arms, .. } => arms.iter().any(|arm| sleeps(&arm.body)),
                    Compound::Test(_) | Compound::Unsupported(_) => false,
                },
                CommandKind::Function(_) => false,
            })
    })
}
