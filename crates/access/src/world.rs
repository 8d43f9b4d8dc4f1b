// SPDX-License-Identifier: Apache-2.0
//! The file systems of a pod: inodes and directory entries, some of them not known.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{Mode, Reason, Value};

/// Index of an inode in its [`World`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InodeId(u32);

/// A file, directory or link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Inode {
    pub(crate) kind: Kind,
    pub(crate) uid: Value<u32>,
    pub(crate) gid: Value<u32>,
    pub(crate) mode: Mode,
    pub(crate) reach: Reach,
    /// kubelet made it, for a mount whose `subPath` did not exist.
    pub(crate) for_sub_path: bool,
    /// How owner and mode came about, oldest first.
    pub(crate) history: Vec<Reason>,
}

/// Whether the capabilities of a container's root mean anything to an inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// They do.
    Here,
    /// The owner has no id in the container's user namespace, so that they do not (capable_wrt_inode_uidgid in
    /// kernel/capability.c).
    Unmapped,
    /// An NFS server judges for itself, and most take root for nobody (`root_squash`).
    Server,
}

/// What an inode is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Directory(Directory),
    File,
    Link(String),
    /// A device, socket or fifo.
    Other,
}

/// The entries of a directory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Directory {
    pub(crate) entries: BTreeMap<String, Entry>,
    /// Why names that are not among the entries may exist; `None` when they do not.
    pub(crate) unlisted: Option<Reason>,
}

/// A directory entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    Present(InodeId),
    /// There, or not.
    Maybe(InodeId, Reason),
    /// Known to be absent although other names are not.
    Absent,
}

/// What a name in a directory leads to.
#[derive(Debug, Clone)]
pub(crate) enum Lookup {
    Found(InodeId),
    Absent,
    Unknown(Reason),
}

impl Inode {
    pub(crate) fn new(kind: Kind, uid: u32, gid: u32, mode: u16, note: impl Into<Reason>) -> Self {
        Self {
            kind,
            uid: Value::Known(uid),
            gid: Value::Known(gid),
            mode: Mode::new(mode),
            reach: Reach::Here,
            for_sub_path: false,
            history: vec![note.into()],
        }
    }

    /// An inode of which nothing but its kind is known.
    pub(crate) fn unknown(kind: Kind, reason: impl Into<Reason>) -> Self {
        let reason = reason.into();
        Self {
            kind,
            uid: Value::Unknown(reason.clone()),
            gid: Value::Unknown(reason.clone()),
            mode: Mode::unknown(reason),
            reach: Reach::Here,
            for_sub_path: false,
            history: Vec::new(),
        }
    }

    pub(crate) fn is_directory(&self) -> bool {
        matches!(self.kind, Kind::Directory(_))
    }
}

impl Kind {
    /// A directory with no entries.
    pub(crate) fn empty() -> Self {
        Self::Directory(Directory {
            entries: BTreeMap::new(),
            unlisted: None,
        })
    }

    /// A directory whose entries are not known.
    pub(crate) fn unlisted(reason: impl Into<Reason>) -> Self {
        Self::Directory(Directory {
            entries: BTreeMap::new(),
            unlisted: Some(reason.into()),
        })
    }
}

/// All inodes of a pod's file systems. Inodes are never freed: a removed file is one no entry names. Copies share the
/// inodes that neither changes.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    inodes: Vec<Arc<Inode>>,
}

impl World {
    pub(crate) fn add(&mut self, inode: Inode) -> InodeId {
        // A pod's facts list far fewer than 2^32 files: they come from files that are read whole.
        let id = InodeId(u32::try_from(self.inodes.len()).unwrap_or(u32::MAX));
        self.inodes.push(Arc::new(inode));
        id
    }

    pub(crate) fn get(&self, id: InodeId) -> &Inode {
        &self.inodes[id.0 as usize]
    }

    pub(crate) fn get_mut(&mut self, id: InodeId) -> &mut Inode {
        Arc::make_mut(&mut self.inodes[id.0 as usize])
    }

    pub(crate) fn directory(&self, id: InodeId) -> Option<&Directory> {
        match &self.get(id).kind {
            Kind::Directory(directory) => Some(directory),
            Kind::File | Kind::Link(_) | Kind::Other => None,
        }
    }

