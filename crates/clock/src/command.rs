// SPDX-License-Identifier: Apache-2.0
//! The way in: a command, its environment, and the scripts it can read.

use std::collections::BTreeMap;
use std::sync::Arc;

use writeway_access::{Program, shell_script};
use writeway_shell::Span;

use crate::bound::Reason;
use crate::clocks::{Clocks, Range};
use crate::evaluation::{Evaluation, Exhaustion, Outcome, ScriptPlace, Timing};
use crate::interpreter::Interpreter;
use crate::nested::{self, outermost};
use crate::reads::Reads;
use crate::site::Site;
use crate::state::{Flow, Key, Options, SUCCESS, Shared, State, States};
use crate::value::{By, Value};
use crate::words::Field;

/// The variables that a command starts with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Their values; `None` when a value is not known.
    pub variables: BTreeMap<String, Option<String>>,
    /// There are no others that a script could ask for. Those that every container has (`HOME`, `HOSTNAME` …) are not
    /// known in any case.
    pub complete: bool,
}

/// Finds out how long a command takes.
///
/// `words` is what is executed: a program with its arguments, or a shell with `-c` and a script. `files` are the texts of
/// scripts that it may run or read, by their paths.
#[must_use]
pub fn evaluate(words: &[String], environment: &Environment, files: &BTreeMap<String, String>) -> Evaluation {
    let mut shell = Interpreter::new(environment, files);
    let mut state = initial(environment);
    let fields: Vec<Value> = words.iter().map(|word| Value::text(word.as_str())).collect();
    let script = match shell_script(words) {
        Some(Program::Script { index, text, .. }) => Some((ScriptPlace::Word(index), text)),
        _ => None,
    };
    let script = script.or_else(|| {
        let path = words.iter().find(|word| files.contains_key(*word))?;
        Some((ScriptPlace::File(path.clone()), files.get(path)?.clone()))
    });
    let called = shell.script_of(&fields);
    let (place, ends) = match (script, called) {
        (Some((place, text)), Some(called)) => match writeway_shell::parse(&text) {
            Ok(parsed) => {
                shell.reads = Reads::of(&parsed.list);
                called.apply(&mut shell, &mut state, &fields);
                (Some(place), shell.list(&parsed.list, States::from_iter([state])))
            }
            Err(error) => {
                shell.give_up(&format!("it is not understood: {error}"));
                (Some(place), States::from_iter([state]))
            }
        },
        _ => {
            let fields: Vec<Field> = fields
                .into_iter()
                .map(|value| Field {
                    value,
                    many: false,
                    origin: None,
                })
                .collect();
            let ends = if fields.is_empty() {
                shell.give_up("there is no command");
                States::from_iter([state])
            } else {
                shell.program(&fields, Span::default(), state)
            };
            (None, ends)
        }
    };
    report(shell, place, ends)
}

impl nested::Script {
    /// Makes the shell the one that runs this script.
    fn apply(&self, shell: &mut Interpreter<'_>, state: &mut State, words: &[Value]) {
        shell.bash = self.bash;
        state.key.options = self.options;
        if let Some(arguments) = words
            .get(self.first_argument..)
            .filter(|arguments| !arguments.is_empty())
        {
            state.key.positional = Shared::new(arguments.to_vec());
        }
    }
}

fn initial(environment: &Environment) -> State {
    let variables = environment.variables.iter().map(|(name, value)| {
        let value = match value {
            Some(text) => Value::text(text.as_str()),
            None => Value::unknown(
                By::Script,
                format!("the value of `${name}` is not in the manifest"),
            ),
        };
        (Arc::from(name.as_str()), value)
    });
    State {
        key: Key {
            flow: Flow::Next,
            status: SUCCESS,
            options: Options::default(),
            variables: Shared::new(variables.collect()),
            positional: Shared::new(vec![Value::text("sh")]),
            functions: Shared::default(),
            locals: Shared::default(),
            output: None,
            jobs: Shared::default(),
            rounds: Vec::new(),
            watches: Shared::default(),
        },
        clocks: Clocks::new(),
        substituted: None,
    }
}

fn report(mut shell: Interpreter<'_>, place: Option<ScriptPlace>, ends: States) -> Evaluation {
    let (mut success, mut failure): (Option<Range>, Option<Range>) = (None, None);
    let mut never: Option<Reason> = None;
    for mut end in ends {
        shell.waits.finish(&mut end);
        if let Flow::Never(why) = &end.key.flow {
            never = Some(why.clone());
            continue;
        }
        let Some(age) = end.clocks.age(crate::clocks::Mark::Start) else {
            continue;
        };
        let slot = if end.key.status.succeeded() {
            &mut success
        } else {
            &mut failure
        };
        match slot {
            Some(range) => {
                range.join(age);
            }
            unset @ None => *unset = Some(age.clone()),
        }
    }
    let sources = std::mem::take(&mut shell.sources);
    let has_script = place.is_some();
    let span = |site: Site| {
        let site = outermost(&sources, site);
        has_script.then(|| Span {
            start: usize::try_from(site.start).unwrap_or(usize::MAX),
            end: usize::try_from(site.end).unwrap_or(usize::MAX),
        })
    };
    let mut waits = shell.waits.report(span);
    let outcome = |range: Range| Outcome {
        timing: range.timing(),
        worst_steps: range.most.ledger.steps(span),
    };
    let Some(why) = shell.gave_up else {
        return Evaluation {
            success: success.map(outcome),
            failure: failure.map(outcome),
            never,
            waits,
            script: place,
        };
    };
    for wait in &mut waits {
        wait.exhausted = Exhaustion::Unknown(why.clone());
    }
    let unknown = Outcome {
        timing: Timing::unknown(why),
        worst_steps: crate::evaluation::Steps::default(),
    };
    Evaluation {
        success: Some(unknown.clone()),
        failure: Some(unknown),
        never: None,
        waits,
        script: place,
    }
}
