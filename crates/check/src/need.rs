// SPDX-License-Identifier: Apache-2.0
//! What a container has to be able to write, in terms that a repair can act on: by names, never by places in a text, for
//! texts change under repair.

use writeway_access::{ContainerMap, PathMap, PodMap, Tri, Verdict};

use crate::evidence::writing::write_verdict;

/// Something that has to be writable and is not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Name of the container that writes.
    pub container: String,
    /// Absolute path in the container, without `.`, `..` and doubled slashes.
    pub path: String,
    /// What is to be there.
    pub kind: NeedKind,
    /// What it is written for, which says how long it has to live.
    pub purpose: Purpose,
    /// What beside writing is asked of it.
    pub demand: Demand,
    /// The image has files there that the program needs: an empty volume may not hide them.
    pub prefill: bool,
}

/// What is to be at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NeedKind {
    /// A directory in which files are made.
    Directory,
    /// A file that is written, or replaced.
    File,
}

/// What something is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Temporary files: gone with the container at the latest.
    Temp,
    /// What can be made again.
    Cache,
    /// Sockets, locks and process ids.
    Run,
    /// What must not be lost.
    Data,
    /// A credential that is refreshed.
    Credential,
}

impl Purpose {
    /// Whether it may be lost with the pod.
    pub fn is_for_the_pod(self) -> bool {
        matches!(self, Self::Temp | Self::Cache | Self::Run)
    }
}

/// What beside writing is asked of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demand {
    /// Nothing.
    Writable,
    /// What Ruby's `Dir.tmpdir` asks: sticky, or not writable by everybody.
    Sticky,
    /// To belong to the user of the process, which only an owner can change the mode and times of.
    Owned,
    /// To be readable, and to have none of these mode bits. It need not be writable.
    Strict {
        /// The bits that the reader refuses.
        refused: u16,
    },
}

impl Need {
    /// A directory to write to, of which nothing else is asked.
    pub fn directory(container: &str, path: &str, purpose: Purpose) -> Self {
        Self {
            container: container.to_owned(),
            path: writeway_access::path::clean(path),
            kind: NeedKind::Directory,
            purpose,
            demand: Demand::Writable,
            prefill: false,
        }
    }

    /// The directory that is written to: the path, or that which a file is in.
    pub fn directory_of_it(&self) -> &str {
        match self.kind {
            NeedKind::Directory => &self.path,
            NeedKind::File => parent(&self.path),
        }
    }

    /// The paths whose maps say whether it is met.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let directory = self.directory_of_it();
        std::iter::once(self.path.as_str()).chain((directory != self.path).then_some(directory))
    }

    /// Whether a map has all these paths. One of a pod that does not start has none.
    pub fn is_mapped(&self, map: &PodMap) -> bool {
        let container = map.containers.iter().find(|map| map.name == self.container);
        container.is_some_and(|container| {
            self.paths()
                .all(|wanted| container.paths.iter().any(|path| path.path == wanted))
        })
    }

    /// The map of the path; `None` when the pod does not start, or the path was not asked for.
    pub fn path_in<'a>(&self, map: &'a PodMap) -> Option<(&'a ContainerMap, &'a PathMap)> {
        let container = map.containers.iter().find(|map| map.name == self.container)?;
        let path = container.paths.iter().find(|path| path.path == self.path)?;
        Some((container, path))
    }

    /// Whether a map says that the need is met.
    pub fn is_met(&self, map: &PodMap) -> Tri {
        let Some((container, path)) = self.path_in(map) else {
            return Tri::Unknown;
        };
        let writable = match self.demand {
            Demand::Strict { .. } => Tri::Yes,
            Demand::Writable | Demand::Sticky | Demand::Owned => self.verdict(container, path).tri(),
        };
        let demand = match self.demand {
            Demand::Writable => Tri::Yes,
            Demand::Strict { refused } => strict(container, path, refused),
            Demand::Sticky => path.ruby_tmpdir,
            Demand::Owned => match (path.uid, container.identity.uid) {
                (Some(owner), Some(user)) => Tri::from(owner == user),
                _ => Tri::Unknown,
            },
        };
        match (writable, demand) {
            (Tri::No, _) | (_, Tri::No) => Tri::No,
            (Tri::Yes, Tri::Yes) => Tri::Yes,
            _ => Tri::Unknown,
        }
    }

    /// The steps behind the answer; none when there is no map of the path.
    pub fn steps<'a>(&self, map: &'a PodMap) -> &'a [String] {
        self.path_in(map)
            .map_or(&[], |(container, path)| &self.verdict(container, path).why)
    }

    /// What decides whether it can be written: a file that is missing is made.
    fn verdict<'a>(&self, container: &'a ContainerMap, path: &'a PathMap) -> &'a Verdict {
        let missing = self.kind == NeedKind::File && path.exists == Tri::No;
        let mut paths = container.paths.iter();
        let directory = missing.then(|| paths.find(|path| path.path == self.directory_of_it()));
        directory
            .flatten()
            .map_or_else(|| write_verdict(path), |directory| &directory.create)
    }
}

/// The directory that a path is in.
pub(crate) fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

/// Whether a file has none of the refused bits, and the process may read it.
fn strict(container: &ContainerMap, path: &PathMap, refused: u16) -> Tri {
    let (Some(mode), Some(owner), Some(user)) = (path.mode, path.uid, container.identity.uid) else {
        return Tri::Unknown;
    };
    let readable = match (&container.identity.groups, path.gid) {
        _ if owner == user => mode & 0o400 != 0,
        (Some(groups), Some(group)) if groups.contains(&group) => mode & 0o040 != 0,
        (Some(_), Some(_)) => mode & 0o004 != 0,
        _ => return Tri::Unknown,
    };
    Tri::from(mode & refused == 0 && readable)
}
