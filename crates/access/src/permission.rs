// SPDX-License-Identifier: Apache-2.0
//! Whether a system call on a place would succeed, in the order in which the kernel checks.

use crate::dac::{self, Want};
use crate::mounts::{Mounts, Place};
use crate::process::Process;
use crate::value::STICKY;
use crate::verdict::Answer;
use crate::world::World;
use crate::{Capability, Errno, Tri};

/// An answer with its steps.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) answer: Answer,
    pub(crate) why: Vec<String>,
}

impl Checked {
    pub(crate) fn yes(why: impl Into<String>) -> Self {
        Self {
            answer: Answer::Yes,
            why: vec![why.into()],
        }
    }

    pub(crate) fn no(errno: Errno, why: impl Into<String>) -> Self {
        Self {
            answer: Answer::No(Some(errno)),
            why: vec![why.into()],
        }
    }

    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Self {
            answer: Answer::Unknown,
            why: vec![why.into()],
        }
    }

    /// The answer when it is not even known whether the place can be reached.
    #[must_use]
    pub(crate) fn unless_unreachable(mut self, unsure: Option<&str>) -> Self {
        let Some(unsure) = unsure else { return self };
        self.answer = match self.answer {
            Answer::Yes | Answer::Unknown => Answer::Unknown,
            Answer::No(Some(Errno::Eacces)) => return self,
            Answer::No(_) => Answer::No(None),
        };
        self.why.push(unsure.to_owned());
        self
    }
}

/// A question to the kernel: these mounts, this process.
#[derive(Clone, Copy)]
pub(crate) struct Kernel<'a> {
    pub(crate) world: &'a World,
    pub(crate) mounts: &'a Mounts,
    pub(crate) process: &'a Process,
    /// `fs.protected_regular`, when known.
    pub(crate) protected_regular: Option<i64>,
}

impl Kernel<'_> {
    /// Making a new entry in a directory: `x` on it, then the mount, then `w` on it.
    pub(crate) fn create(&self, directory: Place) -> Checked {
        let inode = self.world.get(directory.inode);
        if !inode.is_directory() {
            return Checked::no(Errno::Enotdir, "it is not a directory");
        }
        let search = dac::permits(self.process, inode, Want::Execute);
        if search.answer == Tri::No {
            return Checked::no(Errno::Eacces, search.why);
        }
        let unsure = (search.answer == Tri::Unknown).then_some(search.why);
        if let Some(why) = self.read_only(directory) {
            return Checked::no(Errno::Erofs, why).unless_unreachable(unsure.as_deref());
        }
        let write = dac::permits(self.process, inode, Want::Write);
        // `w` and `x` are asked for at once, and then CAP_DAC_READ_SEARCH grants neither (generic_permission in
        // fs/namei.c).
        let by_mode = dac::permits_by_mode(self.process, inode, Want::Execute);
        if by_mode.answer == Tri::No
            && self.process.has(Capability::DAC_OVERRIDE) == Tri::No
            && write.answer == Tri::Yes
        {
            return Checked::no(Errno::Eacces, by_mode.why);
        }
        let checked = match write.answer {
            Tri::Yes => Checked::yes(write.why),
            Tri::No => Checked::no(Errno::Eacces, write.why),
            Tri::Unknown => Checked::unknown(write.why),
        };
        checked.unless_unreachable(unsure.as_deref())
    }

    /// Opening an existing file for writing, creating it if need be, as a shell's `>>` does. With O_TRUNC (`>`) a
    /// read-only mount is found before the mode: EROFS where this says EACCES (do_open in fs/namei.c).
    pub(crate) fn overwrite(&self, directory: Option<Place>, file: Place) -> Checked {
        let inode = self.world.get(file.inode);
        if inode.is_directory() {
            return Checked::no(Errno::Eisdir, "it is a directory");
        }
        let write = dac::permits(self.process, inode, Want::Write);
        if write.answer == Tri::No {
            return Checked::no(Errno::Eacces, write.why);
        }
        if let Some(why) = self.read_only(file) {
            let unsure = (write.answer == Tri::Unknown).then_some(write.why);
            return Checked::no(Errno::Erofs, why).unless_unreachable(unsure.as_deref());
        }
        if write.answer == Tri::Unknown {
            return Checked::unknown(write.why);
        }
        match directory.and_then(|directory| self.protected_regular(directory, file)) {
            Some(protected) => protected,
            None => Checked::yes(write.why),
        }
    }

    /// `fs.protected_regular` keeps everyone, root included, from opening with O_CREAT an existing file that belongs
    /// neither to the caller nor to the owner of the sticky directory it lies in (may_create_in_sticky in fs/namei.c).
    fn protected_regular(&self, directory: Place, file: Place) -> Option<Checked> {
        let (place, inode) = (self.world.get(directory.inode), self.world.get(file.inode));
        let threshold = match (
            place.mode.has(STICKY),
            place.mode.has(0o002),
            place.mode.has(0o020),
        ) {
            (Some(false), ..) => return None,
            (_, Some(true) | None, _) => 1,
            (_, Some(false), Some(true) | None) => 2,
            _ => return None,
        };
        let owner = inode.uid.known();
        let exempt = owner.is_some() && (owner == self.process.uid.known() || owner == place.uid.known());
        let setting = self.protected_regular;
        if exempt || setting.is_some_and(|value| value < threshold) {
            return None;
        }
        let rule = format!(
            "the directory is sticky ({}) and the file belongs to uid {}, neither the caller nor the directory's owner",
            place.mode, inode.uid
        );
        let certain = owner.is_some() && self.process.uid.known().is_some() && place.uid.known().is_some();
        Some(match setting {
            Some(value) if certain && place.mode.known().is_some() => Checked::no(
                Errno::Eacces,
                format!("{rule}: fs.protected_regular={value} forbids opening it with O_CREAT"),
            ),
            _ => Checked::unknown(format!(
                "{rule}: it depends on the node's fs.protected_regular, which no fact states"
            )),
        })
    }

    /// Removing an entry of a directory, or renaming another over it.
    pub(crate) fn remove(&self, directory: Place, entry: Option<Place>) -> Checked {
        let writable = self.create(directory);
        if writable.answer != Answer::Yes {
            return writable;
        }
        let inode = entry.map(|place| self.world.get(place.inode));
        let place = self.world.get(directory.inode);
        match dac::sticky_forbids(self.process, place, inode) {
            Tri::Yes => Checked::no(
                Errno::Eperm,
                format!(
                    "mode {} is sticky: only the entry's owner, the directory's owner or CAP_FOWNER may remove it",
                    place.mode
                ),
            ),
            Tri::Unknown => {
                Checked::unknown("whether the sticky directory lets the process remove it is not known")
            }
            Tri::No => match entry {
                Some(entry) if self.mounts.is_mount_point(entry) => {
                    Checked::no(Errno::Ebusy, "something is mounted on it")
                }
                _ => writable,
            },
        }
    }

    /// Why the mount is read-only, if it is.
    pub(crate) fn read_only(&self, place: Place) -> Option<String> {
        let mount = self.mounts.get(place.mount);
        mount
            .read_only
            .then(|| format!("the mount at {} is read-only", mount.path))
    }
}
