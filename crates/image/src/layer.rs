// SPDX-License-Identifier: Apache-2.0
//! One layer: the tree that its archive makes when unpacked into an empty directory, as overlay snapshotters do
//! (containerd `pkg/archive/tar.go`, `applyNaive` with `OverlayConvertWhiteout`).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use tar::EntryType as Kind;
use writeway_facts::{EntryType, Owner, PathFact, Permissions};

use crate::archive::{Member, Members, Skip};
use crate::budget::LimitReached;
use crate::notes::Notes;
use crate::options::Limits;
use crate::paths;

/// Marks a deleted file (OCI image-spec, `layer.md`, section "Whiteouts").
const WHITEOUT: &str = ".wh.";
/// Marks a directory that hides what lower layers have in it.
const OPAQUE: &str = ".wh..wh..opq";
/// Starts the names that AUFS kept for itself.
const AUFS: &str = ".wh..wh.";

/// A file of an image and where its content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) fact: PathFact,
    /// The same for all hard links to one file.
    pub(crate) content: Content,
}

/// The archive member that holds a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content {
    /// Number of the layer, from 0 for the lowest.
    pub(crate) layer: u32,
    /// Number of the member in the layer.
    pub(crate) member: u32,
}

/// What a layer has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A directory that no member describes, but members lie below it.
    Implied,
    /// A described file or directory.
    Entry(Entry),
    /// A hard link to a path that only lower layers can have.
    LinkBelow(String),
}

/// One layer.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    /// By absolute path; every parent of a path is there too, and is a directory.
    pub(crate) slots: BTreeMap<String, Slot>,
    /// Paths deleted from the layers below.
    pub(crate) deleted: BTreeSet<String>,
    /// Directories that hide what the layers below have in them.
    pub(crate) opaque: BTreeSet<String>,
}

/// What all layers together may still hold.
#[derive(Debug)]
pub(crate) struct Room<'l> {
    limits: &'l Limits,
    entries: u64,
    name_bytes: u64,
}

impl<'l> Room<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            entries: 0,
            name_bytes: 0,
        }
    }

    fn take(&mut self, name_bytes: usize) -> io::Result<()> {
        self.entries += 1;
        self.name_bytes += name_bytes as u64;
        let limit = if self.entries > self.limits.entries {
            format!("{} entries in all layers", self.limits.entries)
        } else if self.name_bytes > self.limits.name_bytes {
            format!("{} bytes of file names in all layers", self.limits.name_bytes)
        } else {
            return Ok(());
        };
        Err(LimitReached(limit).into())
    }
}

impl Layer {
    /// Reads a layer from its plain archive.
    pub(crate) fn read<R: Skip>(
        number: u32,
        members: &mut Members<R>,
        room: &mut Room<'_>,
        notes: &mut Notes,
    ) -> io::Result<Self> {
        let mut reading = Reading {
            layer: Self::default(),
            number,
            room,
            notes,
        };
        while let Some(member) = members.next()? {
            if let Err(reason) = reading.member(&member)? {
                reading.notes.add(|| {
                    format!(
                        "layer {}: {} was left out: {reason}",
                        number + 1,
                        shown(&member.name)
                    )
                });
            }
        }
        Ok(reading.layer)
    }
}

/// Whether a member found its place, else why it was left out.
type Placed = Result<(), &'static str>;

/// A layer while it is read.
struct Reading<'r, 'l> {
    layer: Layer,
    number: u32,
    room: &'r mut Room<'l>,
    notes: &'r mut Notes,
}

impl Reading<'_, '_> {
    fn member(&mut self, member: &Member) -> io::Result<Placed> {
        let path = match paths::absolute(&member.name) {
            Ok(path) => path,
            Err(refusal) => return Ok(Err(refusal.reason())),
        };
        let Some((directory, name)) = paths::split(&path) else {
            return self.root(member);
        };
        let Some(directory) = paths::resolve(directory, |at| self.link(at)) else {
            return Ok(Err("too many symbolic links lead to it"));
        };
        if name.starts_with(AUFS) && name != OPAQUE {
            return Ok(Ok(()));
        }
        if !self.make_directories(&directory)? {
            return Ok(Err("what the layer has above it is not a directory"));
        }
        if name == OPAQUE {
            self.room.take(directory.len())?;
            self.layer.opaque.insert(directory);
            return Ok(Ok(()));
        }
        let Some(hidden) = name.strip_prefix(WHITEOUT) else {
            return self.entry(paths::join(&directory, name), member);
        };
        if matches!(hidden, "" | "." | "..") {
            return Ok(Err("it is not a valid whiteout"));
        }
        self.room.take(path.len())?;
        self.layer.deleted.insert(paths::join(&directory, hidden));
        Ok(Ok(()))
    }

