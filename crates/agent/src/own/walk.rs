// SPDX-License-Identifier: Apache-2.0
//! What all threads of one walk through one tree know.

use std::collections::HashSet;
use std::ffi::{CStr, OsStr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, chownat};
use rustix::io::Errno;

use super::change::Changer;
use super::links::{Found, Links, all_names};
use super::names::Names;
use super::status::{Identity, Status};
use super::tally::{Counts, Left, Tally};
use super::trail::Trail;
use super::wanted::Modes;
use crate::beneath::{self, Mounts};
use crate::errno;

/// How often a name is looked at that stands for something else each time.
const LOOKS: usize = 4;

/// One walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    pub(super) changer: &'a Changer,
    pub(super) mounts: Mounts,
    pub(super) links: &'a Links,
    pub(super) tally: &'a Tally<'a>,
    /// Directories that are walked for themselves.
    pub(super) operands: &'a HashSet<Identity>,
    /// When to give up.
    pub(super) deadline: Option<Instant>,
    /// Whether the deadline has passed.
    pub(super) over: &'a AtomicBool,
    /// How many directories a thread holds open, one above the other.
    pub(super) open: usize,
}

/// Work for one thread.
#[derive(Debug)]
pub(super) enum Job {
    /// A directory and all that is beneath it.
    Directory(Arc<Directory>),
    /// Some names of a directory.
    Names(Arc<Directory>, Names),
}

/// A directory on the way, open or not.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) trail: Trail,
    /// How it was found.
    pub(super) before: Status,
    /// Whether nobody but root and this process's user can give its names to other files.
    pub(super) kept: bool,
    /// Whether it is this process's own for the time.
    pub(super) taken: Taken,
}

/// Whether a directory is this process's own, until it is handed over or given back, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is not.
    No,
    /// So that nobody else gives its names to other files.
    ToKeepNames,
    /// It was closed otherwise, and has `u+rx` now.
    ToEnter,
}

impl Place {
    /// How a directory that is like this now would be if it had not been taken.
    fn before(&self, now: &Status) -> Status {
        match self.taken {
            Taken::No => *now,
            // What others have changed meanwhile stays.
            Taken::ToKeepNames => Status {
                mode: now.mode,
                ..self.before
            },
            Taken::ToEnter => self.before,
        }
    }

    /// Whether this is the same directory, on the same mount.
    pub(super) fn is(&self, directory: impl AsFd) -> bool {
        Status::of(directory)
            .is_ok_and(|status| status.identity == self.before.identity && status.same_mount(&self.before))
    }

    /// Says that it was not found again.
    pub(super) fn lose(&self, walk: &Walk<'_>) {
        let why = match self.taken {
            Taken::No => "it was moved away before all in it was looked at",
            Taken::ToKeepNames | Taken::ToEnter => {
                "it was moved away while this process held it, and belongs to this process's user now"
            }
        };
        walk.tally.left(Left::Refused, 1, &self.trail, why);
    }
}

/// An open directory. Who drops it last hands it over.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) descriptor: OwnedFd,
    pub(super) place: Place,
}

impl AsFd for Directory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// What a name turned out to be.
enum Seen {
    /// Dealt with.
    Settled,
    /// A directory to go into.
    Directory(Directory),
    /// Not what the directory or the look before said: to be looked at once more, as this.
    Otherwise { directory: bool },
}

