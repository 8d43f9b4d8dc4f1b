// SPDX-License-Identifier: Apache-2.0
//! Does what was planned: each staged file gets its name by a rename, directories get their modes and owners last.

use std::collections::BTreeMap;
use std::fmt;
use std::os::fd::OwnedFd;

use rustix::fs::{
    AtFlags, Mode, OFlags, RenameFlags, fstat, mkdirat, openat, renameat, renameat_with, unlinkat,
};
use rustix::io::Errno;

use super::access::{Access, missing};
use super::decision::{Leaving, Record};
use super::halt::{Halt, cannot};
use super::lineage::Lineage;
use super::path::EntryPath;
use super::plan::{Action, Plan};
use super::target::{Before, Directories, Target};
use super::workplace::Workplace;
use crate::beneath::{self, Mounts};
use crate::exit::Failure;
use crate::log::Log;

/// How many entries were what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) written: usize,
    pub(crate) settled: usize,
    pub(crate) kept: usize,
    pub(crate) removed: usize,
    pub(crate) right: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.written + self.settled + self.kept + self.right;
        let plural = if all == 1 { "y" } else { "ies" };
        write!(f, "{all} entr{plural}")?;
        let parts = [
            (self.written, "written"),
            (self.settled, "given their mode or owner"),
            (self.kept, "kept"),
            (self.right, "right already"),
            (self.removed, "removed"),
        ];
        for (at, (count, what)) in parts.iter().filter(|(count, _)| *count > 0).enumerate() {
            let before = if at == 0 { ": " } else { ", " };
            write!(f, "{before}{count} {what}")?;
        }
        Ok(())
    }
}

/// Publishes a plan.
pub(crate) struct Publisher<'a> {
    pub(crate) target: &'a Target,
    pub(crate) workplace: &'a mut Workplace,
    pub(crate) access: Access,
    pub(crate) log: &'a Log,
}

impl Publisher<'_> {
    /// Does what was planned, on the lineage of the run before.
    pub(crate) fn publish(&mut self, plan: &Plan, known: &Lineage) -> Result<Counts, Halt> {
        let after = after(plan, known);
        let intent = intent(plan, known, &after);
        let is_first = plan.changes() && intent != *known;
        if is_first {
            self.workplace.remember(&intent)?;
        }
        let is_second = if is_first {
            after != intent
        } else {
            after != *known
        };
        drop(intent);
        let made;
        let root = match &self.target.directory {
            Some(directory) => directory,
            None => {
                made = self.make_root()?;
                &made
            }
        };
        let counts = self.entries(plan, root)?;
        self.remove_directories(plan, known, root)?;
        if is_second {
            self.workplace.remember(&after)?;
        }
        self.hand_over(plan, &after, root)?;
        Ok(counts)
    }

    /// Makes the target, for the caller alone.
    fn make_root(&self) -> Result<OwnedFd, Halt> {
        let shown = self.target.path.display();
        let Some((parent, name)) = &self.target.parent else {
            return Err(cannot("open", shown, Errno::NOENT).into());
        };
        match mkdirat(parent, name, Mode::RWXU) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(Halt::Anew(format!("{shown} was made meanwhile"))),
            Err(errno) => return Err(cannot("make", shown, errno).into()),
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        Ok(beneath::open(parent, name, flags, Mode::empty(), Mounts::Stay)
            .map_err(|errno| cannot("open", shown, errno))?)
    }

    fn entries(&self, plan: &Plan, root: &OwnedFd) -> Result<Counts, Halt> {
        let mut counts = Counts::default();
        let mut directories = Directories::new(self.target, root);
        for path in &plan.missing {
            directories.make(path)?;
        }
        for (path, planned) in &plan.entries {
            let parent = path.parent().unwrap_or_default();
            match &planned.action {
                Action::None => counts.right += 1,
                Action::Keep | Action::Conflict => counts.kept += 1,
                Action::Settle(mode, before) => {
                    self.settle(directories.make(&parent)?, path, *mode, *before)?;
                    self.step(path, "mode or owner set");
                    counts.settled += 1;
                }
                Action::Publish { staged, before, .. } => {
                    self.rename(directories.make(&parent)?, path, staged, *before)?;
                    self.step(path, "written");
                    counts.written += 1;
                }
            }
            if let Some(note) = planned.note {
                self.log
                    .info(format_args!("{}: {note}", self.target.shown(path).display()));
            }
        }
        for (path, leaving, before) in &plan.leaving {
            if *leaving == Leaving::Remove {
                if let Some(parent) = directories.find(&path.parent().unwrap_or_default())? {
                    self.remove(parent, path, *before)?;
                    self.step(path, "removed: its source has it no longer");
                }
                counts.removed += 1;
            }
        }
        Ok(counts)
    }

    /// Gives what is staged its name, unless something else lies there than was decided on.
    fn rename(&self, parent: &OwnedFd, path: &EntryPath, staged: &str, before: Before) -> Result<(), Halt> {
        let from = self.workplace.directory();
        let mut renamed = Err(Errno::INVAL);
        if before.is_missing() {
            renamed = renameat_with(from, staged, parent, path.name(), RenameFlags::NOREPLACE);
        }
        // Where something is to be replaced, and on file systems that do not know the flag.
        if matches!(renamed, Err(Errno::INVAL | Errno::NOSYS)) {
            if !before.still(parent, path.name()) {
                return Err(self.moved(path));
            }
            renamed = renameat(from, staged, parent, path.name());
        }
        match renamed {
            Ok(()) => Ok(()),
            Err(Errno::EXIST | Errno::ISDIR) => Err(self.moved(path)),
            Err(errno) => {
                let failure = cannot("write", self.target.shown(path).display(), errno);
                let hint = match errno {
                    Errno::XDEV => "; the directory of --state has to be of the same mount",
                    _ => "",
                };
                Err(Failure::refused(format_args!("{failure}{hint}")).into())
            }
        }
    }

    /// Gives a file that is right its mode and owner, in place.
    fn settle(&self, parent: &OwnedFd, path: &EntryPath, mode: Mode, before: Before) -> Result<(), Halt> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = beneath::open(parent, path.name().as_ref(), flags, Mode::empty(), Mounts::Cross);
        let file = file.map_err(|_| self.moved(path))?;
        if !before.is(&fstat(&file).map_err(|_| self.moved(path))?) {
            return Err(self.moved(path));
        }
        match self.access.restore(&file, mode, self.workplace.maker) {
            Ok(()) => Ok(()),
            Err((_, Errno::PERM)) => Err(Halt::Replace),
            Err((what, errno)) => Err(cannot(what, self.target.shown(path).display(), errno).into()),
        }
    }

    fn remove(&self, parent: &OwnedFd, path: &EntryPath, before: Before) -> Result<(), Halt> {
        if !before.still(parent, path.name()) {
            return Err(self.moved(path));
        }
        match unlinkat(parent, path.name(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(cannot("remove", self.target.shown(path).display(), errno).into()),
        }
    }

    /// Removes directories that were made for entries that left, if nothing is in them any longer.
    fn remove_directories(&self, plan: &Plan, known: &Lineage, root: &OwnedFd) -> Result<(), Halt> {
        let mut directories = Directories::new(self.target, root);
        for path in left(plan, known).rev() {
            let parent = path.parent().unwrap_or_default();
            if let Ok(Some(parent)) = directories.find(&parent) {
                // What is not empty, or somebody else's, stays.
                if unlinkat(parent, path.name(), AtFlags::REMOVEDIR).is_ok() {
                    self.step(path, "removed: no source has it any longer");
                }
            }
        }
        Ok(())
    }

    /// Gives the directories that were made their modes and owners, the deepest first: behind a closed one none could be
    /// reached.
    fn hand_over(&self, plan: &Plan, lineage: &Lineage, root: &OwnedFd) -> Result<(), Halt> {
        let own = BTreeMap::from([(EntryPath::default(), self.access.directory_mode)]);
        let wanted = plan.directories.iter().rev().chain(&own);
        let mut directories = Directories::new(self.target, root);
        for (path, mode) in wanted.filter(|(path, _)| lineage.directories.contains(path)) {
            let Some(directory) = directories.find(path)? else {
                return Err(self.moved(path));
            };
            let shown = self.target.shown(path);
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let status = fstat(directory).map_err(|errno| cannot("look at", shown.display(), errno))?;
            if self.access.holds(&status, *mode, self.workplace.maker) {
                continue;
            }
            let given = openat(directory, ".", flags, Mode::empty())
                .map_err(|errno| ("open", errno))
                .and_then(|directory| self.access.restore(&directory, *mode, self.workplace.maker));
            given.map_err(|(what, errno)| {
                let failure = cannot(what, shown.display(), errno);
                Failure::refused(format_args!("{failure}{}", missing(what, errno)))
            })?;
            self.step(path, "mode and owner set");
        }
        Ok(())
    }

    fn moved(&self, path: &EntryPath) -> Halt {
        Halt::Anew(format!(
            "{} was changed meanwhile",
            self.target.shown(path).display()
        ))
    }

    fn step(&self, path: &EntryPath, what: &str) {
        self.log
            .debug(format_args!("{}: {what}", self.target.shown(path).display()));
    }
}

