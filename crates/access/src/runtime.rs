// SPDX-License-Identifier: Apache-2.0
//! How kubelet and the runtime put a container together: root file system, mounts, working directory
//! (reference, sections B.12 and C; runc's libcontainer/rootfs_linux.go).

mod defaults;
mod image_volume;
mod mount_point;
mod user;

use std::collections::BTreeMap;

pub(crate) use mount_point::inherited;
use writeway_facts::ImageFacts;
use writeway_manifest::{Container, Mount as VolumeMount, Span};

use crate::identity;
use crate::map::{FsGroupEffect, Lifetime};
use crate::mounts::{Mount, Mounts};
use crate::path::clean;
use crate::process::Process;
use crate::sub_path::{self, Part};
use crate::value::Reason;
use crate::version::Feature;
use crate::volume::{Prepared, Setup, image};
use crate::world::{Inode, InodeId, Kind, Reach};

/// A container that is put together and could run.
#[derive(Debug, Clone)]
pub(crate) struct Running<'a> {
    pub(crate) container: &'a Container,
    pub(crate) image: Option<&'a ImageFacts>,
    pub(crate) mounts: Mounts,
    pub(crate) process: Process,
    /// `fs.protected_regular` of the node, when known.
    pub(crate) protected_regular: Option<i64>,
    /// The working directory, when known.
    pub(crate) working_dir: Option<String>,
}

/// What all containers of a pod share beside volumes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sandbox {
    shm: InodeId,
    hosts: InodeId,
    hostname: InodeId,
    resolv_conf: InodeId,
}

/// A mount that is still to be made.
struct Planned {
    path: String,
    mount: Mount,
    span: Span,
}

impl<'a> Setup<'a> {
    /// What the sandbox brings: one `/dev/shm`, one `/etc/hosts` for all containers.
    pub(crate) fn sandbox(&mut self) -> Sandbox {
        let pod = &self.workload.pod;
        let in_user_namespace = pod.host_users.is_some_and(|host_users| !host_users.value);
        // containerd does not map the ids of /dev/shm, so its owner is nobody inside of a user namespace.
        let owner = if in_user_namespace { 65534 } else { 0 };
        let mut shm = Inode::new(
            Kind::empty(),
            owner,
            owner,
            0o1777,
            "the sandbox's tmpfs at /dev/shm, 1777",
        );
        if in_user_namespace {
            shm.reach = Reach::Unmapped;
        }
        let file = |note: &str| Inode::new(Kind::File, 0, 0, 0o644, note);
        Sandbox {
            shm: self.world.add(shm),
            hosts: self
                .world
                .add(file("kubelet's /etc/hosts, rewritten at each container start")),
            hostname: self.world.add(file("the runtime's /etc/hostname")),
            resolv_conf: self.world.add(file("the runtime's /etc/resolv.conf")),
        }
    }

    /// Puts a container together. `None` when it never starts; the cause is then in `startup`.
    pub(crate) fn create_container(
        &mut self,
        container: &'a Container,
        volumes: &BTreeMap<String, Prepared>,
        sandbox: Sandbox,
    ) -> Option<Running<'a>> {
        let image_name = container.image.as_ref().map_or("", |image| image.as_str());
        let image = self.context.facts.image(image_name);
        let process = identity::process(
            self.node,
            &self.workload.pod,
            container,
            image,
            &self.volume_groups,
        );
        let root = image::tree(&mut self.world, image, image_name);
        let read_only = container
            .security
            .read_only_root_filesystem
            .is_some_and(|value| value.value);
        let mut mounts = Mounts::new(Mount {
            path: "/".to_owned(),
            why: vec![if read_only {
                "readOnlyRootFilesystem: true mounts / read-only".into()
            } else {
                "/ is the container's own writable layer, lost when it restarts".into()
            }],
            ..runtime_mount(root, "/", "rootfs")
        });
        let mut planned = self.runtime_mounts(container, sandbox);
        planned.extend(self.volume_mounts(container, volumes));
        planned.extend(self.image_volumes(container, image, &mounts, &process));
        // Parents first: by the number of components, otherwise in order (orderedMounts in containerd's
        // internal/cri/opts/spec_linux_opts.go).
        planned.sort_by_key(|planned| clean(&planned.path).matches('/').count());
        let user_dev = container
            .mounts
            .iter()
            .any(|mount| clean(&mount.mount_path) == "/dev");
        let defaults = self.default_mounts(container);
        for planned in defaults
            .into_iter()
            .filter(|planned| !(user_dev && planned.path.starts_with("/dev")))
        {
            self.mount(&mut mounts, planned, image_name);
        }
        for planned in planned {
            self.mount(&mut mounts, planned, image_name);
        }
        let working_dir = self.working_dir(container, image, image_name, &mut mounts);
        if read_only {
            mounts.set_root_read_only();
        }
        (!self.startup.is_stopped()).then_some(Running {
            container,
            image,
            mounts,
            process,
            protected_regular: self.node.protected_regular,
            working_dir,
        })
    }

    fn volume_mounts(&mut self, container: &Container, volumes: &BTreeMap<String, Prepared>) -> Vec<Planned> {
        let mut planned = Vec::new();
        for (index, written) in container.mounts.iter().enumerate() {
            let Some(volume) = volumes.get(written.name.as_str()) else {
                continue;
            };
            let mut why: Vec<Reason> = volume.why.clone();
            let root = match &written.sub_path {
                None => volume.root,
                Some(sub_path) => {
                    let part = sub_path::expand(sub_path).map_or_else(Part::Never, |path| {
                        sub_path::resolve(&mut self.world, volume, path)
                    });
                    match part {
                        Part::Found(root) => root,
                        Part::Never(cause) => {
                            self.startup.fail(
                                format!(
                                    "container `{}`, mount {}: {cause}",
                                    *container.name, *written.mount_path
                                ),
                                sub_path.span(),
                            );
                            continue;
                        }
                    }
                }
            };
            let read_only = written.read_only.is_some_and(|read_only| read_only.value);
            if read_only {
                why.push("the volumeMount says readOnly: true".into());
            }
            planned.push(Planned {
                path: written.mount_path.value.clone(),
                span: written.span,
                mount: Mount {
                    root,
                    read_only: read_only || volume.read_only,
                    no_exec: false,
                    source: volume.source,
                    volume: Some(written.name.value.clone()),
                    index: Some(index),
                    lifetime: volume.lifetime,
                    fs_group: volume.fs_group,
                    path: clean(&written.mount_path),
                    why,
                    open_below: volume.source == "hostPath"
                        && written.sub_path.is_none()
                        && !self.is_recursively_read_only(written),
                    pseudo: false,
                },
            });
        }
        planned
    }

    /// Whether `readOnly` reaches what is mounted below the volume (resolveRecursiveReadOnly in
    /// pkg/kubelet/kubelet_pods.go).
    fn is_recursively_read_only(&self, mount: &VolumeMount) -> bool {
        let wanted = mount.recursive_read_only.as_ref().map(|value| value.as_str());
        matches!(wanted, Some("Enabled" | "IfPossible"))
            && self.node.version.has(Feature::RecursiveReadOnlyMounts)
    }
}

fn runtime_mount(root: InodeId, path: &str, source: &'static str) -> Mount {
    Mount {
        root,
        read_only: false,
        no_exec: false,
        source,
        volume: None,
        index: None,
        lifetime: Lifetime::Container,
        fs_group: FsGroupEffect::Unset,
        path: path.to_owned(),
        why: Vec::new(),
        open_below: false,
        pseudo: false,
    }
}
