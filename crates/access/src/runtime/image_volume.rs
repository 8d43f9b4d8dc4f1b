// SPDX-License-Identifier: Apache-2.0
//! `VOLUME` declarations of images.

use writeway_facts::ImageFacts;
use writeway_manifest::Container;

use super::{Planned, runtime_mount};
use crate::Errno;
use crate::mounts::{End, Mount, Mounts};
use crate::node::Runtime;
use crate::path::clean;
use crate::process::Process;
use crate::volume::Setup;
use crate::world::{Entry, Inode, Kind};

impl Setup<'_> {
    /// `VOLUME` paths of the image (section C.3 of the reference): containerd binds a writable copy of what the image
    /// has there; CRI-O only makes a missing directory, for the container's user.
    pub(super) fn image_volumes(
        &mut self,
        container: &Container,
        image: Option<&ImageFacts>,
        mounts: &Mounts,
        process: &Process,
    ) -> Vec<Planned> {
        let Some(volumes) = image.and_then(|image| image.volumes.as_ref()) else {
            return Vec::new();
        };
        let taken: Vec<String> = container
            .mounts
            .iter()
            .map(|mount| clean(&mount.mount_path))
            .collect();
        let mut planned = Vec::new();
        for path in volumes
            .iter()
            .map(|path| clean(path))
            .filter(|path| !taken.contains(path))
        {
            let found = mounts.walk(&self.world, None, &path, true).end;
            let (root, note) = match (self.node.runtime, found) {
                (Runtime::Crio, End::Missing { .. } | End::Failed(Errno::Enoent, _)) => {
                    self.make_for_user(mounts, &path, process);
                    continue;
                }
                (Runtime::Crio, _) => continue,
                (Runtime::Other, _) => {
                    let note = format!(
                        "the image declares VOLUME {path}, and what this runtime does with it is not known"
                    );
                    (
                        self.world
                            .add(Inode::unknown(Kind::unlisted(note.clone()), note.clone())),
                        note,
                    )
                }
                (Runtime::Containerd, found) => {
                    let note = format!(
                        "the image declares VOLUME {path}: the runtime binds a writable copy for this container"
                    );
                    let root = match found {
                        End::Found(place) => {
                            let copy = self.world.copy_tree(place.inode);
                            self.world.get_mut(copy).history.push(note.clone().into());
                            copy
                        }
                        End::Unknown(_, reason) => self
                            .world
                            .add(Inode::unknown(Kind::unlisted(reason.clone()), reason)),
                        End::Missing { .. } | End::Failed(..) => self.world.add(Inode::new(
                            Kind::empty(),
                            0,
                            0,
                            0o755,
                            format!("{note}, 0755 root:root"),
                        )),
                    };
                    (root, note)
                }
            };
            let mount = Mount {
                why: vec![note.into()],
                ..runtime_mount(root, &path, "imageVolume")
            };
            planned.push(Planned {
                path,
                mount,
                span: container.span,
            });
        }
        planned
    }

    /// CRI-O makes a missing directory and its missing parents for the container's user (addImageVolumes in
    /// server/container_create.go).
    fn make_for_user(&mut self, mounts: &Mounts, path: &str, process: &Process) {
        let mut walked = String::new();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            walked = format!("{walked}/{name}");
            if let End::Missing { parent, name } = mounts.walk(&self.world, None, &walked, true).end {
                let note = format!(
                    "the image declares VOLUME {path}: CRI-O makes the missing {walked} for the container's user"
                );
                let mut made = Inode::new(Kind::empty(), 0, 0, 0o755, note);
                (made.uid, made.gid) = (process.uid.clone(), process.gid.clone());
                let made = self.world.add(made);
                self.world.set_entry(parent.inode, &name, Entry::Present(made));
            }
        }
    }
}
