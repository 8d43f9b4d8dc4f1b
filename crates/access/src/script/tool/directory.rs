// SPDX-License-Identifier: Apache-2.0
//! `mkdir` and `install`.

use writeway_shell::mode::{self, Flavour, ModeSpec};
use writeway_shell::options::{OptionSpec, Value as Takes};

use super::{destination, options, status};
use crate::dac::{self, Want};
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::syscall::{Failure, Outcome, Writes};
use crate::value::{Mode, SETGID, Value};
use crate::{Errno, Tri};

const MKDIR: &[OptionSpec] = &[
    OptionSpec::flag('p', "parents"),
    OptionSpec::with_value('m', "mode"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::letter('Z', Takes::None),
];

const INSTALL: &[OptionSpec] = &[
    OptionSpec::flag('d', "directory"),
    OptionSpec::with_value('m', "mode"),
    OptionSpec::with_value('o', "owner"),
    OptionSpec::with_value('g', "group"),
    OptionSpec::letter('D', Takes::None),
    OptionSpec::letter('c', Takes::None),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('p', "preserve-timestamps"),
];

pub(super) fn mkdir(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let arguments = match options(shell, "mkdir", MKDIR, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let mode = match arguments.value('m').map(str::parse::<ModeSpec>) {
        Some(Ok(mode)) => Some(mode),
        Some(Err(_)) => return FAILURE,
        None => None,
    };
    if arguments.operands.is_empty() {
        return FAILURE;
    }
    let parents = arguments.has('p');
    let make = |path: &String, shell: &mut Shell<'_>| {
        let made = if parents {
            make_parents(shell, path, None)
        } else {
            shell.calls(|calls| calls.mkdir(path, 0o777)).map(|_| true)
        };
        match (made, &mode) {
            (Ok(true), Some(mode)) => {
                let changed = |inherits, umask| {
                    let change = mode::make_directory(mode, inherits, umask, flavour);
                    change.accepted.then_some(change.mode)
                };
                set_mode(shell, path, flavour, true, changed)
            }
            (Ok(_), _) => SUCCESS,
            (Err(failure), _) => status::<()>(Err(failure)),
        }
    };
    arguments
        .operands
        .iter()
        .map(|path| make(path, shell))
        .fold(SUCCESS, Status::and)
}

/// `mkdir -p`: whether the last component was new. A parent is made with `u+wx` on top of what the umask leaves, or
/// with a mode that no umask applies to.
fn make_parents(shell: &mut Shell<'_>, path: &str, parents: Option<u16>) -> Outcome<bool> {
    let components: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut walked = if path.starts_with('/') {
        String::new()
    } else {
        ".".to_owned()
    };
    if path.is_empty() {
        return Err(Failure::Errno(Errno::Enoent));
    }
    let mut made = false;
    for (index, name) in components.iter().enumerate() {
        if let Err(Status::Unknown(reason)) = shell.pay(1) {
            return Err(Failure::Unknown(reason));
        }
        walked = format!("{walked}/{name}");
        let outer = shell.state.umask.clone();
        match (index + 1 < components.len(), parents, &mut shell.state.umask) {
            (true, Some(mode), umask) => *umask = Value::Known(0o777 & !mode),
            (true, None, Value::Known(umask)) => *umask &= !0o300,
            _ => {}
        }
        let outcome = shell.calls(|calls| calls.mkdir(&walked, 0o777));
        shell.state.umask = outer;
        made = match outcome {
            Ok(_) => true,
            Err(Failure::Errno(failed)) => match shell.find(&walked, true) {
                Ok(place) if shell.state.world.get(place.inode).is_directory() => false,
                Ok(_) => return Err(Failure::Errno(Errno::Enotdir)),
                Err(Failure::Errno(_)) => return Err(Failure::Errno(failed)),
                Err(unknown @ Failure::Unknown(_)) => return Err(unknown),
            },
            Err(unknown @ Failure::Unknown(_)) => return Err(unknown),
        };
    }
    Ok(made)
}

/// Sets the mode that a tool computes from whether the new directory inherited setgid, and the umask.
fn set_mode(
    shell: &mut Shell<'_>,
    path: &str,
    flavour: Flavour,
    made: bool,
    mode: impl Fn(bool, u16) -> Option<u16>,
) -> Status {
    let place = match shell.find(path, true) {
        Ok(place) => place,
        Err(failure) => return status::<()>(Err(failure)),
    };
    let umask = shell.state.umask.known().unwrap_or(0o022);
    let inode = shell.state.world.get(place.inode);
    let changed = match inode.mode.has(SETGID) {
        Some(inherits) if made && flavour == Flavour::Coreutils => {
            let (wanted, alone) = (mode(inherits, umask), mode(false, umask));
            let (Some(wanted), Some(alone)) = (wanted, alone) else {
                return FAILURE;
            };
            // mkdir(2) is asked for the mode; only what it cannot give is set afterwards, and nobody else may write
            // until then (make_dir_parents in gnulib).
            let asked = if alone & 0o7000 == 0 {
                wanted
            } else {
                wanted & !0o022
            };
            let present = asked & 0o1777 | if inherits { SETGID } else { 0 };
            shell.state.world.get_mut(place.inode).mode = Mode::new(present);
            Some(Mode::new(wanted))
        }
        Some(inherits) => mode(inherits, umask).map(Mode::new),
        None => mode(true, umask)
            .zip(mode(false, umask))
            .map(|(with, without)| Mode::new(with).join(&Mode::new(without), &inode.mode.reason())),
    };
    let Some(changed) = changed else { return FAILURE };
    // coreutils sets no mode that is there already (dirchownmod in gnulib), and so loses no setgid by it.
    if flavour == Flavour::Coreutils && changed == shell.state.world.get(place.inode).mode {
        return SUCCESS;
    }
    status(shell.calls(|calls| calls.chmod(place, &changed)))
}

/// `install -d`, and `install` of files.
pub(super) fn install(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    let arguments = match options(shell, "install", INSTALL, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let mode = match arguments.value('m').map(str::parse::<ModeSpec>) {
        Some(Ok(mode)) => Some(mode),
        Some(Err(_)) => return FAILURE,
        None => None,
    };
    let owner = (
        arguments.value('o').map(|user| shell.uid_of(user)),
        arguments.value('g').map(|group| shell.gid_of(group)),
    );
    // coreutils gives 0755 to what it makes on the way, whatever the umask is.
    let parents = (flavour == Flavour::Coreutils).then_some(0o755);
    if arguments.operands.is_empty() {
        return FAILURE;
    }
    if arguments.has('d') {
        let one = |path: &String, shell: &mut Shell<'_>| {
            let existed = shell
                .find(path, true)
                .ok()
                .map(|place| shell.state.world.get(place.inode).mode.clone());
            if let Err(failure) = make_parents(shell, path, parents) {
                return status::<()>(Err(failure));
            }
            let new = existed.is_none();
            let existing = existed.and_then(|mode| mode.known());
            let changed = |inherits, umask| {
                let change = mode::install_directory(mode.as_ref(), existing, inherits, umask, flavour);
                change.accepted.then_some(change.mode)
            };
            if flavour == Flavour::Coreutils
                && new
                && owner != (None, None)
                && let Ok(place) = shell.find(path, true)
            {
                // Until it has its owner, a new directory is its maker's alone (make_dir_parents in gnulib).
                let guarded = changed(false, 0).map_or(0, |mode| mode & 0o700);
                let mode = shell
                    .state
                    .world
                    .get(place.inode)
                    .mode
                    .without(0o777)
                    .with(guarded);
                shell.state.world.get_mut(place.inode).mode = mode;
            }
            let given = give(shell, path, &owner);
            if flavour == Flavour::Coreutils && matches!(given, Status::Known(1..)) {
                return given;
            }
            given.and(set_mode(
                shell,
                path,
                flavour,
                new && owner == (None, None),
                changed,
            ))
        };
        return arguments
            .operands
            .iter()
            .map(|path| one(path, shell))
            .fold(SUCCESS, Status::and);
    }
    let Some((target, sources)) = arguments
        .operands
        .split_last()
        .filter(|(_, sources)| !sources.is_empty())
    else {
        return FAILURE;
    };
    let one = |source: &String, shell: &mut Shell<'_>| {
        if arguments.has('D')
            && let Some((above, _)) = target.rsplit_once('/').filter(|(above, _)| !above.is_empty())
            && let Err(failure) = make_parents(shell, above, parents)
        {
            return status::<()>(Err(failure));
        }
        let from = match shell.find(source, true) {
            Ok(place) => place,
            Err(failure) => return status::<()>(Err(failure)),
        };
        if shell.state.world.get(from.inode).is_directory() {
            return FAILURE;
        }
        let path = match destination(shell, source, target, flavour) {
            Ok(path) => path,
            Err(failure) => return status::<()>(Err(failure)),
        };
        if shell.find(&path, true).ok() == Some(from) {
            return FAILURE;
        }
        // An existing target is removed first.
        let _ = shell.calls(|calls| calls.remove(&path, false));
        let original = shell.state.world.get(from.inode);
        let readable = dac::permits(shell.process, original, Want::Read);
        match readable.answer {
            Tri::No => return FAILURE,
            Tri::Unknown => return shell.unknown_effect(&readable.why),
            Tri::Yes => {}
        }
        if let Err(failure) = shell.calls(|calls| calls.open_for_writing(&path, 0o600, Writes::All)) {
            return status::<()>(Err(failure));
        }
        let given = give(shell, &path, &owner);
        let change = |_, umask| {
            let change = mode::install_file(mode.as_ref(), umask, flavour);
            change.accepted.then_some(change.mode)
        };
        // Without its owner, the copy stays as it was made.
        if matches!(given, Status::Known(1..)) {
            return given;
        }
        given.and(set_mode(shell, &path, flavour, false, change))
    };
    sources
        .iter()
        .map(|source| one(source, shell))
        .fold(SUCCESS, Status::and)
}

fn give(shell: &mut Shell<'_>, path: &str, owner: &(Option<Value<u32>>, Option<Value<u32>>)) -> Status {
    let (None, None) = owner else {
        let place: Outcome<Place> = shell.find(path, true);
        return match place {
            Ok(place) => status(shell.calls(|calls| calls.chown(place, owner.0.as_ref(), owner.1.as_ref()))),
            Err(failure) => status::<()>(Err(failure)),
        };
    };
    SUCCESS
}
