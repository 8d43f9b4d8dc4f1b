// SPDX-License-Identifier: Apache-2.0
//! Files with more than one name. Such a file may be somebody else's: a name for it may have been laid here by whoever
//! wants it to change its owner. It is changed only when all of its names were found beneath the operands.
//!
//! Names are held open until all are found, so that they can be compared one right after the other: names that came and
//! went would count more than once otherwise. What is held is bounded by the descriptors that the process may have.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ffi::CStr;
use std::hash::{BuildHasher as _, RandomState};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use super::descriptors::{Descriptors, is_named};
use super::status::{Identity, Status};
use super::tally::{Left, Tally};

/// One name of a file, held open.
#[derive(Debug)]
pub(super) struct Held {
    /// Opened with `O_PATH`.
    pub(super) descriptor: OwnedFd,
    directory: Identity,
    name: Box<CStr>,
}

/// What became of a name.
#[derive(Debug)]
pub(super) enum Found {
    /// Other names are still missing.
    Waiting,
    /// It is the last one of these.
    All(Vec<Held>),
    /// So many names cannot be held at once.
    TooMany,
}

/// The names that were found so far.
#[derive(Debug)]
pub(super) struct Links {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    files: HashMap<Identity, File>,
    room: usize,
}

#[derive(Debug)]
struct File {
    names: Vec<Held>,
    /// How many names there is room for: as many as it had at first.
    room: usize,
    path: String,
}

impl Links {
    /// Room for so many descriptors.
    pub(super) fn new(room: usize) -> Self {
        let files = HashMap::new();
        Self {
            state: Mutex::new(State { files, room }),
        }
    }

    /// Adds a name of a file that has several. `path` is called for its first one.
    pub(super) fn found(
        &self,
        descriptor: OwnedFd,
        status: &Status,
        directory: Identity,
        name: &CStr,
        path: impl FnOnce() -> String,
    ) -> Found {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let names = usize::try_from(status.links).unwrap_or(usize::MAX);
        let room = state.room;
        let mut file = match state.files.entry(status.identity) {
            Entry::Occupied(known) => known,
            Entry::Vacant(_) if names > room => return Found::TooMany,
            Entry::Vacant(new) => new.insert_entry(File {
                names: Vec::new(),
                room: names,
                path: path(),
            }),
        };
        let known = file.get_mut();
        let again = |held: &Held| held.directory == directory && *held.name == *name;
        if known.names.is_empty() {
            state.room -= names;
        } else if known.names.iter().any(again) {
            return Found::Waiting;
        }
        Self::add(&mut state, status.identity, descriptor, directory, name)
    }

    fn add(
        state: &mut State,
        identity: Identity,
        descriptor: OwnedFd,
        directory: Identity,
        name: &CStr,
    ) -> Found {
        let Some(file) = state.files.get_mut(&identity) else {
            return Found::TooMany;
        };
        file.names.push(Held {
            descriptor,
            directory,
            name: name.into(),
        });
        if file.names.len() < file.room {
            return Found::Waiting;
        }
        let Some(file) = state.files.remove(&identity) else {
            return Found::TooMany;
        };
        state.room += file.room;
        Found::All(file.names)
    }

    /// Leaves the files of which a name is missing, in the order of their paths.
    pub(super) fn leave_rest(&self, tally: &Tally<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<File> = state.files.drain().map(|(_, file)| file).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        for file in files {
            let found = file.names.len();
            let why = format_args!(
                "it has {} names (hard links), {found} of them in here: it may be somebody else's file. Remove the \
                 link, or name all directories that share it",
                file.room
            );
            tally.left(Left::Links, found.try_into().unwrap_or(u64::MAX), &file.path, why);
        }
    }
}

/// How often each name is looked at, on average.
const LOOKS: u64 = 64;

/// Whether these are all the names of one file; if so, how it is now.
///
/// One entry that was renamed between two looks at directories is held twice, as if it were two names. It has one path at
/// a time, whichever descriptor is asked; so paths have to differ, and to stay the same over many looks at one or the
/// other, taken by chance. Who moves the entry to and fro cannot know which is asked next, and has to guess right each
/// time: some hundred times for two names. Who takes a foreign file's name away at the very moment when names are counted
/// may still pass, for a dying entry can be looked at for an instant: that is hard to bring about, not impossible.
pub(super) fn all_names(names: &[Held], descriptors: &Descriptors) -> Option<Status> {
    let first = names.first()?;
    let count = u64::try_from(names.len()).ok()?;
    let has_all = |status: &Status| u64::from(status.links) == count;
    Status::of(&first.descriptor).ok().filter(has_all)?;
    let path = |held: &Held| descriptors.path(&held.descriptor);
    let paths: Vec<Vec<u8>> = names.iter().map(path).collect::<Option<_>>()?;
    let named = names
        .iter()
        .zip(&paths)
        .all(|(held, path)| is_named(path, held.name.to_bytes()));
    let distinct: HashSet<&[u8]> = paths.iter().map(Vec::as_slice).collect();
    if !named || distinct.len() != names.len() {
        return None;
    }
    // Its keys are from the kernel's random numbers.
    let chance = RandomState::new();
    for look in 0..LOOKS * count {
        let index = usize::try_from(chance.hash_one(look) % count).ok()?;
        if path(names.get(index)?).as_ref() != paths.get(index) {
            return None;
        }
    }
    Status::of(&first.descriptor).ok().filter(has_all)
}