impl Walk<'_> {
    /// Whether the time given is over; looks at the clock.
    pub(super) fn is_over(&self) -> bool {
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.over.store(true, Ordering::Relaxed);
        }
        self.over.load(Ordering::Relaxed)
    }

    /// Deals with one name, or answers the directory that it stands for. `was_wrong` says whether the last entry before
    /// had to be changed, and is set anew: then a look by name, which only finds what can be skipped, is saved.
    pub(super) fn name(
        &self,
        directory: &Directory,
        name: &CStr,
        mut is_directory: bool,
        was_wrong: &mut bool,
        counts: &mut Counts,
    ) -> Option<Directory> {
        for _ in 0..LOOKS {
            let seen = if is_directory {
                self.directory(directory, name)
            } else {
                self.other(directory, name, was_wrong, counts)
            };
            match seen {
                Seen::Settled => return None,
                Seen::Directory(found) => return Some(found),
                Seen::Otherwise { directory } => is_directory = directory,
            }
        }
        self.left(
            Left::Changing,
            directory,
            name,
            "each look found something else there",
        );
        None
    }

    fn left(&self, left: Left, directory: &Directory, name: &CStr, why: impl std::fmt::Display) {
        let name = OsStr::from_bytes(name.to_bytes());
        self.tally.left(left, 1, directory.place.trail.entry(name), why);
    }

    fn left_mount(&self, directory: &Directory, name: &CStr) {
        self.left(
            Left::Mount,
            directory,
            name,
            "something else is mounted there; `--cross-file-systems` includes it",
        );
    }

    /// Answers for an error that a name was met with.
    fn unopened(&self, directory: &Directory, name: &CStr, errno: Errno) -> Seen {
        match errno {
            // It is gone: there is nothing to change.
            Errno::NOENT => {}
            Errno::XDEV => self.left_mount(directory, name),
            errno => self.left(Left::Refused, directory, name, errno::reason(errno)),
        }
        Seen::Settled
    }

    /// A name that should be a directory's.
    fn directory(&self, above: &Directory, name: &CStr) -> Seen {
        let os_name = OsStr::from_bytes(name.to_bytes());
        let open = |flags| {
            let flags = flags | OFlags::DIRECTORY;
            beneath::open(above, os_name, flags, Mode::empty(), self.mounts)
        };
        let opened = match open(OFlags::RDONLY) {
            Err(Errno::ACCESS) => open(OFlags::PATH).map(|pinned| (pinned, false)),
            opened => opened.map(|opened| (opened, true)),
        };
        let (descriptor, listed) = match opened {
            Ok(opened) => opened,
            Err(Errno::NOTDIR | Errno::LOOP) => return Seen::Otherwise { directory: false },
            Err(errno) => return self.unopened(above, name, errno),
        };
        let before = match Status::of(&descriptor) {
            Ok(status) => status,
            Err(errno) => return self.unopened(above, name, errno),
        };
        if self.operands.contains(&before.identity) {
            return Seen::Settled;
        }
        let entered = if listed && self.changer.caller.surely_enters(&before) {
            Ok((descriptor, Taken::No))
        } else {
            self.changer.enter(&descriptor, &before)
        };
        match entered {
            Ok((descriptor, taken)) => {
                let trail = above.place.trail.to(os_name);
                Seen::Directory(self.entered(descriptor, trail, before, taken))
            }
            Err(why) => {
                self.left(Left::Refused, above, name, why);
                Seen::Settled
            }
        }
    }

    /// A directory that was found like this, and opened.
    pub(super) fn entered(
        &self,
        descriptor: OwnedFd,
        trail: Trail,
        before: Status,
        taken: Taken,
    ) -> Directory {
        let caller = self.changer.caller.uid;
        let kept = match taken {
            Taken::No => before.names_kept_by(caller),
            // Its owner may have changed the mode before he lost it.
            Taken::ToKeepNames | Taken::ToEnter => {
                Status::of(&descriptor).is_ok_and(|now| now.names_kept_by(caller))
            }
        };
        let place = Place {
            trail,
            before,
            kept,
            taken,
        };
        Directory { descriptor, place }
    }

    /// Takes a directory whose names others could give to other files, if that keeps them from it.
    pub(super) fn keep_names(&self, directory: &mut Directory) {
        let Directory { descriptor, place } = directory;
        if place.kept
            || place.taken != Taken::No
            || !self.changer.take_to_keep_names(&descriptor, &place.before)
        {
            return;
        }
        place.taken = Taken::ToKeepNames;
        if let Ok(now) = Status::of(descriptor) {
            place.kept = now.names_kept_by(self.changer.caller.uid);
            // Its owner may have changed mode and group before he lost it.
            place.before = Status {
                uid: place.before.uid,
                ..now
            };
        }
    }

    /// A name that should be anything but a directory's.
    fn other(&self, directory: &Directory, name: &CStr, was_wrong: &mut bool, counts: &mut Counts) -> Seen {
        let wanted = &self.changer.wanted;
        let kept = directory.place.kept;
        if kept || !*was_wrong {
            let status = match Status::of_name(directory, name) {
                Ok(status) => status,
                Err(errno) => return self.unopened(directory, name, errno),
            };
            if self.mounts == Mounts::Stay && !status.same_mount(&directory.place.before) {
                self.left_mount(directory, name);
                return Seen::Settled;
            }
            if status.kind == FileType::Directory {
                return Seen::Otherwise { directory: true };
            }
            *was_wrong = !wanted.holds(&status);
            if !*was_wrong {
                counts.right += 1;
                return Seen::Settled;
            }
            // Nobody else can give the name to another file meanwhile.
            if kept && status.links == 1 && matches!(wanted.modes, Modes::Left) {
                let (user, group) = (wanted.owner.user(), wanted.owner.group());
                match chownat(
                    directory,
                    name,
                    Some(user),
                    Some(group),
                    AtFlags::SYMLINK_NOFOLLOW,
                ) {
                    Ok(()) => counts.changed += 1,
                    Err(Errno::NOENT) => {}
                    Err(errno) => {
                        let why = self.changer.caller.why_not_owned(errno, &status);
                        self.left(Left::Refused, directory, name, why);
                    }
                }
                return Seen::Settled;
            }
        }
        let os_name = OsStr::from_bytes(name.to_bytes());
        let pinned = match beneath::open(directory, os_name, OFlags::PATH, Mode::empty(), self.mounts) {
            Ok(pinned) => pinned,
            Err(errno) => return self.unopened(directory, name, errno),
        };
        let status = match Status::of(&pinned) {
            Ok(status) => status,
            Err(errno) => return self.unopened(directory, name, errno),
        };
        if status.kind == FileType::Directory {
            return Seen::Otherwise { directory: true };
        }
        *was_wrong = !wanted.holds(&status);
        if !*was_wrong {
            counts.right += 1;
            return Seen::Settled;
        }
        let settled = if status.links > 1 {
            self.linked(pinned, &status, directory, name)
        } else if kept
            // Only its own owner can have laid the name, who then gives away what is his.
            || directory.place.before.names_kept_by(status.uid)
            || self.is_only_name(&pinned, &status, directory, name)
        {
            let settled = self.changer.settle(&pinned, &status, &status);
            settled.map(|()| 1)
        } else {
            return Seen::Otherwise { directory: false };
        };
        match settled {
            Ok(changed) => counts.changed += changed,
            Err(why) => self.left(Left::Refused, directory, name, why),
        }
        Seen::Settled
    }

    /// Whether a file that had one name when it was looked at has it here.
    fn is_only_name(&self, pinned: &OwnedFd, status: &Status, directory: &Directory, name: &CStr) -> bool {
        let named = self.changer.descriptors.still_named(pinned, directory, name);
        named.unwrap_or_else(|| {
            // Two looks have to do. A foreign file whose name here goes during the second one passes: that is hard to
            // bring about, not impossible.
            Status::of_name(directory, name)
                .is_ok_and(|again| again.identity == status.identity && again.links == 1)
        })
    }

    /// One of several names of a file; answers how many names are right now that were not.
    fn linked(
        &self,
        pinned: OwnedFd,
        status: &Status,
        directory: &Directory,
        name: &CStr,
    ) -> Result<u64, String> {
        let place = &directory.place;
        let path = || place.trail.entry(OsStr::from_bytes(name.to_bytes())).to_string();
        let left = |why: &str| self.left(Left::Links, directory, name, why);
        match self
            .links
            .found(pinned, status, place.before.identity, name, path)
        {
            Found::Waiting => Ok(0),
            Found::TooMany => {
                left(
                    "too many names of files (hard links) to be held open at once: run it again, or raise the limit \
                      of open files",
                );
                Ok(0)
            }
            Found::All(names) => {
                let (Some(held), Some(status)) =
                    (names.first(), all_names(&names, &self.changer.descriptors))
                else {
                    left("its names (hard links) changed meanwhile, or /proc is not mounted to compare them");
                    return Ok(0);
                };
                self.changer.settle(&held.descriptor, &status, &status)?;
                Ok(names.len().try_into().unwrap_or(u64::MAX))
            }
        }
    }

    /// Hands over a directory with which everybody is done.
    pub(super) fn hand_over(&self, directory: &Directory, counts: &mut Counts) {
        let place = &directory.place;
        counts.taken += u64::from(place.taken == Taken::ToEnter);
        let wanted = &self.changer.wanted;
        let settled = Status::of(directory).map_err(errno::reason).and_then(|now| {
            let before = place.before(&now);
            self.changer.settle(directory, &now, &before)?;
            Ok(wanted.holds(&before))
        });
        match settled {
            Ok(true) => counts.right += 1,
            Ok(false) => counts.changed += 1,
            Err(why) => {
                let why = match self.given_back(directory) {
                    Ok(()) => why,
                    Err(also) => format!("{why}; {also}"),
                };
                self.tally.left(Left::Refused, 1, &place.trail, why);
            }
        }
    }

    /// Gives back a directory that was taken, and is not to be handed over.
    pub(super) fn give_back(&self, directory: &Directory) {
        if let Err(why) = self.given_back(directory) {
            self.tally.left(Left::Refused, 1, &directory.place.trail, why);
        }
    }

    fn given_back(&self, directory: &Directory) -> Result<(), String> {
        let place = &directory.place;
        if place.taken == Taken::No {
            return Ok(());
        }
        let now = Status::of(directory).map_err(errno::reason);
        now.and_then(|now| self.changer.give_back(directory, &now, &place.before(&now)))
            .map_err(|why| format!("it belongs to this process's user now, and cannot be given back: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::ffi::OsStr;
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::sync::atomic::AtomicBool;

    use super::{Taken, Walk};
    use crate::beneath::Mounts;
    use crate::log::{Level, Log, LogFormat};
    use crate::own::caller::Caller;
    use crate::own::change::Changer;
    use crate::own::descriptors::Descriptors;
    use crate::own::links::Links;
    use crate::own::status::Status;
    use crate::own::tally::{Counts, Tally};
    use crate::own::trail::Trail;
    use crate::own::wanted::{Modes, Wanted};
    use crate::owner::Owner;

    /// What its owner does between the look at a directory and the moment when it is taken from him, counts. Needs root.
    #[test]
    fn names_are_kept_by_the_mode_that_a_directory_has_when_it_is_taken() {
        let changer = Changer {
            wanted: Wanted {
                owner: Owner { uid: 2000, gid: 2000 },
                modes: Modes::Left,
            },
            caller: Caller::of_process(),
            descriptors: Descriptors::open(),
        };
        let log = Log::new(LogFormat::Text, "own", Level::Error);
        let walk = Walk {
            changer: &changer,
            mounts: Mounts::Stay,
            links: &Links::new(8),
            tally: &Tally::new(&log),
            operands: &HashSet::new(),
            deadline: None,
            over: &AtomicBool::new(false),
            open: 4,
        };
        // At the look, at the moment of the taking, whether it is taken, and kept then.
        for (looked, then, taken, kept) in [
            (0o755, 0o755, Taken::ToKeepNames, true),
            (0o755, 0o777, Taken::ToKeepNames, false),
            (0o755, 0o775, Taken::ToKeepNames, false),
            (0o2755, 0o2700, Taken::ToKeepNames, true),
            (0o775, 0o755, Taken::No, false),
            (0o377, 0o755, Taken::No, false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("his");
            fs::create_dir(&path).unwrap();
            chown(&path, Some(1000), Some(1000)).expect("this test needs root");
            let set = |mode| fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            set(looked);
            let opened = File::open(&path).unwrap();
            let before = Status::of(&opened).unwrap();
            let trail = Trail::operand(OsStr::new("his"));
            let mut directory = walk.entered(opened.into(), trail, before, Taken::No);
            set(then);
            walk.keep_names(&mut directory);
            let place = &directory.place;
            let case = format!("{looked:o}, then {then:o}");
            assert_eq!((place.taken, place.kept), (taken, kept), "{case}");
            let mut counts = Counts::default();
            walk.hand_over(&directory, &mut counts);
            let now = fs::metadata(&path).unwrap();
            assert_eq!(
                (now.uid(), now.gid(), now.mode() & 0o7777),
                (2000, 2000, then),
                "{case}"
            );
            assert_eq!((counts.changed, counts.taken), (1, 0), "{case}");
        }
    }
}
