// SPDX-License-Identifier: Apache-2.0
//! `cp`.

use writeway_shell::mode::Flavour;
use writeway_shell::options::{Arguments, OptionSpec, Order, Spec, Value as Takes, parse_options};

use super::change_mode::children;
use super::{below, destination, status};
use crate::Tri;
use crate::dac::{self, Want};
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::{Failure, Outcome};
use crate::value::{Mode, SETGID, Value};
use crate::world::Kind;

const OPTIONS: &[OptionSpec] = &[
    OptionSpec::flag('r', "recursive"),
    OptionSpec::letter('R', Takes::None),
    OptionSpec::flag('a', "archive"),
    OptionSpec::letter('p', Takes::None),
    OptionSpec::letter('d', Takes::None),
    OptionSpec::flag('L', "dereference"),
    OptionSpec::flag('P', "no-dereference"),
    OptionSpec::letter('H', Takes::None),
    OptionSpec::flag('f', "force"),
    OptionSpec::flag('n', "no-clobber"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('u', "update"),
    OptionSpec::flag('T', "no-target-directory"),
    OptionSpec::with_value('t', "target-directory"),
];

/// How a copy is made.
#[derive(Clone, Copy)]
struct How {
    recursive: bool,
    /// Follow links in the source.
    dereference: bool,
    /// Keep owner and mode.
    preserve: bool,
    force: bool,
    no_clobber: bool,
    flavour: Flavour,
}

pub(super) fn cp(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let spec = Spec {
        options: OPTIONS,
        order: Order::Mixed,
        modes: None,
    };
    let parsed = parse_options(arguments, &spec)
        .ok()
        .filter(|arguments| !arguments.has('u'));
    let Some(arguments) = parsed else {
        return shell.unknown_effect(&format!(
            "{} runs `cp` with options that are not followed",
            shell.who
        ));
    };
    let how = how(&arguments, flavour);
    let (target, sources) = match (arguments.value('t'), arguments.operands.as_slice()) {
        (Some(target), sources) => (target, sources),
        (None, [sources @ .., target]) if !sources.is_empty() => (target.as_str(), sources),
        _ => return FAILURE,
    };
    let one = |source: &String, shell: &mut Shell<'_>| {
        let path = if arguments.has('T') {
            Ok(target.to_owned())
        } else {
            destination(shell, source, target)
        };
        match path {
            Ok(path) => copy(shell, source, &path, how, 0),
            Err(failure) => status::<()>(Err(failure)),
        }
    };
    sources
        .iter()
        .map(|source| one(source, shell))
        .fold(SUCCESS, Status::and)
}

fn how(arguments: &Arguments, flavour: Flavour) -> How {
    let recursive = ['r', 'R', 'a'].iter().any(|option| arguments.has(*option));
    let dereference = match arguments.last_of(&['L', 'P', 'd', 'a', 'H']) {
        Some('L') => true,
        Some('P' | 'd' | 'a') => false,
        // With -r neither tool follows links in the source.
        _ => !recursive,
    };
    How {
        recursive,
        dereference,
        preserve: arguments.has('p') || arguments.has('a'),
        force: arguments.has('f'),
        no_clobber: arguments.has('n'),
        flavour,
    }
}

fn copy(shell: &mut Shell<'_>, source: &str, target: &str, how: How, depth: u32) -> Status {
    // A copy of a tree into itself, or links in circles.
    if depth > 64 {
        return shell.unknown_effect(&format!("{} copies a tree that is too deep to follow", shell.who));
    }
    let from = match shell.find(source, how.dereference) {
        Ok(place) => place,
        Err(Failure::Errno(_)) => return FAILURE,
        Err(Failure::Unknown(reason)) => {
            return shell.unknown_effect(&format!(
                "{} copies files that are not known: {reason}",
                shell.who
            ));
        }
    };
    match shell.state.world.get(from.inode).kind.clone() {
        Kind::Directory(_) if !how.recursive => FAILURE,
        Kind::Directory(_) => directory(shell, source, from, target, how, depth),
        Kind::Link(to) => match shell.calls(|calls| calls.symlink(&to, target)) {
            Err(Failure::Errno(_)) if shell.exists(target) => {
                let _ = shell.calls(|calls| calls.remove(target, false));
                status(shell.calls(|calls| calls.symlink(&to, target)))
            }
            outcome => status(outcome),
        },
        Kind::File | Kind::Other => file(shell, from, target, how),
    }
}

