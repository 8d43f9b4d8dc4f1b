// SPDX-License-Identifier: Apache-2.0
//! Mounts that no manifest asks for (containerd's pkg/oci/mounts.go; kubelet's makeMounts).

use writeway_manifest::Container;

use super::{Planned, Sandbox, runtime_mount};
use crate::map::Lifetime;
use crate::mounts::Mount;
use crate::path::clean;
use crate::volume::Setup;
use crate::world::{Entry, Inode, Kind, World};

impl Setup<'_> {
    /// Mounts that every container gets from the runtime (containerd's pkg/oci/mounts.go), in their order.
    pub(super) fn default_mounts(&mut self, container: &Container) -> Vec<Planned> {
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
    pub(super) fn runtime_mounts(&mut self, container: &Container, sandbox: Sandbox) -> Vec<Planned> {
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
}
