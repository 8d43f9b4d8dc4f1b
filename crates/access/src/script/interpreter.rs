// SPDX-License-Identifier: Apache-2.0
//! The shell: lists, pipelines, functions, subshells, with exit statuses that may not be known; and how two pasts are
//! followed.

use std::sync::Arc;

use writeway_facts::ImageFacts;
use writeway_shell::{Command, CommandKind, Connector, List, Pipeline, Simple, Word};

use super::Tools;
use super::state::{FAILURE, Leave, SUCCESS, State, Status};
use super::words::Field;
use crate::Tri;
use crate::mounts::{Mounts, Place};
use crate::process::Process;
use crate::runtime::Running;
use crate::syscall::{self, Calls, Failure, Outcome};
use crate::value::Reason;

/// Work that one container's script may make, all alternatives counted: a command, a file visited in a tree, and so on.
/// Scripts of this world stay far below.
const MAX_WORK: usize = 20_000;
/// Files of which a copy of the file tree is made for the price of a command.
const FILES_COPIED_AT_ONCE: usize = 128;
/// What it costs to keep a state until the end, in which something was left early: their number is bounded so.
const WORK_PER_STATE: usize = 100;
/// Directories on the way to a file that are looked up for the price of a command.
const DIRECTORIES_AT_ONCE: usize = 16;
/// Depth of a tree that tools follow.
const MAX_TREE_DEPTH: usize = 256;
/// Depth of everything that nests: compound commands, function calls, shells, texts that are evaluated, expansions within
/// expansions. It bounds the stack.
const MAX_DEPTH: u32 = 40;
/// Alternatives followed at once; beyond that a condition that is not known makes everything after it unknown.
const MAX_FORKS: u32 = 12;

/// A shell that runs on the model.
pub(super) struct Shell<'a> {
    pub(super) mounts: &'a Mounts,
    pub(super) process: &'a Process,
    pub(super) tools: Tools,
    /// The image's accounts.
    pub(super) image: Option<&'a ImageFacts>,
    /// `fs.protected_regular` of the node, when known.
    protected_regular: Option<i64>,
    pub(super) who: String,
    pub(super) state: State,
    /// States in which the shell ended before its last command.
    finished: Vec<(State, Status)>,
    /// States that are on their way out of a loop or a function.
    pub(super) left: Vec<(State, Leave, Status)>,
    work_left: usize,
    depth: u32,
    forks: u32,
    /// Inside a condition, where `set -e` does not apply.
    in_condition: u32,
}

impl<'a> Shell<'a> {
    pub(super) fn new(running: &'a Running<'_>, tools: Tools, who: &str, state: State) -> Self {
        Self {
            mounts: &running.mounts,
            process: &running.process,
            tools,
            image: running.image,
            protected_regular: running.protected_regular,
            who: who.to_owned(),
            state,
            finished: Vec::new(),
            left: Vec::new(),
            work_left: MAX_WORK,
            depth: 0,
            forks: 0,
            in_condition: 0,
        }
    }

    /// Runs a script in a shell to every end it may have.
    pub(super) fn script(
        mut self,
        name: &str,
        text: &str,
        exit_on_error: bool,
        arguments: Vec<String>,
    ) -> Vec<(State, Status)> {
        if self.tools.has(crate::command_line::base_name(name)) == Tri::No {
            return self.ends(Status::Known(127));
        }
        self.state.exit_on_error = exit_on_error;
        self.state.positional = arguments;
        let status = self.source(text);
        self.ends(status)
    }

    /// Runs a program without a shell.
    pub(super) fn exec(mut self, fields: &[Field]) -> Vec<(State, Status)> {
        let status = self.utility(fields);
        self.ends(status)
    }

    /// A program of which nothing is known.
    pub(super) fn unknown_program(mut self, what: &str) -> Vec<(State, Status)> {
        let status = self.unknown_effect(what);
        self.ends(status)
    }

