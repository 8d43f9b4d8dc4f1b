// SPDX-License-Identifier: Apache-2.0
//! # WW203 strict-mode-broken
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds files and directories that their software refuses when group or others may use them, and to which `fsGroup` or
//! `defaultMode` gives such a mode: PostgreSQL's data directory, private keys of OpenSSH, Erlang's cookie, Traefik's
//! `acme.json`, MongoDB's key file, libpq's password file.
//!
//! `defaultMode` of a Secret is 0644 when it is not written. `fsGroup` adds `rw` for the group to every file (`r` to those of
//! a Secret) and setgid to directories, on a claim again at each start of a pod, whatever the program has set meanwhile. For
//! a file that the program makes itself the second start is worked out on the map: with the file as the program leaves it,
//! kubelet's change, and what init containers do then.
//!
//! Which file it is comes from the table of public images, from an option (`--keyFile`, `-i`, `acme.storage`), or from its
//! name; a name alone makes the confidence medium, as does a second start. An entry point that is known to set the mode is
//! trusted to, where the process is root or the owner. A file that a script copies is left alone, and so is a private
//! key that belongs to another user than the process, since OpenSSH does not look at its mode.
//!
//! Where nothing is known of a claim's class, the rule supposes one whose volumes take `fsGroup`, as most do; what is found
//! then is a warning of medium confidence.
//!
//! ## Why is this bad
//!
//! The program refuses the file, and often only after the second start, so that the change that broke it looks innocent.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 999
//!   fsGroup: 999                       # the second start makes acme.json 0660
//! containers:
//!   - name: proxy
//!     image: traefik:v3.5
//!     args: ["--certificatesresolvers.main.acme.storage=/data/acme.json"]
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data                # of a class whose volumes take fsGroup
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   fsGroup: 999
//!   fsGroupChangePolicy: OnRootMismatch
//! containers:
//!   - name: proxy
//!     image: traefik:v3.5
//!     args: ["--certificatesresolvers.main.acme.storage=/data/acme.json"]
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! For a Secret: copy it in an init container that runs as the same user (`install -m 0400`) to an `emptyDir`.
//!
//! ## References
//!
//! - Kubernetes: `pkg/volume/volume_linux.go`, changeFilePermission; kubernetes/kubernetes#57923
//! - apecloud/kubeblocks#6471 (PostgreSQL), traefik/traefik-helm-chart#164 (Traefik), sapcc/helm-charts#11388 (Erlang)

use std::collections::{BTreeMap, BTreeSet};

use writeway_access::{
    Capability, ContainerMap, Context, FileKind, FsGroupEffect, Lifetime, PathMap, map_pod,
};
use writeway_facts::knowledge::WriteKind;
use writeway_facts::{ClassVolume, EntryType, Facts, Owner, PathFact, Permissions, VolumeKind};
use writeway_manifest::{Container, Mount, Span, Spanned, VolumeSource, Which, Workload};

use crate::evidence::agent_call::agent_call;
use crate::evidence::mounted::{Mounted, Source};
use crate::evidence::strict_modes::{Demand, demands};
use crate::mount_path::{below, in_volume, is_within, mount_of};
use crate::need::Demand::Strict;
use crate::{Confidence, Correction, Finding, Need, NeedKind, Purpose, Rule, RuleContext, Severity};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww203_strict_mode_broken.rs"), run).asking_for(paths);

fn paths(workload: &Workload, _: &Facts) -> Vec<String> {
    let containers = workload.pod.containers(Which::Regular);
    let demands = containers.flat_map(|container| demands(workload, container));
    demands.map(|demand| demand.path).collect()
}

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = judge_all(context);
    let mut supposed = if_classes_take_fs_group(context);
    // What holds anyway needs no supposition.
    supposed.retain(|supposed| {
        !findings
            .iter()
            .any(|finding| finding.primary.place == supposed.primary.place)
    });
    findings.extend(supposed);
    findings
}

fn judge_all(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::Regular) {
        let Some(map) = context.container_map(container) else {
            continue;
        };
        for demand in demands(context.workload, container) {
            let case = Case {
                context,
                container,
                map,
                demand: &demand,
            };
            findings.extend(case.judge());
        }
    }
    findings
}