    /// Puts a file, link or directory at `path`, whose parents exist.
    fn entry(&mut self, path: String, member: &Member) -> io::Result<Placed> {
        let kind = match member.kind {
            Kind::Directory => EntryType::Directory,
            Kind::Regular | Kind::Continuous | Kind::GNUSparse => EntryType::File,
            Kind::Char | Kind::Block | Kind::Fifo => EntryType::Other,
            Kind::Symlink => match String::from_utf8(member.target.clone()) {
                Ok(target) if !target.is_empty() && target.len() < 4096 && !target.contains('\0') => {
                    EntryType::Link(target)
                }
                _ => return Ok(Err("its target is not a path")),
            },
            Kind::Link => return self.hard_link(path, member),
            _ => return Ok(Err("it is of a kind that images do not have")),
        };
        let fact = self.fact(member, kind);
        let content = Content {
            layer: self.number,
            member: member.number,
        };
        self.place(path, member.target.len(), Slot::Entry(Entry { fact, content }))
    }

    fn hard_link(&mut self, path: String, member: &Member) -> io::Result<Placed> {
        let Ok(target) = paths::absolute(&member.target) else {
            return Ok(Err("it links to a path outside the image"));
        };
        let resolved = paths::split(&target).and_then(|(directory, name)| {
            let directory = paths::resolve(directory, |at| self.link(at))?;
            Some(paths::join(&directory, name))
        });
        let Some(target) = resolved.filter(|target| *target != path) else {
            return Ok(Err("nothing can be linked like that"));
        };
        let slot = match self.layer.slots.get(&target) {
            Some(Slot::Entry(entry)) if entry.fact.kind != EntryType::Directory => {
                let entry = entry.clone();
                self.compare(member, &entry.fact);
                Slot::Entry(entry)
            }
            Some(Slot::LinkBelow(target)) => Slot::LinkBelow(target.clone()),
            Some(Slot::Entry(_) | Slot::Implied) => {
                return Ok(Err("it links to a directory"));
            }
            None => Slot::LinkBelow(target),
        };
        self.place(path, member.target.len(), slot)
    }

    /// A hard link is the same file, so its header should say the same.
    fn compare(&mut self, member: &Member, fact: &PathFact) {
        let said = self.fact(member, fact.kind.clone());
        if said != *fact {
            self.notes.add(|| {
                format!(
                    "the hard link {} states another owner or mode than its target; the target's count here, runtimes differ",
                    shown(&member.name)
                )
            });
        }
    }

    fn place(&mut self, path: String, target_bytes: usize, slot: Slot) -> io::Result<Placed> {
        self.room.take(path.len() + target_bytes)?;
        let is_directory = |slot: &Slot| match slot {
            Slot::Implied => true,
            Slot::Entry(entry) => entry.fact.kind == EntryType::Directory,
            Slot::LinkBelow(_) => false,
        };
        if !is_directory(&slot) && self.layer.slots.get(&path).is_some_and(is_directory) {
            let Layer {
                slots,
                deleted,
                opaque,
            } = &mut self.layer;
            slots.extract_if(paths::below(&path), |_, _| true).for_each(drop);
            // What the directory said of the layers below went with it.
            deleted.extract_if(paths::below(&path), |_| true).for_each(drop);
            opaque.extract_if(paths::below(&path), |_| true).for_each(drop);
            opaque.remove(&path);
        }
        self.layer.slots.insert(path, slot);
        Ok(Ok(()))
    }

    /// `./` describes the root itself.
    fn root(&mut self, member: &Member) -> io::Result<Placed> {
        if member.kind != Kind::Directory {
            return Ok(Err("the image's root is a directory"));
        }
        self.entry("/".to_owned(), member)
    }

    /// Makes sure that `directory`, a resolved path, and all above it are directories of the layer.
    fn make_directories(&mut self, directory: &str) -> io::Result<bool> {
        if directory == "/" {
            return Ok(true);
        }
        for at in paths::ancestors(directory).chain([directory]) {
            match self.layer.slots.get(at) {
                None => {
                    self.room.take(at.len())?;
                    self.layer.slots.insert(at.to_owned(), Slot::Implied);
                }
                Some(Slot::Implied) => {}
                Some(Slot::Entry(entry)) if entry.fact.kind == EntryType::Directory => {}
                Some(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    fn link(&self, path: &str) -> Option<&str> {
        match self.layer.slots.get(path)? {
            Slot::Entry(entry) => entry.fact.link_target(),
            Slot::Implied | Slot::LinkBelow(_) => None,
        }
    }

    fn fact(&mut self, member: &Member, kind: EntryType) -> PathFact {
        let owner = match (u32::try_from(member.uid), u32::try_from(member.gid)) {
            (Ok(uid), Ok(gid)) => Some(Owner { uid, gid }),
            _ => {
                self.notes.add(|| {
                    format!(
                        "the owner of {} is unknown: {}:{} is more than Linux allows",
                        shown(&member.name),
                        member.uid,
                        member.gid
                    )
                });
                None
            }
        };
        // The lower twelve bits; a link's own mode is never looked at.
        let mode =
            (!matches!(kind, EntryType::Link(_))).then_some(Permissions((member.mode & 0o7777) as u16));
        PathFact { owner, mode, kind }
    }
}

/// A name from an archive, fit for a terminal.
fn shown(name: &[u8]) -> String {
    const LONGEST: usize = 120;
    let text = String::from_utf8_lossy(name);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
