// SPDX-License-Identifier: Apache-2.0
//! # WW103 known-path-not-writable
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds containers that cannot write to a path to which their image is known to write: a cache, a pid file, a socket,
//! data. The table of known images says which; what the software can do without is left out.
//!
//! The confidence is high when image facts show that no `VOLUME` makes the path writable after all, or when the path is
//! on a volume that is mounted with `readOnly: true`. It is medium without these facts, for data (a program can be told to
//! keep it elsewhere), for rows of the table taken from charts, when a ConfigMap or Secret is mounted (the program may be
//! configured to write elsewhere), and when `command` names the image's own program. It is low with another `command`,
//! for directories that a well-known image declares as `VOLUME` though no fact says so, for rows that were not verified,
//! for data when a volume is mounted for it elsewhere or no fact tells of a `VOLUME`, and for paths on a ConfigMap or
//! Secret, since what the program would write is given there.
//!
//! Other rules come first, so that nothing is said twice: directories for temporary files are WW101's where there is no
//! writable one, and a volume that is mounted read-write and cannot be written is WW201's.
//!
//! ## Why is this bad
//!
//! With `readOnlyRootFilesystem: true`, or another user than the image expects, the program fails at its start: nginx
//! cannot make its cache directories or its pid file, a database not its socket.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: web
//!     image: nginx:1.29.0
//!     securityContext:
//!       readOnlyRootFilesystem: true
//!     volumeMounts:
//!       - name: tmp
//!         mountPath: /tmp
//! volumes:
//!   - name: tmp
//!     emptyDir: {}
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: web
//!     image: nginx:1.29.0
//!     securityContext:
//!       readOnlyRootFilesystem: true
//!     volumeMounts:
//!       - name: tmp
//!         mountPath: /tmp
//!       - name: cache
//!         mountPath: /var/cache/nginx
//!       - name: run
//!         mountPath: /var/run
//! volumes:
//!   - name: tmp
//!     emptyDir: {}
//!   - name: cache
//!     emptyDir: {}
//!   - name: run
//!     emptyDir: {}
//! ```
//!
//! ## References
//!
//! - The table of known images: `crates/facts/data/image-writes.tsv`, each row with its source
//! - Kubernetes: "Configure a Security Context for a Pod or Container"

use std::path::Path;

use writeway_access::{ContainerMap, Lifetime, PathMap, Tri, Verdict};
use writeway_facts::Facts;
use writeway_facts::knowledge::{
    self, Knowledge, KnownWrite, Persistence, WriteKind, declared_volumes, lookup,
};
use writeway_manifest::{Container, Mount, Role, VolumeSource, Which, Workload};

use crate::evidence::image_program::ImageProgram;
use crate::evidence::mounted::{Mounted, Source};
use crate::evidence::temp;
use crate::evidence::writing::{errno_note, path_of_mount, write_verdict};
use crate::need::parent;
use crate::{Confidence, Demand, Finding, Need, NeedKind, Purpose, Rule, RuleContext};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww103_known_path_not_writable.rs"), run).asking_for(parents);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::Regular);
    containers
        .flat_map(|container| judge(context, container))
        .collect()
}

/// The directories in which single files are made.
fn parents(workload: &Workload, _: &Facts) -> Vec<String> {
    let containers = workload.pod.containers(Which::Regular);
    let files = containers
        .flat_map(known_writes)
        .filter(|write| write.kind == WriteKind::File);
    files
        .filter_map(|write| Some(parent(write.path?).to_owned()))
        .collect()
}

/// What the container's image has to write.
fn known_writes(container: &Container) -> Vec<&'static KnownWrite> {
    let image = container.image.as_ref().map_or("", |image| image.as_str());
    match lookup(image) {
        Knowledge::Known(writes) => writes.into_iter().filter(|write| !write.optional).collect(),
        Knowledge::Unknown => Vec::new(),
    }
}

