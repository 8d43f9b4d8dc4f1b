// SPDX-License-Identifier: Apache-2.0
//! A container's mount table, and path lookup through it (path_lookupat in fs/namei.c).

use std::collections::BTreeMap;

use crate::dac::{self, Want};
use crate::map::{FsGroupEffect, Lifetime};
use crate::process::Process;
use crate::value::Reason;
use crate::world::{InodeId, Kind, Lookup, World};
use crate::{Errno, Tri};

/// Index of a mount in its [`Mounts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MountId(usize);

/// The mount of the root file system.
pub(crate) const ROOT: MountId = MountId(0);

/// Something mounted in a container.
#[derive(Debug, Clone)]
pub(crate) struct Mount {
    pub(crate) root: InodeId,
    pub(crate) read_only: bool,
    /// `noexec`.
    pub(crate) no_exec: bool,
    pub(crate) source: &'static str,
    pub(crate) volume: Option<String>,
    /// Index in the container's `volumeMounts`.
    pub(crate) index: Option<usize>,
    pub(crate) lifetime: Lifetime,
    pub(crate) fs_group: FsGroupEffect,
    /// Where it is mounted, as written.
    pub(crate) path: String,
    /// What makes the mount what it is, in plain words.
    pub(crate) why: Vec<Reason>,
    /// Read-only at the top, while what the node mounts below may be writable.
    pub(crate) open_below: bool,
    /// A file system that makes up its entries (proc, sysfs): not modelled.
    pub(crate) pseudo: bool,
}

/// A place in the mount tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) mount: MountId,
    pub(crate) inode: InodeId,
}

/// Where a lookup ended.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// At an existing inode.
    Found(Place),
    /// The last component does not exist in this directory.
    Missing {
        /// The directory.
        parent: Place,
        /// The name that does not exist.
        name: String,
    },
    /// With an error before the last component.
    Failed(Errno, String),
    /// Not known, in a directory of this mount.
    Unknown(MountId, Reason),
}

/// A lookup's end, and why the way there may be closed.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub(crate) end: End,
    /// Set when it is not known whether a directory on the way may be searched.
    pub(crate) unsure: Option<String>,
}

/// The mounts of one container.
#[derive(Debug, Clone)]
pub(crate) struct Mounts {
    mounts: Vec<Mount>,
    at: BTreeMap<(MountId, InodeId), MountId>,
}

/// Length of a path that the kernel takes, the end included (PATH_MAX in include/uapi/linux/limits.h).
pub(crate) const PATH_MAX: usize = 4096;
/// Symbolic links that one lookup follows at most (MAXSYMLINKS in include/linux/namei.h).
pub(crate) const MAX_LINKS: usize = 40;

impl Mounts {
    pub(crate) fn new(root: Mount) -> Self {
        Self {
            mounts: vec![root],
            at: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&self, id: MountId) -> &Mount {
        &self.mounts[id.0]
    }

    /// Mounts over a place; a later mount at the same place hides an earlier one.
    pub(crate) fn mount(&mut self, at: Place, mount: Mount) -> MountId {
        let id = MountId(self.mounts.len());
        let place = self.topmost(at);
        self.mounts.push(mount);
        self.at.insert((place.mount, place.inode), id);
        id
    }

    /// The root file system turns read-only once the container is put together.
    pub(crate) fn set_root_read_only(&mut self) {
        self.mounts[ROOT.0].read_only = true;
    }

    /// Every mount, in mount order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mount> {
        self.mounts.iter()
    }

    /// Every mount with its index, in mount order.
    pub(crate) fn iter_ids(&self) -> impl Iterator<Item = (MountId, &Mount)> {
        self.mounts
            .iter()
            .enumerate()
            .map(|(index, mount)| (MountId(index), mount))
    }

    /// Whether something is mounted on the entry.
    pub(crate) fn is_mount_point(&self, place: Place) -> bool {
        self.at.contains_key(&(place.mount, place.inode))
    }

    pub(crate) fn root(&self) -> Place {
        self.topmost(Place {
            mount: ROOT,
            inode: self.get(ROOT).root,
        })
    }

    fn topmost(&self, mut place: Place) -> Place {
        while let Some(mount) = self.at.get(&(place.mount, place.inode)) {
            place = Place {
                mount: *mount,
                inode: self.get(*mount).root,
            };
        }
        place
    }

    /// Looks a path up. `process` is `None` for the runtime, which may search everywhere. `follow` says whether a
    /// symbolic link at the end is followed.
    pub(crate) fn walk(&self, world: &World, process: Option<&Process>, path: &str, follow: bool) -> Walk {
        self.walk_from(world, process, &[self.root()], path, follow)
    }

    /// Looks a path up from a working directory, given as the places from the root to it.
    pub(crate) fn walk_from(
        &self,
        world: &World,
        process: Option<&Process>,
        from: &[Place],
        path: &str,
        follow: bool,
    ) -> Walk {
        let mut lookup = Lookups {
            mounts: self,
            world,
            process,
            unsure: None,
            links: 0,
            trail: from.to_vec(),
        };
        let end = lookup.run(path, follow);
        Walk {
            end,
            unsure: lookup.unsure,
        }
    }

