// SPDX-License-Identifier: Apache-2.0
//! System calls that change the model file systems, as the kernel would perform them for a process.

use crate::dac;
use crate::mounts::{End, Mounts, Place};
use crate::permission::{Checked, Kernel};
use crate::process::Process;
use crate::runtime::inherited;
use crate::value::{Mode, Reason, SETGID, SETUID, Value};
use crate::verdict::Answer;
use crate::world::{Entry, Inode, InodeId, Kind, Reach, World};
use crate::{Capability, Errno, Tri};

/// Why a call did not simply succeed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// It fails with this.
    Errno(Errno),
    /// It succeeds or fails. What it may have changed is marked so.
    Unknown(Reason),
}

/// What a call answers.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// What a process writes to a file that it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// Nothing: it is only there afterwards.
    Nothing,
    /// At its end, if anything.
    Perhaps,
    /// All of it anew.
    All,
}

/// The calls of one process.
pub(crate) struct Calls<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) mounts: &'a Mounts,
    pub(crate) process: &'a Process,
    pub(crate) working_dir: &'a [Place],
    pub(crate) umask: &'a Value<u16>,
    /// `fs.protected_regular` of the node, when known.
    pub(crate) protected_regular: Option<i64>,
    /// Who calls, for the history of what it changes.
    pub(crate) who: &'a str,
}