/// A path that cannot be written.
struct Refused<'a> {
    write: &'static KnownWrite,
    path: &'a PathMap,
    verdict: &'a Verdict,
    /// Index of the mount that it is on; none is the image's own file system.
    mount: Option<usize>,
    confidence: Confidence,
}

/// One finding for each mount, and one for the image's own file system.
fn judge(context: &RuleContext<'_>, container: &Container) -> Vec<Finding> {
    let Some(map) = context.container_map(container) else {
        return Vec::new();
    };
    let mut refused: Vec<_> = known_writes(container)
        .into_iter()
        .filter_map(|write| refusal(context, container, map, write))
        .collect();
    let mut findings = Vec::new();
    while let Some(mount) = refused.first().map(|refused| refused.mount) {
        let here: Vec<_> = refused.extract_if(.., |refused| refused.mount == mount).collect();
        findings.extend(report(context, container, map, mount, &here));
    }
    findings
}

fn refusal<'a>(
    context: &RuleContext<'_>,
    container: &Container,
    map: &'a ContainerMap,
    write: &'static KnownWrite,
) -> Option<Refused<'a>> {
    let wanted = write.path?;
    let path = map.paths.iter().find(|path| path.path == wanted)?;
    let verdict = verdict(map, write, path).filter(|verdict| verdict.tri() == Tri::No)?;
    // The program makes a directory that is missing, wherever it can.
    if path.exists == Tri::No && path.read_only != Some(true) && write.kind == WriteKind::Directory {
        return None;
    }
    // The program makes a file that is missing; this one is given.
    let given = mount_of(container, path).is_some_and(|(_, mount)| is_given(context, mount));
    if write.kind == WriteKind::File && given {
        return None;
    }
    // Another user than the map's writes there, after an entry point that is root prepared it.
    let hands_over = write.drop_uid.is_some() && map.identity.uid != write.drop_uid;
    if hands_over && map.identity.uid == Some(0) && path.read_only != Some(true) {
        return None;
    }
    if is_temp_of_another_rule(context, container, map, wanted)
        || is_mount_of_another_rule(context, container, map, path)
    {
        return None;
    }
    Some(Refused {
        write,
        path,
        verdict,
        mount: path.mount,
        confidence: confidence(context, container, map, write, path),
    })
}

/// Making files in a directory; overwriting a file, or making it.
fn verdict<'a>(map: &'a ContainerMap, write: &KnownWrite, path: &'a PathMap) -> Option<&'a Verdict> {
    match (write.kind, path.exists) {
        (WriteKind::File, Tri::No) => {
            let parent = parent(&path.path);
            let directory = map.paths.iter().find(|path| path.path == parent)?;
            Some(&directory.create)
        }
        (WriteKind::File, _) => Some(&path.overwrite.verdict),
        (WriteKind::Directory, _) => Some(&path.create),
    }
}

/// Whether the path is in a directory for temporary files and WW101 reports that there is none, or a variable names
/// another one that may do.
fn is_temp_of_another_rule(
    context: &RuleContext<'_>,
    container: &Container,
    map: &ContainerMap,
    wanted: &str,
) -> bool {
    let facts = context.access.facts;
    let Some(directories) = temp::directories(map, container, facts, &temp::WELL_KNOWN) else {
        return temp::WELL_KNOWN
            .iter()
            .any(|path| Path::new(wanted).starts_with(path));
    };
    let within = |directory: &&PathMap| Path::new(wanted).starts_with(&directory.path);
    if !directories.iter().any(within) {
        return false;
    }
    let writable = |directory: &&PathMap| directory.create.tri() != Tri::No;
    let named = temp::named(container, facts).unwrap_or_default();
    let another = directories
        .iter()
        .filter(|directory| named.contains(&directory.path))
        .any(writable);
    let none = map.read_only_root && !directories.iter().any(writable);
    another || none
}

