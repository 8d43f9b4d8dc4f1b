// SPDX-License-Identifier: Apache-2.0
//! From arguments to a command to an exit code.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::args::{Cli, Command};
use crate::commands::{admit, check, completions, facts, generate, man, map, rule, schema};
use crate::exit::Outcome;
use crate::terminal::Terminal;

/// Runs the command that the arguments, the program's name first, ask for.
pub(crate) fn run(mut args: Vec<OsString>) -> ExitCode {
    let name = program_name(args.first());
    if args.len() < 2 {
        args = vec!["writeway".into(), "--help".into()];
    }
    let parsed = command_named(name)
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and versions go to standard output, mistakes to standard error; either may be closed.
            let _ = error.print();
            return if error.use_stderr() {
                Outcome::Unreadable.into()
            } else {
                Outcome::Clean.into()
            };
        }
    };
    let terminal = Terminal::new(&cli.output);
    match dispatch(cli.command, terminal) {
        Ok(outcome) => outcome.into(),
        Err(error) if is_broken_pipe(&error) => Outcome::Clean.into(),
        Err(error) => {
            terminal.error(format_args!("{error:#}"));
            Outcome::Unreadable.into()
        }
    }
}

fn dispatch(command: Command, terminal: Terminal) -> anyhow::Result<Outcome> {
    match command {
        Command::Map(args) => map::run(&args, terminal),
        Command::Check(args) => check::run(&args, terminal),
        Command::Admit(args) => admit::run(&args, terminal),
        Command::Rule(args) => rule::run(&args, terminal),
        Command::Facts(args) => facts::run(&args, terminal),
        Command::Generate(args) => generate::run(&args, terminal),
        Command::Schema(args) => schema::run(&args, terminal),
        Command::Completions(args) => completions::run(&args, terminal),
        Command::Man(args) => man::run(&args, terminal),
    }
}

/// What the program is called in usage lines. As a plugin it is found as `kubectl-writeway`, and typed with a space.
fn program_name(arg: Option<&OsString>) -> &'static str {
    let stem = arg.and_then(|arg| Path::new(arg).file_stem());
    if stem == Some(OsStr::new("kubectl-writeway")) {
        "kubectl writeway"
    } else {
        "writeway"
    }
}

fn command_named(name: &'static str) -> clap::Command {
    Cli::command().bin_name(name)
}

/// Whether the reader of standard output has gone: it has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(is_broken))
}
