// SPDX-License-Identifier: Apache-2.0
//! The shell: lists, pipelines, functions, subshells, in every way they may go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use writeway_shell::{AndOr, Command, CommandKind, Connector, List, Pipeline, RedirectKind, Simple, Span};

use crate::bound::{Bound, Reason};
use crate::clocks::{Cost, Mark, Range};
use crate::command::{Environment, Files};
use crate::evaluation::{Timing, WaitKind};
use crate::ledger::Ledger;
use crate::program::{self, Call, Effect, Role};
use crate::reads::Reads;
use crate::site::Site;
use crate::state::{Decision, FAILURE, Flow, SUCCESS, Shared, State, States, Status};
use crate::value::{By, Value};
use crate::watch::{Event, Waits};
use crate::words::Field;

/// Commands that are evaluated, in all states together. The scripts people write stay far below.
const MAX_STEPS: u32 = 40_000;
/// Depth of everything that nests: compound commands, function calls, shells, expansions within expansions. It bounds the
/// stack.
const MAX_DEPTH: u32 = 40;
/// States that are followed at once.
const MAX_STATES: usize = 2_000;
/// States from which on what nobody reads any more is forgotten.
const MANY_STATES: usize = 4;

/// A function, and the text that it stands in.
#[derive(Debug, Clone)]
struct Function {
    body: Arc<Command>,
    source: u32,
}

/// A shell that only looks at the time.
pub(crate) struct Interpreter<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) files: Files<'a>,
    /// For each text the place of the command that runs it; `None` for the script itself.
    pub(crate) sources: Vec<Option<Site>>,
    pub(crate) source_ids: BTreeMap<Site, u32>,
    pub(crate) source: u32,
    pub(crate) bash: bool,
    functions: Vec<Function>,
    function_ids: BTreeMap<Site, usize>,
    steps_left: u32,
    depth: u32,
    /// Inside a condition, where `set -e` does not apply.
    in_condition: u32,
    /// Loops and functions around, where what is read earlier in the text may be read again.
    pub(crate) around: u32,
    pub(crate) gave_up: Option<Reason>,
    pub(crate) reads: Reads,
    pub(crate) waits: Waits,
    /// Variables that programs see, too.
    pub(crate) exported: BTreeSet<String>,
}

impl<'a> Interpreter<'a> {
    pub(crate) fn new(environment: &'a Environment, files: Files<'a>) -> Self {
        Self {
            environment,
            files,
            sources: vec![None],
            source_ids: BTreeMap::new(),
            source: 0,
            bash: false,
            functions: Vec::new(),
            function_ids: BTreeMap::new(),
            steps_left: MAX_STEPS,
            depth: 0,
            in_condition: 0,
            around: 0,
            gave_up: None,
            reads: Reads::default(),
            waits: Waits::default(),
            exported: environment.variables.keys().cloned().collect(),
        }
    }

    pub(crate) const fn is_bash(&self) -> bool {
        self.bash
    }

    pub(crate) fn site(&self, span: Span) -> Site {
        let offset = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Site {
            source: self.source,
            start: offset(span.start),
            end: offset(span.end),
        }
    }

    /// Follows the script no further.
    pub(crate) fn give_up(&mut self, why: &str) {
        if self.gave_up.is_none() {
            self.gave_up = Some(format!("the script is not followed to its end: {why}").into());
        }
    }

    pub(crate) const fn steps_left(&self) -> u32 {
        self.steps_left
    }

    /// Takes steps back that led nowhere; half of what is left is lost, so that it comes to an end.
    pub(crate) fn restore_steps(&mut self, steps: u32) {
        self.steps_left = steps / 2;
    }

    fn pay(&mut self) -> bool {
        self.steps_left = self.steps_left.saturating_sub(1);
        if self.steps_left == 0 {
            self.give_up("it has too many steps");
        }
        self.gave_up.is_none()
    }

