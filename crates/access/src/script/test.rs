// SPDX-License-Identifier: Apache-2.0
//! `test` and `[`: conditions on strings and files.

use writeway_shell::mode::Flavour;

use super::interpreter::Shell;
use super::state::{FAILURE, SUCCESS, Status};
use super::words::Field;
use crate::Tri;
use crate::dac::{self, Want};
use crate::syscall::Failure;
use crate::value::Reason;
use crate::world::Kind;

/// Words of a condition that is evaluated. POSIX leaves more than four of them to the implementation.
const MAX_WORDS: usize = 64;

/// Evaluates a condition; what this does not know is unknown.
pub(super) fn evaluate(shell: &Shell<'_>, arguments: &[Field]) -> Status {
    if arguments.len() > MAX_WORDS {
        return Status::unknown("the condition of `test` is too long to follow");
    }
    let known: Vec<Option<&str>> = arguments.iter().map(|field| field.as_deref()).collect();
    match known.as_slice() {
        [] => FAILURE,
        [Some("!"), ..] => evaluate(shell, &arguments[1..]).negated(),
        [Some(text)] => from(!text.is_empty()),
        [Some("-n"), Some(text)] => from(!text.is_empty()),
        [Some("-z"), Some(text)] => from(text.is_empty()),
        [Some(operator), Some(path)] if operator.starts_with('-') => file(shell, operator, path),
        [Some(one), Some("=" | "=="), Some(other)] => from(one == other),
        [Some(one), Some("!="), Some(other)] => from(one != other),
        [Some(one), Some(operator), Some(other)] => numbers(one, operator, other),
        _ => combined(shell, arguments),
    }
}

/// `-o` binds weaker than `-a`; both are decided from the left.
fn combined(shell: &Shell<'_>, arguments: &[Field]) -> Status {
    for (operator, decided) in [("-o", SUCCESS), ("-a", FAILURE)] {
        let at = arguments
            .iter()
            .position(|word| word.as_deref() == Some(operator));
        let Some(at) = at.filter(|at| *at > 0 && at + 1 < arguments.len()) else {
            continue;
        };
        // `-d -a -e x`: POSIX does not say what that is.
        if let [Some(single)] = &arguments[..at]
            && single.starts_with('-')
        {
            break;
        }
        let one = evaluate(shell, &arguments[..at]);
        let other = evaluate(shell, &arguments[at + 1..]);
        return match (one, other) {
            (one, _) if one == decided => one,
            (_, other) if other == decided => other,
            (Status::Unknown(reason), _) => Status::Unknown(reason),
            (_, other) => other,
        };
    }
    Status::unknown("the condition of `test` is not known")
}

fn from(holds: bool) -> Status {
    if holds { SUCCESS } else { FAILURE }
}

fn numbers(one: &str, operator: &str, other: &str) -> Status {
    let (Ok(one), Ok(other)) = (one.parse::<i64>(), other.parse::<i64>()) else {
        return Status::unknown("the condition of `test` is not known");
    };
    match operator {
        "-eq" => from(one == other),
        "-ne" => from(one != other),
        "-lt" => from(one < other),
        "-le" => from(one <= other),
        "-gt" => from(one > other),
        "-ge" => from(one >= other),
        _ => Status::unknown("the condition of `test` is not known"),
    }
}

fn file(shell: &Shell<'_>, operator: &str, path: &str) -> Status {
    let follow = !matches!(operator, "-L" | "-h");
    let place = match shell.find(path, follow) {
        Ok(place) => place,
        Err(Failure::Errno(_)) => return FAILURE,
        Err(Failure::Unknown(reason)) => return Status::Unknown(reason),
    };
    let inode = shell.state.world.get(place.inode);
    // BusyBox does not ask the kernel whether root may read or write.
    let takes_root_at_its_word = shell.tools.flavour != Some(Flavour::Coreutils)
        && shell.process.uid.known().is_none_or(|uid| uid == 0);
    let of_root = || Status::unknown("`test` of BusyBox does not ask the kernel what root may do");
    let permitted = |want| match dac::permits(shell.process, inode, want) {
        dac::Decision { answer: Tri::Yes, .. } => SUCCESS,
        dac::Decision { answer: Tri::No, .. } if takes_root_at_its_word => of_root(),
        dac::Decision { answer: Tri::No, .. } => FAILURE,
        dac::Decision { why, .. } => Status::Unknown(Reason::from(why)),
    };
    match operator {
        "-e" => SUCCESS,
        "-f" => from(inode.kind == Kind::File),
        "-d" => from(inode.is_directory()),
        "-L" | "-h" => from(matches!(inode.kind, Kind::Link(_))),
        "-r" => permitted(Want::Read),
        // Root may search any directory, but BusyBox wants to see an `x`.
        "-x" if takes_root_at_its_word && inode.is_directory() && inode.mode.has(0o111) != Some(true) => {
            let any = [0o100, 0o010, 0o001]
                .iter()
                .any(|bit| inode.mode.has(*bit) == Some(true));
            if any { permitted(Want::Execute) } else { of_root() }
        }
        "-x" => permitted(Want::Execute),
        "-w" if shell.mounts.get(place.mount).read_only => FAILURE,
        "-w" => permitted(Want::Write),
        _ => Status::unknown(format!("`test {operator}` is not followed")),
    }
}