    fn ends(self, status: Status) -> Vec<(State, Status)> {
        let mut ends = self.finished;
        let status = self.state.ended.clone().unwrap_or(status);
        ends.push((self.state, status));
        ends
    }

    /// Parses and runs a text.
    pub(super) fn source(&mut self, text: &str) -> Status {
        self.nested(|shell| match writeway_shell::parse(text) {
            Ok(script) => shell.list(&script.list),
            Err(error) => {
                let what = format!("{}: the script is not understood: {error}", shell.who);
                shell.unknown_effect(&what)
            }
        })
        .unwrap_or_else(|given_up| given_up)
    }

    /// Runs something one level deeper; where that is too deep, the script is given up.
    pub(super) fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> Result<T, Status> {
        if self.depth >= MAX_DEPTH {
            return Err(self.give_up());
        }
        self.depth += 1;
        let result = run(self);
        self.depth -= 1;
        Ok(result)
    }

    /// Whether the shell runs the next command.
    pub(super) fn running(&self) -> bool {
        self.state.runs()
    }

    /// Puts a state aside that does not run the next command.
    fn put_aside(&mut self, mut state: State, status: Status) {
        self.work_left = self.work_left.saturating_sub(WORK_PER_STATE);
        match (state.ended.clone(), state.leaving.take()) {
            (Some(ended), _) => self.finished.push((state, ended)),
            (None, Some((leave, status))) => self.left.push((state, leave, status)),
            (None, None) => self.finished.push((state, status)),
        }
    }

    /// Brings the states back that left a loop's round, a loop or a function; `since` says how many had left before.
    pub(super) fn rejoin(&mut self, leave: Leave, since: usize, shared: usize, mut status: Status) -> Status {
        if let Some((own, with)) = &self.state.leaving
            && *own == leave
        {
            status = with.clone();
            self.state.leaving = None;
        }
        let reason: Reason = format!("{} may leave a loop or a function early", self.who).into();
        let (back, others) = self
            .left
            .split_off(since)
            .into_iter()
            .partition(|(_, own, _)| *own == leave);
        self.left.extend::<Vec<_>>(others);
        for (state, _, with) in Vec::from_iter::<Vec<_>>(back) {
            if self.running() {
                let own = std::mem::replace(&mut self.state, state);
                let state = std::mem::replace(&mut self.state, own.clone());
                self.state = own.join(state, shared, &reason);
                status = status.join(with, &reason);
            } else {
                let stopped = std::mem::replace(&mut self.state, state);
                self.put_aside(stopped, status);
                status = with;
            }
        }
        status
    }

    pub(super) fn list(&mut self, list: &List) -> Status {
        let mut status = SUCCESS;
        for and_or in list {
            if !self.running() {
                break;
            }
            if and_or.background {
                let shared = self.state.world.len();
                let before = self.state.clone();
                self.subshell(|shell| shell.and_or(&and_or.first, &and_or.rest));
                let reason: Reason = format!("{} runs a command in the background", self.who).into();
                let after = std::mem::replace(&mut self.state, before.clone());
                self.state.world = before.world.join(after.world, shared, &reason);
                status = SUCCESS;
            } else {
                status = self.and_or(&and_or.first, &and_or.rest);
            }
        }
        status
    }

    fn and_or(&mut self, first: &Pipeline, rest: &[(Connector, Pipeline)]) -> Status {
        let mut status = self.conditional(!rest.is_empty(), |shell| shell.pipeline(first));
        for (index, (connector, pipeline)) in rest.iter().enumerate() {
            if !self.running() {
                break;
            }
            let condition = index + 1 < rest.len();
            let runs_after_success = *connector == Connector::And;
            status = match status {
                Status::Known(code) if (code == 0) == runs_after_success => {
                    self.conditional(condition, |shell| shell.pipeline(pipeline))
                }
                Status::Known(code) => Status::Known(code),
                Status::Unknown(reason) => {
                    let skipped = if runs_after_success {
                        Status::Unknown(reason.clone())
                    } else {
                        SUCCESS
                    };
                    self.fork(
                        &reason,
                        |shell| shell.conditional(condition, |shell| shell.pipeline(pipeline)),
                        |_| skipped,
                    )
                }
            };
        }
        status
    }

