// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent mkdir`: a directory with exactly the mode and owner asked for (mkdir.rs in the agent).

use writeway_shell::agent;
use writeway_shell::options::Arguments;

use super::{USAGE, find_straight, parsed, permitted, refused, split};
use crate::Errno;
use crate::dac::Want;
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::script::tool::below;
use crate::syscall::{Failure, Outcome};
use crate::value::{Mode, Value};

pub(super) fn mkdir(shell: &mut Shell<'_>, arguments: &Arguments) -> Status {
    let options = parsed(arguments, "mode", agent::octal_mode)
        .and_then(|mode| Ok((mode.unwrap_or(0o700), parsed(arguments, "owner", agent::owner)?)));
    let (mode, owner) = match options {
        Ok(options) => options,
        Err(status) => return status,
    };
    if arguments.operands.is_empty() {
        return USAGE;
    }
    let mut done = SUCCESS;
    for path in &arguments.operands {
        let Some((above, name)) = split(path) else {
            return USAGE;
        };
        done = done.and(match make(shell, &above, name, mode, owner) {
            Ok(_) => SUCCESS,
            Err(status) => status,
        });
        // It stops at the first directory that it cannot make.
        if matches!(done, Status::Known(1..)) {
            break;
        }
    }
    done
}

/// Makes the directory, or gives one that is there the mode and owner.
pub(super) fn make(
    shell: &mut Shell<'_>,
    above: &str,
    name: &str,
    mode: u16,
    owner: Option<(u32, u32)>,
) -> Result<Place, Status> {
    let parent = find_straight(shell, above).map_err(refused)?;
    if !shell.state.world.get(parent.inode).is_directory() {
        return Err(FAILURE);
    }
    let path = below(above, name);
    match shell.calls(|calls| calls.mkdir(&path, 0o700)) {
        Ok(_) | Err(Failure::Errno(Errno::Eexist)) => {}
        Err(failure) => return Err(refused(failure)),
    }
    let place = shell.find(&path, false).map_err(refused)?;
    if !shell.state.world.get(place.inode).is_directory() {
        return Err(FAILURE);
    }
    // It is opened for reading.
    permitted(shell, place, Want::Read)?;
    settle(shell, place, &Mode::new(mode), owner).map_err(refused)?;
    Ok(place)
}

/// Gives a file its mode and its owner, each only when it is another.
pub(super) fn settle(shell: &mut Shell<'_>, place: Place, mode: &Mode, owner: Option<(u32, u32)>) -> Outcome {
    let inode = shell.state.world.get(place.inode);
    let (known, owned_by) = (inode.mode.clone(), (inode.uid.known(), inode.gid.known()));
    if known != *mode {
        let changed = shell.calls(|calls| calls.chmod(place, mode));
        // What is right already is left alone.
        unless_right(changed, known.known().is_some(), || known.reason())?;
    }
    let Some((uid, gid)) = owner.filter(|(uid, gid)| owned_by != (Some(*uid), Some(*gid))) else {
        return Ok(());
    };
    let changed = shell.calls(|calls| calls.chown(place, Some(&Value::Known(uid)), Some(&Value::Known(gid))));
    let certain = owned_by.0.is_some_and(|own| own != uid)
        || owned_by.1.is_some_and(|own| own != gid)
        || (owned_by.0.is_some() && owned_by.1.is_some());
    unless_right(changed, certain, || "its owner before is not known".into())
}

/// A change that fails is none when nothing had to change, which is not known unless what was there is.
fn unless_right(changed: Outcome, certain: bool, reason: impl FnOnce() -> crate::value::Reason) -> Outcome {
    match changed {
        Err(Failure::Errno(_)) if !certain => Err(Failure::Unknown(reason())),
        outcome => outcome,
    }
}
