// SPDX-License-Identifier: Apache-2.0
//! `chmod`.

use writeway_shell::mode::{self, Flavour, ModeSpec};
use writeway_shell::options::OptionSpec;

use super::walk::{Visit, Visitor, walk};
use super::{options, status};
use crate::Tri;
use crate::dac::{self, Want};
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::Failure;
use crate::value::{ALL_BITS, Mode, Reason, Value};
use crate::world::Kind;

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::flag('R', "recursive"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('c', "changes"),
    OptionSpec::flag('f', "silent"),
];

pub(super) fn chmod(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let arguments = match options(shell, "chmod", OPTIONS, arguments, Some(flavour)) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let (mode, files) = match (&arguments.mode, arguments.operands.split_first()) {
        (Some(mode), _) => (mode, arguments.operands.as_slice()),
        (None, Some((mode, files))) => (mode, files),
        (None, None) => return FAILURE,
    };
    let Ok(mode) = mode.parse::<ModeSpec>() else {
        return FAILURE;
    };
    if files.is_empty() {
        return FAILURE;
    }
    let how = How {
        recursive: arguments.has('R'),
        like_an_option: arguments.mode.is_some() && flavour == Flavour::Coreutils,
        flavour,
    };
    files
        .iter()
        .map(|file| {
            let mut change = ChangeMode {
                mode: &mode,
                how,
                follow: true,
            };
            walk(shell, file, &mut change).worst
        })
        .fold(SUCCESS, Status::and)
}

/// How modes are changed.
#[derive(Debug, Clone, Copy)]
struct How {
    recursive: bool,
    /// coreutils, with a mode such as `-w`: it fails when the umask kept a bit that the mode would take away.
    like_an_option: bool,
    flavour: Flavour,
}

/// One operand.
struct ChangeMode<'a> {
    mode: &'a ModeSpec,
    how: How,
    /// Links are followed on the command line and left alone below it.
    follow: bool,
}

impl Visitor for ChangeMode<'_> {
    type Kept = ();

    fn enter(&mut self, shell: &mut Shell<'_>, path: &str) -> Visit<()> {
        let (mode, how) = (self.mode, self.how);
        let flavour = how.flavour;
        let follow = std::mem::replace(&mut self.follow, false);
        let place = match shell.find(path, follow) {
            Ok(place) => place,
            Err(Failure::Errno(_)) => return Visit::Done(FAILURE),
            Err(Failure::Unknown(reason)) => return Visit::Done(Status::Unknown(reason)),
        };
        if matches!(shell.state.world.get(place.inode).kind, Kind::Link(_)) {
            return Visit::Done(SUCCESS);
        }
        let directory = shell.state.world.get(place.inode).is_directory();
        let Some(changed) = apply(shell, place, mode, flavour) else {
            return Visit::Done(FAILURE);
        };
        let before = shell.state.world.get(place.inode).mode.known();
        let surprises = how.like_an_option
            && before
                .zip(changed.known())
                .is_some_and(|(old, new)| new & !mode::naive(mode, old, directory) != 0);
        // An operand that is a link: coreutils descends into what it leads to, BusyBox does not.
        let link = flavour == Flavour::Busybox && shell.find(path, false).ok() != Some(place);
        // Both change a directory before they descend into it, so that a mode without `x` ends the way.
        let status = match shell.calls(|calls| calls.chmod(place, &changed)) {
            Ok(()) if surprises => FAILURE,
            outcome => status(outcome),
        };
        if !(how.recursive && directory) || link {
            return Visit::Done(status);
        }
        // BusyBox leaves a directory alone that it could not change; coreutils goes on below it.
        if flavour == Flavour::Busybox && matches!(status, Status::Known(1..)) {
            return Visit::Done(status);
        }
        match children(shell, place) {
            Ok(names) => Visit::Descend {
                status,
                names,
                kept: (),
            },
            Err(failed) => Visit::Done(status.and(failed)),
        }
    }

    fn leave(&mut self, _: &mut Shell<'_>, _: &str, (): ()) -> Status {
        SUCCESS
    }
}

/// The new mode, or `None` when the tool refuses the operand.
fn apply(shell: &Shell<'_>, place: Place, mode: &ModeSpec, flavour: Flavour) -> Option<Mode> {
    let inode = shell.state.world.get(place.inode);
    let umask = match &shell.state.umask {
        Value::Known(umask) => *umask,
        Value::Unknown(_) => 0o022,
    };
    // Every operator keeps or moves bits monotonously: what both extremes of the unknown bits agree on is known.
    let (least, most) = inode.mode.extremes();
    let reason: Reason = inode.mode.reason();
    let change = |old: u16| {
        let change = mode::apply(mode, old, inode.is_directory(), umask, flavour);
        change.accepted.then(|| Mode::new(change.mode & ALL_BITS))
    };
    Some(change(least)?.join(&change(most)?, &reason))
}

/// The names in a directory that the process can list; a status when it cannot, or when they are not known.
pub(super) fn children(shell: &Shell<'_>, place: Place) -> Result<Vec<String>, Status> {
    // Reading the names takes `r`; whoever lacks `x` fails at each of them.
    let inode = shell.state.world.get(place.inode);
    let decision = dac::permits(shell.process, inode, Want::Read);
    match decision.answer {
        Tri::Yes => {}
        Tri::No => return Err(FAILURE),
        Tri::Unknown => return Err(Status::Unknown(decision.why.into())),
    }
    Ok(shell
        .state
        .world
        .entries(place.inode)
        .into_iter()
        .map(|(name, _)| name)
        .collect())
}
