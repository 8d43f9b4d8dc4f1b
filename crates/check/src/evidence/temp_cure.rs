// SPDX-License-Identifier: Apache-2.0
//! What makes a directory for temporary files one that Ruby takes: each cure is tried on the map before it is named.
//!
//! Which of them hold depends on the cluster's version and gates, on the kind of volume and on its class
//! (`lib/tmpdir.rb` of Ruby; pkg/volume/emptydir/empty_dir.go; KEP-5502 for `emptyDir.mode`).

use writeway_access::path::clean;
use writeway_access::{PathMap, Tri};
use writeway_facts::VersionNumber;
use writeway_manifest::{
    Container, EmptyDir, Mount, PersistentVolumeClaim, Resources, Role, Span, Spanned, SubPath, Volume,
    VolumeSource, Workload,
};

use crate::RuleContext;
use crate::evidence::fs_group::map_mounts;

/// Kubernetes' gate for `emptyDir.mode`.
const MODE_GATE: &str = "EmptyDirVolumeMode";
/// The version that brought it.
const MODE_SINCE: VersionNumber = VersionNumber { major: 1, minor: 37 };
/// `01777`: everybody may write, and delete what is their own.
const STICKY_MODE: i64 = 0o1777;
/// Names of what a trial adds; no manifest has them, since they are no DNS labels.
const VOLUME: &str = "(temp)";
const INIT: &str = "(init)";
/// Where the trial's init container mounts the volume.
const SCRATCH: &str = "/(scratch)";
/// Classes that are tried, at most.
const MAX_CLASSES: usize = 4;

/// A directory that Ruby refuses.
pub(crate) struct Refused<'a> {
    pub(crate) context: &'a RuleContext<'a>,
    pub(crate) container: &'a Container,
    /// The directory.
    pub(crate) path: &'a PathMap,
}

