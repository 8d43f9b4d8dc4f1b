// SPDX-License-Identifier: Apache-2.0
//! The way in: a command, its environment, and the scripts it can read.

use std::collections::BTreeMap;
use std::sync::Arc;

use writeway_access::{
    ContainerScript, Program, config_map_file, container_script, has_unknown_variable, program,
};
use writeway_manifest::{Container, EnvSource, Inventory, Workload};
use writeway_shell::Span;

use crate::bound::Reason;
use crate::clocks::{Clocks, Range};
use crate::evaluation::{Evaluation, Exhaustion, Outcome, Timing};
use crate::interpreter::Interpreter;
use crate::nested::{Script, is_bash, outermost};
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

/// Looks up the text of a script by its path; `None` when it is not known.
pub type Files<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Finds out how long a command takes.
///
/// `words` is what is executed: a program with its arguments, or a shell with a script. `files` gives scripts that it may
/// run or read.
#[must_use]
pub fn evaluate(words: &[String], environment: &Environment, files: Files<'_>) -> Evaluation {
    let shell = Interpreter::new(environment, files);
    let values = words.iter().map(|word| Value::text(word.as_str())).collect();
    evaluate_words(shell, values, environment)
}

fn evaluate_words(mut shell: Interpreter<'_>, values: Vec<Value>, environment: &Environment) -> Evaluation {
    if let Some(script) = shell.script_of(&values) {
        return run(shell, script);
    }
    let state = initial(environment);
    let fields = values.into_iter().map(Field::from);
    let fields: Vec<Field> = fields.collect();
    if fields.is_empty() {
        shell.give_up("there is no command");
    }
    let ends = shell.program(&fields, Span::default(), state);
    report(shell, false, ends)
}

/// Finds out how long a container takes that runs a script, or a program that its manifest names. `None`: the image
/// decides what it runs.
///
/// Variables are those of the manifest that have their value there. A variable that is neither there nor set by the
/// script counts as unset, unless `envFrom` may bring it: what images set is rarely what scripts ask for.
#[must_use]
pub fn evaluate_container<'a>(
    inventory: &'a Inventory,
    workload: &'a Workload,
    container: &Container,
) -> Option<(Evaluation, Option<ContainerScript<'a>>)> {
    let environment = Environment::of(container);
    let files = |path: &str| {
        let text = config_map_file(inventory, workload, container, path)?;
        Some(text.text.into_owned())
    };
    if let Some(script) = container_script(inventory, workload, container) {
        let shell = Interpreter::new(&environment, &files);
        let name = match &script.file {
            Some(file) => vec![file.clone()],
            None => Vec::new(),
        };
        let positional = name.iter().chain(&script.arguments);
        let evaluation = run(
            shell,
            Script {
                text: script.script.text.clone().into_owned(),
                bash: is_bash(&script.shell),
                options: Options {
                    exit_on_error: script.exit_on_error,
                    unset_is_error: false,
                    pipe_fail: script.pipefail,
                },
                positional: positional.map(|word| Value::text(word.as_str())).collect(),
            },
        );
        return Some((evaluation, Some(script)));
    }
    match program(container) {
        Program::Exec(words) => {
            let value = |word: &String| match has_unknown_variable(container, word) {
                true => Value::unknown(By::World, format!("`{word}` has a variable that is not known")),
                false => Value::text(word.as_str()),
            };
            let values = words.iter().map(value).collect();
            let shell = Interpreter::new(&environment, &files);
            Some((evaluate_words(shell, values, &environment), None))
        }
        Program::Script { .. } | Program::Entrypoint => None,
    }
}

impl Environment {
    /// The variables of a container.
    #[must_use]
    pub fn of(container: &Container) -> Self {
        let value = |source: &EnvSource| match source {
            // kubelet expands `$(VAR)` in values, from variables that may come from anywhere.
            EnvSource::Value(value) if !value.contains("$(") => Some(value.value.clone()),
            _ => None,
        };
        let variables = container.env.iter();
        Self {
            variables: variables
                .map(|variable| (variable.name.value.clone(), value(&variable.source)))
                .collect(),
            complete: container.env_from_sources.is_empty(),
        }
    }
}

/// Runs a script in every way it may go.
fn run(mut shell: Interpreter<'_>, script: Script) -> Evaluation {
    let mut state = initial(shell.environment);
    match writeway_shell::parse(&script.text) {
        Ok(parsed) => {
            shell.reads = Reads::of(&parsed.list);
            shell.bash = script.bash;
            state.key.options = script.options;
            if !script.positional.is_empty() {
                state.key.positional = Shared::new(script.positional);
            }
            let ends = shell.list(&parsed.list, States::from_iter([state]));
            report(shell, true, ends)
        }
        Err(error) => {
            shell.give_up(&format!("it is not understood: {error}"));
            report(shell, true, States::from_iter([state]))
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

fn report(mut shell: Interpreter<'_>, has_script: bool, ends: States) -> Evaluation {
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
    }
}
