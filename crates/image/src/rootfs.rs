// SPDX-License-Identifier: Apache-2.0
//! The image's root file system: layers put on one another as overlayfs shows them.

use std::collections::BTreeMap;

use writeway_facts::{EntryType, Owner, PathFact, Permissions};

use crate::layer::{Content, Entry, Layer, Slot};
use crate::notes::Notes;
use crate::paths;

/// The merged tree.
#[derive(Debug)]
pub(crate) struct Rootfs {
    entries: BTreeMap<String, Entry>,
}

/// What a directory becomes that no layer describes (containerd `pkg/archive/tar.go`, `mkparent`).
const UNDESCRIBED: Entry = Entry {
    fact: PathFact {
        owner: Some(Owner { uid: 0, gid: 0 }),
        mode: Some(Permissions(0o755)),
        kind: EntryType::Directory,
    },
    content: Content { layer: 0, member: 0 },
};

impl Rootfs {
    /// The file system before the first layer: a root directory.
    pub(crate) fn new() -> Self {
        Self {
            entries: BTreeMap::from([("/".to_owned(), UNDESCRIBED)]),
        }
    }

    /// Puts `layer` on top.
    pub(crate) fn apply(&mut self, layer: Layer, notes: &mut Notes) {
        // Hard links below name files as the lower layers had them, before this layer deletes or replaces any.
        let linked = self.linked(&layer, notes);
        for directory in &layer.opaque {
            self.remove_below(directory);
        }
        for path in &layer.deleted {
            self.entries.remove(path);
            self.remove_below(path);
        }
        // Parents sort before what lies below them, so a directory that replaces a file comes first.
        for (path, slot) in layer.slots {
            let entry = match slot {
                Slot::Implied if self.is_directory(&path) => continue,
                // As overlayfs does, the upper directory hides a lower link or file of the same name.
                Slot::Implied => UNDESCRIBED,
                Slot::Entry(entry) => entry,
                Slot::LinkBelow(_) => match linked.get(&path) {
                    Some(entry) => entry.clone(),
                    None => continue,
                },
            };
            if entry.fact.kind != EntryType::Directory && self.is_directory(&path) {
                self.remove_below(&path);
            }
            self.entries.insert(path, entry);
        }
    }

    /// The file that `path` leads to, links followed.
    pub(crate) fn follow(&self, path: &str) -> Option<(String, &Entry)> {
        let resolved = paths::resolve(path, |at| self.entries.get(at)?.fact.link_target())?;
        let entry = self.entries.get(&resolved)?;
        Some((resolved, entry))
    }

    /// The names in a directory, sorted.
    pub(crate) fn names_in<'r>(&'r self, directory: &str) -> impl Iterator<Item = &'r str> {
        let start = paths::join(directory, "").len();
        self.entries
            .range(paths::below(directory))
            .map(move |(path, _)| &path[start..])
            .filter(|name| !name.contains('/'))
    }

    /// Every path and what is known of it.
    pub(crate) fn into_facts(self) -> BTreeMap<String, PathFact> {
        self.entries
            .into_iter()
            .map(|(path, entry)| (path, entry.fact))
            .collect()
    }

    fn remove_below(&mut self, directory: &str) {
        self.entries
            .extract_if(paths::below(directory), |_, _| true)
            .for_each(drop);
    }

    fn is_directory(&self, path: &str) -> bool {
        self.entries
            .get(path)
            .is_some_and(|entry| entry.fact.kind == EntryType::Directory)
    }

    /// The files that the layer's hard links to lower layers mean.
    fn linked(&self, layer: &Layer, notes: &mut Notes) -> BTreeMap<String, Entry> {
        let mut linked = BTreeMap::new();
        for (path, slot) in &layer.slots {
            let Slot::LinkBelow(target) = slot else {
                continue;
            };
            match self
                .entries
                .get(target)
                .filter(|entry| entry.fact.kind != EntryType::Directory)
            {
                Some(entry) => {
                    notes.add(|| {
                        format!(
                            "the hard link {path:?} names a file of a lower layer; overlay snapshotters refuse that"
                        )
                    });
                    linked.insert(path.clone(), entry.clone());
                }
                None => notes.add(|| {
                    format!("the hard link {path:?} was left out: its target {target:?} does not exist")
                }),
            }
        }
        linked
    }
}
