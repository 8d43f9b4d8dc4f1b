// SPDX-License-Identifier: Apache-2.0
//! `hostPath`, inline or in a PersistentVolume (pkg/volume/hostpath/host_path.go).

use writeway_facts::{EntryType, HostPath};
use writeway_manifest::{HostPathSource, Span, Volume};

use super::{MissingSubPath, Prepared, Setup, from_fact, plant};
use crate::map::Lifetime;
use crate::mounts::MAX_LINKS;
use crate::path::clean;
use crate::value::Reason;
use crate::world::{Inode, InodeId, Kind};

/// Whether a path has a component `..`, which the API server refuses (validatePathNoBacksteps).
pub(super) fn has_backsteps(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

/// A node directory, shared by all volumes of its path.
#[derive(Debug, Clone)]
pub(super) struct OnNode {
    pub(super) root: InodeId,
    missing_sub_path: MissingSubPath,
}

impl Setup<'_> {
    pub(super) fn host_path(&mut self, volume: &Volume, source: &HostPathSource) -> Prepared {
        if has_backsteps(&source.path) {
            let why = format!("the API server refuses `..` in a hostPath: {}", *source.path);
            self.startup.refuse(why, source.path.span);
        }
        let decides = source.kind.as_ref().unwrap_or(&source.path);
        let on_node = self.on_node(&volume.name, source, decides.span);
        let fs_group = self.ignore_fs_group(on_node.root, "kubelet never applies it to a hostPath volume");
        Prepared {
            root: on_node.root,
            read_only: false,
            source: "hostPath",
            lifetime: Lifetime::Node,
            fs_group,
            why: vec![format!("volume `{}` is the node's {}", *volume.name, *source.path).into()],
            missing_sub_path: on_node.missing_sub_path,
            nests: false,
        }
    }

    /// The node's directory or file, made if its type says so. `span` is the place in the workload that is named when
    /// the pod does not start: `source` may be that of a PersistentVolume in another file.
    pub(super) fn on_node(&mut self, volume: &str, source: &HostPathSource, span: Span) -> OnNode {
        let written = clean(&source.path);
        let path = match self.followed(&written) {
            Ok(path) => path,
            Err(cause) => {
                self.startup.wait(format!("volume `{volume}`: {cause}"), span);
                written.clone()
            }
        };
        let kind = source.kind.as_ref().map_or("", |kind| kind.as_str());
        let known = self.host_paths.get(&path).cloned();
        let fact = self.context.facts.host_paths.get(&path);
        // What an earlier volume of the pod made is there for a later one.
        if known.is_none() || fact != Some(&HostPath::Absent) {
            self.check_type(volume, kind, &written, &path, span);
        }
        if let Some(known) = known {
            return known;
        }
        let mut missing_sub_path = MissingSubPath::Made;
        let inode = match fact {
            None => {
                let reason: Reason =
                    format!("what the node has at {path} is not known: no fact states it").into();
                let entry = match kind {
                    "File" | "FileOrCreate" => Kind::File,
                    "Socket" | "CharDevice" | "BlockDevice" => Kind::Other,
                    _ => Kind::unlisted(reason.clone()),
                };
                Inode::unknown(entry, reason)
            }
            Some(HostPath::Absent) => match kind {
                "" => {
                    missing_sub_path = MissingSubPath::NoVolume;
                    let note = format!("{path} is absent on the node: the runtime makes it 0755 root:root");
                    Inode::new(Kind::empty(), 0, 0, 0o755, note)
                }
                "DirectoryOrCreate" => {
                    let note = format!("{path} is absent on the node: kubelet makes it 0755 root:root");
                    Inode::new(Kind::empty(), 0, 0, 0o755, note)
                }
                "FileOrCreate" => {
                    let note = format!(
                        "{path} is absent on the node: kubelet makes it an empty file 0644 root:root"
                    );
                    Inode::new(Kind::File, 0, 0, 0o644, note)
                }
                _ => Inode::unknown(Kind::empty(), "the pod does not start"),
            },
            Some(HostPath::Present { entry, .. }) => {
                let missing: Reason = format!("no fact states owner and mode of {path} on the node").into();
                let mut inode = from_fact(entry, &missing);
                let (uid, gid, mode) = (&inode.uid, &inode.gid, &inode.mode);
                let note = format!("facts: the node has {path} as {mode} {uid}:{gid}").into();
                inode.history.push(note);
                inode
            }
        };
        let root = self.world.add(inode);
        if let Some(HostPath::Present {
            contents, complete, ..
        }) = fact
        {
            let missing: Reason = format!("no fact states owner and mode of files below {path}").into();
            plant(&mut self.world, root, contents, &missing, &|_| {
                Inode::unknown(Kind::empty(), missing.clone())
            });
            if !complete {
                let reason = format!("the facts do not list everything that {path} on the node holds").into();
                self.world.add_unlisted(root, &reason);
            }
        }
        let on_node = OnNode {
            root,
            missing_sub_path,
        };
        self.host_paths.insert(path, on_node.clone());
        on_node
    }

    /// kubelet's check of what is at the path (checkTypeInternal), with links followed.
    fn check_type(&mut self, volume: &str, kind: &str, written: &str, path: &str, span: Span) {
        let entry = match self.context.facts.host_paths.get(path) {
            None => {
                if !matches!(kind, "" | "DirectoryOrCreate") {
                    self.startup.doubt(
                        format!(
                            "what the node has at {path} is not known: no fact states it, and type {kind} starts the pod \
                             only if it fits"
                        ),
                        span,
                    );
                }
                return;
            }
            Some(HostPath::Absent) => {
                // A new file is made through a link that leads nowhere, a directory is not.
                let linked = written != path;
                let made = kind == "FileOrCreate" || (!linked && matches!(kind, "" | "DirectoryOrCreate"));
                if !made {
                    let what = if linked {
                        format!("{written} on the node is a link to {path}, which is absent")
                    } else {
                        format!("{path} is absent on the node, and type {kind} wants it there")
                    };
                    self.startup.wait(format!("volume `{volume}`: {what}"), span);
                }
                return;
            }
            Some(HostPath::Present { entry, .. }) => entry,
        };
        let fits = match kind {
            "Directory" | "DirectoryOrCreate" => entry.kind == EntryType::Directory,
            "File" | "FileOrCreate" => entry.kind == EntryType::File,
            "Socket" | "CharDevice" | "BlockDevice" => entry.kind == EntryType::Other,
            _ => true,
        };
        if !fits {
            self.startup.wait(
                format!("volume `{volume}`: {path} on the node is not what type {kind} wants"),
                span,
            );
        }
    }

    /// Where the node's links lead: kubelet looks at what is there with links followed (os.Stat), and so does mount(2).
    fn followed(&self, path: &str) -> Result<String, String> {
        let mut here = path.to_owned();
        for _ in 0..=MAX_LINKS {
            let fact = self.context.facts.host_paths.get(&here);
            let target = match fact {
                Some(HostPath::Present { entry, .. }) => entry.link_target(),
                Some(HostPath::Absent) | None => None,
            };
            let Some(target) = target else {
                return Ok(here);
            };
            here = if target.starts_with('/') {
                clean(target)
            } else {
                clean(&format!("{here}/../{target}"))
            };
        }
        Err(format!("{path} on the node leads through too many links"))
    }
}
