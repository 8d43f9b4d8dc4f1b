// SPDX-License-Identifier: Apache-2.0
//! `cp`.

use std::collections::BTreeSet;

use writeway_shell::mode::Flavour;
use writeway_shell::options::{Arguments, OptionSpec, Value as Takes};

use super::change_mode::children;
use super::{below, destination, first_there, inner_slashes, options, status, takes};
use crate::dac::{self, Want};
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::{Failure, Writes};
use crate::value::{Mode, Reason, SETGID, SETUID, Value};
use crate::world::Kind;
use crate::{Capability, Errno, Tri};

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
    OptionSpec::flag('T', "no-target-directory"),
    OptionSpec::with_value('t', "target-directory"),
];

/// Directories within directories that a copy follows.
const MAX_DEPTH: u32 = 64;

/// How a copy is made.
#[derive(Clone, Copy)]
struct How {
    recursive: bool,
    /// Follow links in the source.
    dereference: bool,
    /// Follow links that are operands.
    dereference_operands: bool,
    /// Keep owner and mode.
    preserve: bool,
    force: bool,
    no_clobber: bool,
    flavour: Flavour,
}

pub(super) fn cp(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let arguments = match options(shell, "cp", OPTIONS, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let how = how(&arguments, flavour);
    let (target, sources) = match (arguments.value('t'), arguments.operands.as_slice()) {
        (Some(target), sources) => (target, sources),
        (None, [sources @ .., target]) if !sources.is_empty() => (target.as_str(), sources),
        _ => return FAILURE,
    };
    if !takes(shell, target, sources.len()) || arguments.has('T') && sources.len() > 1 {
        return FAILURE;
    }
    let mut written = BTreeSet::new();
    let mut one = |source: &String, shell: &mut Shell<'_>| {
        let path = if arguments.has('T') {
            Ok(target.to_owned())
        } else {
            destination(shell, source, target, flavour)
        };
        match path {
            Ok(path) if !first_there(shell, source, &path, &mut written, flavour) => FAILURE,
            Ok(path) => copy(
                shell,
                inner_slashes(source, &path, target, flavour),
                &path,
                how,
                0,
            ),
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
        dereference_operands: arguments.last_of(&['L', 'P', 'd', 'a', 'H']) == Some('H'),
        preserve: arguments.has('p') || arguments.has('a'),
        force: arguments.has('f'),
        no_clobber: arguments.has('n'),
        flavour,
    }
}

fn copy(shell: &mut Shell<'_>, source: &str, target: &str, how: How, depth: u32) -> Status {
    // A copy of a tree into itself, or links in circles.
    if depth > MAX_DEPTH {
        return shell.unknown_effect(&format!("{} copies a tree that is too deep to follow", shell.who));
    }
    if let Err(given_up) = shell.visit(source) {
        return given_up;
    }
    let follow = how.dereference || how.dereference_operands && depth == 0;
    let from = match shell.find(source, follow) {
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
        Kind::Link(_)
            if how.flavour == Flavour::Coreutils
                && shell
                    .find(source, true)
                    .is_ok_and(|to| shell.find(target, false) == Ok(to)) =>
        {
            FAILURE
        }
        Kind::Link(to) => link(shell, &to, target, how),
        Kind::File | Kind::Other => file(shell, from, target, how),
    }
}

fn link(shell: &mut Shell<'_>, to: &str, target: &str, how: How) -> Status {
    match shell.calls(|calls| calls.symlink(to, target)) {
        Err(Failure::Errno(Errno::Eexist)) => {}
        outcome => return status(outcome),
    }
    let replace = |shell: &mut Shell<'_>| match shell.calls(|calls| calls.remove(target, false)) {
        Ok(()) => status(shell.calls(|calls| calls.symlink(to, target))),
        failed => status(failed),
    };
    if how.flavour == Flavour::Busybox && !how.force {
        shell.fork(&non_posix_cp(), replace, |_| FAILURE)
    } else {
        replace(shell)
    }
}

/// Why it is not known what BusyBox does with what is there.
fn non_posix_cp() -> Reason {
    "BusyBox may be built to remove what is there, or to write into it (FEATURE_NON_POSIX_CP)".into()
}