fn directory(shell: &mut Shell<'_>, source: &str, from: Place, target: &str, how: How, depth: u32) -> Status {
    let original = shell.state.world.get(from.inode).mode.clone();
    let unlisted = shell
        .state
        .world
        .directory(from.inode)
        .and_then(|listing| listing.unlisted.clone());
    let names = children(shell, from);
    let made = match shell.find(target, true) {
        Ok(place) if shell.state.world.get(place.inode).is_directory() => false,
        Ok(_) => return FAILURE,
        Err(_) => match shell.calls(|calls| calls.mkdir(target, 0o777)) {
            Ok(_) => true,
            Err(Failure::Errno(_)) => return FAILURE,
            Err(Failure::Unknown(reason)) => return shell.unknown_effect(&reason),
        },
    };
    if made {
        // While the copy goes on, its owner may enter the new directory.
        let inherited = match shell.find(target, true) {
            Ok(place) => shell.state.world.get(place.inode).mode.clone(),
            Err(failure) => return status::<()>(Err(failure)),
        };
        let final_mode = new_mode(shell, &original, how);
        // BusyBox sets the mode once more at the end, and so loses an inherited setgid; coreutils keeps it.
        let final_mode = match (how.flavour, inherited.has(SETGID)) {
            (Flavour::Coreutils, Some(true)) if !how.preserve => final_mode.with(SETGID),
            _ => final_mode,
        };
        let copied = contents(shell, source, target, names, unlisted, how, depth);
        let Ok(place) = shell.find(target, true) else {
            return copied;
        };
        let kept = keep_owner(shell, from, place, how);
        let changed = status(shell.calls(|calls| calls.chmod(place, &final_mode)));
        return copied.and(kept).and(changed);
    }
    let copied = contents(shell, source, target, names, unlisted, how, depth);
    let (Ok(place), true) = (shell.find(target, true), how.preserve) else {
        return copied;
    };
    let kept = keep_owner(shell, from, place, how);
    let changed = preserved(shell.calls(|calls| calls.chmod(place, &original)), how);
    copied.and(kept).and(changed)
}

fn contents(
    shell: &mut Shell<'_>,
    source: &str,
    target: &str,
    names: Result<Vec<String>, Status>,
    unlisted: Option<crate::value::Reason>,
    how: How,
    depth: u32,
) -> Status {
    let names = match names {
        Ok(names) => names,
        Err(Status::Unknown(reason)) => {
            return shell.unknown_effect(&format!(
                "{} copies files that are not known: {reason}",
                shell.who
            ));
        }
        Err(failed) => return failed,
    };
    let copied = names
        .iter()
        .map(|name| copy(shell, &below(source, name), &below(target, name), how, depth + 1))
        .fold(SUCCESS, Status::and);
    if let (Some(reason), Ok(place)) = (unlisted, shell.find(target, true)) {
        shell.state.world.add_unlisted(place.inode, &reason);
    }
    copied
}

fn file(shell: &mut Shell<'_>, from: Place, target: &str, how: How) -> Status {
    let original = shell.state.world.get(from.inode);
    let readable = dac::permits(shell.process, original, Want::Read);
    match readable.answer {
        Tri::No => return FAILURE,
        Tri::Unknown => {
            return shell.unknown_effect(&format!("{} may copy a file or not: {}", shell.who, readable.why));
        }
        Tri::Yes => {}
    }
    let mode = original.mode.clone();
    let existed = shell.exists(target);
    if existed && how.no_clobber {
        return SUCCESS;
    }
    let opened = match shell.calls(|calls| calls.open_for_writing(target, 0o666)) {
        Err(Failure::Errno(_)) if existed && how.force => {
            let _ = shell.calls(|calls| calls.remove(target, false));
            shell.calls(|calls| calls.open_for_writing(target, 0o666))
        }
        outcome => outcome,
    };
    let inode = match opened {
        Ok(inode) => inode,
        Err(Failure::Errno(_)) => return FAILURE,
        Err(Failure::Unknown(reason)) => return shell.unknown_effect(&reason),
    };
    if !existed {
        // The mode is that of the source from the start, less the umask.
        let created = new_mode(
            shell,
            &mode,
            How {
                preserve: false,
                ..how
            },
        );
        shell.state.world.get_mut(inode).mode = created;
    }
    if !how.preserve {
        return SUCCESS;
    }
    let Ok(place) = shell.find(target, true) else {
        return SUCCESS;
    };
    let kept = keep_owner(shell, from, place, how);
    let changed = preserved(shell.calls(|calls| calls.chmod(place, &mode)), how);
    kept.and(changed)
}

/// The mode of a new copy: the source's, less the umask unless it is to be kept.
fn new_mode(shell: &Shell<'_>, original: &Mode, how: How) -> Mode {
    if how.preserve {
        return original.clone();
    }
    match &shell.state.umask {
        Value::Known(umask) => original.without(*umask | 0o7000),
        Value::Unknown(reason) => original.without(0o7000).join(&original.without(0o7777), reason),
    }
}

/// `-p` gives the copy to the source's owner if it may; if not, it stays the copier's.
fn keep_owner(shell: &mut Shell<'_>, from: Place, to: Place, how: How) -> Status {
    if !how.preserve {
        return SUCCESS;
    }
    let original = shell.state.world.get(from.inode);
    let (uid, gid) = (original.uid.clone(), original.gid.clone());
    let both = shell.calls(|calls| calls.chown(to, Some(&uid), Some(&gid)));
    preserved(both, how)
}

/// A failure to keep something: BusyBox complains and succeeds, coreutils fails for what is not its own.
fn preserved(outcome: Outcome, how: How) -> Status {
    match (status(outcome), how.flavour) {
        (Status::Known(1..), Flavour::Busybox) => SUCCESS,
        (Status::Known(1..), Flavour::Coreutils) => Status::unknown("whether `cp -p` fails is not followed"),
        (status, _) => status,
    }
}
