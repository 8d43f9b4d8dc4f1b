// SPDX-License-Identifier: Apache-2.0
//! How kubelet and the runtime put a container together: root file system, mounts, working directory
//! (reference, sections B.12 and C; runc's libcontainer/rootfs_linux.go).

use std::collections::BTreeMap;

use writeway_facts::ImageFacts;
use writeway_manifest::{Container, Span, Which};

use crate::identity::{self, ImageUser};
use crate::map::{FsGroupEffect, Lifetime};
use crate::mounts::{End, Mount, Mounts, Place, ROOT};
use crate::node::Runtime;
use crate::process::Process;
use crate::sub_path::{self, Part};
use crate::value::{Reason, SETGID, Value};
use crate::volume::{Prepared, Setup, image};
use crate::world::{Entry, Inode, InodeId, Kind, World};

/// A container that is put together and could run.
#[derive(Debug, Clone)]
pub(crate) struct Running<'a> {
    pub(crate) container: &'a Container,
    pub(crate) image: Option<&'a ImageFacts>,
    pub(crate) mounts: Mounts,
    pub(crate) process: Process,
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
        shm.unmapped = in_user_namespace;
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
        self.verify_user(container, image, image_name);
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
        (!self.startup.is_forbidden()).then_some(Running {
            container,
            image,
            mounts,
            process,
            working_dir,
        })
    }

    /// kubelet's check of `runAsNonRoot` (security_context_others.go, verifyRunAsNonRoot), and ids that a user
    /// namespace does not map.
    fn verify_user(&mut self, container: &Container, image: Option<&ImageFacts>, image_name: &str) {
        let pod = &self.workload.pod;
        let name = container.name.as_str();
        let user = identity::run_as_user(pod, container);
        if identity::run_as_non_root(pod, container) {
            let field = container
                .security
                .run_as_non_root
                .or(pod.security.run_as_non_root);
            let span = field.map_or(container.span, |field| field.span);
            match (user, identity::image_user(image)) {
                (Some(0), _) => self.startup.forbid(
                    format!("container `{name}`: runAsNonRoot is true and runAsUser is 0, so kubelet never starts it"),
                    span,
                ),
                (Some(_), _) => {}
                (None, ImageUser::Uid(0)) => self.startup.forbid(
                    format!("container `{name}`: runAsNonRoot is true and image `{image_name}` runs as root"),
                    span,
                ),
                (None, ImageUser::Uid(_)) => {}
                (None, ImageUser::Name(user)) => self.startup.forbid(
                    format!(
                        "container `{name}`: runAsNonRoot is true and image `{image_name}` has the non-numeric user \
                         `{user}`, which kubelet cannot verify"
                    ),
                    span,
                ),
                (None, ImageUser::Unknown) => self.startup.doubt(
                    format!(
                        "container `{name}`: runAsNonRoot is true without runAsUser: it starts only if the USER of image \
                         `{image_name}` is a number other than 0, which no fact states"
                    ),
                    span,
                ),
            }
        }
        if let (None, ImageUser::Name(user), Some(users)) = (
            user,
            identity::image_user(image),
            image.and_then(|image| image.users.as_ref()),
        ) && !users.contains_key(&user)
        {
            self.startup.forbid(
                format!(
                    "container `{name}`: image `{image_name}` runs as `{user}`, who is not in its /etc/passwd"
                ),
                container.span,
            );
        }
    }

    /// Mounts that every container gets from the runtime (containerd's pkg/oci/mounts.go), in their order.
    fn default_mounts(&mut self, container: &Container) -> Vec<Planned> {
        let privileged = container
            .security
            .privileged
            .is_some_and(|privileged| privileged.value);
        let pseudo = |world: &mut World, path: &str, mode: u16, read_only: bool| {
            let unlisted = format!("{path} makes up its own entries, which are not modelled");
            let root = world.add(Inode::new(
                Kind::unlisted(unlisted),
                0,
                0,
                mode,
                format!("the kernel's {path}"),
            ));
            Mount {
                read_only,
                pseudo: true,
                no_exec: true,
                ..runtime_mount(root, path, "runtime")
            }
        };
        let dev = self.world.add(Inode::new(
            Kind::empty(),
            0,
            0,
            0o755,
            "the runtime's tmpfs at /dev, 0755 root:root",
        ));
        for (name, target) in [
            ("fd", "/proc/self/fd"),
            ("stdin", "/proc/self/fd/0"),
            ("stdout", "/proc/self/fd/1"),
            ("ptmx", "pts/ptmx"),
        ] {
            let link = self.world.add(Inode::new(
                Kind::Link(target.to_owned()),
                0,
                0,
                0o777,
                "a link of the runtime",
            ));
            self.world.set_entry(dev, name, Entry::Present(link));
        }
        for name in ["null", "zero", "full", "random", "urandom", "tty"] {
            let device = self
                .world
                .add(Inode::new(Kind::Other, 0, 0, 0o666, "a device of the runtime"));
            self.world.set_entry(dev, name, Entry::Present(device));
        }
        let mqueue = self.world.add(Inode::new(
            Kind::empty(),
            0,
            0,
            0o1777,
            "the sandbox's message queues, 1777",
        ));
        let pts = pseudo(&mut self.world, "/dev/pts", 0o755, false);
        let mounts = [
            pseudo(&mut self.world, "/proc", 0o555, false),
            runtime_mount(dev, "/dev", "runtime"),
            pts,
            Mount {
                no_exec: true,
                lifetime: Lifetime::Pod,
                ..runtime_mount(mqueue, "/dev/mqueue", "runtime")
            },
            pseudo(&mut self.world, "/sys", 0o555, !privileged),
        ];
        mounts
            .into_iter()
            .map(|mount| Planned {
                path: mount.path.clone(),
                mount,
                span: container.span,
            })
            .collect()
    }

    /// Files and directories that kubelet and the runtime bind into every container, unless the pod mounts at exactly
    /// their paths (makeHostsMount, linuxContainerMounts).
    fn runtime_mounts(&mut self, container: &Container, sandbox: Sandbox) -> Vec<Planned> {
        let read_only_root = container
            .security
            .read_only_root_filesystem
            .is_some_and(|value| value.value);
        let in_user_namespace = self
            .workload
            .pod
            .host_users
            .is_some_and(|host_users| !host_users.value);
        let message_path = container.termination_message_path.as_ref();
        let message = self.world.add(Inode::new(
            Kind::File,
            0,
            0,
            0o666,
            "kubelet's fresh termination message file, 0666",
        ));
        let shm_lifetime = if self.workload.pod.host_ipc.is_some_and(|host_ipc| host_ipc.value) {
            Lifetime::Node
        } else {
            Lifetime::Pod
        };
        let mounts = [
            runtime_mount(sandbox.hosts, "/etc/hosts", "runtime"),
            runtime_mount(
                message,
                message_path.map_or("/dev/termination-log", |path| path.as_str()),
                "runtime",
            ),
            Mount {
                read_only: read_only_root,
                ..runtime_mount(sandbox.hostname, "/etc/hostname", "runtime")
            },
            Mount {
                read_only: read_only_root,
                ..runtime_mount(sandbox.resolv_conf, "/etc/resolv.conf", "runtime")
            },
            Mount {
                lifetime: shm_lifetime,
                no_exec: in_user_namespace,
                ..runtime_mount(sandbox.shm, "/dev/shm", "runtime")
            },
        ];
        let taken: Vec<String> = container
            .mounts
            .iter()
            .map(|mount| clean(&mount.mount_path))
            .collect();
        let free = mounts
            .into_iter()
            .filter(|mount| !taken.contains(&clean(&mount.path)));
        free.map(|mount| Planned {
            path: mount.path.clone(),
            mount,
            span: container.span,
        })
        .collect()
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
                    let part = sub_path::expand(container, sub_path).map_or_else(Part::Never, |path| {
                        sub_path::resolve(&mut self.world, volume, &path)
                    });
                    match part {
                        Part::Found(root) => root,
                        Part::Never(cause) => {
                            self.startup.forbid(
                                format!(
                                    "container `{}`, mount {}: {cause}",
                                    *container.name, *written.mount_path
                                ),
                                written.span,
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
                    pseudo: false,
                },
            });
        }
        planned
    }

    /// `VOLUME` paths of the image (section C.3 of the reference): containerd binds a writable copy of what the image
    /// has there; CRI-O only makes a missing directory, for the container's user.
    fn image_volumes(
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
                (Runtime::Crio, End::Missing { parent, name }) => {
                    let note = format!(
                        "the image declares VOLUME {path}: CRI-O makes the missing directory for its user"
                    );
                    let mut made = Inode::new(Kind::empty(), 0, 0, 0o755, note);
                    (made.uid, made.gid) = (process.uid.clone(), process.gid.clone());
                    let made = self.world.add(made);
                    self.world.set_entry(parent.inode, &name, Entry::Present(made));
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

    /// Makes the mountpoint, if need be, and mounts over it.
    fn mount(&mut self, mounts: &mut Mounts, planned: Planned, image_name: &str) {
        let directory = self.world.get(planned.mount.root).is_directory();
        match self.mount_point(mounts, &planned.path, directory, image_name) {
            Ok(place) => {
                mounts.mount(place, planned.mount);
            }
            Err(cause) => self.startup.forbid(cause, planned.span),
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
    fn working_dir(
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
            self.startup.forbid(
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
        pseudo: false,
    }
}

/// An absolute path without `.`, `..`, doubled or trailing slashes (Go's filepath.Clean).
pub(crate) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}