/// What is found when claims of which nothing is known get a volume that takes `fsGroup`, as most classes make them:
/// warnings.
fn if_classes_take_fs_group(context: &RuleContext<'_>) -> Vec<Finding> {
    let workload = context.workload;
    if workload.pod.security.fs_group.is_none() {
        return Vec::new();
    }
    let containers = workload.pod.containers(Which::Regular);
    let mounts = containers.flat_map(|container| {
        let demanded = demands(workload, container);
        let demanded = demanded.into_iter();
        let demanded = demanded.filter_map(|demand| Some(mount_of(container, &demand.path)?.0));
        let map = context.container_map(container);
        demanded.filter(move |mount| {
            let root = map.and_then(|map| map.paths.iter().find(|path| path.path == *mount.mount_path));
            root.is_some_and(|root| root.fs_group == FsGroupEffect::Unknown)
        })
    });
    let volumes = mounts.filter_map(|mount| Mounted::find(workload, mount));
    let claims: BTreeSet<_> = volumes.filter_map(|volume| claim_of(workload, &volume)).collect();
    if claims.is_empty() {
        return Vec::new();
    }
    let mut facts = context.access.facts.clone();
    for claim in claims {
        let known = facts.claims.entry(claim).or_default();
        *known = ClassVolume {
            source: Some(VolumeKind::Csi),
            fs_type: Some("ext4".to_owned()),
            fs_group_policy: Some("File".to_owned()),
            owner: known.owner.or(Some(Owner { uid: 0, gid: 0 })),
            mode: known.mode.or(Some(Permissions(0o755))),
            ..known.clone()
        };
    }
    let access = Context {
        facts: &facts,
        ..*context.access
    };
    let map = map_pod(&access, workload);
    let supposed = RuleContext {
        access: &access,
        map: &map,
        ..*context
    };
    let findings = judge_all(&supposed).into_iter().map(|finding| {
        let confidence = finding.confidence.max(Confidence::Medium);
        finding
            .with_severity(Severity::Warning)
            .with_confidence(confidence)
            .because(["the class of the volume is not known; most make volumes that take fsGroup".to_owned()])
    });
    findings.collect()
}

/// The claim behind a volume, as `namespace/name`.
fn claim_of(workload: &Workload, volume: &Mounted<'_>) -> Option<String> {
    let namespace = workload.object.namespace.as_deref().unwrap_or("default");
    let claim = match volume.source {
        Source::Template(_) => format!("{}-{}-0", volume.name.value, workload.object.name),
        Source::Volume(VolumeSource::Claim(reference)) => reference.claim_name.value.clone(),
        Source::Volume(_) => return None,
    };
    Some(format!("{namespace}/{claim}"))
}

/// A demand of a container.
struct Case<'a> {
    context: &'a RuleContext<'a>,
    container: &'a Container,
    map: &'a ContainerMap,
    demand: &'a Demand,
}