    pub(crate) fn lookup(&self, directory: InodeId, name: &str) -> Lookup {
        let Some(listing) = self.directory(directory) else {
            return Lookup::Absent;
        };
        match listing.entries.get(name) {
            Some(Entry::Present(id)) => Lookup::Found(*id),
            Some(Entry::Maybe(_, reason)) => Lookup::Unknown(reason.clone()),
            Some(Entry::Absent) => Lookup::Absent,
            None => match &listing.unlisted {
                None => Lookup::Absent,
                Some(reason) => Lookup::Unknown(reason.clone()),
            },
        }
    }

    pub(crate) fn set_entry(&mut self, directory: InodeId, name: &str, entry: Entry) {
        if let Kind::Directory(listing) = &mut self.get_mut(directory).kind {
            if entry == Entry::Absent && listing.unlisted.is_none() {
                listing.entries.remove(name);
            } else {
                listing.entries.insert(name.to_owned(), entry);
            }
        }
    }

    /// Names that are not listed may exist in the directory from now on.
    pub(crate) fn add_unlisted(&mut self, directory: InodeId, reason: &Reason) {
        if let Kind::Directory(listing) = &mut self.get_mut(directory).kind {
            listing.unlisted.get_or_insert_with(|| reason.clone());
        }
    }

    /// Whatever was not listed in the directory is gone.
    pub(crate) fn forget_unlisted(&mut self, directory: InodeId) {
        if let Kind::Directory(listing) = &mut self.get_mut(directory).kind {
            listing.unlisted = None;
            listing.entries.retain(|_, entry| *entry != Entry::Absent);
        }
    }

    /// The names of a directory that certainly or possibly exist, with their inodes.
    pub(crate) fn entries(&self, directory: InodeId) -> Vec<(String, InodeId)> {
        let Some(listing) = self.directory(directory) else {
            return Vec::new();
        };
        let present = listing.entries.iter().filter_map(|(name, entry)| match entry {
            Entry::Present(id) | Entry::Maybe(id, _) => Some((name.clone(), *id)),
            Entry::Absent => None,
        });
        present.collect()
    }

    /// Copies a subtree, entry by entry.
    pub(crate) fn copy_tree(&mut self, from: InodeId) -> InodeId {
        let copy = self.add(self.get(from).clone());
        let mut pending = vec![copy];
        while let Some(id) = pending.pop() {
            let Kind::Directory(listing) = &self.get(id).kind else {
                continue;
            };
            for (name, entry) in listing.entries.clone() {
                let (Entry::Present(child) | Entry::Maybe(child, _)) = &entry else {
                    continue;
                };
                let child = self.add(self.get(*child).clone());
                pending.push(child);
                let copied = match entry {
                    Entry::Maybe(_, reason) => Entry::Maybe(child, reason),
                    Entry::Present(_) | Entry::Absent => Entry::Present(child),
                };
                self.set_entry(id, &name, copied);
            }
        }
        copy
    }

    /// What is known whichever of two worlds is the real one. Both must have grown out of one world that had
    /// `shared` inodes.
    #[must_use]
    pub(crate) fn join(self, other: Self, shared: usize, reason: &Reason) -> Self {
        let mut joined = self;
        let offset = joined.inodes.len() - shared;
        let mut pairs = Vec::new();
        for (index, theirs) in other.inodes.into_iter().enumerate() {
            // Neither world has changed it.
            if index < shared && Arc::ptr_eq(&joined.inodes[index], &theirs) {
                continue;
            }
            let mut theirs = Arc::unwrap_or_clone(theirs);
            if let Kind::Directory(listing) = &mut theirs.kind {
                for entry in listing.entries.values_mut() {
                    match entry {
                        Entry::Present(id) | Entry::Maybe(id, _) if id.0 as usize >= shared => {
                            id.0 += offset as u32
                        }
                        Entry::Present(_) | Entry::Maybe(..) | Entry::Absent => {}
                    }
                }
            }
            if index < shared {
                let directory = InodeId(index as u32);
                let twins = joined.get_mut(directory).join(theirs, reason);
                pairs.extend(twins.into_iter().map(|twins| (directory, twins)));
            } else {
                joined.inodes.push(Arc::new(theirs));
            }
        }
        // What both worlds made under one name is one inode, as far as they agree on it.
        while let Some((directory, (name, ours, theirs))) = pairs.pop() {
            let twin = joined.get(theirs).clone();
            let same = match (&joined.get(ours).kind, &twin.kind) {
                (Kind::Directory(_), Kind::Directory(_)) => true,
                (one, other) => one == other,
            };
            if same {
                let twins = joined.get_mut(ours).join(twin, reason);
                pairs.extend(twins.into_iter().map(|twins| (ours, twins)));
            } else {
                joined.set_entry(directory, &name, Entry::Maybe(ours, reason.clone()));
            }
        }
        joined
    }