/// Whether the path is on a mount that is not writable as a whole, which WW201 reports of long-running containers.
fn is_mount_of_another_rule(
    context: &RuleContext<'_>,
    container: &Container,
    map: &ContainerMap,
    path: &PathMap,
) -> bool {
    let Some((index, mount)) = mount_of(container, path) else {
        return false;
    };
    let read_only = mount.read_only.is_some_and(|read_only| read_only.value)
        || Mounted::find(context.workload, mount).is_none_or(|volume| volume.is_read_only());
    let refused = path_of_mount(map, index).is_some_and(|root| write_verdict(root).tri() == Tri::No);
    container.role != Role::Init && !read_only && refused
}

fn mount_of<'a>(container: &'a Container, path: &PathMap) -> Option<(usize, &'a Mount)> {
    let index = path.mount?;
    Some((index, container.mounts.get(index)?))
}

fn confidence(
    context: &RuleContext<'_>,
    container: &Container,
    map: &ContainerMap,
    write: &KnownWrite,
    path: &PathMap,
) -> Confidence {
    // Greater is less sure.
    let mut confidence = match write.confidence {
        knowledge::Confidence::High => Confidence::High,
        knowledge::Confidence::Medium => Confidence::Medium,
        knowledge::Confidence::Low => Confidence::Low,
    };
    let image = container.image.as_ref().map_or("", |image| image.as_str());
    confidence = confidence.max(match ImageProgram::of(context, container) {
        ImageProgram::Entrypoint => Confidence::High,
        ImageProgram::Named => Confidence::Medium,
        ImageProgram::Other => Confidence::Low,
    });
    // A program that is configured may write elsewhere.
    if container.mounts.iter().any(|mount| is_given(context, mount)) {
        confidence = confidence.max(Confidence::Medium);
    }
    let data = write.persistence == Persistence::Data;
    if data {
        confidence = confidence.max(if keeps_data_elsewhere(container, map, write) {
            Confidence::Low
        } else {
            Confidence::Medium
        });
    }
    match mount_of(container, path) {
        None => {
            let facts = context.access.facts.image(image);
            if facts.is_none_or(|facts| facts.volumes.is_none()) {
                // Data is what images declare VOLUMEs for.
                let declared = data || is_declared(image, &path.path);
                confidence = confidence.max(if declared {
                    Confidence::Low
                } else {
                    Confidence::Medium
                });
            }
        }
        Some((_, mount)) if is_given(context, mount) => confidence = Confidence::Low,
        Some(_) => {}
    }
    confidence
}

/// Whether a well-known image declares a `VOLUME` there, which containerd makes writable whatever the root file system is.
fn is_declared(image: &str, path: &str) -> bool {
    declared_volumes(image)
        .iter()
        .any(|volume| Path::new(path).starts_with(volume))
}

/// Whether a volume that outlives the pod is mounted elsewhere, and may be written.
fn keeps_data_elsewhere(container: &Container, map: &ContainerMap, write: &KnownWrite) -> bool {
    let wanted = write.path.unwrap_or_default();
    (0..container.mounts.len())
        .filter_map(|index| path_of_mount(map, index))
        .any(|mounted| {
            !Path::new(wanted).starts_with(&mounted.path)
                && matches!(
                    mounted.lifetime,
                    Lifetime::Claim | Lifetime::Node | Lifetime::External
                )
                && mounted.create.tri() != Tri::No
        })
}

/// Whether the volume's files come from an object or an image.
fn is_given(context: &RuleContext<'_>, mount: &Mount) -> bool {
    let Some(volume) = Mounted::find(context.workload, mount) else {
        return true;
    };
    let Source::Volume(source) = volume.source else {
        return false;
    };
    matches!(
        source,
        VolumeSource::Secret(_)
            | VolumeSource::ConfigMap(_)
            | VolumeSource::DownwardApi { .. }
            | VolumeSource::Projected { .. }
            | VolumeSource::Image(_)
    )
}

