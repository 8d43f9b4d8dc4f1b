// SPDX-License-Identifier: Apache-2.0
//! `touch` and `tee`: files that are there afterwards.

use writeway_shell::mode::Flavour;
use writeway_shell::options::{OptionSpec, Value as Takes};

use super::{options, status};
use crate::dac::{self, Want};
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::{Failure, Writes};
use crate::{Errno, Tri};

const TOUCH: &[OptionSpec] = &[
    OptionSpec::flag('c', "no-create"),
    OptionSpec::with_value('d', "date"),
    OptionSpec::with_value('r', "reference"),
    OptionSpec::letter('t', Takes::Required),
    OptionSpec::letter('a', Takes::None),
    OptionSpec::letter('m', Takes::None),
    OptionSpec::flag('h', "no-dereference"),
];

const TEE: &[OptionSpec] = &[
    OptionSpec::flag('a', "append"),
    OptionSpec::letter('i', Takes::None),
];

pub(super) fn touch(shell: &mut Shell<'_>, arguments: &[String], _: Flavour) -> Status {
    let arguments = match options(shell, "touch", TOUCH, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    if arguments.operands.is_empty() {
        return FAILURE;
    }
    let one = |path: &String, shell: &mut Shell<'_>| match shell.find(path, true) {
        // Setting times to now takes ownership or write permission (utimensat(2)).
        Ok(place) => {
            let inode = shell.state.world.get(place.inode);
            let may = [
                dac::owns(shell.process, inode),
                dac::permits(shell.process, inode, Want::Write).answer,
            ];
            if shell.mounts.get(place.mount).read_only || may == [Tri::No, Tri::No] {
                FAILURE
            } else if may.contains(&Tri::Yes) {
                SUCCESS
            } else {
                Status::unknown(format!("whether the process may touch {path} is not known"))
            }
        }
        Err(Failure::Errno(Errno::Enoent)) if arguments.has('c') => SUCCESS,
        Err(Failure::Errno(_)) => {
            status(shell.calls(|calls| calls.open_for_writing(path, 0o666, Writes::Nothing)))
        }
        Err(Failure::Unknown(reason)) => Status::Unknown(reason),
    };
    arguments
        .operands
        .iter()
        .map(|path| one(path, shell))
        .fold(SUCCESS, Status::and)
}

pub(super) fn tee(shell: &mut Shell<'_>, arguments: &[String], _: Flavour) -> Status {
    let arguments = match options(shell, "tee", TEE, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let writes = if arguments.has('a') {
        Writes::Perhaps
    } else {
        Writes::All
    };
    let one = |path: &String, shell: &mut Shell<'_>| {
        status(shell.calls(|calls| calls.open_for_writing(path, 0o666, writes)))
    };
    arguments
        .operands
        .iter()
        .map(|path| one(path, shell))
        .fold(SUCCESS, Status::and)
}