    /// Runs something one level deeper.
    pub(crate) fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.give_up("it nests too deep");
            return None;
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        Some(result)
    }

    /// Runs something, without `set -e` if it is a condition.
    pub(crate) fn conditional<T>(&mut self, condition: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        self.in_condition += u32::from(condition);
        let result = run(self);
        self.in_condition -= u32::from(condition);
        result
    }

    /// Runs a program, which does not know what condition it may be part of.
    pub(crate) fn outside_of_conditions<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let conditions = std::mem::take(&mut self.in_condition);
        let result = run(self);
        self.in_condition = conditions;
        result
    }

    /// Runs the next command in the states that go on.
    pub(crate) fn next(&mut self, states: States, run: impl FnOnce(&mut Self, States) -> States) -> States {
        let (running, mut others) = states.split(|key| key.flow == Flow::Next);
        if running.is_empty() || self.gave_up.is_some() {
            others.extend(running);
            return others;
        }
        let after = run(self, running);
        others.extend(after);
        if others.len() > MAX_STATES {
            self.give_up("it may go too many ways");
        }
        others
    }

    pub(crate) fn list(&mut self, list: &List, mut states: States) -> States {
        for and_or in list {
            states = self.next(states, |shell, states| {
                if and_or.background {
                    shell.background(and_or, states)
                } else {
                    shell.and_or(and_or, states)
                }
            });
            states = states.reduce();
            if states.len() > MANY_STATES
                && self.source == 0
                && self.around == 0
                && let Some(end) = end_of(and_or)
            {
                states = self.reads.forget(states, end);
            }
        }
        states
    }

    fn and_or(&mut self, and_or: &AndOr, states: States) -> States {
        let rest = &and_or.rest;
        let mut states = self.conditional(!rest.is_empty(), |shell| shell.pipeline(&and_or.first, states));
        let mut before = &and_or.first;
        for (index, (connector, pipeline)) in rest.iter().enumerate() {
            states = self.note(states, before.commands.last());
            before = pipeline;
            let condition = index + 1 < rest.len();
            let after_success = *connector == Connector::And;
            states = self.next(states, |shell, states| {
                let (runs, mut skips) = states.split(|key| key.status.succeeded() == after_success);
                if !runs.is_empty() {
                    skips.extend(shell.conditional(condition, |shell| shell.pipeline(pipeline, runs)));
                }
                skips
            });
        }
        states
    }

    /// Notes on which status something depends, for the waits before it.
    pub(crate) fn note(&self, states: States, decides: Option<&Command>) -> States {
        let Some(site) = decides.map(|command| self.site(command.span)) else {
            return states;
        };
        let note = |mut state: State| {
            let decision = Decision {
                site,
                outcome: u8::from(!state.key.status.succeeded()),
                by: By::World,
                related: false,
            };
            if state.runs() {
                state.note_once(decision);
            }
            state
        };
        states.into_iter().map(note).collect()
    }

    fn pipeline(&mut self, pipeline: &Pipeline, states: States) -> States {
        let after = self.conditional(pipeline.negated, |shell| match pipeline.commands.as_slice() {
            [single] => shell.command(single, states),
            several => {
                let states = shell.parallel(several, states);
                shell.fail_if_told_to(states)
            }
        });
        if !pipeline.negated {
            return after;
        }
        let negate = |mut state: State| {
            if state.runs() {
                state.key.status = state.key.status.negated();
            }
            state
        };
        after.into_iter().map(negate).collect()
    }

    /// The commands of a pipeline: all at once, each in a subshell, and the shell waits for all of them.
    fn parallel(&mut self, commands: &[Command], states: States) -> States {
        let mut ends = States::default();
        let pure = commands.iter().all(|command| self.is_pure(command));
        for state in states {
            let Some(site) = commands.first().map(|first| self.site(first.span)) else {
                continue;
            };
            let depth = u8::try_from(self.depth).unwrap_or(u8::MAX);
            let mark = Mark::Parallel(site, depth);
            // What each way took so far, and whether something failed.
            let mut ways = vec![(state.clone(), Range::zero(), false)];
            for (index, command) in commands.iter().enumerate() {
                let last = index + 1 == commands.len();
                let mut next = Vec::new();
                for (way, took, failed) in ways {
                    let mut start = way.clone();
                    start.clocks = state.clocks.clone();
                    start.clocks.set(mark);
                    if !last {
                        start.key.output = Some(Value::text(""));
                    }
                    let after = self.subshell(start, |shell, states| shell.command(command, states));
                    for mut end in after {
                        let own = end.clocks.age(mark).cloned().unwrap_or_else(Range::zero);
                        let (flow, own) = ending(&end, own, last);
                        end.key.flow = flow;
                        end.key.output = if last && index > 0 {
                            piped(&way, &end, pure)
                        } else {
                            way.key.output.clone()
                        };
                        let failed = failed || !end.key.status.succeeded();
                        next.push((end, took.both(&own), failed));
                    }
                }
                ways = next;
                if ways.len() > MAX_STATES {
                    self.give_up("a pipeline may go too many ways");
                    ways.truncate(1);
                }
            }
            for (mut end, took, failed) in ways {
                end.clocks = state.clocks.clone();
                end.clocks.pass(&took);
                if end.key.options.pipe_fail && failed && end.key.status.succeeded() {
                    end.key.status = Status::NotZero;
                }
                ends.insert(end);
            }
        }
        ends
    }

    /// Runs a list at the same time as what follows.
    fn background(&mut self, and_or: &AndOr, states: States) -> States {
        let mut ends = States::default();
        for state in states {
            let Some(command) = and_or.first.commands.first() else {
                continue;
            };
            let site = self.site(command.span);
            let started = Mark::Parallel(site, u8::MAX);
            let mut inner = state.clone();
            inner.clocks.set(started);
            inner.key.watches = Shared::default();
            let after = self.outside_of_conditions(|shell| {
                shell.subshell(inner, |shell, states| shell.and_or(and_or, states))
            });
            let mut took: Option<Timing> = None;
            for end in after {
                let own = match (&end.key.flow, end.clocks.age(started)) {
                    (Flow::Never(why), _) => Timing {
                        best: Bound::Unbounded(why.clone()),
                        worst: Bound::Unbounded(why.clone()),
                    },
                    (_, Some(age)) => age.timing(),
                    (_, None) => Timing::ZERO,
                };
                took = Some(took.map_or_else(|| own.clone(), |took| took.or(&own)));
            }
            let took = took.unwrap_or(Timing::ZERO);
            let mut state = state.with(SUCCESS);
            state.clocks.set(started);
            state.key.jobs.change().push(crate::state::Job {
                started,
                best: took.best,
                worst: took.worst,
            });
            ends.insert(state);
        }
        ends
    }

    pub(crate) fn command(&mut self, command: &Command, states: States) -> States {
        let mut ends = States::default();
        for state in states {
            if !self.pay() {
                ends.insert(state);
                continue;
            }
            let (may_fail, states) = self.redirections(command, state);
            for state in may_fail {
                ends.extend(self.fail_if_told_to(States::from_iter([state.with(FAILURE)])));
            }
            for state in states {
                let output = state.key.output.clone();
                let redirected = redirects_output(command);
                let after = self.perform(command, state);
                if redirected {
                    ends.extend(after.into_iter().map(|mut end| {
                        end.key.output.clone_from(&output);
                        end
                    }));
                } else {
                    ends.extend(after);
                }
            }
        }
        ends
    }

    /// Expands the targets of redirections. Those to `/dev/tcp` connect, in bash: they may fail.
    fn redirections(&mut self, command: &Command, state: State) -> (Vec<State>, Vec<State>) {
        let (mut failed, mut running) = (Vec::new(), vec![state]);
        for redirect in &command.redirects {
            if redirect.kind == RedirectKind::HereDoc {
                continue;
            }
            let mut next = Vec::new();
            for state in running {
                for (state, value) in self.value(&redirect.target, state) {
                    let raw = redirect.target.parts.first();
                    let raw = match raw {
                        Some(writeway_shell::Part::Literal { text, .. }) => text.clone(),
                        _ => String::new(),
                    };
                    if !(raw.starts_with("/dev/tcp/") || raw.starts_with("/dev/udp/")) {
                        next.push(state);
                        continue;
                    }
                    let why = "a connection by `/dev/tcp` has no limit of its own";
                    let effect = Effect::answers(Role::Look, "connection", Bound::unbounded(why));
                    let target = value.as_text().map_or(raw, |text| text.to_string());
                    let targets = BTreeSet::from([target]);
                    let site = self.site(command.span);
                    for end in self.outcomes(state, &effect, site, "connection", &targets) {
                        if end.key.status.succeeded() {
                            next.push(end);
                        } else {
                            failed.push(end);
                        }
                    }
                }
            }
            running = next;
        }
        (failed, running)
    }

    fn perform(&mut self, command: &Command, state: State) -> States {
        match &command.kind {
            CommandKind::Simple(simple) => {
                let after = self.simple(simple, command, state);
                self.fail_if_told_to(after)
            }
            CommandKind::Compound(compound) => {
                let kept = state.clone();
                self.nested(|shell| shell.compound(compound, command, state))
                    .unwrap_or_else(|| States::from_iter([kept]))
            }
            CommandKind::Function(function) => {
                let site = self.site(command.span);
                let next = self.functions.len();
                let id = *self.function_ids.entry(site).or_insert(next);
                if id == next {
                    self.functions.push(Function {
                        body: Arc::new((*function.body).clone()),
                        source: self.source,
                    });
                }
                let mut state = state.with(SUCCESS);
                state
                    .key
                    .functions
                    .change()
                    .insert(function.name.as_str().into(), id);
                States::from_iter([state])
            }
        }
    }

    /// `set -e`.
    pub(crate) fn fail_if_told_to(&self, states: States) -> States {
        if self.in_condition > 0 {
            return states;
        }
        let fail = |mut state: State| {
            if state.runs() && state.key.options.exit_on_error && !state.key.status.succeeded() {
                state.key.flow = Flow::Exit;
            }
            state
        };
        states.into_iter().map(fail).collect()
    }

    fn simple(&mut self, simple: &Simple, command: &Command, state: State) -> States {
        let mut ends = States::default();
        for (state, fields) in self.fields(&simple.words, state) {
            if !state.runs() {
                ends.insert(state);
            } else if fields.is_empty() {
                ends.extend(self.assign(simple, state));
            } else {
                ends.extend(self.invoke(&fields, command.span, state));
            }
        }
        let tidy = |mut state: State| {
            if self.depth == 0 || state.key.output.is_none() {
                state.forget_readings();
            }
            state
        };
        ends.into_iter().map(tidy).collect()
    }

    /// Assignments without a command: their status is that of the last substitution in them.
    fn assign(&mut self, simple: &Simple, state: State) -> States {
        let mut ways = vec![state];
        for assignment in &simple.assignments {
            let mut next = Vec::new();
            for state in ways {
                for (mut state, value) in self.value(&assignment.value, state) {
                    let value = if assignment.append {
                        let own = self.variable(&assignment.name, &mut state);
                        own.unwrap_or_else(|| Value::text("")).concat(&value)
                    } else {
                        value
                    };
                    if assignment.name == "SECONDS" && self.is_bash() {
                        self.set_seconds(&mut state, &value);
                    } else {
                        state.set(&assignment.name, value);
                    }
                    next.push(state);
                }
            }
            ways = next;
        }
        let done = |mut state: State| {
            let status = state.substituted.take().unwrap_or(SUCCESS);
            if state.runs() { state.with(status) } else { state }
        };
        ways.into_iter().map(done).collect()
    }

    /// A function, a builtin or a program.
    pub(crate) fn invoke(&mut self, fields: &[Field], span: Span, state: State) -> States {
        let Some((first, arguments)) = fields.split_first() else {
            return States::from_iter([state]);
        };
        let Some(name) = first.value.as_text().cloned().filter(|_| !first.many) else {
            let effect = Effect::unknown("a program whose name is not known");
            return self.effect(state, &effect, span, "program", &BTreeSet::new());
        };
        if let Some(id) = state.key.functions.get(&name) {
            let function = self.functions[*id].clone();
            let kept = state.clone();
            let arguments = fields.iter().map(|field| field.value.clone()).collect();
            return self
                .nested(|shell| shell.call(&function, arguments, state))
                .unwrap_or_else(|| States::from_iter([kept]));
        }
        match self.builtin(&name, arguments, span, state) {
            Ok(states) => states,
            Err(state) => self.program(fields, span, *state),
        }
    }

    fn call(&mut self, function: &Function, arguments: Vec<Value>, mut state: State) -> States {
        let outer = std::mem::replace(&mut state.key.positional, Shared::new(arguments));
        state.key.locals.change().push(BTreeMap::new());
        let source = std::mem::replace(&mut self.source, function.source);
        self.around += 1;
        let mut after = self.command(&function.body, States::from_iter([state]));
        self.around -= 1;
        self.source = source;
        if after.len() > MANY_STATES && function.source == 0 {
            after = self.reads.forget_outside(after, function.body.span);
        }
        let back = |mut state: State| {
            if state.key.flow == Flow::Return {
                state.key.flow = Flow::Next;
            }
            state.key.positional = outer.clone();
            let restored = state.key.locals.change().pop().unwrap_or_default();
            for (name, value) in restored {
                match value {
                    Some(value) => state.set(&name, value),
                    None => {
                        state.key.variables.change().remove(&name);
                    }
                }
            }
            state
        };
        after.into_iter().map(back).collect()
    }

    /// Variables and options changed inside are lost outside; the time that passes is not.
    pub(crate) fn subshell(&mut self, state: State, run: impl FnOnce(&mut Self, States) -> States) -> States {
        let outer = state.key.clone();
        let mut inner = state;
        inner.key.jobs = Shared::default();
        let around = self.around;
        let ends = run(self, States::from_iter([inner]));
        self.around = around;
        ends.into_iter()
            .map(|mut end| {
                let flow = match end.key.flow {
                    Flow::Never(why) => Flow::Never(why),
                    _ => Flow::Next,
                };
                let mut key = outer.clone();
                key.flow = flow;
                key.status = end.key.status;
                key.output = end.key.output;
                key.rounds = end.key.rounds;
                key.watches = end.key.watches;
                end.key = key;
                end
            })
            .collect()
    }

    /// A program that is run, by its words.
    pub(crate) fn program(&mut self, fields: &[Field], span: Span, state: State) -> States {
        if let Some(fields) = self.behind_runner(fields) {
            return self.program(&fields, span, state);
        }
        let words: Vec<Value> = fields.iter().map(|field| field.value.clone()).collect();
        let Some((Value::Text(path), arguments)) = words.split_first() else {
            let effect = Effect::unknown("a program whose name is not known");
            return self.effect(state, &effect, span, "program", &BTreeSet::new());
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        if let Some(script) = self.script_of(&words) {
            return self.script(script, span, state);
        }
        if name == "timeout" {
            return self.timeout(fields, span, state);
        }
        let call = Call {
            name,
            arguments,
            open: fields.iter().any(|field| field.many),
        };
        let mut effect = program::effect(&call);
        if name == "date" {
            return self.date(arguments, span, state);
        }
        if effect.role == Role::Local
            && let Value::Unknown(unknown) = &mut effect.output
            && arguments
                .iter()
                .filter_map(Value::as_text)
                .any(|text| self.reads.written.contains(&**text))
        {
            // What the script itself writes there is no news from the world.
            unknown.by = By::Script;
        }
        self.effect(state, &effect, span, name, &targets(name, arguments))
    }

    /// `date`: the time, when it is asked for in seconds.
    fn date(&mut self, arguments: &[Value], span: Span, mut state: State) -> States {
        let seconds = arguments
            .iter()
            .any(|argument| argument.as_text().is_some_and(|text| &**text == "+%s"));
        let options = arguments.iter().any(|argument| {
            argument
                .as_text()
                .is_none_or(|text| text.starts_with('-') && &**text != "-u" && &**text != "--utc")
        });
        let output = if seconds && !options {
            let mark = self.reading(span, &mut state);
            Value::Instant { mark, plus: 0 }
        } else {
            Value::unknown(By::Script, "what `date` prints is not followed")
        };
        print(&mut state, &output);
        States::from_iter([state.with(SUCCESS)])
    }

    /// Reads the clock.
    pub(crate) fn reading(&self, span: Span, state: &mut State) -> Mark {
        let site = self.site(span);
        let mut number = 0;
        while state.clocks.has(Mark::Reading(site, number)) && number < 8 {
            number += 1;
        }
        let mark = Mark::Reading(site, number);
        state.clocks.set(mark);
        mark
    }

    /// Now, for the variables of bash that are the time.
    pub(crate) fn now(&self, state: &mut State) -> Mark {
        self.reading(Span::default(), state)
    }

    /// `SECONDS=n` starts to count anew.
    fn set_seconds(&self, state: &mut State, value: &Value) {
        let _ = value;
        // Assigned and read later it is the time since then, which is no text: it is kept as not known.
        state.set(
            "SECONDS",
            Value::unknown(By::Script, "`SECONDS` that is assigned is not followed"),
        );
    }

    /// What a program may do, at its place.
    pub(crate) fn effect(
        &mut self,
        mut state: State,
        effect: &Effect,
        span: Span,
        name: &str,
        targets: &BTreeSet<String>,
    ) -> States {
        let site = self.site(span);
        if effect.role == Role::Act {
            self.waits.event(&mut state, Event::Went(site));
        }
        let alone = effect.waits && state.key.rounds.is_empty();
        if alone {
            self.waits.open(site, WaitKind::Program);
            state.clocks.set(Mark::Wait(site));
        }
        let ends = self.outcomes(state, effect, site, name, targets);
        if alone {
            return self.waits.close(site, ends, |end| !end.key.status.succeeded());
        }
        ends
    }

    /// The ways in which a program ends.
    fn outcomes(
        &mut self,
        state: State,
        effect: &Effect,
        site: Site,
        name: &str,
        targets: &BTreeSet<String>,
    ) -> States {
        if effect.role != Role::Local {
            self.waits.ask(name, site, effect, targets);
        }
        let mut ends = States::default();
        if let Some(why) = &effect.never {
            let mut state = state.clone();
            state.key.flow = Flow::Never(why.clone());
            ends.insert(state);
        }
        let both = effect.success.is_some() && effect.failure.is_some();
        let ways = [(&effect.success, SUCCESS), (&effect.failure, Status::NotZero)];
        for (timing, status) in ways {
            let Some(timing) = timing else { continue };
            let mut state = state.clone().with(status);
            let counts = effect.role != Role::Local;
            state.clocks.pass(&range(timing, site, name, counts));
            print(&mut state, &effect.output);
            if both {
                let decision = Decision {
                    site,
                    outcome: u8::from(!status.succeeded()),
                    by: By::World,
                    related: false,
                };
                let waits = &self.waits;
                let looks = effect.role == Role::Look;
                state.decide(decision, |wait| looks && waits.asks_one_of(wait, targets));
            }
            ends.insert(state);
        }
        ends
    }

    /// Whether a command only works on what the commands before it in a pipeline print.
    fn is_pure(&self, command: &Command) -> bool {
        let CommandKind::Simple(simple) = &command.kind else {
            return false;
        };
        let name = simple.words.first().and_then(writeway_shell::Word::literal);
        name.is_some_and(|name| {
            let call = Call {
                name: &name,
                arguments: &[],
                open: false,
            };
            let effect = program::effect(&call);
            effect.role == Role::Local && !matches!(effect.output.doubt(), (By::World, _))
        })
    }
}