fn report(
    context: &RuleContext<'_>,
    container: &Container,
    map: &ContainerMap,
    mount: Option<usize>,
    refused: &[Refused<'_>],
) -> Option<Finding> {
    let best = refused.iter().map(|refused| refused.confidence).min()?;
    let refused: Vec<_> = refused
        .iter()
        .filter(|refused| refused.confidence == best)
        .collect();
    let first = refused.first()?;
    let image = container.image.as_ref()?;
    let paths: Vec<_> = refused
        .iter()
        .map(|refused| format!("`{}`", refused.path.path))
        .collect();
    let paths = match paths.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => paths.concat(),
    };
    let message = format!(
        "container `{}` cannot write to {paths}, as image `{}` is known to do",
        container.name.value, image.value
    );
    let pod = &context.workload.pod.security;
    let root = container
        .security
        .read_only_root_filesystem
        .filter(|field| field.value);
    let user = container.security.run_as_user.or(pod.run_as_user);
    let mounted = mount.and_then(|index| container.mounts.get(index));
    let errno = errno_note(first.verdict);
    let (span, label) = match (mounted, root, user) {
        (Some(mount), _, _) => (
            mount.read_only.map_or(mount.span, |field| field.span),
            format!("not writable{errno}"),
        ),
        (None, Some(root), _) => (root.span, format!("makes {paths} read-only")),
        (None, None, Some(user)) => (
            user.span,
            format!("uid {} may not write there{errno}", user.value),
        ),
        (None, None, None) => (container.name.span, format!("may not write there{errno}")),
    };
    let mut steps: Vec<String> = Vec::new();
    for step in refused.iter().flat_map(|refused| &refused.verdict.why) {
        if !steps.contains(step) {
            steps.push(step.clone());
        }
    }
    let known = refused.iter().map(|refused| {
        format!(
            "image `{}` writes to {}: {} ({})",
            image.value, refused.path.path, refused.write.purpose, refused.write.source
        )
    });
    steps.extend(known);
    let mut finding = Finding::new(&RULE, context.workload, message, span, label)
        .in_container(&container.name)
        .with_confidence(best)
        .because(steps)
        .with_help(help(map, mounted.is_some(), &refused, &paths))
        .needing(refused.iter().map(|refused| need(container, refused)))
        .related(context.place(image.span), "the image");
    if let Some(volume) = mounted.and_then(|mount| Mounted::find(context.workload, mount)) {
        finding = volume.explain(context, finding);
    }
    Some(finding)
}

fn need(container: &Container, refused: &Refused<'_>) -> Need {
    let write = refused.write;
    let purpose = match write.persistence {
        Persistence::Temporary => Purpose::Temp,
        Persistence::Run => Purpose::Run,
        Persistence::Cache => Purpose::Cache,
        Persistence::Data => Purpose::Data,
    };
    Need {
        kind: match write.kind {
            WriteKind::Directory => NeedKind::Directory,
            WriteKind::File => NeedKind::File,
        },
        demand: if write.sticky {
            Demand::Sticky
        } else {
            Demand::Writable
        },
        prefill: write.prefill,
        ..Need::directory(&container.name, &refused.path.path, purpose)
    }
}

fn help(map: &ContainerMap, mounted: bool, refused: &[&Refused<'_>], paths: &str) -> String {
    let who = crate::evidence::writing::who(map);
    if mounted {
        return format!("mount a volume that {who} can write to at {paths}, and without `readOnly: true`");
    }
    let kept = refused
        .iter()
        .any(|refused| refused.write.persistence == Persistence::Data);
    let volume = if kept {
        "a volume that outlives the pod"
    } else {
        "an `emptyDir`"
    };
    let prefill = refused.iter().find(|refused| refused.write.prefill);
    let copy = prefill.map_or(String::new(), |refused| {
        format!(
            "; the image has files in `{}`: let an init container copy them first",
            refused.path.path
        )
    });
    format!("mount {volume} that {who} can write to at {paths}{copy}")
}