impl Case<'_> {
    fn judge(&self) -> Option<Finding> {
        let path = self.map.paths.iter().find(|path| path.path == self.demand.path)?;
        let (mount, _) = mount_of(self.container, &self.demand.path)?;
        let volume = Mounted::find(self.context.workload, mount)?;
        // What is there is known even where the way to it may be closed.
        if path.kind.is_some() {
            self.there(path, mount, volume)
        } else {
            self.at_the_second_start(path, mount, volume)
        }
    }

    /// What is there when the container starts.
    fn there(&self, path: &PathMap, mount: &Mount, volume: Mounted<'_>) -> Option<Finding> {
        let mode = self.refused(path)?;
        let uid = self.map.identity.uid;
        if self.demand.if_owned && (uid.is_none() || path.uid != uid) {
            return None;
        }
        let from_object = matches!(
            volume.source,
            Source::Volume(
                VolumeSource::Secret(_) | VolumeSource::ConfigMap(_) | VolumeSource::Projected { .. }
            )
        );
        if !from_object && path.fs_group != FsGroupEffect::Applied {
            return None;
        }
        if (self.demand.repaired && self.may_change(path)) || (from_object && self.is_copied(mount)) {
            return None;
        }
        let mut finding = self.finding(path, mode, mount, &volume, self.demand.confidence);
        if from_object {
            finding = finding.needing([Need {
                kind: NeedKind::File,
                demand: Strict {
                    refused: self.demand.refused,
                },
                ..Need::directory(&self.container.name, &self.demand.path, Purpose::Credential)
            }]);
        }
        Some(finding.with_help(match self.demand.kind {
            _ if from_object => self.cure_of_object(),
            WriteKind::Directory => {
                "keep the data in a directory below the mount, which the program makes itself (for PostgreSQL \
                 `PGDATA`), so that it owns it"
            }
            WriteKind::File => {
                "set the mode in an init container, and `fsGroupChangePolicy: OnRootMismatch`, so that kubelet leaves the \
                 volume alone from then on"
            }
        }))
    }

    /// A file that the program makes: kubelet changes it when the next pod starts.
    fn at_the_second_start(&self, path: &PathMap, mount: &Mount, volume: Mounted<'_>) -> Option<Finding> {
        if path.fs_group != FsGroupEffect::Applied || path.lifetime != Lifetime::Claim || self.demand.if_owned
        {
            return None;
        }
        let facts = self.after_the_first_start(mount, volume)?;
        let later = self.mapped(&facts, self.context.workload)?;
        let mode = self.refused(&later)?;
        if self.demand.repaired && self.may_change(&later) {
            return None;
        }
        let mut kept = self.context.workload.clone();
        kept.pod_mut().security.fs_group_change_policy =
            Some(Spanned::new("OnRootMismatch".to_owned(), Span::default()));
        let helps = self
            .mapped(&facts, &kept)
            .is_some_and(|path| path.mode.is_some() && self.refused(&path).is_none());
        let help = if helps {
            "set `fsGroupChangePolicy: OnRootMismatch`, so that kubelet leaves the volume alone after the first start; or \
             set the mode in an init container"
        } else {
            "set the mode in an init container at each start"
        };
        let confidence = self.demand.confidence.max(Confidence::Medium);
        let mut finding = self.finding(&later, mode, mount, &volume, confidence);
        if helps {
            finding = finding.asking(Correction::GroupOnce {
                volumes: vec![volume.name.value.clone()],
            });
        }
        Some(
            finding
                .because(["the program has made the file, and the pod starts again".to_owned()])
                .with_help(help),
        )
    }

    fn finding(
        &self,
        path: &PathMap,
        mode: u16,
        mount: &Mount,
        volume: &Mounted<'_>,
        confidence: Confidence,
    ) -> Finding {
        let (context, demand) = (self.context, self.demand);
        let group = context.workload.pod.security.fs_group;
        let group = group.filter(|_| path.fs_group == FsGroupEffect::Applied);
        let default_mode = default_mode(volume);
        let cause = match (group, default_mode) {
            (_, Some(None)) => "the default of `defaultMode`, 0644,".to_owned(),
            (_, Some(Some(field))) if field.value & i64::from(demand.refused) != 0 => {
                "`defaultMode`".to_owned()
            }
            (Some(group), _) => format!("`fsGroup: {}`", group.value),
            _ => "its volume".to_owned(),
        };
        let message = format!(
            "container `{}`: {cause} makes `{}` {mode:04o}, which {} does not accept",
            self.container.name.value, demand.path, demand.reader
        );
        let label = format!("mode {mode:04o}: bits {:04o} are refused", mode & demand.refused);
        let mut finding = Finding::new(&RULE, context.workload, message, mount.span, label)
            .in_container(&self.container.name)
            .with_confidence(confidence)
            .because([format!(
                "{} refuses the bits {:03o} ({})",
                demand.reader, demand.refused, demand.source
            )]);
        if demand.confidence == Confidence::Low {
            finding = finding.with_severity(Severity::Warning);
        }
        if let Some(group) = group {
            let root = self.map.paths.iter().find(|path| path.path == *mount.mount_path);
            let steps = root.map_or(&[][..], |root| &root.create.why);
            finding = finding
                .because(steps.iter().filter(|step| step.contains("fsGroup")).cloned())
                .because([
                    "fsGroup adds 0660 to the mode of every file, in a Secret and its like 0440, and 2770 to directories"
                        .to_owned(),
                ])
                .related(context.place(group.span), "the group that is added");
        }
        if let Some(Some(field)) = default_mode {
            finding = finding.related(context.place(field.span), "the mode that is asked for");
        }
        volume.explain(context, finding)
    }

    /// The mode, when it has bits that are refused, and what is there is what the demand is about.
    fn refused(&self, path: &PathMap) -> Option<u16> {
        let kind = match self.demand.kind {
            WriteKind::Directory => FileKind::Directory,
            WriteKind::File => FileKind::File,
        };
        let mode = path.mode?;
        (path.kind == Some(kind) && mode & self.demand.refused != 0).then_some(mode)
    }

    /// Whether the process may change the mode, or that is not known.
    fn may_change(&self, path: &PathMap) -> bool {
        let identity = &self.map.identity;
        let capable = identity
            .capabilities
            .as_ref()
            .is_none_or(|capabilities| capabilities.contains(&Capability::FOWNER));
        let owns = match (identity.uid, path.uid) {
            (Some(uid), Some(owner)) => uid == owner,
            _ => true,
        };
        owns || capable
    }

    /// Whether a script copies the file, or all of its volume, to a place of its own.
    fn is_copied(&self, mount: &Mount) -> bool {
        self.context
            .workload
            .pod
            .containers(Which::Regular)
            .any(|container| {
                let mounts = container.mounts.iter().filter(|other| *other.name == *mount.name);
                let places: Vec<&str> = mounts.map(|mount| mount.mount_path.as_str()).collect();
                self.context.commands(container).iter().any(|command| {
                    let copies = matches!(
                        command.name.as_str(),
                        "cp" | "install" | "cat" | "rsync" | "tar" | "mv"
                    ) || agent_call(command).is_some_and(|call| call.verb == "seed");
                    copies
                        && command
                            .arguments
                            .iter()
                            .any(|argument| places.iter().any(|place| is_within(&argument.start, place)))
                })
            })
    }

    fn cure_of_object(&self) -> &'static str {
        let is_root = self.map.identity.uid == Some(0);
        if is_root && self.context.workload.pod.security.fs_group.is_none() {
            "set `defaultMode: 0400`: the files belong to root"
        } else {
            "copy the file in an init container that runs as the same user (`install -m 0400`) to an `emptyDir`: no mode of \
             the volume is strict and lets this user read it"
        }
    }

    /// The facts, with the volume as it is when the program has run once.
    fn after_the_first_start(&self, mount: &Mount, volume: Mounted<'_>) -> Option<Facts> {
        let workload = self.context.workload;
        let claim = claim_of(workload, &volume)?;
        let identity = &self.map.identity;
        let uid = identity.uid.or(self.demand.writer)?;
        let group = workload.pod.security.fs_group.map(|group| group.value);
        let group = group.and_then(|group| u32::try_from(group).ok())?;
        let kind = match self.demand.kind {
            WriteKind::Directory => EntryType::Directory,
            WriteKind::File => EntryType::File,
        };
        let bits = if kind == EntryType::Directory {
            0o700
        } else {
            0o600
        };
        let made = PathFact {
            owner: Some(Owner { uid, gid: group }),
            mode: Some(Permissions(bits)),
            kind,
        };
        let rest = below(&mount.mount_path, &self.demand.path)?;
        let inside = in_volume(mount, rest)?;
        let inside = inside.trim_start_matches('/').to_owned();
        if inside.is_empty() {
            return None;
        }
        let mut facts = self.context.access.facts.clone();
        let known = facts.claims.entry(claim).or_default();
        *known = ClassVolume {
            owner: Some(Owner { uid: 0, gid: group }),
            mode: Some(Permissions(0o2775)),
            contents: BTreeMap::from([(inside, made)]),
            ..known.clone()
        };
        Some(facts)
    }

    /// The demanded path in the map of a workload under other facts.
    fn mapped(&self, facts: &Facts, workload: &Workload) -> Option<PathMap> {
        let paths = [self.demand.path.clone()];
        let access = Context {
            facts,
            extra_paths: &paths,
            ..*self.context.access
        };
        let map = map_pod(&access, workload);
        let mut containers = map.containers.into_iter();
        let container = containers.find(|map| map.name == self.map.name)?;
        container
            .paths
            .into_iter()
            .find(|path| path.path == self.demand.path)
    }
}

/// `defaultMode` of a volume that has one, when it is written.
fn default_mode(volume: &Mounted<'_>) -> Option<Option<Spanned<i64>>> {
    match volume.source {
        Source::Volume(VolumeSource::Secret(secret)) => Some(secret.default_mode),
        Source::Volume(VolumeSource::ConfigMap(map)) => Some(map.default_mode),
        Source::Volume(VolumeSource::Projected { default_mode, .. }) => Some(*default_mode),
        Source::Volume(_) | Source::Template(_) => None,
    }
}
