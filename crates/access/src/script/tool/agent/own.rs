// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent own`: hands trees over to a user and a group.

use writeway_shell::agent;
use writeway_shell::mode::{self, Flavour, ModeSpec};
use writeway_shell::options::Arguments;

use super::{USAGE, find_straight, parsed, refused};
use crate::dac::{self, Want};
use crate::mounts::{MountId, Place};
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::script::tool::walk::{Visit, Visitor, walk};
use crate::syscall::Failure;
use crate::value::{ALL_BITS, Mode, Reason, SETGID, SETUID, Value};
use crate::world::{Inode, Kind};
use crate::{Capability, Errno, Tri};

/// What is asked for.
struct Request {
    uid: u32,
    gid: u32,
    modes: Modes,
    cross: bool,
}

/// What becomes of modes.
enum Modes {
    /// Nothing.
    Kept,
    /// `--mode`.
    Set(ModeSpec),
    /// `--group-writable`: what kubelet's `fsGroup` adds (changeFilePermission in pkg/volume/volume_linux.go).
    Widened,
}

pub(super) fn own(shell: &mut Shell<'_>, arguments: &Arguments) -> Status {
    let Some((owner, paths)) = arguments
        .operands
        .split_first()
        .filter(|(_, paths)| !paths.is_empty())
    else {
        return USAGE;
    };
    let Some((uid, gid)) = agent::owner(owner) else {
        return USAGE;
    };
    let widened = arguments.has_long("group-writable");
    let modes = match arguments.value_long("mode").map(str::parse::<ModeSpec>) {
        None if widened => Modes::Widened,
        None => Modes::Kept,
        Some(Ok(mode)) if !widened && mode::apply(&mode, 0, false, 0, Flavour::Coreutils).accepted => {
            Modes::Set(mode)
        }
        Some(_) => return USAGE,
    };
    let timeout = parsed(arguments, "timeout", writeway_shell::parse_go_duration);
    let jobs = parsed(arguments, "jobs", |jobs| {
        jobs.parse().ok().filter(|jobs| (1..=64).contains(jobs))
    });
    if let (Err(status), _) | (_, Err(status)) = (timeout.map(|_| ()), jobs.map(|_: Option<u8>| ())) {
        return status;
    }
    let request = Request {
        uid,
        gid,
        modes,
        cross: arguments.has_long("cross-file-systems"),
    };
    let only_mismatch = arguments.has_long("if-root-mismatch");
    let mut done = SUCCESS;
    for path in paths {
        done = done.and(match find_straight(shell, path) {
            Ok(root) => hand_over(shell, path, root, &request, only_mismatch),
            Err(Failure::Unknown(reason)) => shell.unknown_effect(&reason),
            Err(failure) => refused(failure),
        });
    }
    done
}

/// One operand. With `--if-root-mismatch`, what lies in a directory that is right is left as it is.
fn hand_over(
    shell: &mut Shell<'_>,
    path: &str,
    root: Place,
    request: &Request,
    only_mismatch: bool,
) -> Status {
    let whole = |shell: &mut Shell<'_>| {
        let mut tree = Tree {
            request,
            mount: root.mount,
        };
        walk(shell, path, &mut tree).worst
    };
    if !only_mismatch {
        return whole(shell);
    }
    match request.is_met(shell, root) {
        Tri::Yes => SUCCESS,
        Tri::No => whole(shell),
        Tri::Unknown => {
            let reason: Reason = "the owner and mode of the directory before are not known".into();
            shell.fork(&reason, whole, |_| SUCCESS)
        }
    }
}

/// One tree.
struct Tree<'a> {
    request: &'a Request,
    /// The mount of its root, which it does not leave.
    mount: MountId,
}

