// SPDX-License-Identifier: Apache-2.0
//! Changes one file that is held open: what was looked at is what is changed, whatever its name stands for by now.
//!
//! The order is such that at no time somebody may do more than before or than asked: permissions that go, go first; then
//! the owner changes; permissions that come, come last. Without CAP_FOWNER the mode of another user's file cannot be
//! changed: the file is taken (given to this process's own user) for the time.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid, chownat, fchmod, openat};
use rustix::io::Errno;

use super::caller::Caller;
use super::descriptors::Descriptors;
use super::status::Status;
use super::walk::Taken;
use super::wanted::{Modes, Wanted};
use crate::errno;
use crate::owner::Owner;

/// Setuid and setgid, which the kernel takes from a file with its owner.
const SET_IDS: u16 = 0o6000;
const SET_GROUP_ID: u16 = 0o2000;
/// What an owner needs to list and search a directory.
const OWNER_ENTERS: u16 = 0o500;

/// Who changes, by what means.
#[derive(Debug)]
pub(super) struct Changer {
    /// What everything becomes.
    pub(super) wanted: Wanted,
    /// Who changes it.
    pub(super) caller: Caller,
    /// The way to files that are only pinned.
    pub(super) descriptors: Descriptors,
}

impl Changer {
    /// Gives a file that is as `now` the owner asked for, and the mode that the rule makes of `before`: the same look,
    /// but for a directory that was taken.
    ///
    /// # Errors
    /// Why it was not done. The file is its former owner's then.
    pub(super) fn settle(&self, file: impl AsFd, now: &Status, before: &Status) -> Result<(), String> {
        let file = file.as_fd();
        let goal = self.wanted.mode(before);
        let owner_differs = !self.wanted.owner_holds(now);
        if goal == now.mode {
            if owner_differs {
                self.own(file, self.wanted.owner, now)?;
            }
            return Ok(());
        }
        let take = !self.caller.changes_modes_of(now.uid);
        // Bits come after the new owner, who alone may set them then, or who has CAP_FOWNER.
        let hold = take || (now.mode & goal != goal && !self.caller.changes_modes_of(self.wanted.owner.uid));
        let goal = if hold && !now.kind.is_dir() {
            goal & !SET_IDS
        } else {
            goal
        };
        let kept = now.mode & goal;
        let done = (|| {
            if take {
                self.own(
                    file,
                    Owner {
                        uid: self.caller.uid,
                        gid: now.gid,
                    },
                    now,
                )?;
            }
            if kept != now.mode {
                self.change_mode(file, now, kept)?;
            }
            if hold {
                let group = self.wanted.owner.gid;
                self.own(
                    file,
                    Owner {
                        uid: self.caller.uid,
                        gid: group,
                    },
                    now,
                )?;
            } else if owner_differs {
                self.own(file, self.wanted.owner, now)?;
            }
            if kept != goal {
                self.change_mode(file, now, goal)?;
            }
            if hold {
                self.own(file, self.wanted.owner, now)?;
            }
            Ok(())
        })();
        // Best effort, for the first error is the one to tell.
        done.inspect_err(|_| {
            let mode = if now.kind.is_dir() {
                before.mode
            } else {
                before.mode & !SET_IDS
            };
            let _ = self.change_mode(file, now, mode);
            let _ = self.own(
                file,
                Owner {
                    uid: before.uid,
                    gid: before.gid,
                },
                now,
            );
        })
    }

    /// `chown(2)` of what is open.
    fn own(&self, file: impl AsFd, owner: Owner, now: &Status) -> Result<(), String> {
        chownat(
            file,
            c"",
            Some(owner.user()),
            Some(owner.group()),
            AtFlags::EMPTY_PATH,
        )
        .map_err(|errno| self.caller.why_not_owned(errno, now))
    }

    fn change_mode(&self, file: impl AsFd, now: &Status, mode: u16) -> Result<(), String> {
        let file = file.as_fd();
        let bits = Mode::from_raw_mode(mode.into());
        let changed = if now.kind == FileType::Directory {
            match fchmod(file, bits) {
                Err(Errno::BADF) => self.descriptors.change_mode(file, bits),
                answer => answer,
            }
        } else {
            self.descriptors.change_mode(file, bits)
        };
        changed.map_err(|errno| match errno {
            Errno::NOSYS => "its mode can only be changed where /proc is mounted".to_owned(),
            errno => self.caller.why_not_changed(errno, now),
        })?;
        if mode & SET_GROUP_ID != 0 && !self.caller.sets_group_id() {
            // `chmod(2)` leaves setgid out without a word, for a group that the process is not in.
            let after = Status::of(file).map_err(errno::reason)?;
            if after.mode & SET_GROUP_ID == 0 {
                return Err(format!(
                    "setgid cannot be set for a group that the process is not in ({}): CAP_FSETID is missing",
                    after.gid
                ));
            }
        }
        Ok(())
    }