fn directory(shell: &mut Shell<'_>, source: &str, from: Place, target: &str, how: How, depth: u32) -> Status {
    let original = shell.state.world.get(from.inode).mode.clone();
    let unlisted = shell
        .state
        .world
        .directory(from.inode)
        .and_then(|listing| listing.unlisted.clone());
    let into = match shell.find(target, true) {
        Ok(place) if !shell.state.world.get(place.inode).is_directory() => return FAILURE,
        Ok(place) => Some(place),
        Err(_) => None,
    };
    if depth == 0 && shell.is_within(target, from) {
        // How much is copied before the tools notice differs.
        let _ = shell.unknown_effect(&format!("{} copies a directory into itself", shell.who));
        return FAILURE;
    }
    let names = children(shell, from);
    if let Some(place) = into {
        let copied = contents(shell, source, target, names, unlisted, how, depth);
        return if how.preserve {
            copied.and(keep(shell, from, place, &original, true, how))
        } else {
            copied
        };
    }
    match shell.calls(|calls| calls.mkdir(target, 0o777)) {
        Ok(_) => {}
        Err(Failure::Errno(_)) => return FAILURE,
        Err(Failure::Unknown(reason)) => return shell.unknown_effect(&reason),
    }
    let place = match shell.find(target, true) {
        Ok(place) => place,
        Err(failure) => return status::<()>(Err(failure)),
    };
    let inherited = shell.state.world.get(place.inode).mode.clone();
    // While the copy goes on, its owner may enter the new directory.
    let at_first = match how.flavour {
        Flavour::Coreutils => inherited.with(0o700).without(0o077),
        Flavour::Busybox => {
            let asked = if how.preserve {
                original.clone()
            } else {
                copied_mode(shell, &original)
            };
            let asked = asked.without(SETUID | SETGID).with(0o700);
            match inherited.has(SETGID) {
                Some(true) => asked.with(SETGID),
                Some(false) => asked,
                None => asked.join(&asked.with(SETGID), &inherited.reason()),
            }
        }
    };
    shell.state.world.get_mut(place.inode).mode = at_first;
    let listed = names.is_ok();
    let copied = contents(shell, source, target, names, unlisted, how, depth);
    if how.preserve {
        return copied.and(keep(shell, from, place, &original, false, how));
    }
    let mode = copied_mode(shell, &original);
    match how.flavour {
        // BusyBox sets the mode once more when all is copied, special bits included, and so loses an inherited setgid.
        Flavour::Busybox if !listed => copied,
        Flavour::Busybox => copied.and(status(shell.calls(|calls| calls.chmod(place, &mode)))),
        // coreutils leaves what mkdir(2) made of the mode: sticky stays, setgid is inherited.
        Flavour::Coreutils => {
            let mode = mode.without(SETUID | SETGID);
            let mode = match inherited.has(SETGID) {
                Some(true) => mode.with(SETGID),
                Some(false) => mode,
                None => mode.join(&mode.with(SETGID), &inherited.reason()),
            };
            shell.state.world.get_mut(place.inode).mode = mode;
            copied
        }
    }
}

fn contents(
    shell: &mut Shell<'_>,
    source: &str,
    target: &str,
    names: Result<Vec<String>, Status>,
    unlisted: Option<Reason>,
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
    let mut copied = SUCCESS;
    for name in names {
        copied = copied.and(copy(
            shell,
            &below(source, &name),
            &below(target, &name),
            how,
            depth + 1,
        ));
    }
    if let (Some(reason), Ok(place)) = (unlisted, shell.find(target, true)) {
        shell.state.world.add_unlisted(place.inode, &reason);
    }
    copied
}

fn file(shell: &mut Shell<'_>, from: Place, target: &str, how: How) -> Status {
    let original = shell.state.world.get(from.inode);
    let mode = original.mode.clone();
    let readable = dac::permits(shell.process, original, Want::Read);
    let existing = shell.find(target, false).ok();
    if existing.is_some() && how.no_clobber {
        return SUCCESS;
    }
    if existing == Some(from) || shell.find(target, true).ok() == Some(from) {
        return FAILURE;
    }
    match readable.answer {
        Tri::No => return FAILURE,
        Tri::Unknown => {
            return shell.unknown_effect(&format!("{} may copy a file or not: {}", shell.who, readable.why));
        }
        Tri::Yes => {}
    }
    if existing.is_some() && how.flavour == Flavour::Busybox {
        return shell.fork(
            &non_posix_cp(),
            |shell| match shell.calls(|calls| calls.remove(target, false)) {
                Ok(()) => write(shell, from, target, &mode, None, how),
                Err(Failure::Errno(_)) => FAILURE,
                Err(Failure::Unknown(reason)) => shell.unknown_effect(&reason),
            },
            |shell| write(shell, from, target, &mode, existing, how),
        );
    }
    write(shell, from, target, &mode, existing, how)
}

