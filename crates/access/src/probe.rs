// SPDX-License-Identifier: Apache-2.0
//! What a container's process may do at a path: the system calls a probe would try, asked one by one.

use writeway_facts::knowledge::{self, Knowledge};
use writeway_manifest::EnvSource;

use crate::dac::{self, Want};
use crate::expansion;
use crate::map::{ContainerMap, FileKind, FileVerdict, PathMap};
use crate::mounts::{End, Mount, MountId, Place, ROOT, Walk};
use crate::path::clean;
use crate::permission::{Checked, Kernel};
use crate::runtime::Running;
use crate::value::{Reason, STICKY};
use crate::verdict::{Answer, Verdict};
use crate::world::{Entry, Kind, World};
use crate::{Errno, Tri};

/// Paths that programs expect to write to.
const WELL_KNOWN: &[&str] = &["/tmp", "/var/tmp", "/run", "/dev/shm"];

/// Maps a container: its mounts, the well-known paths, those its image is known to write to, and those asked for.
pub(crate) fn container(world: &World, running: &Running<'_>, extra: &[String]) -> ContainerMap {
    let mut paths: Vec<String> = Vec::new();
    let mut push = |path: String| {
        if !paths.contains(&path) {
            paths.push(path);
        }
    };
    for mount in &running.container.mounts {
        push(clean(&mount.mount_path));
    }
    for mount in running
        .mounts
        .iter()
        .filter(|mount| mount.source == "imageVolume")
    {
        push(mount.path.clone());
    }
    for path in WELL_KNOWN {
        push((*path).to_owned());
    }
    running.working_dir.iter().for_each(|path| push(path.clone()));
    home(running).into_iter().for_each(|path| push(clean(&path)));
    let known = known_writes(running);
    known.iter().flatten().for_each(|path| push(clean(path)));
    extra.iter().for_each(|path| push(path.clone()));
    let kernel = Kernel {
        world,
        mounts: &running.mounts,
        process: &running.process,
        protected_regular: running.protected_regular,
    };
    ContainerMap {
        name: running.container.name.value.clone(),
        role: running.container.role,
        span: running.container.span,
        identity: running.process.identity(),
        read_only_root: running.mounts.get(ROOT).read_only,
        writes_known: known.is_some(),
        paths: paths.iter().map(|path| Probe { kernel }.path(path)).collect(),
    }
}

/// The paths that the container's image is known to write to; `None` when nothing is known of it.
fn known_writes(running: &Running<'_>) -> Option<Vec<&'static str>> {
    let image = running.container.image.as_ref()?;
    match knowledge::lookup(image) {
        Knowledge::Known(writes) => Some(writes.into_iter().filter_map(|write| write.path).collect()),
        Knowledge::Unknown => None,
    }
}

/// `$HOME`: the container's variable, the image's, or the user's entry in /etc/passwd.
fn home(running: &Running<'_>) -> Option<String> {
    let written = expansion::variable(running.container, "HOME");
    if let Some(variable) = written {
        return match &variable.source {
            EnvSource::Value(value) if value.starts_with('/') => Some(value.value.clone()),
            _ => None,
        };
    }
    let image = running.image?;
    if let Some(home) = image.env.as_ref().and_then(|env| env.get("HOME")) {
        return Some(home.clone());
    }
    let uid = running.process.uid.known()?;
    image
        .users
        .as_ref()?
        .values()
        .find(|user| user.uid == uid)?
        .home
        .clone()
        .filter(|home| home.starts_with('/'))
}

struct Probe<'a> {
    kernel: Kernel<'a>,
}