impl Visitor for Tree<'_> {
    /// The directory, and its mode where it was taken to get in.
    type Kept = (Place, Option<Mode>);

    fn enter(&mut self, shell: &mut Shell<'_>, path: &str) -> Visit<Self::Kept> {
        let place = match shell.find(path, false) {
            Ok(place) => place,
            // An entry that may be there: what becomes of it is not known either.
            Err(Failure::Unknown(reason)) => return Visit::Done(shell.unknown_effect(&reason)),
            Err(Failure::Errno(_)) => return Visit::Done(FAILURE),
        };
        if place.mount != self.mount && !self.request.cross {
            return Visit::Done(SUCCESS);
        }
        let inode = shell.state.world.get(place.inode);
        if !inode.is_directory() {
            return Visit::Done(self.request.give(shell, place));
        }
        let open = [Want::Read, Want::Execute].map(|want| dac::permits(shell.process, inode, want));
        let names = |shell: &Shell<'_>| {
            let entries = shell.state.world.entries(place.inode).into_iter();
            entries.map(|(name, _)| name).collect()
        };
        let kept = if open.iter().all(|decision| decision.answer == Tri::Yes) {
            None
        } else if can_take(shell, place) {
            // A closed directory is taken, entered as its owner, and handed over last.
            let mode = inode.mode.clone();
            let uid = shell.process.uid.clone();
            let inode = shell.state.world.get_mut(place.inode);
            inode.uid = uid;
            inode.mode = mode.with(0o500);
            Some(mode)
        } else if open.iter().any(|decision| decision.answer == Tri::No) {
            return Visit::Done(FAILURE);
        } else {
            let why = format!("{} may list a directory or not: {}", shell.who, open[0].why);
            return Visit::Done(shell.unknown_effect(&why));
        };
        Visit::Descend {
            status: SUCCESS,
            names: names(shell),
            kept: (place, kept),
        }
    }

    fn leave(&mut self, shell: &mut Shell<'_>, _: &str, (place, mode): Self::Kept) -> Status {
        if let Some(mode) = mode {
            shell.state.world.get_mut(place.inode).mode = mode;
        }
        self.request.give(shell, place)
    }
}

/// Whether a closed directory can be made the process's own for the time, with `u+rx`.
fn can_take(shell: &Shell<'_>, place: Place) -> bool {
    let inode = shell.state.world.get(place.inode);
    let Some(uid) = shell.process.uid.known() else {
        return false;
    };
    let own = inode.uid.known() == Some(uid);
    (own || shell.process.has(Capability::CHOWN) == Tri::Yes)
        && !shell.mounts.get(place.mount).read_only
        && (inode.mode.has(0o500) == Some(true)
            || inode.mode.has(SETGID) == Some(false)
            || keeps_setgid(shell, inode) == Tri::Yes)
}

/// Whether the process can change the mode of a file and leave setgid on it: in its group, or with CAP_FSETID
/// (setattr_prepare in fs/attr.c).
fn keeps_setgid(shell: &Shell<'_>, inode: &Inode) -> Tri {
    let group = inode.gid.known();
    let member = group.map_or(Tri::Unknown, |gid| shell.process.in_group(gid));
    match (member, shell.process.has(Capability::FSETID)) {
        (Tri::Yes, _) | (_, Tri::Yes) => Tri::Yes,
        (Tri::No, Tri::No) => Tri::No,
        _ => Tri::Unknown,
    }
}

impl Request {
    /// Whether owner and mode of a file are right already.
    fn is_met(&self, shell: &Shell<'_>, place: Place) -> Tri {
        let inode = shell.state.world.get(place.inode);
        let owned = match (inode.uid.known(), inode.gid.known()) {
            (Some(uid), _) if uid != self.uid => Tri::No,
            (_, Some(gid)) if gid != self.gid => Tri::No,
            (Some(_), Some(_)) => Tri::Yes,
            _ => Tri::Unknown,
        };
        let mode = match (self.mode(shell, place), inode.mode.known()) {
            (None, _) => Tri::Yes,
            (Some(wanted), Some(_)) => Tri::from(wanted == inode.mode),
            (Some(_), None) => Tri::Unknown,
        };
        match (owned, mode) {
            (Tri::No, _) | (_, Tri::No) => Tri::No,
            (Tri::Yes, Tri::Yes) => Tri::Yes,
            _ => Tri::Unknown,
        }
    }