    /// The places from the root to an existing directory.
    pub(crate) fn trail(&self, world: &World, path: &str) -> Option<Vec<Place>> {
        self.trail_from(world, &[self.root()], path)
    }

    /// The places from the root to an existing directory that is looked up from a working directory.
    pub(crate) fn trail_from(&self, world: &World, from: &[Place], path: &str) -> Option<Vec<Place>> {
        let mut lookup = Lookups {
            mounts: self,
            world,
            process: None,
            unsure: None,
            links: 0,
            trail: from.to_vec(),
        };
        match lookup.run(path, true) {
            End::Found(_) => Some(lookup.trail),
            _ => None,
        }
    }
}

struct Lookups<'a> {
    mounts: &'a Mounts,
    world: &'a World,
    process: Option<&'a Process>,
    unsure: Option<String>,
    links: usize,
    /// From the root to where the lookup stands; `..` pops.
    trail: Vec<Place>,
}

impl Lookups<'_> {
    fn here(&self) -> Place {
        // The trail starts at the root and `..` never pops the last place.
        self.trail.last().copied().unwrap_or_else(|| self.mounts.root())
    }

    fn run(&mut self, path: &str, follow: bool) -> End {
        if path.len() >= PATH_MAX {
            return End::Failed(
                Errno::Enametoolong,
                format!(
                    "the path has {} bytes, and the kernel takes {}",
                    path.len(),
                    PATH_MAX - 1
                ),
            );
        }
        if path.starts_with('/') {
            self.trail = vec![self.mounts.root()];
        }
        let components: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let must_be_directory = path.len() > 1 && (path.ends_with('/') || path.ends_with("/."));
        for (index, name) in components.iter().enumerate() {
            let last = index + 1 == components.len();
            let here = self.here();
            if !self.world.get(here.inode).is_directory() {
                return End::Failed(
                    Errno::Enotdir,
                    format!("a component before `{name}` is not a directory"),
                );
            }
            if let Some(denied) = self.search(here, path) {
                return denied;
            }
            if *name == "." {
                continue;
            }
            if *name == ".." {
                if self.trail.len() > 1 {
                    self.trail.pop();
                }
                continue;
            }
            match self.world.lookup(here.inode, name) {
                Lookup::Found(inode) => {
                    if let Some(end) = self.enter(
                        Place {
                            mount: here.mount,
                            inode,
                        },
                        last,
                        follow || must_be_directory,
                    ) {
                        return end;
                    }
                }
                Lookup::Absent if last => {
                    return End::Missing {
                        parent: here,
                        name: (*name).to_owned(),
                    };
                }
                Lookup::Absent => {
                    return End::Failed(Errno::Enoent, format!("`{name}` on the way does not exist"));
                }
                Lookup::Unknown(reason) => return End::Unknown(here.mount, reason),
            }
        }
        if must_be_directory && !self.world.get(self.here().inode).is_directory() {
            return End::Failed(Errno::Enotdir, format!("`{path}` is not a directory"));
        }
        End::Found(self.here())
    }

    /// Steps onto an entry: through mounts, and through a symbolic link unless it is the end and not to be followed.
    fn enter(&mut self, entry: Place, last: bool, follow: bool) -> Option<End> {
        let place = self.mounts.topmost(entry);
        let Kind::Link(target) = &self.world.get(place.inode).kind else {
            self.trail.push(place);
            return None;
        };
        if last && !follow {
            self.trail.push(place);
            return None;
        }
        self.links += 1;
        if self.links > MAX_LINKS {
            return Some(End::Failed(Errno::Eloop, "too many symbolic links".to_owned()));
        }
        match self.run(&target.clone(), true) {
            End::Found(_) => None,
            // Opening a dangling link for creation makes the file its target names.
            End::Missing { parent, name } if last => Some(End::Missing { parent, name }),
            End::Missing { name, .. } => Some(End::Failed(
                Errno::Enoent,
                format!("`{name}` on the way does not exist"),
            )),
            other => Some(other),
        }
    }

    /// Searching a directory takes its `x`.
    fn search(&mut self, place: Place, path: &str) -> Option<End> {
        let process = self.process?;
        let directory = self.world.get(place.inode);
        if dac::plainly_permits(process, directory, Want::Execute) {
            return None;
        }
        let decision = dac::permits(process, directory, Want::Execute);
        match decision.answer {
            Tri::Yes => None,
            Tri::No => Some(End::Failed(
                Errno::Eacces,
                format!("on the way to `{path}`: {}", decision.why),
            )),
            Tri::Unknown => {
                self.unsure
                    .get_or_insert_with(|| format!("on the way to `{path}`: {}", decision.why));
                None
            }
        }
    }
}