    /// Shows what belongs to ids that a user namespace does not map as it appears inside: nobody's, and out of reach.
    pub(crate) fn unmap_from(&mut self, first: u32) {
        const NOBODY: u32 = 65534;
        let unmapped = |id: &Value<u32>| id.known().is_some_and(|id| id >= first);
        for inode in self.inodes.iter_mut().map(Arc::make_mut) {
            if unmapped(&inode.uid) || unmapped(&inode.gid) {
                inode.reach = Reach::Unmapped;
                inode.history.push(
                    format!(
                        "{}:{} is outside of the pod's user namespace, where it appears as {NOBODY}",
                        inode.uid, inode.gid
                    )
                    .into(),
                );
                for id in [&mut inode.uid, &mut inode.gid] {
                    if unmapped(id) {
                        *id = Value::Known(NOBODY);
                    }
                }
            }
        }
    }

    /// An NFS server judges what is done to a subtree.
    pub(crate) fn serve(&mut self, root: InodeId) {
        let mut pending = vec![root];
        while let Some(id) = pending.pop() {
            self.get_mut(id).reach = Reach::Server;
            pending.extend(self.entries(id).into_iter().map(|(_, child)| child));
        }
    }

    /// Whether a directory is another one, or lies below it.
    pub(crate) fn is_within(&self, directory: InodeId, above: InodeId) -> bool {
        let mut pending = vec![above];
        while let Some(id) = pending.pop() {
            if id == directory {
                return true;
            }
            pending.extend(self.entries(id).into_iter().map(|(_, child)| child));
        }
        false
    }

    /// How many inodes there are.
    pub(crate) fn len(&self) -> usize {
        self.inodes.len()
    }
}

/// A name in a directory, and what each of two worlds has there.
type Twins = (String, InodeId, InodeId);

impl Inode {
    /// Keeps what both agree on; answers the pairs of entries that are still to be joined.
    fn join(&mut self, other: Self, reason: &Reason) -> Vec<Twins> {
        self.uid = self.uid.join(&other.uid, reason);
        self.gid = self.gid.join(&other.gid, reason);
        self.mode = self.mode.join(&other.mode, reason);
        if self.history.len() < other.history.len() {
            self.history = other.history;
        }
        match (&mut self.kind, other.kind) {
            (Kind::Directory(ours), Kind::Directory(theirs)) => ours.join(theirs, reason),
            _ => Vec::new(),
        }
    }
}

impl Directory {
    fn join(&mut self, other: Self, reason: &Reason) -> Vec<Twins> {
        let mut pairs = Vec::new();
        let known_empty = |listing: &Self, name: &str| match listing.entries.get(name) {
            Some(entry) => *entry == Entry::Absent,
            None => listing.unlisted.is_none(),
        };
        for (name, entry) in &mut self.entries {
            if let Entry::Present(id) = entry
                && !other.entries.contains_key(name)
            {
                let reason = if known_empty(&other, name) {
                    reason.clone()
                } else {
                    other.unlisted_reason(reason)
                };
                *entry = Entry::Maybe(*id, reason);
            }
        }
        for (name, theirs) in other.entries {
            match (self.entries.get(&name).cloned(), theirs) {
                (Some(Entry::Present(a)), Entry::Present(b)) if a == b => {}
                (Some(Entry::Present(a)), Entry::Present(b)) => pairs.push((name, a, b)),
                (Some(Entry::Present(a)), Entry::Absent) => {
                    self.entries.insert(name, Entry::Maybe(a, reason.clone()));
                }
                (Some(Entry::Present(a)), Entry::Maybe(_, reason)) => {
                    self.entries.insert(name, Entry::Maybe(a, reason));
                }
                (Some(Entry::Absent), Entry::Absent) | (Some(Entry::Maybe(..)), _) => {}
                (Some(Entry::Absent) | None, Entry::Present(b)) => {
                    self.entries.insert(name, Entry::Maybe(b, reason.clone()));
                }
                (Some(Entry::Absent) | None, Entry::Maybe(b, reason)) => {
                    self.entries.insert(name, Entry::Maybe(b, reason));
                }
                (None, Entry::Absent) => {}
            }
        }
        if self.unlisted.is_none() {
            self.unlisted = other.unlisted;
        }
        pairs
    }

    fn unlisted_reason(&self, otherwise: &Reason) -> Reason {
        self.unlisted.clone().unwrap_or_else(|| otherwise.clone())
    }
}
