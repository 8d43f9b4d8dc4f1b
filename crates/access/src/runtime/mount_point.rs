// SPDX-License-Identifier: Apache-2.0
//! Mountpoints and working directories that are not there: who makes them, and what they look like.

use std::collections::BTreeMap;

use writeway_facts::ImageFacts;
use writeway_manifest::{Container, Which};

use super::Planned;
use crate::mounts::{End, Mounts, Place, ROOT};
use crate::path::clean;
use crate::value::{SETGID, Value};
use crate::volume::{Prepared, Setup, image};
use crate::world::{Entry, Inode, Kind};

impl Setup<'_> {
    /// Makes the mountpoint, if need be, and mounts over it.
    pub(super) fn mount(&mut self, mounts: &mut Mounts, planned: Planned, image_name: &str) {
        let directory = self.world.get(planned.mount.root).is_directory();
        match self.mount_point(mounts, &planned.path, directory, image_name) {
            Ok(place) => {
                mounts.mount(place, planned.mount);
            }
            Err(cause) => self.startup.fail(cause, planned.span),
        }
    }

    /// The runtime finds or makes a mountpoint: directories 0755, for a file an empty one 0644, all root's.
    fn mount_point(
        &mut self,
        mounts: &Mounts,
        path: &str,
        directory: bool,
        image_name: &str,
    ) -> Result<Place, String> {
        let path = clean(path);
        let names: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut walked = String::new();
        let mut place = mounts.root();
        for (index, name) in names.iter().enumerate() {
            let above = place;
            walked = format!("{walked}/{name}");
            let make_directory = directory || index + 1 < names.len();
            place = match mounts.walk(&self.world, None, &walked, true).end {
                End::Found(place) => place,
                End::Missing { parent, name } => self.make(mounts, parent, &name, make_directory, &walked)?,
                End::Failed(errno, why) => {
                    return Err(format!(
                        "the runtime cannot make the mountpoint {path}: {why} ({errno})"
                    ));
                }
                End::Unknown(mount, reason) => {
                    // It is there afterwards, found or made.
                    let inode = if !make_directory {
                        Inode::unknown(Kind::File, reason)
                    } else if mount == ROOT {
                        image::unlisted_directory(&walked, image_name)
                    } else {
                        Inode::unknown(Kind::unlisted(reason.clone()), reason)
                    };
                    let inode = self.world.add(inode);
                    self.world.set_entry(above.inode, name, Entry::Present(inode));
                    Place {
                        mount: above.mount,
                        inode,
                    }
                }
            };
        }
        if self.world.get(place.inode).is_directory() != directory {
            let (is, wants) = if directory {
                ("not a directory", "a directory")
            } else {
                ("a directory", "a file")
            };
            return Err(format!(
                "{path} is {is}, and the runtime wants to mount {wants} there"
            ));
        }
        Ok(place)
    }

    /// The runtime, as root, makes a directory or an empty file.
    fn make(
        &mut self,
        mounts: &Mounts,
        parent: Place,
        name: &str,
        directory: bool,
        path: &str,
    ) -> Result<Place, String> {
        let mount = mounts.get(parent.mount);
        // kubelet makes the mountpoints in volumes of API objects beforehand, on the node.
        let prepared_by_kubelet =
            matches!(mount.source, "secret" | "configMap" | "downwardAPI" | "projected");
        if mount.read_only && !prepared_by_kubelet {
            return Err(format!(
                "the runtime cannot make the mountpoint {path}: the mount at {} is read-only",
                mount.path
            ));
        }
        let above = self.world.get(parent.inode);
        let (gid, setgid) = inherited(above, &Value::Known(0));
        let (kind, mode) = if directory {
            (Kind::empty(), 0o755)
        } else {
            (Kind::File, 0o644)
        };
        let mut inode = Inode::new(
            kind,
            0,
            0,
            mode,
            format!("the runtime makes the missing {path} as root, {mode:04o}"),
        );
        if directory {
            match setgid {
                Some(true) => inode.mode = inode.mode.with(SETGID),
                Some(false) => {}
                None => inode.mode = inode.mode.join(&inode.mode.with(SETGID), &above.mode.reason()),
            }
        }
        inode.gid = gid;
        let inode = self.world.add(inode);
        self.world.set_entry(parent.inode, name, Entry::Present(inode));
        Ok(Place {
            mount: parent.mount,
            inode,
        })
    }

    /// A working directory that does not exist is made by the runtime, after the mounts (prepareRootfs).
    pub(super) fn working_dir(
        &mut self,
        container: &Container,
        image: Option<&ImageFacts>,
        image_name: &str,
        mounts: &mut Mounts,
    ) -> Option<String> {
        let written = container
            .working_dir
            .as_ref()
            .map(|path| path.value.clone())
            .filter(|path| !path.is_empty());
        let path = match written {
            Some(path) => path,
            None => {
                let of_image = image?.working_dir.clone()?;
                if of_image.is_empty() {
                    "/".to_owned()
                } else {
                    of_image
                }
            }
        };
        let path = clean(&path);
        if let Err(cause) = self.mount_point(mounts, &path, true, image_name) {
            let span = container
                .working_dir
                .as_ref()
                .map_or(container.span, |path| path.span);
            self.startup.fail(
                format!("container `{}`: working directory: {cause}", *container.name),
                span,
            );
        }
        Some(path)
    }

    /// Mountpoints below volumes of API objects are made by kubelet for the whole pod, before any container.
    pub(crate) fn nest(&mut self, volumes: &BTreeMap<String, Prepared>) {
        let pod = &self.workload.pod;
        for container in pod.containers(Which::All) {
            for outer in &container.mounts {
                let Some(volume) = volumes.get(outer.name.as_str()).filter(|volume| volume.nests) else {
                    continue;
                };
                if outer.sub_path.is_some() {
                    continue;
                }
                let base = format!("{}/", clean(&outer.mount_path));
                for inner in &container.mounts {
                    let path = clean(&inner.mount_path);
                    let Some(below) = path.strip_prefix(&base) else {
                        continue;
                    };
                    let mut directory = volume.root;
                    for name in below.split('/') {
                        let known = self
                            .world
                            .directory(directory)
                            .and_then(|listing| listing.entries.get(name))
                            .cloned();
                        directory = match known {
                            Some(Entry::Present(id)) => id,
                            _ => {
                                let note = "kubelet makes the mountpoint of another volume, 0755 root:root";
                                let id = self.world.add(Inode::new(Kind::empty(), 0, 0, 0o755, note));
                                self.world.set_entry(directory, name, Entry::Present(id));
                                id
                            }
                        };
                    }
                }
            }
        }
    }
}

/// Group of a new entry, and whether a new directory is setgid: both follow a setgid parent (inode_init_owner in
/// fs/inode.c). The second is `None` when the parent's bit is not known.
pub(crate) fn inherited(parent: &Inode, own: &Value<u32>) -> (Value<u32>, Option<bool>) {
    match parent.mode.has(SETGID) {
        Some(true) => (parent.gid.clone(), Some(true)),
        Some(false) => (own.clone(), Some(false)),
        None => (own.join(&parent.gid, &parent.mode.reason()), None),
    }
}
