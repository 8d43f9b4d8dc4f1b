// SPDX-License-Identifier: Apache-2.0
//! The utilities a script calls: which are followed, which change nothing, and which are not known.

mod agent;
mod change_mode;
mod change_owner;
mod copy;
mod directory;
mod find;
mod link;
mod remove;
mod touch;
mod walk;

use std::collections::BTreeSet;

use writeway_shell::agent::PROGRAM as AGENT;
use writeway_shell::mode::Flavour;
use writeway_shell::options::{Arguments, OptionSpec, Order, Spec, parse_options};

use super::interpreter::Shell;
use super::state::{FAILURE, SUCCESS, Status};
use super::words::Field;
use crate::command_line::{Program, base_name, shell_script};
use crate::syscall::{Failure, Outcome};
use crate::value::Reason;
use crate::{Errno, Tri};

/// A utility that is followed.
type Tool = fn(&mut Shell<'_>, &[String], Flavour) -> Status;

/// The utilities that are followed, by name.
const TOOLS: &[(&str, Tool)] = &[
    ("chgrp", change_owner::chgrp),
    ("chmod", change_mode::chmod),
    ("chown", change_owner::chown),
    ("cp", copy::cp),
    ("find", find::find),
    ("install", directory::install),
    ("ln", link::ln),
    ("mkdir", directory::mkdir),
    ("mv", link::mv),
    ("rm", remove::rm),
    ("rmdir", remove::rmdir),
    ("touch", touch::touch),
    ("tee", touch::tee),
];

/// Utilities that change no file, whatever their operands; what they answer is not followed.
const HARMLESS: &[&str] = &[
    "[[",
    "awk",
    "basename",
    "cat",
    "cmp",
    "cut",
    "date",
    "df",
    "diff",
    "dig",
    "dirname",
    "du",
    "egrep",
    "env",
    "expr",
    "fgrep",
    "free",
    "getent",
    "grep",
    "groups",
    "head",
    "host",
    "hostname",
    "id",
    "ls",
    "md5sum",
    "mount",
    "mountpoint",
    "nc",
    "netstat",
    "nproc",
    "nslookup",
    "pgrep",
    "pg_isready",
    "ping",
    "printenv",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "seq",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "sync",
    "sysctl",
    "tail",
    "tr",
    "uname",
    "uniq",
    "wc",
    "which",
    "whoami",
];

impl Shell<'_> {
    /// Runs a builtin or a utility.
    pub(super) fn utility(&mut self, mut fields: &[Field]) -> Status {
        // `exec`, `command` and `busybox` before a command; each may stand there more than once.
        let mut replaces_shell = false;
        while let Some((prefix, command)) = prefixed(fields) {
            replaces_shell |= prefix == Prefix::Exec;
            fields = command;
        }
        let status = self.unprefixed(fields);
        if replaces_shell {
            self.state.ended = Some(status.clone());
        }
        status
    }

    fn unprefixed(&mut self, fields: &[Field]) -> Status {
        let Some((name, arguments)) = fields.split_first() else {
            return SUCCESS;
        };
        let Some(name) = name else {
            return self.unknown_effect(&format!("{} runs a command whose name is not known", self.who));
        };
        if let Some(status) = self.builtin(name, arguments) {
            return status;
        }
        if base_name(name) == AGENT {
            return agent::run(self, name, arguments);
        }
        let name = base_name(name);
        if self.tools.has(name) == Tri::No {
            return Status::Known(127);
        }
        let known: Option<Vec<String>> = arguments.iter().cloned().collect();
        if matches!(name, "chown" | "chgrp") && known.is_none() {
            return change_owner::unknown_owner(self, name, arguments);
        }
        let words: Option<Vec<String>> = fields.iter().cloned().collect();
        if let Some(Program::Script {
            text,
            exit_on_error,
            arguments,
            ..
        }) = words.as_deref().and_then(shell_script)
        {
            return self.subshell(|shell| {
                shell.state.exit_on_error = exit_on_error;
                shell.state.unset_is_error = false;
                shell.state.positional = arguments;
                shell.state.functions.clear();
                shell.outside_of_conditions(|shell| shell.source(&text))
            });
        }
        if HARMLESS.contains(&name) {
            return Status::unknown(format!("the exit status of `{name}` is not followed"));
        }
        let tool = TOOLS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, tool)| *tool);
        match (tool, known) {
            (Some(tool), Some(arguments)) => self.with_flavour(&arguments, tool),
            (Some(_), None) => self.unknown_effect(&format!(
                "{} runs `{name}` with arguments that are not known",
                self.who
            )),
            (None, _) => self.unknown_effect(&format!("{} runs `{name}`, which is not followed", self.who)),
        }
    }

    /// Runs a utility as the image's implementation does it; as both when it is not known which one that is.
    fn with_flavour(&mut self, arguments: &[String], tool: Tool) -> Status {
        match self.tools.flavour {
            Some(flavour) => tool(self, arguments, flavour),
            None => {
                let reason: Reason =
                    "it depends on whether the image has BusyBox or coreutils, which no fact states".into();
                self.fork(
                    &reason,
                    |shell| tool(shell, arguments, Flavour::Busybox),
                    |shell| tool(shell, arguments, Flavour::Coreutils),
                )
            }
        }
    }
}

