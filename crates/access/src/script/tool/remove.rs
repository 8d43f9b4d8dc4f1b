// SPDX-License-Identifier: Apache-2.0
//! `rm` and `rmdir`.

use writeway_shell::mode::Flavour;
use writeway_shell::options::{OptionSpec, Value as Takes};

use super::change_mode::children;
use super::walk::{Visit, Visitor, walk};
use super::{options, status};
use crate::Errno;
use crate::command_line::base_name;
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::Failure;

const RM: &[OptionSpec] = &[
    OptionSpec::flag('r', "recursive"),
    OptionSpec::letter('R', Takes::None),
    OptionSpec::flag('f', "force"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::letter('d', Takes::None),
];

const RMDIR: &[OptionSpec] = &[
    OptionSpec::flag('v', "verbose"),
    OptionSpec::name("ignore-fail-on-non-empty", Takes::None),
];

pub(super) fn rm(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let arguments = match options(shell, "rm", RM, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let recursive = arguments.has('r') || arguments.has('R');
    let force = arguments.has('f');
    if arguments.operands.is_empty() && !force {
        return FAILURE;
    }
    let one = |path: &String, shell: &mut Shell<'_>| {
        // BusyBox removes what stands before a slash at the end; `-f` forgives only a file that is not there.
        let (path, forgiven) = match flavour {
            Flavour::Busybox => (path.trim_end_matches('/'), &[Errno::Enoent][..]),
            Flavour::Coreutils => (path.as_str(), &[Errno::Enoent, Errno::Enotdir][..]),
        };
        // Both refuse these names.
        if matches!(base_name(path.trim_end_matches('/')), "." | "..") {
            return FAILURE;
        }
        match shell.find(path, false) {
            Err(Failure::Errno(errno)) if force && forgiven.contains(&errno) => SUCCESS,
            // Behind a link with a slash, coreutils empties the directory, and `-f` forgives that the link is none.
            Ok(place) if force && path.ends_with('/') && is_link_to(shell, path, place) => {
                let _ = remove(shell, path, recursive, flavour);
                SUCCESS
            }
            _ => remove(shell, path, recursive, flavour),
        }
    };
    arguments
        .operands
        .iter()
        .map(|path| one(path, shell))
        .fold(SUCCESS, Status::and)
}

pub(super) fn rmdir(shell: &mut Shell<'_>, arguments: &[String], _: Flavour) -> Status {
    let arguments = match options(shell, "rmdir", RMDIR, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    if arguments.operands.is_empty() {
        return FAILURE;
    }
    let one = |path: &String, shell: &mut Shell<'_>| status(shell.calls(|calls| calls.remove(path, true)));
    arguments
        .operands
        .iter()
        .map(|path| one(path, shell))
        .fold(SUCCESS, Status::and)
}

fn is_link_to(shell: &Shell<'_>, path: &str, place: Place) -> bool {
    shell
        .find(path.trim_end_matches('/'), false)
        .is_ok_and(|link| link != place)
}

fn remove(shell: &mut Shell<'_>, path: &str, recursive: bool, flavour: Flavour) -> Status {
    walk(shell, path, &mut Remove { recursive, flavour }).last
}

/// One operand.
struct Remove {
    recursive: bool,
    flavour: Flavour,
}

impl Visitor for Remove {
    type Kept = Place;

    fn enter(&mut self, shell: &mut Shell<'_>, path: &str) -> Visit<Place> {
        let place = match shell.find(path, false) {
            Ok(place) => place,
            Err(failure) => return Visit::Done(unknown_removal(shell, failure)),
        };
        match (shell.state.world.get(place.inode).is_directory(), self.recursive) {
            (false, _) => return Visit::Done(unlink(shell, path, false)),
            (true, false) => return Visit::Done(FAILURE),
            (true, true) => {}
        }
        let names = match children(shell, place) {
            Ok(names) => names,
            Err(failed @ Status::Unknown(_)) => return Visit::Done(failed),
            // coreutils tries to remove what it cannot list: it may be empty.
            Err(failed) if self.flavour == Flavour::Busybox => return Visit::Done(failed),
            Err(Status::Known(_)) => Vec::new(),
        };
        Visit::Descend {
            status: SUCCESS,
            names,
            kept: place,
        }
    }

    fn leave(&mut self, shell: &mut Shell<'_>, path: &str, place: Place) -> Status {
        // What a directory may hold beside its known entries goes with them.
        if shell
            .state
            .world
            .directory(place.inode)
            .is_some_and(|listing| listing.unlisted.is_some())
        {
            shell.state.world.forget_unlisted(place.inode);
        }
        unlink(shell, path, true)
    }
}

fn unlink(shell: &mut Shell<'_>, path: &str, directory: bool) -> Status {
    match shell.calls(|calls| calls.remove(path, directory)) {
        Err(failure @ Failure::Unknown(_)) => unknown_removal(shell, failure),
        outcome => status(outcome),
    }
}

/// It is gone, or not: nothing about what the process may remove is known any more.
fn unknown_removal(shell: &mut Shell<'_>, failure: Failure) -> Status {
    match failure {
        Failure::Errno(_) => FAILURE,
        Failure::Unknown(reason) => shell.unknown_effect(&reason),
    }
}
