// SPDX-License-Identifier: Apache-2.0
//! What init containers change before the main containers run.
//!
//! An init container's script runs on the model file systems with the container's own identity. What is certain is
//! done; where a step may or may not happen, both outcomes are followed and only what they agree on stays known. A
//! program that is not known may change whatever its process may change, and no more.

mod builtin;
mod compound;
mod interpreter;
mod redirection;
mod state;
mod taint;
mod test;
mod tool;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use writeway_facts::ToolsKind;
use writeway_manifest::{Container, EnvSource, Span};
use writeway_shell::mode::Flavour;

use crate::Tri;
use crate::command_line::{Program, program};
use crate::expansion::has_unknown_variable;
use crate::runtime::Running;
use crate::value::{Reason, Value};
use crate::volume::Setup;
use interpreter::Shell;
use state::{SUCCESS, State, Status, Variable};

/// The tools of an image.
#[derive(Debug, Clone)]
struct Tools {
    /// `None` when no fact says which implementation it is.
    flavour: Option<Flavour>,
    /// Every command there is, when that is known.
    commands: Option<BTreeSet<String>>,
}

impl Tools {
    fn of(running: &Running<'_>) -> Self {
        let Some(tools) = running.image.and_then(|image| image.tools.as_ref()) else {
            return Self {
                flavour: None,
                commands: None,
            };
        };
        let flavour = match tools.kind {
            ToolsKind::Busybox => Some(Flavour::Busybox),
            ToolsKind::Coreutils => Some(Flavour::Coreutils),
            ToolsKind::None => None,
        };
        let none = (tools.kind == ToolsKind::None).then(BTreeSet::new);
        let commands = tools
            .commands
            .as_ref()
            .map(|commands| commands.iter().cloned().collect())
            .or(none);
        Self { flavour, commands }
    }

    /// Whether there is a program of that name. A BusyBox shell runs applets that no link names (standalone shell),
    /// and where chown is built in, so is chgrp, which is chown by another name (coreutils/chgrp.c): measured.
    fn has(&self, name: &str) -> Tri {
        let Some(commands) = &self.commands else {
            return Tri::Unknown;
        };
        let built_in =
            self.flavour == Some(Flavour::Busybox) && name == "chgrp" && commands.contains("chown");
        (commands.contains(name) || built_in).into()
    }
}

/// Runs an init container to its end: the next one starts only if it succeeds.
pub(crate) fn run_init(setup: &mut Setup<'_>, running: &Running<'_>) {
    let name = running.container.name.as_str();
    let shared = setup.world.len();
    let ends = run(setup, running, &format!("init container `{name}`"));
    let failure = ends.iter().find_map(|(_, status)| match status {
        Status::Known(status @ 1..) => Some(*status),
        _ => None,
    });
    // Only an end with status 0 lets the pod go on.
    let successes = ends
        .into_iter()
        .filter(|(_, status)| !matches!(status, Status::Known(1..)));
    let reason: Reason = format!("it depends on how init container `{name}` ended").into();
    match successes
        .map(|(state, _)| state.world)
        .reduce(|a, b| a.join(b, shared, &reason))
    {
        Some(world) => setup.world = world,
        None => setup.startup.fail(
            format!(
                "init container `{name}` always fails (status {}), and nothing after it starts",
                failure.unwrap_or(1)
            ),
            script_span(running.container),
        ),
    }
}

/// Where a container's script stands; its command, when that is none.
fn script_span(container: &Container) -> Span {
    let mut words = container
        .command
        .iter()
        .flatten()
        .chain(container.args.iter().flatten());
    let index = match program(container) {
        Program::Script { index, .. } => index,
        _ => 0,
    };
    words.nth(index).map_or(container.span, |word| word.span)
}

/// Runs a sidecar's script: nobody knows how far it is when the main containers start.
pub(crate) fn run_sidecar(setup: &mut Setup<'_>, running: &Running<'_>) {
    let name = running.container.name.as_str();
    // A program that is not known is taken as one that leaves owners and modes alone, as with the main containers.
    if !matches!(program(running.container), Program::Script { .. }) {
        return;
    }
    let shared = setup.world.len();
    let before = setup.world.clone();
    let reason: Reason = format!("sidecar `{name}` runs at the same time").into();
    let ends = run(setup, running, &format!("sidecar `{name}`"));
    setup.world = ends.into_iter().fold(before, |world, (state, _)| {
        world.join(state.world, shared, &reason)
    });
}

/// Every way the container's program may end.
fn run(setup: &mut Setup<'_>, running: &Running<'_>, who: &str) -> Vec<(State, Status)> {
    let working_dir = running
        .working_dir
        .as_deref()
        .and_then(|path| running.mounts.trail(&setup.world, path));
    let (variables, more_variables) = environment(running);
    let state = State {
        world: std::mem::take(&mut setup.world),
        variables,
        more_variables,
        positional: Vec::new(),
        working_dir: working_dir.unwrap_or_default(),
        logical_dir: running.working_dir.clone(),
        umask: Value::Known(running.process.umask),
        exit_on_error: false,
        unset_is_error: false,
        functions: BTreeMap::new(),
        ended: None,
        leaving: None,
        last: SUCCESS,
    };
    let shell = Shell::new(running, Tools::of(running), who, state);
    match program(running.container) {
        Program::Script {
            shell: name,
            text,
            exit_on_error,
            arguments,
            ..
        } => shell.script(&name, &text, exit_on_error, arguments),
        Program::Exec(words) => {
            let known = |word: String| (!has_unknown_variable(running.container, &word)).then_some(word);
            let fields: Vec<Option<String>> = words.into_iter().map(known).collect();
            shell.exec(&fields)
        }
        Program::Entrypoint => shell.unknown_program(&format!("{who} runs the entrypoint of its image")),
    }
}

/// The environment: the image's variables, then the container's.
fn environment(running: &Running<'_>) -> (BTreeMap<String, Variable>, bool) {
    let of_image = running.image.and_then(|image| image.env.as_ref());
    let mut variables: BTreeMap<String, Variable> = of_image
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), Some(value.clone())))
        .collect();
    for variable in &running.container.env {
        let value = match &variable.source {
            EnvSource::Value(value) if !value.contains("$(") => Some(value.value.clone()),
            _ => None,
        };
        variables.insert(variable.name.value.clone(), value);
    }
    (
        variables,
        of_image.is_none() || running.container.env_from.is_some(),
    )
}