    /// The mode that a file is to have; `None` when that is not asked for. Links have none of their own.
    fn mode(&self, shell: &Shell<'_>, place: Place) -> Option<Mode> {
        let inode = shell.state.world.get(place.inode);
        if matches!(inode.kind, Kind::Link(_)) {
            return None;
        }
        let directory = inode.is_directory();
        let wanted = match &self.modes {
            Modes::Kept => return None,
            Modes::Widened if directory => inode.mode.with(SETGID | 0o770),
            Modes::Widened => inode.mode.with(0o660),
            Modes::Set(spec) => {
                let (least, most) = inode.mode.extremes();
                let change =
                    |old| Mode::new(mode::apply(spec, old, directory, 0, Flavour::Coreutils).mode & ALL_BITS);
                change(least).join(&change(most), &inode.mode.reason())
            }
        };
        // A file never gets setuid or setgid here, and loses them with its owner, and where it is taken to change its mode.
        let owned = (inode.uid.known(), inode.gid.known()) == (Some(self.uid), Some(self.gid));
        let kept = match inode.mode.known() {
            _ if directory => SETUID | SETGID,
            Some(mode) if owned => {
                let same = wanted.without((SETUID | SETGID) & !mode) == inode.mode;
                let direct = dac::owns(shell.process, inode) == Tri::Yes;
                if same || direct { mode } else { 0 }
            }
            _ => 0,
        };
        Some(wanted.without((SETUID | SETGID) & !kept))
    }

    /// Gives a file its owner, and its mode when one is asked for. What is right already is not touched.
    fn give(&self, shell: &mut Shell<'_>, place: Place) -> Status {
        let met = self.is_met(shell, place);
        if met == Tri::Yes {
            return SUCCESS;
        }
        let (uid, gid) = (Value::Known(self.uid), Value::Known(self.gid));
        let wanted = self.mode(shell, place);
        // Bits go before the new owner comes, and setgid has to stay meanwhile.
        let inode = shell.state.world.get(place.inode);
        if let (Some(now), Some(wanted)) = (inode.mode.known(), wanted.as_ref().and_then(Mode::known))
            && now & wanted != now
            && now & wanted & SETGID != 0
            && keeps_setgid(shell, inode) == Tri::No
        {
            return FAILURE;
        }
        let given = shell.calls(|calls| calls.chown(place, Some(&uid), Some(&gid)));
        let set = match (given, wanted) {
            (Ok(()), Some(mode)) => self.change_mode(shell, place, &mode),
            (given, _) => given,
        };
        match set {
            Ok(()) => SUCCESS,
            // Whatever was right already needs no right to change it.
            Err(Failure::Errno(_)) if met == Tri::Unknown => {
                Status::unknown("whether its owner is right already is not known")
            }
            Err(failure) => refused(failure),
        }
    }

    /// Whoever may give files away may take them first, and so set any mode.
    fn change_mode(&self, shell: &mut Shell<'_>, place: Place, mode: &Mode) -> Result<(), Failure> {
        let inode = shell.state.world.get(place.inode).clone();
        if inode.mode == *mode {
            return Ok(());
        }
        let takes = shell.process.has(Capability::CHOWN) == Tri::Yes && !matches!(inode.kind, Kind::Link(_));
        if takes {
            let uid = shell.process.uid.clone();
            shell.state.world.get_mut(place.inode).uid = uid;
        }
        let changed = shell.calls(|calls| calls.chmod(place, mode));
        let after = shell.state.world.get_mut(place.inode);
        if takes {
            after.uid = inode.uid;
        }
        // The kernel leaves setgid out without a word, for a group that the process is not in: the agent looks.
        match after.mode.has(SETGID) {
            Some(false) if changed.is_ok() && mode.has(SETGID) == Some(true) => {
                Err(Failure::Errno(Errno::Eperm))
            }
            None if mode.has(SETGID) == Some(true) => Err(Failure::Unknown(after.mode.reason())),
            _ => changed,
        }
    }
}
