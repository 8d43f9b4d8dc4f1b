// SPDX-License-Identifier: Apache-2.0
//! Decides on each entry of the sources, and has staged what is to be written. Nothing of the target is touched.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CStr;

use rustix::fs::{FileType, Mode, Stat};

use super::access::Access;
use super::content::Content;
use super::decision::{Decision, Keep, Leaving, OnConflict, Record, There, Write, decide, leave};
use super::halt::Halt;
use super::lineage::Lineage;
use super::path::EntryPath;
use super::source::{Kind, Source};
use super::stage::{Origin, Stage};
use super::target::{Before, Directories, Seen, Target};
use super::walk::{Descend, Entry};
use super::workplace::{self, Workplace};
use crate::exit::Failure;
use crate::log::Log;

/// How many names a message lists.
const MOST_NAMES: usize = 5;

/// What the verb was asked for, as far as it decides on entries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// Modes and owner.
    pub(crate) access: Access,
    /// Which side of a conflict wins.
    pub(crate) on_conflict: OnConflict,
    /// Whether entries with the right content and another mode or owner are written anew.
    pub(crate) replace: bool,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The entries of all sources.
    pub(crate) entries: BTreeMap<EntryPath, Planned>,
    /// The directories of all sources, with the modes that they get if they are made.
    pub(crate) directories: BTreeMap<EntryPath, Mode>,
    /// Those of them that are missing.
    pub(crate) missing: BTreeSet<EntryPath>,
    /// What was seeded once and is in no source any longer.
    pub(crate) leaving: Vec<(EntryPath, Leaving, Before)>,
    /// Whether every source was there, so that it is known what left.
    pub(crate) complete: bool,
}

/// What becomes of an entry.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// What its source has.
    pub(crate) source: Content,
    /// What is done.
    pub(crate) action: Action,
    /// What is told when it is done.
    pub(crate) note: Option<&'static str>,
    /// Which source it is from, by number.
    from: usize,
}

impl Planned {
    const fn new(source: Content, action: Action, note: Option<&'static str>, from: usize) -> Self {
        Self {
            source,
            action,
            note,
            from,
        }
    }
}

/// What is done with an entry.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Nothing: it is right.
    None,
    /// Nothing: it stays another.
    Keep,
    /// It gets its mode and owner.
    Settle(Mode, Before),
    /// What is staged gets its name. This is recorded until then.
    Publish {
        staged: String,
        before: Before,
        intent: Record,
    },
    /// Nothing at all is done.
    Conflict,
}

