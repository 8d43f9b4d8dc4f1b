// SPDX-License-Identifier: Apache-2.0
//! `ln` and `mv`.

use std::collections::BTreeSet;

use writeway_shell::mode::Flavour;
use writeway_shell::options::{OptionSpec, Value as Takes};

use super::{destination, first_there, inner_slashes, options, status, takes};
use crate::Errno;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::Failure;

const LN: &[OptionSpec] = &[
    OptionSpec::flag('s', "symbolic"),
    OptionSpec::flag('f', "force"),
    OptionSpec::flag('n', "no-dereference"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('T', "no-target-directory"),
];

const MV: &[OptionSpec] = &[
    OptionSpec::flag('f', "force"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('T', "no-target-directory"),
    OptionSpec::letter('i', Takes::None),
];

pub(super) fn ln(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let arguments = match options(shell, "ln", LN, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let (target, sources) = match arguments.operands.as_slice() {
        [] => return FAILURE,
        [single] => (".", std::slice::from_ref(single)),
        [sources @ .., target] => (target.as_str(), sources),
    };
    if !takes(shell, target, sources.len()) {
        return FAILURE;
    }
    let exact = arguments.has('T') || arguments.has('n') && is_link(shell, target);
    let one = |source: &String, shell: &mut Shell<'_>| {
        let path = if exact {
            Ok(target.to_owned())
        } else {
            destination(shell, source, target, Flavour::Coreutils)
        };
        let path = match path {
            Ok(path) => path,
            Err(failure) => return status::<()>(Err(failure)),
        };
        let symbolic = arguments.has('s');
        // Both look whether there is something to link to before they remove anything, BusyBox then behind links; only
        // coreutils looks whether what it would remove is that.
        let follow = symbolic || flavour == Flavour::Busybox && arguments.has('f');
        match (shell.find(source, follow), shell.find(&path, false)) {
            (Err(failure), _) if !symbolic => return status::<()>(Err(failure)),
            _ if flavour == Flavour::Busybox => {}
            (Ok(from), Ok(to)) if from == to && arguments.has('f') => return FAILURE,
            (Ok(from), _) if !symbolic && shell.state.world.get(from.inode).is_directory() => {
                return FAILURE;
            }
            _ => {}
        }
        if arguments.has('f') && shell.exists(&path) {
            let _ = shell.calls(|calls| calls.remove(&path, false));
        }
        if arguments.has('s') {
            return status(shell.calls(|calls| calls.symlink(source, &path)));
        }
        status(shell.calls(|calls| calls.link(source, &path)))
    };
    sources
        .iter()
        .map(|source| one(source, shell))
        .fold(SUCCESS, Status::and)
}

fn is_link(shell: &Shell<'_>, path: &str) -> bool {
    let place = shell.find(path, false);
    place.is_ok_and(|place| {
        matches!(
            shell.state.world.get(place.inode).kind,
            crate::world::Kind::Link(_)
        )
    })
}

pub(super) fn mv(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let arguments = match options(shell, "mv", MV, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let Some((target, sources)) = arguments
        .operands
        .split_last()
        .filter(|(_, sources)| !sources.is_empty())
    else {
        return FAILURE;
    };
    if !takes(shell, target, sources.len()) {
        return FAILURE;
    }
    let mut written = BTreeSet::new();
    let mut one = |source: &String, shell: &mut Shell<'_>| {
        let path = if arguments.has('T') {
            Ok(target.clone())
        } else {
            destination(shell, source, target, flavour)
        };
        let path = match path {
            Ok(path) => path,
            Err(failure) => return status::<()>(Err(failure)),
        };
        if !first_there(shell, source, &path, &mut written, flavour) {
            return FAILURE;
        }
        let source = inner_slashes(source, &path, target, flavour);
        if flavour == Flavour::Coreutils
            && let (Ok(from), Ok(to)) = (shell.find(source, false), shell.find(&path, false))
            && from == to
        {
            return FAILURE;
        }
        match shell.calls(|calls| calls.rename(source, &path)) {
            // Across mounts `mv` copies and removes, which keeps what it may keep of owner and mode.
            Err(Failure::Errno(Errno::Exdev)) => shell.unknown_effect(&format!(
                "{} moves files across mounts, which is not followed",
                shell.who
            )),
            Err(Failure::Unknown(reason)) => shell.unknown_effect(&reason),
            outcome => status(outcome),
        }
    };
    sources
        .iter()
        .map(|source| one(source, shell))
        .fold(SUCCESS, Status::and)
}
