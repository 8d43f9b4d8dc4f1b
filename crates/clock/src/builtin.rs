// SPDX-License-Identifier: Apache-2.0
//! What a shell does itself (POSIX XCU 2.15 and the builtins that shells share).

use std::collections::BTreeSet;
use std::sync::Arc;

use writeway_shell::{Script, Span};

use crate::arithmetic;
use crate::bound::Bound;
use crate::clocks::{Cost, Range};
use crate::condition::Operand;
use crate::evaluation::Timing;
use crate::interpreter::{Interpreter, print, range};
use crate::ledger::Ledger;
use crate::program::{self, Call, Effect, Role};
use crate::state::{Decision, FAILURE, Flow, SUCCESS, Shared, State, States, Status};
use crate::value::{By, Value};
use crate::words::Field;

impl Interpreter<'_> {
    /// Commands that run in this very shell, as if they stood at that place; not followed when they are nested too deep.
    fn here(&mut self, script: &Script, span: Span, state: State) -> States {
        let kept = state.clone();
        let source = self.enter(span);
        let ends = self.nested(|shell| shell.list(&script.list, States::from_iter([state])));
        self.source = source;
        ends.unwrap_or_else(|| States::from_iter([kept]))
    }

    /// Runs a builtin; gives the state back when the name is none.
    pub(crate) fn builtin(
        &mut self,
        name: &str,
        arguments: &[Field],
        span: Span,
        mut state: State,
    ) -> Result<States, Box<State>> {
        let first = arguments.first();
        let one = |state: State| Ok(States::from_iter([state]));
        match name {
            "exit" | "return" => {
                let status = given(&state, first);
                state.key.flow = if name == "exit" { Flow::Exit } else { Flow::Return };
                Ok(self.with_each(state, status))
            }
            "break" | "continue" => {
                let levels = match first {
                    None => 1,
                    Some(field) => match field
                        .value
                        .as_number()
                        .and_then(|levels| u32::try_from(levels).ok())
                    {
                        Some(levels) if levels > 0 => levels,
                        _ => {
                            self.give_up(&format!("how many loops `{name}` leaves is not known"));
                            1
                        }
                    },
                };
                let around = u32::try_from(state.key.rounds.len()).unwrap_or(u32::MAX);
                let levels = levels.min(around);
                let mut state = state.with(SUCCESS);
                if levels > 0 {
                    state.key.flow = if name == "break" {
                        Flow::Break(levels)
                    } else {
                        Flow::Continue(levels)
                    };
                }
                one(state)
            }
            "set" => {
                self.set_options(arguments, &mut state);
                one(state.with(SUCCESS))
            }
            "shift" => {
                let count = first.map_or(Some(1), |field| field.value.as_number());
                let count = count.and_then(|count| usize::try_from(count).ok());
                let positional = state.key.positional.change();
                match count {
                    Some(count) if count < positional.len() => {
                        positional.drain(1..=count);
                    }
                    _ => return one(state.with(FAILURE)),
                }
                one(state.with(SUCCESS))
            }
            "export" | "readonly" | "local" | "declare" | "typeset" => {
                self.declare(name, arguments, &mut state);
                one(state.with(SUCCESS))
            }
            "unset" => {
                for name in arguments.iter().filter_map(|field| field.value.as_text()) {
                    state.key.variables.change().remove(name);
                }
                one(state.with(SUCCESS))
            }
            "read" => Ok(self.read(arguments, span, state)),
            "eval" => {
                let words: Option<Vec<&str>> = arguments
                    .iter()
                    .map(|field| field.value.as_text().map(|text| &**text))
                    .collect();
                match words.map(|words| writeway_shell::parse(&words.join(" "))) {
                    Some(Ok(script)) => Ok(self.here(&script, span, state)),
                    _ => {
                        self.give_up("what `eval` runs is not known");
                        one(state)
                    }
                }
            }
            "." | "source" => {
                let path = first.and_then(|field| field.value.as_text()).cloned();
                let text = path.and_then(|path| (self.files)(&path));
                match text.map(|text| writeway_shell::parse(&text)) {
                    Some(Ok(script)) => Ok(self.here(&script, span, state)),
                    _ => {
                        self.give_up("it reads commands from a file that is not known");
                        one(state)
                    }
                }
            }
            "test" | "[" => Ok(self.test(name, arguments, span, state)),
            "let" => {
                let mut value = Value::number(0);
                for argument in arguments {
                    value = match argument.value.as_text().cloned() {
                        Some(text) => arithmetic::text(self, &text, &mut state),
                        None => Value::unknown(By::Script, "what `let` computes is not known"),
                    };
                }
                Ok(self.arithmetic_status(&value, span, state))
            }
            "exec" => {
                if arguments.is_empty() {
                    return one(state.with(SUCCESS));
                }
                let ends = self.outside_of_conditions(|shell| shell.program(arguments, span, state));
                Ok(ends
                    .into_iter()
                    .map(|mut end| {
                        if end.runs() {
                            end.key.flow = Flow::Exit;
                        }
                        end
                    })
                    .collect())
            }
            "trap" => {
                self.trap(arguments);
                one(state.with(SUCCESS))
            }
            "wait" => Ok(self.wait(arguments, span, state)),
            "command" | "type" | "hash" if looks_up(name, first) => Ok(self.uncertain(&mut state, span)),
            _ => Err(Box::new(state)),
        }
    }

    /// Enters a text that runs in this shell; returns the text around it.
    fn enter(&mut self, span: Span) -> u32 {
        let id = self.source_at(span);
        std::mem::replace(&mut self.source, id)
    }

    /// The number of the text that the command there runs.
    pub(crate) fn source_at(&mut self, span: Span) -> u32 {
        let site = self.site(span);
        if let Some(id) = self.source_ids.get(&site) {
            return *id;
        }
        let id = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        self.sources.push(Some(site));
        self.source_ids.insert(site, id);
        id
    }

    fn with_each(&self, state: State, status: Option<Status>) -> States {
        match status {
            Some(status) => States::from_iter([state.with(status)]),
            None => States::from_iter([state.clone().with(SUCCESS), state.with(Status::NotZero)]),
        }
    }

    /// Something that the world decides, in no time.
    fn uncertain(&self, state: &mut State, span: Span) -> States {
        let site = self.site(span);
        let ways = [(SUCCESS, 0), (FAILURE, 1)].map(|(status, outcome)| {
            let mut state = state.clone();
            let decision = Decision {
                site,
                outcome,
                by: By::World,
                related: false,
            };
            state.decide(decision, |_| false);
            state.with(status)
        });
        States::from_iter(ways)
    }

    fn set_options(&mut self, arguments: &[Field], state: &mut State) {
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let Some(text) = argument.value.as_text() else {
                self.give_up("the options that `set` sets are not known");
                return;
            };
            if &**text == "--" {
                let mut positional = vec![
                    state
                        .key
                        .positional
                        .first()
                        .cloned()
                        .unwrap_or_else(|| Value::text("")),
                ];
                positional.extend(arguments.map(|field| field.value.clone()));
                state.key.positional = Shared::new(positional);
                return;
            }
            let on = text.starts_with('-');
            let Some(letters) = text.strip_prefix(['-', '+']) else {
                continue;
            };
            let name = letters.ends_with('o').then(|| arguments.next()).flatten();
            let name = name.and_then(|field| field.value.as_text()).map(|name| &**name);
            let options = &mut state.key.options;
            if letters.contains('e') || name == Some("errexit") {
                options.exit_on_error = on;
            }
            if letters.contains('u') || name == Some("nounset") {
                options.unset_is_error = on;
            }
            if name == Some("pipefail") {
                options.pipe_fail = on;
            }
        }
    }

    fn declare(&mut self, builtin: &str, arguments: &[Field], state: &mut State) {
        for argument in arguments {
            let (name, value) = match &argument.value {
                Value::Text(text) => match text.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(Value::text(value))),
                    None => (text.to_string(), None),
                },
                // `export NAME=$(…)`: the name is lost with the value.
                _ => match &argument.origin {
                    Some(name) => (name.to_string(), Some(argument.value.clone())),
                    None => {
                        self.give_up(&format!("which variable `{builtin}` sets is not known"));
                        return;
                    }
                },
            };
            if name.starts_with('-') {
                continue;
            }
            let name: Arc<str> = name.into();
            if builtin == "export" {
                self.exported.insert(name.to_string());
            }
            if matches!(builtin, "local" | "declare" | "typeset") {
                let before = state.key.variables.get(&name).cloned();
                if let Some(locals) = state.key.locals.change().last_mut() {
                    locals.entry(name.clone()).or_insert(before);
                }
            }
            if let Some(value) = value {
                state.set(&name, value);
            }
        }
    }

    /// `read`: what it reads is not known, nor when the input ends.
    fn read(&mut self, arguments: &[Field], span: Span, mut state: State) -> States {
        let site = self.site(span);
        let mut words = arguments.iter().filter_map(|field| field.value.as_text());
        while let Some(word) = words.next() {
            if &**word == "-t" {
                let limit = words.next().and_then(|text| crate::duration::seconds(text));
                let worst = limit.map_or_else(
                    || Bound::unknown("the limit of `read -t` is not known"),
                    Bound::Finite,
                );
                let timing = Timing {
                    best: Bound::ZERO,
                    worst,
                };
                state.clocks.pass(&range(&timing, site, "read", true));
            } else if !word.starts_with('-') {
                state.set(word, Value::unknown(By::Script, "what `read` reads is not known"));
            }
        }
        let ways = [(SUCCESS, 0), (FAILURE, 1)].map(|(status, outcome)| {
            let mut state = state.clone();
            let decision = Decision {
                site,
                outcome,
                by: By::Script,
                related: false,
            };
            state.decide(decision, |_| false);
            state.with(status)
        });
        States::from_iter(ways)
    }

    fn test(&mut self, name: &str, arguments: &[Field], span: Span, state: State) -> States {
        let arguments = match (name, arguments.split_last()) {
            ("[", Some((last, rest))) if last.value.as_text().is_some_and(|last| &**last == "]") => rest,
            ("[", _) => return States::from_iter([state.with(Status::Known(2))]),
            _ => arguments,
        };
        let operands: Vec<Operand> = arguments
            .iter()
            .map(|field| Operand {
                field: field.clone(),
                pattern: None,
            })
            .collect();
        self.condition(&operands, false, span, state)
    }

    /// `trap`: what runs at the exit matters when it takes time or changes the status.
    fn trap(&mut self, arguments: &[Field]) {
        let Some((action, signals)) = arguments.split_first() else {
            return;
        };
        let at_exit = signals.iter().any(|signal| {
            signal
                .value
                .as_text()
                .is_none_or(|signal| matches!(&**signal, "EXIT" | "0" | "ERR"))
        });
        let harmless = action.value.as_text().is_some_and(|action| {
            let mut words = action.split(|letter: char| letter.is_whitespace() || ";|&(){}".contains(letter));
            words.all(|word| {
                let call = Call {
                    name: word,
                    arguments: &[],
                    open: false,
                };
                let known = program::effect(&call);
                !matches!(word, "exit" | "sleep" | "wait")
                    && (known.role == Role::Local || known.success == unknown(word))
            })
        });
        if at_exit && !harmless {
            self.give_up("what `trap` runs at the exit is not followed");
        }
    }

    /// `wait`: until everything in the background has ended.
    fn wait(&mut self, arguments: &[Field], span: Span, mut state: State) -> States {
        let site = self.site(span);
        let mut rest = Range::zero();
        for job in &*std::mem::take(&mut state.key.jobs) {
            let (young, old) = match state.clocks.age(job.started) {
                Some(age) => (age.least.at_least(), age.most.bound.finite()),
                None => continue,
            };
            let least = old.map_or(Bound::ZERO, |old| job.best.minus(old));
            let most = job.worst.minus(young);
            if let (Bound::Unbounded(why), Bound::Unbounded(_)) = (&job.worst, &job.best) {
                state.key.flow = Flow::Never(why.clone());
            }
            let each = most.finite().unwrap_or_default();
            rest = rest.both(&Range {
                least,
                most: Cost {
                    bound: most,
                    ledger: Ledger::one(site, each, "wait".into()),
                },
            });
            state.clocks.remove(job.started);
        }
        state.clocks.pass(&rest);
        if arguments.is_empty() || !state.runs() {
            return States::from_iter([state.with(SUCCESS)]);
        }
        self.uncertain(&mut state, span)
    }

    /// A program whose effect is one of the table's, at the place of a builtin.
    pub(crate) fn unknown_program(&mut self, span: Span, state: State) -> States {
        let effect = Effect::unknown("a program whose name is not known");
        let mut state = state;
        print(&mut state, &Value::text(""));
        self.effect(state, &effect, span, "program", &BTreeSet::new())
    }
}

/// The status that `exit` and `return` are given, or that of the last command; `None` when it is not known.
fn given(state: &State, status: Option<&Field>) -> Option<Status> {
    match status {
        None => Some(state.key.status),
        Some(field) => match field.value.as_number() {
            // Only the last eight bits count.
            Some(number) => u8::try_from(number.rem_euclid(256)).ok().map(Status::Known),
            None if field.value.is("0") == Some(false) => Some(Status::NotZero),
            None => None,
        },
    }
}

/// `command -v`, `type`, `hash`: whether there is such a command.
fn looks_up(name: &str, first: Option<&Field>) -> bool {
    name != "command"
        || first
            .and_then(|field| field.value.as_text())
            .is_some_and(|option| matches!(&**option, "-v" | "-V"))
}

/// What the table says of a name that is in no row.
fn unknown(name: &str) -> Option<Timing> {
    Effect::unknown(name).success
}