impl Calls<'_> {
    /// stat(2), or lstat(2) when links are not followed.
    pub(crate) fn find(&self, path: &str, follow: bool) -> Outcome<Place> {
        find(
            self.world,
            self.mounts,
            self.process,
            self.working_dir,
            path,
            follow,
        )
    }

    /// mkdir(2).
    pub(crate) fn mkdir(&mut self, path: &str, requested: u16) -> Outcome<InodeId> {
        match self.walk(last_not_followed(path), false)? {
            End::Found(_) => Err(Failure::Errno(Errno::Eexist)),
            End::Missing { parent, name } => {
                self.make(parent, &name, Kind::empty(), requested, "makes the directory")
            }
            End::Failed(errno, _) => Err(Failure::Errno(errno)),
            End::Unknown(_, reason) => Err(Failure::Unknown(reason)),
        }
    }

    /// open(2) for writing with O_CREAT, and the first write: the file that is there, or a new one.
    pub(crate) fn open_for_writing(
        &mut self,
        path: &str,
        requested: u16,
        writes: Writes,
    ) -> Outcome<InodeId> {
        match self.walk(path, true)? {
            End::Found(place) => {
                let checked = self.kernel().overwrite(self.directory_of(path), place);
                self.opened(&checked, place, writes)
            }
            // A path that ends in a slash names a directory (do_open in fs/namei.c).
            End::Missing { .. } if path.ends_with('/') => Err(Failure::Errno(Errno::Eisdir)),
            End::Missing { parent, name } => {
                self.make(parent, &name, Kind::File, requested, "writes the file")
            }
            End::Failed(errno, _) => Err(Failure::Errno(errno)),
            End::Unknown(_, reason) => Err(Failure::Unknown(reason)),
        }
    }

    /// open(2) for writing without O_CREAT, and the first write.
    pub(crate) fn overwrite(&mut self, path: &str, writes: Writes) -> Outcome<InodeId> {
        let place = self.find(path, true)?;
        let checked = self.kernel().overwrite(None, place);
        self.opened(&checked, place, writes)
    }

    fn opened(&mut self, checked: &Checked, place: Place, writes: Writes) -> Outcome<InodeId> {
        self.answered(checked)?;
        self.write(place, writes);
        Ok(place.inode)
    }

    /// The directory in which a path ends, links followed.
    fn directory_of(&self, path: &str) -> Option<Place> {
        let trail = self.mounts.trail_from(self.world, self.working_dir, path)?;
        trail.len().checked_sub(2).map(|above| trail[above])
    }

    /// Writing takes setuid and setgid away, unless the process has CAP_FSETID (file_remove_privs in fs/inode.c).
    fn write(&mut self, place: Place, writes: Writes) {
        let capable = self.process.has(Capability::FSETID);
        let inode = self.world.get(place.inode);
        if writes == Writes::Nothing || capable == Tri::Yes || inode.kind != Kind::File {
            return;
        }
        let written = self.without_ids(inode);
        let certain = writes == Writes::All && capable == Tri::No;
        let mode = if certain {
            written
        } else {
            inode.mode.join(&written, &self.note("may write to the file"))
        };
        self.world.get_mut(place.inode).mode = mode;
    }

    /// The mode of a file that loses setuid and setgid; setgid without `x` for the group stays for a caller who could
    /// set it (setattr_should_drop_sgid in fs/attr.c).
    fn without_ids(&self, inode: &Inode) -> Mode {
        let mode = inode.mode.without(SETUID);
        let dropped = mode.without(SETGID);
        match (mode.has(0o010), self.may_set_gid(inode)) {
            (Some(true), _) | (_, Tri::No) => dropped,
            (Some(false), Tri::Yes) => mode,
            _ => mode.join(&dropped, &self.process.group_reason()),
        }
    }

    /// Whether the process may have setgid on the file: in its group, or with CAP_FSETID (in_group_or_capable in
    /// fs/inode.c).
    fn may_set_gid(&self, inode: &Inode) -> Tri {
        let group = inode
            .gid
            .known()
            .map_or(Tri::Unknown, |gid| self.process.in_group(gid));
        either(group, self.process.has(Capability::FSETID))
    }

    /// link(2).
    pub(crate) fn link(&mut self, existing: &str, path: &str) -> Outcome {
        let place = self.find(existing, false)?;
        let linkable = self.may_link(place);
        match self.walk(path, false)? {
            End::Found(_) => Err(Failure::Errno(Errno::Eexist)),
            End::Missing { .. } if path.ends_with('/') => Err(Failure::Errno(Errno::Enoent)),
            End::Missing { parent, .. } if parent.mount != place.mount => Err(Failure::Errno(Errno::Exdev)),
            End::Missing { .. } if self.world.get(place.inode).is_directory() => {
                Err(Failure::Errno(Errno::Eperm))
            }
            End::Missing { parent, name } => {
                let checked = self.kernel().create(parent);
                self.answered(&checked)?;
                if linkable {
                    self.world
                        .set_entry(parent.inode, &name, Entry::Present(place.inode));
                    return Ok(());
                }
                let reason: Reason = "it depends on the node's fs.protected_hardlinks".into();
                self.world
                    .set_entry(parent.inode, &name, Entry::Maybe(place.inode, reason.clone()));
                Err(Failure::Unknown(reason))
            }
            End::Failed(errno, _) => Err(Failure::Errno(errno)),
            End::Unknown(_, reason) => Err(Failure::Unknown(reason)),
        }
    }

    /// Whether the process may link to the file even where fs.protected_hardlinks is 1 (may_linkat in fs/namei.c).
    fn may_link(&self, place: Place) -> bool {
        let inode = self.world.get(place.inode);
        let permitted = |want| dac::permits(self.process, inode, want).answer == Tri::Yes;
        let harmless = inode.kind == Kind::File
            && inode.mode.has(SETUID) == Some(false)
            && (inode.mode.has(SETGID) == Some(false) || inode.mode.has(0o010) == Some(false));
        dac::owns(self.process, inode) == Tri::Yes
            || harmless && permitted(dac::Want::Read) && permitted(dac::Want::Write)
    }

    /// symlink(2).
    pub(crate) fn symlink(&mut self, target: &str, path: &str) -> Outcome<InodeId> {
        match self.walk(path, false)? {
            End::Found(_) => Err(Failure::Errno(Errno::Eexist)),
            // A path that ends in a slash names a directory (filename_create in fs/namei.c).
            End::Missing { .. } if path.ends_with('/') => Err(Failure::Errno(Errno::Enoent)),
            End::Missing { parent, name } => self.make(
                parent,
                &name,
                Kind::Link(target.to_owned()),
                0o777,
                "makes the link",
            ),
            End::Failed(errno, _) => Err(Failure::Errno(errno)),
            End::Unknown(_, reason) => Err(Failure::Unknown(reason)),
        }
    }

    /// chmod(2) of what was found. `change` answers the new mode, setgid included.
    pub(crate) fn chmod(&mut self, place: Place, mode: &Mode) -> Outcome {
        if self.mounts.get(place.mount).read_only {
            return Err(Failure::Errno(Errno::Erofs));
        }
        let inode = self.world.get(place.inode);
        let owns = dac::owns(self.process, inode);
        if owns == Tri::No {
            return Err(Failure::Errno(Errno::Eperm));
        }
        // Without CAP_FSETID, setgid is cleared for a group the caller is not in (setattr_prepare in fs/attr.c).
        let changed = match self.may_set_gid(inode) {
            Tri::Yes => mode.clone(),
            Tri::No => mode.without(SETGID),
            Tri::Unknown => mode.join(&mode.without(SETGID), &self.process.group_reason()),
        };
        let note = self.note(&format!("sets its mode to {changed}"));
        let inode = self.world.get_mut(place.inode);
        if owns == Tri::Yes {
            inode.mode = changed;
            inode.history.push(note);
            return Ok(());
        }
        let reason: Reason = format!("{note}, if it owns the file").into();
        inode.mode = inode.mode.join(&changed, &reason);
        Err(Failure::Unknown(reason))
    }

    /// chown(2) of what was found; `None` leaves the id as it is.
    pub(crate) fn chown(
        &mut self,
        place: Place,
        uid: Option<&Value<u32>>,
        gid: Option<&Value<u32>>,
    ) -> Outcome {
        if self.mounts.get(place.mount).read_only {
            return Err(Failure::Errno(Errno::Erofs));
        }
        let inode = self.world.get(place.inode);
        // Only directories keep setuid and setgid (chown_common in fs/open.c); taking them away is a change of mode, for
        // which one has to own the file (setattr_prepare in fs/attr.c).
        let mode = if inode.is_directory() {
            inode.mode.clone()
        } else {
            self.without_ids(inode)
        };
        let loses = match (inode.mode.known(), mode.known()) {
            (Some(before), Some(after)) => Tri::from(before != after),
            _ if inode.is_directory() => Tri::No,
            _ => Tri::Unknown,
        };
        let may = self.may_chown(inode, uid, gid);
        let may = both(may, either(not(loses), dac::owns(self.process, inode)));
        if may == Tri::No {
            return Err(Failure::Errno(Errno::Eperm));
        }
        let mut changed = inode.clone();
        if let Some(uid) = uid {
            changed.uid = uid.clone();
        }
        if let Some(gid) = gid {
            changed.gid = gid.clone();
        }
        // Where setuid goes, setgid is asked about once more, for the new group (setattr_prepare in fs/attr.c).
        changed.mode = match (inode.mode.has(SETUID), self.may_set_gid(&changed)) {
            (Some(true), Tri::No) if !inode.is_directory() => mode.without(SETGID),
            _ => mode,
        };
        let note = self.note(&format!("gives it to {}:{}", changed.uid, changed.gid));
        let inode = self.world.get_mut(place.inode);
        if may == Tri::Yes {
            changed.history.push(note);
            *inode = changed;
            return Ok(());
        }
        let reason: Reason = format!("{note}, if it may").into();
        inode.uid = inode.uid.join(&changed.uid, &reason);
        inode.gid = inode.gid.join(&changed.gid, &reason);
        inode.mode = inode.mode.join(&changed.mode, &reason);
        Err(Failure::Unknown(reason))
    }

    /// unlink(2) and rmdir(2); a directory has to be empty.
    pub(crate) fn remove(&mut self, path: &str, directory: bool) -> Outcome {
        let (parent, name, place) = self.entry(path)?;
        let inode = self.world.get(place.inode);
        let checked = self.kernel().remove(parent, Some(place));
        self.answered(&checked)?;
        if place.mount != parent.mount {
            return Err(Failure::Errno(Errno::Ebusy));
        }
        match (inode.is_directory(), directory) {
            (true, false) => return Err(Failure::Errno(Errno::Eisdir)),
            (false, true) => return Err(Failure::Errno(Errno::Enotdir)),
            _ => {}
        }
        if let Some(listing) = self.world.directory(place.inode) {
            if let Some(reason) = &listing.unlisted {
                return Err(Failure::Unknown(reason.clone()));
            }
            if listing.entries.values().any(|entry| *entry != Entry::Absent) {
                return Err(Failure::Errno(Errno::Enotempty));
            }
        }
        self.world.set_entry(parent.inode, &name, Entry::Absent);
        Ok(())
    }

    /// rename(2).
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Outcome {
        let (parent, name, place) = self.entry(from)?;
        let directory = self.world.get(place.inode).is_directory();
        if !directory && (from.ends_with('/') || to.ends_with('/')) {
            return Err(Failure::Errno(Errno::Enotdir));
        }
        let (target_parent, target_name, replaced) = match self.walk(last_not_followed(to), false)? {
            End::Found(_) => {
                let (parent, name, place) = self.entry(to)?;
                (parent, name, Some(place))
            }
            End::Missing { parent, name } => (parent, name, None),
            End::Failed(errno, _) => return Err(Failure::Errno(errno)),
            End::Unknown(_, reason) => return Err(Failure::Unknown(reason)),
        };
        if target_parent.mount != parent.mount {
            return Err(Failure::Errno(Errno::Exdev));
        }
        let checked = self.kernel().remove(parent, Some(place));
        self.answered(&checked)?;
        if place.mount != parent.mount {
            return Err(Failure::Errno(Errno::Ebusy));
        }
        // Two names of one file: nothing happens.
        if replaced.is_some_and(|replaced| replaced.inode == place.inode) {
            return Ok(());
        }
        if self.world.is_within(target_parent.inode, place.inode) {
            return Err(Failure::Errno(Errno::Einval));
        }
        // A directory that moves gets another `..` (vfs_rename in fs/namei.c).
        if directory && target_parent.inode != parent.inode {
            let inode = self.world.get(place.inode);
            let write = dac::permits(self.process, inode, dac::Want::Write);
            match write.answer {
                Tri::Yes => {}
                Tri::No => return Err(Failure::Errno(Errno::Eacces)),
                Tri::Unknown => return Err(Failure::Unknown(write.why.into())),
            }
        }
        let checked = match replaced {
            Some(replaced) => self.kernel().remove(target_parent, Some(replaced)),
            None => self.kernel().create(target_parent),
        };
        self.answered(&checked)?;
        if let Some(replaced) = replaced {
            let (from, over) = (
                self.world.get(place.inode).is_directory(),
                self.world.directory(replaced.inode),
            );
            match (from, over) {
                (true, None) => return Err(Failure::Errno(Errno::Enotdir)),
                (false, Some(_)) => return Err(Failure::Errno(Errno::Eisdir)),
                (true, Some(listing)) if !listing.entries.is_empty() => {
                    return Err(Failure::Errno(Errno::Enotempty));
                }
                _ => {}
            }
        }
        self.world.set_entry(parent.inode, &name, Entry::Absent);
        self.world
            .set_entry(target_parent.inode, &target_name, Entry::Present(place.inode));
        Ok(())
    }

    /// Makes a new entry as open(2), mkdir(2) and symlink(2) do (inode_init_owner in fs/inode.c).
    fn make(
        &mut self,
        parent: Place,
        name: &str,
        kind: Kind,
        requested: u16,
        verb: &str,
    ) -> Outcome<InodeId> {
        let checked = self.kernel().create(parent);
        let reason: Option<Reason> = match checked.answer {
            Answer::Yes => None,
            Answer::No(Some(errno)) => return Err(Failure::Errno(errno)),
            Answer::No(None) => return Err(Failure::Errno(Errno::Eacces)),
            Answer::Unknown => Some(checked.why.join("; ").into()),
        };
        let above = self.world.get(parent.inode);
        let (gid, setgid) = inherited(above, &self.process.gid);
        let directory = matches!(kind, Kind::Directory(_));
        let mut inode = Inode::new(kind, 0, 0, 0, "");
        inode.uid = self.process.uid.clone();
        inode.gid = gid;
        inode.mode = match self.umask {
            Value::Known(umask) => dac::masked(requested, *umask),
            Value::Unknown(reason) => Mode::new(requested).join(&Mode::new(requested & 0o7000), reason),
        };
        if directory {
            match setgid {
                Some(true) => inode.mode = inode.mode.with(SETGID),
                Some(false) => {}
                None => inode.mode = inode.mode.join(&inode.mode.with(SETGID), &above.mode.reason()),
            }
        }
        inode.history = vec![self.note(&format!("{verb}: {} {}:{}", inode.mode, inode.uid, inode.gid))];
        let id = self.world.add(inode);
        match reason {
            None => {
                self.world.set_entry(parent.inode, name, Entry::Present(id));
                Ok(id)
            }
            Some(reason) => {
                self.world
                    .set_entry(parent.inode, name, Entry::Maybe(id, reason.clone()));
                Err(Failure::Unknown(reason))
            }
        }
    }

    /// An existing entry with the directory it stands in.
    fn entry(&self, path: &str) -> Outcome<(Place, String, Place)> {
        let trimmed = path.trim_end_matches('/');
        let (above, name) = trimmed.rsplit_once('/').map_or((".", trimmed), |(above, name)| {
            (if above.is_empty() { "/" } else { above }, name)
        });
        if name.is_empty() || name == "." || name == ".." {
            return Err(Failure::Errno(Errno::Ebusy));
        }
        let parent = self.find(above, true)?;
        let place = self.find(trimmed, false)?;
        Ok((parent, name.to_owned(), place))
    }

    fn walk(&self, path: &str, follow: bool) -> Outcome<End> {
        walk(
            self.world,
            self.mounts,
            self.process,
            self.working_dir,
            path,
            follow,
        )
    }

    fn may_chown(&self, inode: &Inode, uid: Option<&Value<u32>>, gid: Option<&Value<u32>>) -> Tri {
        if dac::is_squashed(self.process, inode) {
            return Tri::Unknown;
        }
        let capable = if inode.reach == Reach::Unmapped {
            Tri::No
        } else {
            self.process.has(Capability::CHOWN)
        };
        let owner = match (self.process.uid.known(), inode.uid.known()) {
            (Some(process), Some(owner)) => Tri::from(process == owner),
            _ => Tri::Unknown,
        };
        let same = |wanted: &Value<u32>, is: &Value<u32>| match (wanted.known(), is.known()) {
            (Some(wanted), Some(is)) => Tri::from(wanted == is),
            _ => Tri::Unknown,
        };
        let user = uid.map_or(Tri::Yes, |uid| both(owner, same(uid, &inode.uid)));
        let group = gid.map_or(Tri::Yes, |gid| {
            let member = gid.known().map_or(Tri::Unknown, |gid| self.process.in_group(gid));
            both(owner, either(member, same(gid, &inode.gid)))
        });
        either(capable, both(user, group))
    }

    fn kernel(&self) -> Kernel<'_> {
        Kernel {
            world: self.world,
            mounts: self.mounts,
            process: self.process,
            protected_regular: self.protected_regular,
        }
    }

    fn answered(&self, checked: &Checked) -> Outcome {
        match checked.answer {
            Answer::Yes => Ok(()),
            Answer::No(errno) => Err(Failure::Errno(errno.unwrap_or(Errno::Eacces))),
            Answer::Unknown => Err(Failure::Unknown(checked.why.join("; ").into())),
        }
    }

    fn note(&self, what: &str) -> Reason {
        format!("{} {what}", self.who).into()
    }
}

