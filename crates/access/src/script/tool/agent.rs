// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent`: what its verbs change. It is one program everywhere, so nothing depends on the image's tools.

mod copy_self;
mod mkdir;
mod own;
mod seed;

use writeway_shell::agent::{self, Call, Request, RequestError};
use writeway_shell::options::Arguments;

use super::status;
use crate::dac::{self, Want};
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::script::words::Field;
use crate::syscall::{Failure, Outcome};
use crate::world::Kind;
use crate::{Errno, Tri};

/// Exit code of wrong usage (`Exit::Usage` in the agent).
const USAGE: Status = Status::Known(2);
/// What a shell and a runtime answer for a program that cannot be run, and for one that is not there.
const CANNOT_RUN: Status = Status::Known(126);
const NOT_FOUND: Status = Status::Known(127);

/// Runs the agent from `program`, a path or a name.
pub(super) fn run(shell: &mut Shell<'_>, program: &str, arguments: &[Field]) -> Status {
    if let Err(status) = can_run(shell, program) {
        return status;
    }
    let known: Option<Vec<String>> = arguments.iter().cloned().collect();
    let Some(words) = known else {
        return shell.unknown_effect(&format!(
            "{} runs `{}` with arguments that are not known",
            shell.who,
            agent::PROGRAM
        ));
    };
    let Call { verb, arguments } = match agent::read(&words) {
        Ok(Request::Verb(call)) => call,
        Ok(Request::Print) => return SUCCESS,
        Err(RequestError::Refused(_)) => return USAGE,
        Err(unknown @ RequestError::Unknown(_)) => {
            return shell.unknown_effect(&format!(
                "{} runs `{}`, of which {unknown} to this version of Writeway",
                shell.who,
                agent::PROGRAM
            ));
        }
    };
    let status = match verb {
        "seed" => seed::seed(shell, &arguments),
        "mkdir" => mkdir::mkdir(shell, &arguments),
        "copy-self" => copy_self::copy_self(shell, &arguments),
        _ => return other(shell, verb, &arguments),
    };
    // A step that is not certain ends what is followed of these.
    match status {
        Status::Unknown(reason) => {
            let what = format!("{} runs `{} {verb}`: {reason}", shell.who, agent::PROGRAM);
            shell.unknown_effect(&what)
        }
        known => known,
    }
}

/// The verbs that say themselves what is not certain, and those that change nothing.
fn other(shell: &mut Shell<'_>, verb: &str, arguments: &Arguments) -> Status {
    match verb {
        "own" => own::own(shell, arguments),
        "sleep" if !matches!(arguments.operands.as_slice(), [time] if writeway_shell::parse_go_duration(time).is_some()) => {
            USAGE
        }
        "sleep" | "version" => SUCCESS,
        "wait" => Status::unknown("whether what `wait` waits for comes in time is not known"),
        // It leaves nothing behind.
        "probe" => Status::unknown("what `probe` finds is not followed"),
        // None of the table: a test runs them all.
        other => shell.unknown_effect(&format!("{} runs `{other}`, which is not followed", shell.who)),
    }
}

/// Whether the program is there and may be run, as far as that is known.
fn can_run(shell: &Shell<'_>, program: &str) -> Result<(), Status> {
    if !program.contains('/') {
        return match shell.tools.has(program) {
            Tri::No => Err(NOT_FOUND),
            Tri::Yes | Tri::Unknown => Ok(()),
        };
    }
    match shell.find(program, true) {
        Ok(place) => {
            let inode = shell.state.world.get(place.inode);
            let runs = dac::permits(shell.process, inode, Want::Execute).answer;
            let no_exec = shell.mounts.get(place.mount).no_exec;
            if inode.is_directory() || no_exec || runs == Tri::No {
                Err(CANNOT_RUN)
            } else {
                Ok(())
            }
        }
        Err(Failure::Errno(_)) => Err(NOT_FOUND),
        Err(Failure::Unknown(_)) => Ok(()),
    }
}

/// Finds what an operand names, with no link on the way and none at its end (`open_operand` in the agent's beneath.rs).
fn find_straight(shell: &mut Shell<'_>, path: &str) -> Outcome<Place> {
    let names: Vec<&str> = path
        .split('/')
        .filter(|name| !name.is_empty() && *name != ".")
        .collect();
    if path.is_empty() || names.contains(&"..") {
        return Err(Failure::Errno(Errno::Einval));
    }
    let mut walked = if path.starts_with('/') { "/" } else { "." }.to_owned();
    let mut place = shell.find(&walked, false)?;
    for name in names {
        if let Err(Status::Unknown(reason)) = shell.visit(&walked) {
            return Err(Failure::Unknown(reason));
        }
        walked = super::below(&walked, name);
        place = shell.find(&walked, false)?;
        if matches!(shell.state.world.get(place.inode).kind, Kind::Link(_)) {
            return Err(Failure::Errno(Errno::Eloop));
        }
    }
    Ok(place)
}

/// The directory above a path, and the name in it: `None` for `/`, and where the path ends in `..`.
fn split(path: &str) -> Option<(String, &str)> {
    let end = path.trim_end_matches('/');
    let end = end.strip_suffix("/.").unwrap_or(end).trim_end_matches('/');
    let (above, name) = match end.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((above, name)) => (above, name),
        None => (".", end),
    };
    (!matches!(name, "" | "." | "..")).then(|| (above.to_owned(), name))
}

/// The value of an option, read; `Err` when the agent refuses it.
fn parsed<T>(
    arguments: &Arguments,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Status> {
    match arguments.value_long(name) {
        None => Ok(None),
        Some(value) => read(value).map(Some).ok_or(USAGE),
    }
}

/// A failure of a call as the agent reports it.
fn refused(failure: Failure) -> Status {
    status::<()>(Err(failure))
}

/// Whether a condition holds of a file; `FAILURE` where it does not.
fn permitted(shell: &Shell<'_>, place: Place, want: Want) -> Result<(), Status> {
    let decision = dac::permits(shell.process, shell.state.world.get(place.inode), want);
    match decision.answer {
        Tri::Yes => Ok(()),
        Tri::No => Err(FAILURE),
        Tri::Unknown => Err(Status::Unknown(decision.why.into())),
    }
}