/// How a part of a pipeline ends, seen from the shell.
fn ending(end: &State, own: Range, last: bool) -> (Flow, Range) {
    match (&end.key.flow, last) {
        (Flow::Never(_), false) => {
            let unknown = Range {
                least: Bound::ZERO,
                most: Cost {
                    bound: Bound::unknown("a command may end when nobody reads what it writes any more"),
                    ledger: Ledger::default(),
                },
            };
            (Flow::Next, unknown)
        }
        (flow, _) => (flow.clone(), own),
    }
}

/// What a pipeline prints: what its last command makes of what it reads.
fn piped(way: &State, end: &State, pure: bool) -> Option<Value> {
    let before = way.key.output.as_ref()?;
    let changed = end.key.output.as_ref() != Some(before);
    if !changed {
        return Some(before.clone());
    }
    let by = if pure { By::Script } else { By::World };
    Some(Value::unknown(by, "what a pipeline prints is not known"))
}

/// Appends to what is printed, if anybody wants to know.
pub(crate) fn print(state: &mut State, output: &Value) {
    if let Some(printed) = &state.key.output {
        // Each command ends its line.
        let joined = match printed.as_text() {
            Some(text) if !text.is_empty() && !text.ends_with('\n') => {
                let nothing = output.as_text().is_some_and(|output| output.is_empty());
                if nothing {
                    printed.clone()
                } else {
                    printed.concat(&Value::text("\n")).concat(output)
                }
            }
            _ => printed.concat(output),
        };
        state.key.output = Some(joined);
    }
}