    /// Runs something, without `set -e` if it is a condition.
    pub(super) fn conditional(&mut self, condition: bool, run: impl FnOnce(&mut Self) -> Status) -> Status {
        self.in_condition += u32::from(condition);
        let status = run(self);
        self.in_condition -= u32::from(condition);
        status
    }

    /// Runs a shell of its own, which does not know what condition it may be part of.
    pub(super) fn outside_of_conditions(&mut self, run: impl FnOnce(&mut Self) -> Status) -> Status {
        let conditions = std::mem::take(&mut self.in_condition);
        let status = run(self);
        self.in_condition = conditions;
        status
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Status {
        let status = self.conditional(pipeline.negated, |shell| match pipeline.commands.as_slice() {
            [single] => shell.command(single),
            several => {
                let mut status = SUCCESS;
                for command in several {
                    status = shell.subshell(|shell| shell.command(command));
                }
                shell.fail_if_told_to(&status);
                status
            }
        });
        let status = if pipeline.negated {
            status.negated()
        } else {
            status
        };
        self.state.last = status.clone();
        status
    }

    fn command(&mut self, command: &Command) -> Status {
        if !self.running() {
            return SUCCESS;
        }
        let status = self.run(command);
        self.state.last = status.clone();
        status
    }

    fn run(&mut self, command: &Command) -> Status {
        if let Err(given_up) = self.pay(1) {
            return given_up;
        }
        match self.redirect(&command.redirects) {
            SUCCESS => self.perform(command),
            failed @ Status::Known(_) => self.not_redirected(command, failed),
            // The command runs, or its redirection fails.
            Status::Unknown(reason) => self.fork(
                &reason,
                |shell| shell.perform(command),
                |shell| shell.not_redirected(command, FAILURE),
            ),
        }
    }

    /// A redirection that fails keeps the command from running, and ends the shell where it stands at a special builtin
    /// (POSIX XCU 2.8.1).
    fn not_redirected(&mut self, command: &Command, failed: Status) -> Status {
        self.fail_if_told_to(&failed);
        if self.running() && is_special(command) {
            self.state.ended = Some(failed.clone());
        }
        failed
    }

    /// Runs a command whose redirections are made.
    fn perform(&mut self, command: &Command) -> Status {
        let status = match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple),
            CommandKind::Compound(compound) => {
                return self
                    .nested(|shell| shell.compound(compound))
                    .unwrap_or_else(|given_up| given_up);
            }
            CommandKind::Function(function) => {
                self.state
                    .functions
                    .insert(function.name.clone(), Arc::new((*function.body).clone()));
                SUCCESS
            }
        };
        self.fail_if_told_to(&status);
        status
    }

    /// Pays for work. When nothing is left to pay with, the script is given up.
    pub(super) fn pay(&mut self, work: usize) -> Result<(), Status> {
        if let Some(ended) = &self.state.ended {
            return Err(ended.clone());
        }
        self.work_left = self.work_left.saturating_sub(work);
        if self.work_left == 0 {
            return Err(self.give_up());
        }
        Ok(())
    }

    /// Pays for one more file in a tree.
    pub(super) fn visit(&mut self, path: &str) -> Result<(), Status> {
        let depth = path.matches('/').count();
        self.pay(1 + depth / DIRECTORIES_AT_ONCE)?;
        if depth > MAX_TREE_DEPTH {
            return Err(self.give_up());
        }
        Ok(())
    }

    /// Follows the script no further: whatever it may have changed is not known.
    fn give_up(&mut self) -> Status {
        let what = format!("{}: the script does more than can be followed", self.who);
        let status = self.unknown_effect(&what);
        self.state.ended = Some(status.clone());
        status
    }

    /// What a copy of the whole file tree costs; the next one to pay finds out.
    fn pay_for_copy(&mut self) {
        let work = self.state.world.len() / FILES_COPIED_AT_ONCE;
        self.work_left = self.work_left.saturating_sub(work);
    }

    /// `set -e`. A status that is not known is taken as success: an init container that fails is none after which
    /// anything runs.
    pub(super) fn fail_if_told_to(&mut self, status: &Status) {
        if self.state.exit_on_error
            && self.in_condition == 0
            && self.running()
            && matches!(status, Status::Known(1..))
        {
            self.state.ended = Some(status.clone());
        }
    }

    fn simple(&mut self, simple: &Simple) -> Status {
        let fields = self.fields(&simple.words);
        if !self.running() {
            return FAILURE;
        }
        if fields.is_empty() {
            for assignment in &simple.assignments {
                let value = self.text(&assignment.value);
                let value = if assignment.append { None } else { value };
                self.state.variables.insert(assignment.name.clone(), value);
            }
            return SUCCESS;
        }
        let function = fields[0]
            .as_ref()
            .and_then(|name| self.state.functions.get(name))
            .cloned();
        if let Some(body) = function {
            let known: Option<Vec<String>> = fields.iter().cloned().collect();
            let Some(arguments) = known else {
                return self.unknown_effect(&format!(
                    "{} calls a function with arguments that are not known",
                    self.who
                ));
            };
            return self
                .nested(|shell| shell.call(&body, arguments))
                .unwrap_or_else(|given_up| given_up);
        }
        self.utility(&fields)
    }

    /// Calls a function.
    fn call(&mut self, body: &Command, arguments: Vec<String>) -> Status {
        let outer = std::mem::replace(&mut self.state.positional, arguments);
        let (since, shared) = (self.left.len(), self.state.world.len());
        let status = self.command(body);
        let status = self.rejoin(Leave::Return, since, shared, status);
        self.state.positional = outer;
        status
    }

    /// Variables, directory, umask and options changed inside are lost outside; files are not.
    pub(super) fn subshell(&mut self, run: impl FnOnce(&mut Self) -> Status) -> Status {
        self.pay_for_copy();
        let outer = self.state.clone();
        let finished = std::mem::take(&mut self.finished);
        let left = std::mem::take(&mut self.left);
        let status = self.nested(run).unwrap_or_else(|given_up| given_up);
        // What would leave a loop outside of the subshell ends the subshell.
        let leaving = self.state.leaving.take().map(|(_, status)| status);
        let status = self.state.ended.take().or(leaving).unwrap_or(status);
        let mut ends = std::mem::replace(&mut self.finished, finished);
        let left = std::mem::replace(&mut self.left, left);
        ends.extend(left.into_iter().map(|(state, _, status)| (state, status)));
        let reason: Reason = format!("{} may leave a subshell early", self.who).into();
        let shared = outer.world.len();
        let mut world = std::mem::take(&mut self.state.world);
        let mut status = status;
        for (end, end_status) in ends {
            world = world.join(end.world, shared, &reason);
            status = status.join(end_status, &reason);
        }
        self.state = State { world, ..outer };
        status
    }

    /// Follows two alternatives and keeps what they agree on.
    pub(super) fn fork(
        &mut self,
        reason: &Reason,
        one: impl FnOnce(&mut Self) -> Status,
        other: impl FnOnce(&mut Self) -> Status,
    ) -> Status {
        if self.forks >= MAX_FORKS {
            return self.unknown_effect(&format!("{}: {reason}", self.who));
        }
        self.forks += 1;
        self.pay_for_copy();
        let base = self.state.clone();
        let shared = base.world.len();
        let first_status = one(self);
        let first = std::mem::replace(&mut self.state, base);
        let second_status = other(self);
        self.forks -= 1;
        if !first.runs() {
            self.put_aside(first, first_status);
            second_status
        } else if self.running() {
            let second = std::mem::replace(&mut self.state, first.clone());
            self.state = first.join(second, shared, reason);
            first_status.join(second_status, reason)
        } else {
            let second = std::mem::replace(&mut self.state, first);
            self.put_aside(second, second_status);
            first_status
        }
    }

    /// Something happens that is not known: the process may have changed whatever it may change.
    pub(super) fn unknown_effect(&mut self, what: &str) -> Status {
        let reason: Reason = what.into();
        self.pay_for_copy();
        self.taint(&reason);
        Status::Unknown(reason)
    }

    /// The output of a command substitution, when it is known; its effects happen.
    pub(super) fn substitution(&mut self, list: &List) -> Option<String> {
        let known = match list.as_slice() {
            [and_or] if and_or.rest.is_empty() && !and_or.background => {
                match and_or.first.commands.as_slice() {
                    [
                        Command {
                            kind: CommandKind::Simple(simple),
                            ..
                        },
                    ] => {
                        let words: Option<Vec<String>> = simple.words.iter().map(Word::literal).collect();
                        words.and_then(|words| self.output(&words))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        if known.is_none() {
            self.subshell(|shell| shell.list(list));
        }
        known
    }

    /// Output of commands that only state who asks.
    fn output(&self, words: &[String]) -> Option<String> {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["id", "-u"] => self.process.uid.known().map(|uid| uid.to_string()),
            ["id", "-g"] => self.process.gid.known().map(|gid| gid.to_string()),
            ["echo", rest @ ..]
                if !rest
                    .iter()
                    .any(|word| word.starts_with('-') || word.contains('\\')) =>
            {
                Some(rest.join(" "))
            }
            _ => None,
        }
    }

    /// System calls of the shell's process.
    pub(super) fn calls<T>(&mut self, call: impl FnOnce(&mut Calls<'_>) -> Outcome<T>) -> Outcome<T> {
        let working_dir = if self.state.working_dir.is_empty() {
            vec![self.mounts.root()]
        } else {
            self.state.working_dir.clone()
        };
        let mut calls = Calls {
            world: &mut self.state.world,
            mounts: self.mounts,
            process: self.process,
            working_dir: &working_dir,
            umask: &self.state.umask,
            protected_regular: self.protected_regular,
            who: &self.who,
        };
        call(&mut calls)
    }

    /// Looks a path up from the working directory.
    pub(super) fn find(&self, path: &str, follow: bool) -> Outcome<Place> {
        if self.state.working_dir.is_empty() && !path.starts_with('/') {
            return Err(Failure::Unknown(
                format!("the working directory of {} is not known", self.who).into(),
            ));
        }
        let State {
            world, working_dir, ..
        } = &self.state;
        syscall::find(world, self.mounts, self.process, working_dir, path, follow)
    }

    /// Whether a path is, or will be, a directory or something below it.
    pub(super) fn is_within(&self, path: &str, directory: Place) -> bool {
        let above = path.trim_end_matches('/').rsplit_once('/');
        let above = above.map_or(".", |(above, _)| if above.is_empty() { "/" } else { above });
        [path, above]
            .iter()
            .filter_map(|path| self.find(path, true).ok())
            .any(|place| self.state.world.is_within(place.inode, directory.inode))
    }

    /// Whether something is there, links not followed.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.find(path, false).is_ok()
    }
}

/// The builtins whose errors end a shell that is not interactive (POSIX XCU 2.14, 2.8.1).
const SPECIAL: &[&str] = &[
    ":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift",
    "times", "trap", "unset",
];

fn is_special(command: &Command) -> bool {
    match &command.kind {
        CommandKind::Simple(simple) => simple
            .words
            .first()
            .and_then(Word::literal)
            .is_some_and(|name| SPECIAL.contains(&name.as_str())),
        CommandKind::Compound(_) | CommandKind::Function(_) => false,
    }
}
