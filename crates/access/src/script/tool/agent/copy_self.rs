// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent copy-self`: the program itself, for containers of other images.

use writeway_shell::agent;
use writeway_shell::options::Arguments;

use super::{USAGE, find_straight, parsed, refused, split};
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::script::tool::{below, status};
use crate::syscall::{Failure, Writes};
use crate::value::{Mode, Reason};
use crate::world::Kind;

/// Mode of the copy unless another is asked for.
const MODE: u16 = 0o555;

pub(super) fn copy_self(shell: &mut Shell<'_>, arguments: &Arguments) -> Status {
    let mode = match parsed(arguments, "mode", agent::octal_mode) {
        Ok(mode) => mode.unwrap_or(MODE),
        Err(status) => return status,
    };
    let [path] = arguments.operands.as_slice() else {
        return USAGE;
    };
    let target = match find_straight(shell, path) {
        Ok(place) if shell.state.world.get(place.inode).is_directory() => below(path, agent::PROGRAM),
        Ok(_) | Err(Failure::Errno(crate::Errno::Enoent)) => path.clone(),
        Err(failure) => return refused(failure),
    };
    let Some((above, _)) = split(&target) else {
        return USAGE;
    };
    if let Err(failure) = find_straight(shell, &above) {
        return refused(failure);
    }
    match shell.find(&target, false) {
        Err(Failure::Errno(_)) => write(shell, &target, mode),
        Err(failure) => refused(failure),
        Ok(place) if shell.state.world.get(place.inode).kind != Kind::File => FAILURE,
        Ok(_) => {
            let reason: Reason = "the program may be there already".into();
            shell.fork(
                &reason,
                |shell| {
                    let removed = shell.calls(|calls| calls.remove(&target, false));
                    match removed {
                        Ok(()) => write(shell, &target, mode),
                        Err(failure) => refused(failure),
                    }
                },
                |_| SUCCESS,
            )
        }
    }
}

/// Writes the copy, which gets its mode before its name.
fn write(shell: &mut Shell<'_>, target: &str, mode: u16) -> Status {
    match shell.calls(|calls| calls.open_for_writing(target, 0o600, Writes::All)) {
        Ok(_) => match shell.find(target, false) {
            Ok(place) => status(shell.calls(|calls| calls.chmod(place, &Mode::new(mode)))),
            Err(failure) => refused(failure),
        },
        Err(failure) => refused(failure),
    }
}