impl Plan {
    /// Whether anything is made, written or removed.
    fn changes(&self) -> bool {
        let publishes = |action: &Action| matches!(action, Action::Publish { .. });
        !self.missing.is_empty()
            || self.entries.values().any(|planned| publishes(&planned.action))
            || self
                .leaving
                .iter()
                .any(|(_, leaving, _)| *leaving == Leaving::Remove)
    }
}

/// The directories that were made once and are in no source any longer. Without a look at what left none is known.
fn left<'a>(plan: &'a Plan, known: &'a Lineage) -> impl DoubleEndedIterator<Item = &'a EntryPath> {
    let gone = known.directories.iter();
    let is_left = |path: &&EntryPath| path.parent().is_some() && !plan.directories.contains_key(*path);
    gone.filter(move |path| plan.complete && is_left(path))
}

/// The lineage when all is done.
fn after(plan: &Plan, known: &Lineage) -> Lineage {
    let mut after = known.clone();
    for (path, planned) in &plan.entries {
        after
            .records
            .insert(path.clone(), Record::settled(planned.source));
    }
    for (path, leaving, _) in &plan.leaving {
        if *leaving != Leaving::Keep {
            after.records.remove(path);
        }
    }
    after.directories.extend(plan.missing.iter().cloned());
    for path in left(plan, known) {
        after.directories.remove(path);
    }
    after
}

/// The lineage while it is being done: with what is replaced and what is removed as they were. What was missing is either
/// still missing if the run is killed, and then written, or there.
fn intent(plan: &Plan, known: &Lineage, after: &Lineage) -> Lineage {
    let mut intent = after.clone();
    for (path, planned) in &plan.entries {
        if let Action::Publish { intent: record, .. } = &planned.action {
            intent.records.insert(path.clone(), *record);
        }
    }
    for (path, leaving, _) in &plan.leaving {
        if *leaving == Leaving::Remove {
            intent.records.insert(path.clone(), known.record(path));
        }
    }
    intent.directories.extend(known.directories.iter().cloned());
    intent
}