/// A word that runs the command behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefix {
    /// `exec`: nothing of the shell runs after it.
    Exec,
    /// `command` and `busybox`.
    Transparent,
}

/// A prefix with the command behind it.
fn prefixed(fields: &[Field]) -> Option<(Prefix, &[Field])> {
    let (name, command) = fields.split_first()?;
    let first = command.first()?.as_deref();
    let prefix = match name.as_deref()? {
        "exec" => Prefix::Exec,
        "command" if matches!(first, Some("-v" | "-V")) => return None,
        "command" => Prefix::Transparent,
        name if base_name(name) == "busybox" => Prefix::Transparent,
        _ => return None,
    };
    Some((prefix, command))
}

/// The arguments of a utility. With options that are not among those followed, whatever the process may change may have
/// changed, and that is its status.
fn options(
    shell: &mut Shell<'_>,
    name: &str,
    options: &'static [OptionSpec],
    arguments: &[String],
    modes: Option<Flavour>,
) -> Result<Arguments, Status> {
    let spec = Spec {
        options,
        order: Order::Mixed,
        modes,
    };
    parse_options(arguments, &spec).map_err(|_| {
        let what = format!("{} runs `{name}` with options that are not followed", shell.who);
        shell.unknown_effect(&what)
    })
}

/// A call's outcome as an exit status.
fn status<T>(outcome: Outcome<T>) -> Status {
    match outcome {
        Ok(_) => SUCCESS,
        Err(Failure::Errno(_)) => FAILURE,
        Err(Failure::Unknown(reason)) => Status::Unknown(reason),
    }
}

/// A path below a directory.
fn below(directory: &str, name: &str) -> String {
    format!("{}/{name}", directory.trim_end_matches('/'))
}

/// Whether the last operand may take so many sources: more than one only go into a directory.
fn takes(shell: &Shell<'_>, target: &str, sources: usize) -> bool {
    sources < 2
        || match shell.find(target, true) {
            Ok(place) => shell.state.world.get(place.inode).is_directory(),
            Err(Failure::Errno(_)) => false,
            Err(Failure::Unknown(_)) => true,
        }
}

/// Whether a source is the first of its command to go to a path: coreutils does not overwrite what it has just made.
fn first_there(
    shell: &Shell<'_>,
    source: &str,
    path: &str,
    written: &mut BTreeSet<String>,
    flavour: Flavour,
) -> bool {
    let directory = shell
        .find(source, false)
        .is_ok_and(|place| shell.state.world.get(place.inode).is_directory());
    written.insert(path.to_owned()) || directory || flavour == Flavour::Busybox
}

/// BusyBox takes slashes off the end of a source that goes into a directory (bb_get_last_path_component_strip).
fn inner_slashes<'a>(source: &'a str, path: &str, target: &str, flavour: Flavour) -> &'a str {
    let trimmed = source.trim_end_matches('/');
    if flavour == Flavour::Coreutils || path == target || trimmed.is_empty() {
        source
    } else {
        trimmed
    }
}

/// Where a utility that takes a directory as its last operand puts `source`: into it, or at it.
fn destination(shell: &Shell<'_>, source: &str, target: &str, flavour: Flavour) -> Outcome<String> {
    match shell.find(target, true) {
        Ok(place) if shell.state.world.get(place.inode).is_directory() => {
            let name = base_name(source.trim_end_matches('/'));
            Ok(if name == "." || name.is_empty() {
                target.to_owned()
            } else {
                below(target, name)
            })
        }
        // BusyBox wants to know what is there (cp_mv_stat); coreutils sees that it is no directory.
        Err(Failure::Errno(errno)) if flavour == Flavour::Busybox && errno != Errno::Enoent => {
            Err(Failure::Errno(errno))
        }
        Ok(_) | Err(Failure::Errno(_)) => Ok(target.to_owned()),
        Err(failure @ Failure::Unknown(_)) => Err(failure),
    }
}