/// Makes a plan.
pub(crate) struct Planner<'a> {
    target: &'a Target,
    directories: Option<Directories<'a>>,
    stage: Stage<'a>,
    lineage: &'a Lineage,
    wish: Wish,
    log: &'a Log,
    sources: &'a [Source],
    plan: Plan,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(
        target: &'a Target,
        workplace: &'a mut Workplace,
        lineage: &'a Lineage,
        sources: &'a [Source],
        wish: Wish,
        log: &'a Log,
    ) -> Self {
        Self {
            target,
            directories: target
                .directory
                .as_ref()
                .map(|root| Directories::new(target, root)),
            stage: Stage::new(workplace, target, wish.access),
            lineage,
            wish,
            log,
            sources,
            plan: Plan::default(),
        }
    }

    /// How many entries were visited, directories of keys not counted.
    pub(crate) fn visited(&self) -> usize {
        self.plan.entries.len() + self.plan.directories.len()
    }

    /// Decides on an entry of the source with that number.
    pub(crate) fn visit(&mut self, from: usize, path: &EntryPath, entry: Entry) -> Result<Descend, Halt> {
        if self.stage.workplace.has(path, self.target) {
            return Err(Failure::refused(format_args!(
                "`{path}` cannot be seeded into {}: {} is what the lineage is kept in there; name another place for \
                 it with --state",
                self.target.path.display(),
                workplace::NAME
            ))
            .into());
        }
        let kind = self.kind(from);
        match entry {
            Entry::Directory(status) => self.directory(path, &status),
            Entry::File(file, status) if self.is_new(from, path)? => {
                let mode = match kind {
                    Kind::Keys => self.wish.access.mode,
                    Kind::Image => Mode::from_raw_mode(status.st_mode) & Mode::from_raw_mode(0o777),
                };
                let origin = Origin {
                    file: &file,
                    shown: &self.shown(from, path),
                    path,
                    mode,
                };
                let planned = self.file(from, origin, &status)?;
                self.plan.entries.insert(path.clone(), planned);
                Ok(Descend::No)
            }
            Entry::Link(text) if self.is_new(from, path)? => {
                let planned = self.link(from, path, &text)?;
                self.plan.entries.insert(path.clone(), planned);
                Ok(Descend::No)
            }
            Entry::File(..) | Entry::Link(_) => Ok(Descend::No),
        }
    }

    /// An entry's path in a source, as messages tell it.
    fn shown(&self, from: usize, path: &EntryPath) -> String {
        match self.sources.get(from) {
            Some(source) if source.is_directory => source.path.join(path.as_str()).display().to_string(),
            Some(source) => source.path.display().to_string(),
            None => path.to_string(),
        }
    }

    fn kind(&self, from: usize) -> Kind {
        self.sources.get(from).map_or(Kind::Keys, |source| source.kind)
    }

    /// Takes a directory of an image's tree, unless it is the target or its workplace, or a key has its name.
    fn directory(&mut self, path: &EntryPath, status: &Stat) -> Result<Descend, Halt> {
        if self.target.is(status) || self.stage.workplace.is(status) || self.plan.entries.contains_key(path) {
            self.log.debug(format_args!("{path}: left out"));
            return Ok(Descend::No);
        }
        let mode = Mode::from_raw_mode(status.st_mode);
        self.plan.directories.insert(path.clone(), mode);
        Ok(Descend::Yes)
    }

    /// Whether no source before has the name. Of an image's tree such names are left out; two keys of one name are
    /// refused.
    fn is_new(&mut self, from: usize, path: &EntryPath) -> Result<bool, Halt> {
        let above = std::iter::successors(path.parent(), EntryPath::parent);
        let above: Vec<EntryPath> = above.filter(|above| above.parent().is_some()).collect();
        let earlier = std::iter::once(path)
            .chain(&above)
            .find_map(|path| Some((path, self.plan.entries.get(path)?.from)));
        let is_directory = self.plan.directories.contains_key(path);
        if self.kind(from) == Kind::Image {
            let taken = earlier.is_some() || is_directory;
            if taken {
                self.log
                    .debug(format_args!("{path}: left out: another source has it"));
            }
            return Ok(!taken);
        }
        let shown = |from: usize| match self.sources.get(from) {
            Some(source) => source.path.display().to_string(),
            None => String::new(),
        };
        if let Some((path, earlier)) = earlier {
            return Err(Failure::refused(format_args!(
                "both {} and {} have `{path}`: rename one of them, by `items` of its volume, say",
                shown(earlier),
                shown(from)
            ))
            .into());
        }
        if is_directory {
            return Err(Failure::refused(format_args!(
                "`{path}` is a key in {}, and a directory in another source: rename one of them",
                shown(from)
            ))
            .into());
        }
        let mode = self.wish.access.directory_mode;
        for above in above {
            self.plan.directories.entry(above).or_insert(mode);
        }
        Ok(true)
    }

    fn file(&mut self, from: usize, origin: Origin<'_>, status: &Stat) -> Result<Planned, Halt> {
        let path = origin.path;
        let seen = self.look(path)?;
        if seen.there == There::Missing {
            // Read once: whatever it is, it is written.
            let (staged, source) = self.stage.copy(origin)?;
            return Ok(self.publish(from, path, &seen, source, staged, None));
        }
        let read = self.stage.read(origin)?;
        let newer = seen.status.is_some_and(|there| {
            (status.st_mtime, status.st_mtime_nsec) > (there.st_mtime, there.st_mtime_nsec)
        });
        let record = self.lineage.record(path);
        let decision = decide(record, read.content, seen.there, newer, self.wish.on_conflict);
        if let Some(action) = self.action(path, decision, &seen, origin.mode)? {
            return Ok(Planned::new(read.content, action, note(decision), from));
        }
        let staged = self.stage.write(origin, &read)?;
        Ok(self.publish(from, path, &seen, read.content, staged, note(decision)))
    }

    fn link(&mut self, from: usize, path: &EntryPath, text: &CStr) -> Result<Planned, Halt> {
        let seen = self.look(path)?;
        let source = Content::of_link(text.to_bytes());
        let record = self.lineage.record(path);
        let decision = decide(record, source, seen.there, false, self.wish.on_conflict);
        // A link has no mode of its own: the one that it has is right.
        let mode = seen
            .status
            .map_or(Mode::empty(), |status| Mode::from_raw_mode(status.st_mode));
        if let Some(action) = self.action(path, decision, &seen, mode)? {
            return Ok(Planned::new(source, action, note(decision), from));
        }
        let staged = self.stage.link(text, path)?;
        Ok(self.publish(from, path, &seen, source, staged, note(decision)))
    }

    /// What is done by this decision; `None` if the entry is written.
    fn action(
        &self,
        path: &EntryPath,
        decision: Decision,
        seen: &Seen,
        mode: Mode,
    ) -> Result<Option<Action>, Halt> {
        Ok(match (decision, &seen.status) {
            (Decision::Right, Some(status)) if !self.holds(status, mode) => {
                // Another name of the same file may be somebody else's.
                let in_place = status.st_nlink == 1 && FileType::from_raw_mode(status.st_mode).is_file();
                (in_place && !self.wish.replace).then(|| Action::Settle(mode, seen.before()))
            }
            (Decision::Right, _) => Some(Action::None),
            (Decision::Write(_), _) => None,
            (Decision::Keep(_), _) => Some(Action::Keep),
            (Decision::Conflict, _) => Some(Action::Conflict),
            (Decision::Obstacle(kind), _) => {
                return Err(Failure::refused(format_args!(
                    "{} is {kind}, where another entry has to be: nothing is written through or over it; remove it",
                    self.target.shown(path).display()
                ))
                .into());
            }
        })
    }

    fn holds(&self, status: &Stat, mode: Mode) -> bool {
        self.wish.access.holds(status, mode, self.stage.workplace.maker)
    }

    fn publish(
        &self,
        from: usize,
        path: &EntryPath,
        seen: &Seen,
        source: Content,
        staged: String,
        note: Option<&'static str>,
    ) -> Planned {
        let action = Action::Publish {
            staged,
            before: seen.before(),
            intent: self.lineage.record(path).replacing(seen.there, source),
        };
        Planned::new(source, action, note, from)
    }

    fn look(&mut self, path: &EntryPath) -> Result<Seen, Halt> {
        let Some(directories) = &mut self.directories else {
            return Ok(Seen::MISSING);
        };
        let shown = self.target.shown(path);
        match directories.find(&path.parent().unwrap_or_default())? {
            Some(directory) => Seen::look(directory, path.name(), &shown.display(), &mut self.stage.buffer),
            None => Ok(Seen::MISSING),
        }
    }

    /// Ends the plan. What left the sources is looked at if they are `complete`.
    ///
    /// # Errors
    /// The conflicts that nobody decided.
    pub(crate) fn finish(mut self, complete: bool) -> Result<Plan, Halt> {
        let conflicts = self.plan.entries.iter();
        let conflicts = conflicts.filter(|(_, planned)| matches!(planned.action, Action::Conflict));
        let conflicts: Vec<String> = conflicts.map(|(path, _)| format!("`{path}`")).collect();
        if !conflicts.is_empty() {
            return Err(Failure::refused(format_args!(
                "{}: {} differ from the source, and it is not known that only the source changed since they were \
                 seeded; nothing is changed: say by --on-conflict which side wins, `source`, `target` or `newest`",
                self.target.path.display(),
                some(&conflicts)
            ))
            .into());
        }
        if self.directories.is_none() {
            self.plan.missing.insert(EntryPath::default());
        }
        for path in self.plan.directories.keys() {
            let found = match &mut self.directories {
                Some(directories) => directories.find(path)?.is_some(),
                None => false,
            };
            if !found {
                self.plan.missing.insert(path.clone());
            }
        }
        self.plan.complete = complete;
        if complete {
            let lineage = self.lineage;
            for (path, record) in &lineage.records {
                if !self.plan.entries.contains_key(path) {
                    self.leave(path, *record)?;
                }
            }
        }
        Ok(self.plan)
    }

    fn leave(&mut self, path: &EntryPath, record: Record) -> Result<(), Halt> {
        let seen = match self.look(path) {
            Err(Halt::Failed(failure)) => {
                self.log
                    .warning(format_args!("{failure}; its source has it no longer: left alone"));
                return Ok(());
            }
            seen => seen?,
        };
        let leaving = leave(record, seen.there);
        let shown = self.target.shown(path);
        if leaving == Leaving::Keep {
            self.log.warning(format_args!(
                "{}: kept: its source has it no longer, but it was changed since it was seeded",
                shown.display()
            ));
        }
        self.plan.leaving.push((path.clone(), leaving, seen.before()));
        Ok(())
    }
}

/// What is told of a decision that one would not expect.
const fn note(decision: Decision) -> Option<&'static str> {
    match decision {
        Decision::Write(Write::Torn) => Some("seeded anew: it was empty, and its source is not"),
        Decision::Write(Write::Conflict) => {
            Some("replaced: source and target both changed, and the source wins")
        }
        Decision::Keep(Keep::Refreshed) => {
            Some("kept: it was refreshed since it was seeded, and its source did not change")
        }
        Decision::Keep(Keep::Conflict) => Some("kept: source and target both changed, and the target wins"),
        Decision::Right
        | Decision::Write(Write::Missing | Write::Changed)
        | Decision::Conflict
        | Decision::Obstacle(_) => None,
    }
}

/// The first of these names, and how many more there are.
fn some(names: &[String]) -> String {
    let shown = names.get(..MOST_NAMES).unwrap_or(names);
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