impl Refused<'_> {
    /// What to do: every cure that is proven to hold on this cluster, the one with the fewest side effects first.
    pub(crate) fn help(&self) -> String {
        let path = &self.path.path;
        let in_place = self.empty_dir().is_some();
        let mut cures = Vec::new();
        if self.gate() == Some(true) && self.holds(&mode()) {
            cures.push(if in_place {
                "set `mode: 01777` on the `emptyDir` (the gate EmptyDirVolumeMode is on)".to_owned()
            } else {
                format!(
                    "mount an `emptyDir` with `mode: 01777` at `{path}` (the gate EmptyDirVolumeMode is on)"
                )
            });
        }
        if self.holds(&memory()) {
            let what = if in_place {
                "set `medium: Memory` and a `sizeLimit` on the `emptyDir`".to_owned()
            } else {
                format!("mount an `emptyDir` with `medium: Memory` and a `sizeLimit` at `{path}`")
            };
            cures.push(format!("{what}: its files count as the container's memory"));
        }
        if let Some(index) = self.path.mount
            && self.sub_directory_holds(index)
        {
            cures.push(
                "let an init container with the same user make a directory in the volume (`mkdir -m 1777 \
                 /scratch/tmp`), and mount that with `subPath: tmp`"
                    .to_owned(),
            );
        }
        if let Some((class, group)) = self.class_that_holds() {
            cures.push(format!(
                "use a generic ephemeral volume of class `{class}` with `fsGroup: {group}`, which it honours"
            ));
        }
        if cures.is_empty() {
            return format!(
                "mount a directory at `{path}` that is sticky, or that not everybody may write to"
            );
        }
        let note = match self.gate() {
            None => {
                " (`emptyDir.mode: 01777` does it too where the gate EmptyDirVolumeMode is on; whether it is on here is \
                 not known)"
            }
            Some(_) => "",
        };
        format!("{}{note}", cures.join("; or "))
    }

    /// Whether the cluster is known to heed `emptyDir.mode`; `None` when its gate is not known.
    fn gate(&self) -> Option<bool> {
        let kubernetes = &self.context.access.facts.kubernetes;
        if kubernetes.version.is_some_and(|version| version < MODE_SINCE) {
            return Some(false);
        }
        kubernetes.feature_gates.get(MODE_GATE).copied()
    }

    /// The mount that the directory is in, if it is the directory itself.
    fn mount(&self) -> Option<&Mount> {
        let mount = self.container.mounts.get(self.path.mount?)?;
        (clean(&mount.mount_path) == self.path.path).then_some(mount)
    }

    /// The `emptyDir` that is mounted there whole.
    fn empty_dir(&self) -> Option<&EmptyDir> {
        let mount = self.mount().filter(|mount| mount.sub_path.is_none())?;
        match &self.context.workload.pod.volume(&mount.name)?.source {
            VolumeSource::EmptyDir(source) => Some(source),
            _ => None,
        }
    }

    /// Whether Ruby takes the directory if that is mounted there.
    fn holds(&self, source: &VolumeSource) -> bool {
        self.try_out(|workload| self.mount_new(workload, source.clone()))
    }

    fn sub_directory_holds(&self, index: usize) -> bool {
        let Some(mount) = self
            .container
            .mounts
            .get(index)
            .filter(|_| self.mount().is_some())
        else {
            return false;
        };
        self.try_out(|workload| {
            workload.pod.add_init_container(Container {
                name: text(INIT),
                command: Some(vec![
                    text("mkdir"),
                    text("-m"),
                    text("1777"),
                    text(&format!("{SCRATCH}/tmp")),
                ]),
                args: None,
                working_dir: None,
                env: Vec::new(),
                env_from: None,
                env_from_sources: Vec::new(),
                mounts: vec![Mount {
                    mount_path: text(SCRATCH),
                    sub_path: None,
                    ..mount.clone()
                }],
                devices: Vec::new(),
                resources: Resources::default(),
                role: Role::Init,
                ..self.container.clone()
            });
            let container = workload.pod.container_mut(&self.container.name)?;
            container.mounts.get_mut(index)?.sub_path = Some(SubPath::Plain(text("tmp")));
            Some(())
        })
    }

    /// A class, with an fsGroup, whose volumes Ruby takes.
    fn class_that_holds(&self) -> Option<(String, i64)> {
        let access = self.context.access;
        let default = access.inventory.default_class();
        let default = default.map(|class| class.object.name.clone());
        let mut classes: Vec<String> = default.into_iter().collect();
        classes.extend(access.facts.storage_classes.keys().cloned());
        classes.dedup();
        let identity = &self.context.container_map(self.container)?.identity;
        let pod = &self.context.workload.pod.security;
        let group = match &pod.fs_group {
            Some(group) => group.value,
            None => i64::from(identity.gid.filter(|gid| *gid != 0).or(identity.uid)?),
        };
        let found = classes.into_iter().take(MAX_CLASSES).find(|class| {
            self.try_out(|workload| {
                workload.pod.security.fs_group = Some(Spanned::new(group, Span::default()));
                let claim = PersistentVolumeClaim {
                    storage_class_name: Some(text(class)),
                    access_modes: vec![text("ReadWriteOnce")],
                    ..PersistentVolumeClaim::default()
                };
                let claim = Box::new(claim);
                self.mount_new(workload, VolumeSource::Ephemeral { claim })
            })
        });
        found.map(|class| (class, group))
    }

    /// Adds a volume to a workload, mounted at the directory instead of what is mounted there.
    fn mount_new(&self, workload: &mut Workload, source: VolumeSource) -> Option<()> {
        workload.pod.volumes.push(Volume {
            span: Span::default(),
            name: text(VOLUME),
            source,
            source_fields: Vec::new(),
        });
        let replaced = self.mount().and(self.path.mount);
        let container = workload.pod.container_mut(&self.container.name)?;
        let mount = Mount {
            span: Span::default(),
            name: text(VOLUME),
            mount_path: text(&self.path.path),
            sub_path: None,
            read_only: None,
            recursive_read_only: None,
            propagation: None,
        };
        match replaced.and_then(|index| container.mounts.get_mut(index)) {
            Some(place) => *place = mount,
            None => container.mounts.push(mount),
        }
        Some(())
    }

    /// Whether Ruby takes the directory in a changed workload.
    fn try_out(&self, change: impl FnOnce(&mut Workload) -> Option<()>) -> bool {
        let mut workload = self.context.workload.clone();
        if change(&mut workload).is_none() {
            return false;
        }
        let map = map_mounts(self.context, &workload);
        let containers = map.containers.iter();
        let mut paths = containers
            .filter(|map| map.name == *self.container.name)
            .flat_map(|map| &map.paths);
        paths
            .find(|path| path.path == self.path.path)
            .is_some_and(|path| path.ruby_tmpdir == Tri::Yes)
    }
}

fn mode() -> VolumeSource {
    VolumeSource::EmptyDir(EmptyDir {
        mode: Some(Spanned::new(STICKY_MODE, Span::default())),
        ..EmptyDir::default()
    })
}

fn memory() -> VolumeSource {
    VolumeSource::EmptyDir(EmptyDir {
        medium: Some(text("Memory")),
        ..EmptyDir::default()
    })
}

fn text(value: &str) -> Spanned<String> {
    Spanned::new(value.to_owned(), Span::default())
}