    /// Takes an open directory to keep its names: it belongs to this process's own user, and to its group still, until
    /// [`Self::settle`] hands it over. Only what nobody but its owner may write to is taken, and only from an owner who is
    /// to lose it in any case. Meanwhile nobody can do more than before, and nobody but he less. Answers whether it was
    /// taken; where that is refused one goes on without.
    ///
    /// Whether somebody may write to a directory is asked at each change of a name in it, while it is locked (fs/namei.c:
    /// `may_create`, `may_delete`), and it is locked to get another owner (fs/open.c: `chown_common`). So its former owner
    /// changes no name from then on, nor its mode, be the directory open in his programs or not.
    pub(super) fn take_to_keep_names(&self, directory: impl AsFd, before: &Status) -> bool {
        let taken = Status {
            uid: self.caller.uid,
            ..*before
        };
        // With modes to change a file is held open in any case.
        matches!(self.wanted.modes, Modes::Left)
            && before.uid != self.wanted.owner.uid
            && before.mode & OWNER_ENTERS == OWNER_ENTERS
            && taken.names_kept_by(self.caller.uid)
            // It is not to look as if it were handed over.
            && !self.wanted.holds(&taken)
            && self.take(directory).is_ok()
    }

    /// Gives a directory to this process's own user.
    fn take(&self, directory: impl AsFd) -> rustix::io::Result<()> {
        let user = Uid::from_raw(self.caller.uid);
        chownat(directory, c"", Some(user), None::<Gid>, AtFlags::EMPTY_PATH)
    }

    /// Opens a pinned directory to be listed and searched, and answers whether it had to be taken for that: given to this
    /// process's own user, with `u+rx` if it lacks it, until [`Self::settle`] hands it over. Nobody can do more meanwhile
    /// than before. A process that is killed leaves it so, and the next run goes on from there.
    ///
    /// # Errors
    /// Why it stays closed, and which capability is missing.
    pub(super) fn enter(&self, pinned: impl AsFd, before: &Status) -> Result<(OwnedFd, Taken), String> {
        let pinned = pinned.as_fd();
        let open = || {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            openat(pinned, c".", flags, Mode::empty())
        };
        match open() {
            Ok(opened) => return Ok((opened, Taken::No)),
            Err(Errno::ACCESS) => {}
            Err(errno) => return Err(errno::reason(errno)),
        }
        let opening = before.mode | OWNER_ENTERS;
        if opening != before.mode && before.mode & SET_GROUP_ID != 0 && !self.caller.sets_group_id() {
            return Err(
                "its owner may not enter it either, and CAP_DAC_READ_SEARCH is missing; to give its owner the right for \
                 the time, without setgid being lost, CAP_FSETID is missing"
                    .to_owned(),
            );
        }
        if before.uid != self.caller.uid {
            self.take(pinned)
                .map_err(|errno| self.caller.why_not_entered(errno, before))?;
        }
        let opened = if opening == before.mode {
            Ok(())
        } else {
            self.change_mode(pinned, before, opening)
        };
        let opened = opened.and_then(|()| open().map_err(errno::reason));
        opened.map(|opened| (opened, Taken::ToEnter)).inspect_err(|_| {
            let _ = self.own(
                pinned,
                Owner {
                    uid: before.uid,
                    gid: before.gid,
                },
                before,
            );
        })
    }

    /// Gives back a directory that was taken and is as `now`, as it was.
    pub(super) fn give_back(
        &self,
        directory: impl AsFd,
        now: &Status,
        before: &Status,
    ) -> Result<(), String> {
        let directory = directory.as_fd();
        if now.mode != before.mode {
            self.change_mode(directory, now, before.mode)?;
        }
        self.own(
            directory,
            Owner {
                uid: before.uid,
                gid: before.gid,
            },
            now,
        )
    }
}