/// Writes the contents into the file that is there, or into a new one.
fn write(
    shell: &mut Shell<'_>,
    from: Place,
    target: &str,
    mode: &Mode,
    existing: Option<Place>,
    how: How,
) -> Status {
    let replaced = match existing {
        None => true,
        Some(_) => {
            // It does not write through a link that leads nowhere.
            let dangling = how.flavour == Flavour::Coreutils && shell.find(target, true).is_err();
            let written = if dangling {
                Err(Failure::Errno(Errno::Enoent))
            } else if how.flavour == Flavour::Coreutils {
                // It opens what is there without O_CREAT (copy_reg in coreutils' copy.c).
                shell.calls(|calls| calls.overwrite(target, Writes::All))
            } else {
                shell.calls(|calls| calls.open_for_writing(target, 0o666, Writes::All))
            };
            match written {
                Ok(_) => false,
                Err(Failure::Errno(_)) if how.force => {
                    if let Err(failure) = shell.calls(|calls| calls.remove(target, false)) {
                        return status::<()>(Err(failure));
                    }
                    true
                }
                Err(Failure::Errno(_)) => return FAILURE,
                Err(Failure::Unknown(reason)) => return shell.unknown_effect(&reason),
            }
        }
    };
    if replaced {
        let inode = match shell.calls(|calls| calls.open_for_writing(target, 0o666, Writes::All)) {
            Ok(inode) => inode,
            Err(Failure::Errno(_)) => return FAILURE,
            Err(Failure::Unknown(reason)) => return shell.unknown_effect(&reason),
        };
        shell.state.world.get_mut(inode).mode = new_file_mode(shell, mode, how);
    }
    match shell.find(target, true) {
        Ok(place) if how.preserve => keep(shell, from, place, mode, !replaced, how),
        _ => SUCCESS,
    }
}

/// The source's mode, less the umask.
fn copied_mode(shell: &Shell<'_>, original: &Mode) -> Mode {
    match &shell.state.umask {
        Value::Known(umask) => original.without(*umask),
        Value::Unknown(reason) => original.join(&original.without(0o777), reason),
    }
}

/// The mode of a new file before anything is kept. BusyBox asks for setuid and setgid, too, which the first write takes
/// away from a process without CAP_FSETID; an empty file has none.
fn new_file_mode(shell: &Shell<'_>, original: &Mode, how: How) -> Mode {
    let mode = copied_mode(shell, original);
    let plain = mode.without(0o7000);
    match (how.flavour, shell.process.has(Capability::FSETID)) {
        (Flavour::Coreutils, _) if how.preserve => plain.without(0o077),
        (Flavour::Coreutils, _) => plain,
        (Flavour::Busybox, Tri::Yes) => mode,
        (Flavour::Busybox, _) => {
            let kept = mode.without(SETUID | SETGID);
            mode.join(&kept, &"it depends on whether the copied file is empty".into())
        }
    }
}

/// `-p`: the copy gets the source's owner and mode, as far as the process may do that. Without the owner, it gets none
/// of the special bits; for coreutils that is a failure if root may not, and none if nobody would expect it.
fn keep(shell: &mut Shell<'_>, from: Place, to: Place, mode: &Mode, existed: bool, how: How) -> Status {
    let original = shell.state.world.get(from.inode);
    let (uid, gid) = (original.uid.clone(), original.gid.clone());
    let copy = shell.state.world.get(to.inode);
    let same = uid.known().is_some_and(|uid| copy.uid.known() == Some(uid))
        && gid.known().is_some_and(|gid| copy.gid.known() == Some(gid));
    let given = if same && how.flavour == Flavour::Coreutils {
        Ok(())
    } else {
        if existed && how.flavour == Flavour::Coreutils {
            // Before a file that was there gets its owner, nobody else may use it (set_owner in src/copy.c).
            let narrow = shell.state.world.get(to.inode).mode.without(0o077);
            let _ = shell.calls(|calls| calls.chmod(to, &narrow));
        }
        shell.calls(|calls| calls.chown(to, Some(&uid), Some(&gid)))
    };
    let mode = match (given, how.flavour) {
        // coreutils sets an access list, which leaves the special bits alone, and then those that the source has.
        (Ok(()), Flavour::Coreutils) if mode.extremes().1 & 0o7000 == 0 => {
            let copy = shell.state.world.get(to.inode).mode.extremes();
            match copy {
                (least, most) if least & 0o7000 == most & 0o7000 => mode.with(least & 0o7000),
                _ => mode.join(
                    &mode.with(0o7000),
                    &"the mode of what is there is not known".into(),
                ),
            }
        }
        (Ok(()), _) => mode.clone(),
        (Err(Failure::Errno(_)), Flavour::Busybox) => mode.without(SETUID | SETGID),
        (Err(Failure::Errno(_)), Flavour::Coreutils) => {
            let _ = shell.calls(|calls| calls.chown(to, None, Some(&gid)));
            match shell.process.uid.known() {
                Some(0) => return FAILURE,
                Some(_) => mode.without(0o7000),
                None => {
                    return shell.unknown_effect(&format!("{} may keep owners or not", shell.who));
                }
            }
        }
        (Err(Failure::Unknown(reason)), _) => mode.join(&mode.without(0o7000), &reason),
    };
    match (status(shell.calls(|calls| calls.chmod(to, &mode))), how.flavour) {
        (Status::Known(1..), Flavour::Busybox) => SUCCESS,
        (status, _) => status,
    }
}