impl Probe<'_> {
    fn path(&self, path: &str) -> PathMap {
        let Kernel {
            world,
            mounts,
            process,
            ..
        } = self.kernel;
        let walk = mounts.walk(world, Some(process), path, true);
        match &walk.end {
            End::Found(place) => self.found(path, *place, walk.unsure.as_deref()),
            End::Missing { parent, name } => {
                let why = format!("`{name}` does not exist");
                let checked = Checked::no(Errno::Enoent, why).unless_unreachable(walk.unsure.as_deref());
                self.nowhere(path, parent.mount, Tri::No, &checked)
            }
            End::Failed(errno, why) => {
                let exists = if *errno == Errno::Eacces {
                    Tri::Unknown
                } else {
                    Tri::No
                };
                let checked = Checked::no(*errno, why.clone()).unless_unreachable(walk.unsure.as_deref());
                self.nowhere(path, self.owner_of(path), exists, &checked)
            }
            End::Unknown(mount, reason) => self.unknown(path, *mount, reason, &walk),
        }
    }

    /// The mount that a path belongs to by name, for paths that lead nowhere.
    fn owner_of(&self, path: &str) -> MountId {
        let mut best = (ROOT, 0);
        for (id, mount) in self.kernel.mounts.iter_ids() {
            let below =
                mount.path == "/" || path == mount.path || path.starts_with(&format!("{}/", mount.path));
            if below && mount.path.len() >= best.1 {
                best = (id, mount.path.len());
            }
        }
        best.0
    }

    fn found(&self, path: &str, place: Place, unsure: Option<&str>) -> PathMap {
        let kernel = self.kernel;
        let world = kernel.world;
        let inode = world.get(place.inode);
        let mount = kernel.mounts.get(place.mount);
        let background: Vec<String> = mount
            .why
            .iter()
            .chain(&inode.history)
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        let verdict = |checked: Checked| {
            let checked = checked.unless_unreachable(unsure);
            let mut why = dedup(background.clone());
            why.extend(checked.why);
            Verdict {
                answer: checked.answer,
                why,
            }
        };
        let pseudo = |checked: Checked| {
            if mount.pseudo {
                Checked {
                    answer: Answer::No(None),
                    why: vec![format!("{} takes no new files", mount.path)],
                }
            } else {
                checked
            }
        };
        let create = pseudo(kernel.create(place));
        let (overwrite, replace, delete) = if inode.is_directory() {
            self.in_directory(place, &create, &verdict)
        } else {
            self.file_itself(path, place, &verdict)
        };
        PathMap {
            exec: verdict(self.exec(&create, mount)),
            ruby_tmpdir: self.ruby_tmpdir(place, unsure),
            create: verdict(create),
            overwrite,
            replace,
            delete,
            exists: if unsure.is_some() { Tri::Unknown } else { Tri::Yes },
            kind: Some(match inode.kind {
                Kind::Directory(_) => FileKind::Directory,
                Kind::Link(_) => FileKind::Link,
                Kind::File | Kind::Other => FileKind::File,
            }),
            mode: inode.mode.known(),
            uid: inode.uid.known(),
            gid: inode.gid.known(),
            for_sub_path: inode.for_sub_path,
            ..self.described(path, mount)
        }
    }

    /// Verdicts about the first regular file that is known in the directory.
    fn in_directory(
        &self,
        directory: Place,
        create: &Checked,
        verdict: &dyn Fn(Checked) -> Verdict,
    ) -> (FileVerdict, FileVerdict, FileVerdict) {
        let kernel = self.kernel;
        let file = self.first_file(directory);
        let reached = |checked: Checked| {
            let search = dac::permits(kernel.process, kernel.world.get(directory.inode), Want::Execute);
            match search.answer {
                Tri::Yes => checked,
                Tri::No => Checked::no(Errno::Eacces, search.why),
                Tri::Unknown => checked.unless_unreachable(Some(&search.why)),
            }
        };
        let of = |name: &Option<String>, checked: Checked| FileVerdict {
            file: name.clone(),
            verdict: verdict(checked),
        };
        match file {
            Some((name, place)) => {
                let name = Some(name);
                let removal = kernel.remove(directory, Some(place));
                (
                    of(&name, reached(kernel.overwrite(Some(directory), place))),
                    of(&name, removal.clone()),
                    of(&name, removal),
                )
            }
            None => {
                let overwrite = match create.answer {
                    Answer::No(errno) => Checked {
                        answer: Answer::No(errno),
                        why: create.why.clone(),
                    },
                    Answer::Yes | Answer::Unknown => Checked::unknown("no regular file is known there"),
                };
                let overwrite = match kernel.read_only(directory) {
                    None if overwrite.answer != Answer::Unknown => {
                        Checked::unknown("no regular file is known there")
                    }
                    _ => overwrite,
                };
                (
                    of(&None, overwrite),
                    of(&None, create.clone()),
                    of(&None, kernel.remove(directory, None)),
                )
            }
        }
    }

    /// Verdicts about a path that is itself a file.
    fn file_itself(
        &self,
        path: &str,
        file: Place,
        verdict: &dyn Fn(Checked) -> Verdict,
    ) -> (FileVerdict, FileVerdict, FileVerdict) {
        let kernel = self.kernel;
        let above = path
            .rsplit_once('/')
            .map_or("/", |(above, _)| if above.is_empty() { "/" } else { above });
        let parent = match kernel
            .mounts
            .walk(kernel.world, Some(kernel.process), above, true)
            .end
        {
            End::Found(place) => Some(place),
            _ => None,
        };
        let own = |checked: Checked| FileVerdict {
            file: None,
            verdict: verdict(checked),
        };
        let removal = match parent {
            None => Checked::unknown("the directory above it is not known"),
            Some(parent) => {
                let checked = kernel.remove(parent, Some(file));
                // The mounted file covers the entry below it: the kernel sees a mountpoint.
                if checked.answer == Answer::Yes && file.mount != parent.mount {
                    Checked::no(Errno::Ebusy, "something is mounted on it")
                } else {
                    checked
                }
            }
        };
        (
            own(kernel.overwrite(parent, file)),
            own(removal.clone()),
            own(removal),
        )
    }

    /// The first regular file of a directory by name, links followed, hidden names last.
    fn first_file(&self, directory: Place) -> Option<(String, Place)> {
        let Kernel { world, mounts, .. } = self.kernel;
        let listing = world.directory(directory.inode)?;
        let trail = [directory];
        let found = listing.entries.iter().filter_map(|(name, entry)| {
            let Entry::Present(inode) = entry else { return None };
            // A link is followed from the directory itself; an absolute one from the root.
            let place = match &world.get(*inode).kind {
                Kind::Link(target) if !target.starts_with('/') => {
                    match mounts.walk_from(world, None, &trail, name, true).end {
                        End::Found(place) => place,
                        _ => return None,
                    }
                }
                Kind::Link(_) => return None,
                _ => match mounts.walk_from(world, None, &trail, name, true).end {
                    End::Found(place) => place,
                    _ => return None,
                },
            };
            (world.get(place.inode).kind == Kind::File).then(|| (name.clone(), place))
        });
        let mut files: Vec<(String, Place)> = found.collect();
        files.sort_by_key(|(name, _)| name.starts_with(".."));
        files.into_iter().next()
    }

    /// Running a file that was put there: it has to get there first.
    fn exec(&self, create: &Checked, mount: &Mount) -> Checked {
        match create.answer {
            Answer::Yes if mount.no_exec => {
                Checked::no(Errno::Eacces, format!("{} is mounted noexec", mount.path))
            }
            _ => create.clone(),
        }
    }

    /// Ruby's `Dir.tmpdir` (lib/tmpdir.rb): a writable directory that is not world-writable without the sticky bit. Its
    /// `File::Stat#writable?` goes by mode bits, owner and groups, and takes root for able to write anywhere
    /// (rb_stat_w in file.c); that a mount is read-only only shows later, so here it is a *no* already.
    fn ruby_tmpdir(&self, place: Place, unsure: Option<&str>) -> Tri {
        let kernel = self.kernel;
        let inode = kernel.world.get(place.inode);
        if !inode.is_directory() || kernel.read_only(place).is_some() || kernel.mounts.get(place.mount).pseudo
        {
            return Tri::No;
        }
        let by_mode = dac::permits_by_mode(kernel.process, inode, Want::Write).answer;
        let writable = match kernel.process.uid.known() {
            Some(0) => Tri::Yes,
            None if by_mode == Tri::No => Tri::Unknown,
            _ => by_mode,
        };
        let refused = match (inode.mode.has(0o002), inode.mode.has(STICKY)) {
            (Some(false), _) | (_, Some(true)) => Tri::No,
            (Some(true), Some(false)) => Tri::Yes,
            _ => Tri::Unknown,
        };
        match (writable, refused) {
            (Tri::No, _) | (_, Tri::Yes) => Tri::No,
            (Tri::Yes, Tri::No) if unsure.is_none() => Tri::Yes,
            _ => Tri::Unknown,
        }
    }

    /// A path at which nothing is, or that cannot be looked up.
    fn nowhere(&self, path: &str, mount: MountId, exists: Tri, checked: &Checked) -> PathMap {
        let mount = self.kernel.mounts.get(mount);
        let mut why: Vec<String> = dedup(mount.why.iter().map(ToString::to_string).collect());
        why.extend(checked.why.iter().cloned());
        let verdict = Verdict {
            answer: checked.answer,
            why,
        };
        let file = || FileVerdict {
            file: None,
            verdict: verdict.clone(),
        };
        PathMap {
            exists,
            create: verdict.clone(),
            overwrite: file(),
            replace: file(),
            delete: file(),
            exec: verdict.clone(),
            ruby_tmpdir: if checked.answer == Answer::Unknown {
                Tri::Unknown
            } else {
                Tri::No
            },
            ..self.described(path, mount)
        }
    }

    /// A path of which it is not known what is there. On a read-only mount nothing can be written, whatever it is.
    fn unknown(&self, path: &str, mount: MountId, reason: &Reason, walk: &Walk) -> PathMap {
        let owner = self.kernel.mounts.get(mount);
        let mut map = if owner.read_only && owner.open_below {
            let why = format!(
                "readOnly covers {} alone: what the node mounts below it stays writable, without recursiveReadOnly",
                owner.path
            );
            self.nowhere(path, mount, Tri::Unknown, &Checked::unknown(why))
        } else if owner.read_only && !self.may_lead_elsewhere(path) {
            let why = if mount == ROOT {
                format!(
                    "the root file system is read-only, whatever {path} is, unless the image declares a VOLUME there"
                )
            } else {
                format!("the mount at {} is read-only, whatever {path} is", owner.path)
            };
            self.nowhere(
                path,
                mount,
                Tri::Unknown,
                &Checked {
                    answer: Answer::No(None),
                    why: vec![why],
                },
            )
        } else {
            let checked = Checked::unknown(reason.to_string()).unless_unreachable(walk.unsure.as_deref());
            self.nowhere(path, mount, Tri::Unknown, &checked)
        };
        map.exists = Tri::Unknown;
        map
    }

    /// `/run` and `/var/run` are one directory in most images: an unknown one may lead into a mount on the other.
    fn may_lead_elsewhere(&self, path: &str) -> bool {
        let twin = if path == "/run" || path.starts_with("/run/") {
            format!("/var{path}")
        } else if path == "/var/run" || path.starts_with("/var/run/") {
            path["/var".len()..].to_owned()
        } else {
            return false;
        };
        self.kernel.mounts.iter().any(|mount| {
            mount.path != "/" && (twin == mount.path || twin.starts_with(&format!("{}/", mount.path)))
        })
    }

    /// What a path's mount says of it; the rest is as if nothing were known.
    fn described(&self, path: &str, mount: &Mount) -> PathMap {
        let unknown = || Verdict {
            answer: Answer::Unknown,
            why: Vec::new(),
        };
        let file = || FileVerdict {
            file: None,
            verdict: unknown(),
        };
        PathMap {
            path: path.to_owned(),
            source: mount.source,
            volume: mount.volume.clone(),
            mount: mount.index,
            exists: Tri::Unknown,
            kind: None,
            mode: None,
            uid: None,
            gid: None,
            read_only: Some(mount.read_only),
            create: unknown(),
            overwrite: file(),
            replace: file(),
            delete: file(),
            exec: unknown(),
            ruby_tmpdir: Tri::Unknown,
            lifetime: mount.lifetime,
            fs_group: mount.fs_group,
            for_sub_path: false,
        }
    }
}

/// Steps without repetitions, in order.
fn dedup(steps: Vec<String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for step in steps {
        if !step.is_empty() && !seen.contains(&step) {
            seen.push(step);
        }
    }
    seen
}