/// stat(2), or lstat(2) when links are not followed.
pub(crate) fn find(
    world: &World,
    mounts: &Mounts,
    process: &Process,
    working_dir: &[Place],
    path: &str,
    follow: bool,
) -> Outcome<Place> {
    match walk(world, mounts, process, working_dir, path, follow)? {
        End::Found(place) => Ok(place),
        End::Missing { .. } => Err(Failure::Errno(Errno::Enoent)),
        End::Failed(errno, _) => Err(Failure::Errno(errno)),
        End::Unknown(_, reason) => Err(Failure::Unknown(reason)),
    }
}

fn walk(
    world: &World,
    mounts: &Mounts,
    process: &Process,
    working_dir: &[Place],
    path: &str,
    follow: bool,
) -> Outcome<End> {
    if path.is_empty() {
        return Err(Failure::Errno(Errno::Enoent));
    }
    let walk = mounts.walk_from(world, Some(process), working_dir, path, follow);
    match walk.unsure {
        Some(unsure) => Err(Failure::Unknown(unsure.into())),
        None => Ok(walk.end),
    }
}

/// A path for the calls that make or replace its last component: a slash behind that is no reason to follow it.
fn last_not_followed(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { path } else { trimmed }
}

/// It does not hold.
fn not(a: Tri) -> Tri {
    match a {
        Tri::Yes => Tri::No,
        Tri::No => Tri::Yes,
        Tri::Unknown => Tri::Unknown,
    }
}

/// Both hold.
fn both(a: Tri, b: Tri) -> Tri {
    match (a, b) {
        (Tri::No, _) | (_, Tri::No) => Tri::No,
        (Tri::Yes, Tri::Yes) => Tri::Yes,
        _ => Tri::Unknown,
    }
}

/// One of them holds.
fn either(a: Tri, b: Tri) -> Tri {
    match (a, b) {
        (Tri::Yes, _) | (_, Tri::Yes) => Tri::Yes,
        (Tri::No, Tri::No) => Tri::No,
        _ => Tri::Unknown,
    }
}