/// A timing with what it is made of.
pub(crate) fn range(timing: &Timing, site: Site, name: &str, counts: bool) -> Range {
    let each = match &timing.worst {
        Bound::Unbounded(_) => std::time::Duration::ZERO,
        worst => worst.at_least(),
    };
    let ledger = if counts || !each.is_zero() {
        Ledger::one(site, each, name.into())
    } else {
        Ledger::default()
    };
    Range {
        least: timing.best.clone(),
        most: Cost {
            bound: timing.worst.clone(),
            ledger,
        },
    }
}

/// Whom a program asks: the words of its arguments that name something.
fn targets(name: &str, arguments: &[Value]) -> BTreeSet<String> {
    let words = arguments.iter().filter_map(Value::as_text);
    let mut targets: BTreeSet<String> = words
        .filter(|word| !word.starts_with('-') && word.len() > 1 && word.parse::<f64>().is_err())
        .map(|word| {
            let word: &str = word;
            let address = word.split_once("://").map_or(word, |(_, rest)| rest);
            let host = address.split(['/', '?', '#']).next().unwrap_or(address);
            host.rsplit('@').next().unwrap_or(host).to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect();
    for common in [
        "GET",
        "get",
        "wait",
        "null",
        "dev",
        "POST",
        "/dev/null",
        "%{http_code}",
        "ping",
        "status",
    ] {
        targets.remove(common);
    }
    if targets.is_empty() {
        targets.insert(name.to_owned());
    }
    targets
}

/// Whether standard output goes somewhere else.
fn redirects_output(command: &Command) -> bool {
    command.redirects.iter().any(|redirect| match redirect.kind {
        RedirectKind::Write | RedirectKind::Append | RedirectKind::Clobber | RedirectKind::DupOut => {
            redirect.fd.is_none_or(|fd| fd == 1)
        }
        RedirectKind::Both | RedirectKind::BothAppend => true,
        _ => false,
    })
}

/// Where the text of a list of pipelines ends.
fn end_of(and_or: &AndOr) -> Option<usize> {
    let last = and_or.rest.last().map_or(&and_or.first, |(_, pipeline)| pipeline);
    last.commands.last().map(|command| command.span.end)
}
