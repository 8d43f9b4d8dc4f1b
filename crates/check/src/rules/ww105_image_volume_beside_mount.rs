// SPDX-License-Identifier: Apache-2.0
//! # WW105 image-volume-beside-mount
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds volumes that are mounted above or below a directory which the image declares as a `VOLUME`, when the runtime
//! makes an anonymous volume there. Facts of the image tell its `VOLUME` directories; those of well-known images (the
//! databases among Docker's official images, and some more) are known without, for volumes above, and the confidence
//! is medium then. With CRI-O, which makes no such volumes, nothing is reported.
//!
//! - A volume above: the anonymous volume stands in it and takes what the program writes. It is an error for volumes
//!   that outlive the pod, a warning for an `emptyDir`. The confidence is high where the image is known to keep its data
//!   there, and medium otherwise.
//! - A volume that outlives the pod below: what the program writes beside it is lost. This is an information.
//!
//! A volume mounted at the declared directory itself takes its place, as it should. Nothing is said about volumes that
//! are only read, or when a variable or an argument names another directory of the mounted volume, where the program
//! will keep its data.
//!
//! ## Why is this bad
//!
//! A PersistentVolumeClaim is bound and mounted, the database works, and its data is in a directory that the runtime
//! removes with the container: after the first restart it is empty. The usual case is PostgreSQL up to 17, whose image
//! has `VOLUME /var/lib/postgresql/data`, with a claim mounted at `/var/lib/postgresql`.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: postgres
//!     image: postgres:17.6             # VOLUME /var/lib/postgresql/data
//!     volumeMounts:
//!       - name: data
//!         mountPath: /var/lib/postgresql
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: postgres
//!     image: postgres:17.6
//!     volumeMounts:
//!       - name: data
//!         mountPath: /var/lib/postgresql/data
//!         subPath: data                # a directory of its own, without lost+found
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## References
//!
//! - containerd: `internal/cri/server/container_create.go`, volumeMounts; `pkg/oci` WithVolumes
//! - CRI-O: `server/container_create.go`, addImageVolumes
//! - OCI image specification: `config.md`, Volumes

use std::cell::OnceCell;
use std::path::Path;

use writeway_access::path::clean;
use writeway_access::{ContainerMap, Lifetime, PathMap, PodMap};
use writeway_facts::knowledge::{Knowledge, Persistence, declared_volumes, lookup};
use writeway_manifest::{Container, EnvSource, Mount, Which};

use crate::evidence::known_config::map_with_known_configs;
use crate::evidence::mounted::Mounted;
use crate::mount_path::{is_within, mount_of};
use crate::{Confidence, Correction, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww105_image_volume_beside_mount.rs"), run);

/// What the map calls a path on an anonymous volume.
const IMAGE_VOLUME: &str = "imageVolume";

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known = OnceCell::new();
    for container in context.workload.pod.containers(Which::Regular) {
        let image = container.image.as_ref().map_or("", |image| image.as_str());
        let facts = context.access.facts.image(image);
        let Some(volumes) = facts.and_then(|image| image.volumes.as_ref()) else {
            findings.extend(shadowed_as_known(context, container, &known));
            continue;
        };
        let Some(map) = context.container_map(container) else {
            continue;
        };
        for declared in volumes.iter().filter_map(|volume| anonymous(map, volume)) {
            match mount_of(container, &declared.path) {
                Some((mount, _)) => findings.extend(shadowed(context, container, map, declared, mount)),
                None => findings.extend(left_out(context, container, map, declared)),
            }
        }
    }
    findings
}

/// The mounts above directories that a well-known image declares, though no fact says so. What is left out is not said
/// then: keeping a part of such a directory is mostly meant.
fn shadowed_as_known(
    context: &RuleContext<'_>,
    container: &Container,
    known: &OnceCell<Option<PodMap>>,
) -> Vec<Finding> {
    let image = container.image.as_ref().map_or("", |image| image.as_str());
    let mut findings = Vec::new();
    for volume in declared_volumes(image) {
        let Some((mount, _)) = mount_of(container, volume).filter(|(_, rest)| !rest.is_empty()) else {
            continue;
        };
        let Some(map) = known.get_or_init(|| map_with_known_configs(context)) else {
            continue;
        };
        let mut maps = map.containers.iter();
        let Some(map) = maps.find(|map| map.name == *container.name) else {
            continue;
        };
        if let Some(declared) = anonymous(map, volume) {
            let finding = shadowed(context, container, map, declared, mount);
            findings.extend(finding.map(|finding| finding.with_confidence(Confidence::Medium)));
        }
    }
    findings
}

/// The anonymous volume that the runtime makes at a declared directory, if it does.
fn anonymous<'a>(map: &'a ContainerMap, volume: &str) -> Option<&'a PathMap> {
    let volume = clean(volume);
    let mut paths = map.paths.iter();
    paths.find(|path| path.path == volume && path.source == IMAGE_VOLUME)
}

/// A mount in which an anonymous volume stands.
fn shadowed(
    context: &RuleContext<'_>,
    container: &Container,
    map: &ContainerMap,
    declared: &PathMap,
    mount: &Mount,
) -> Option<Finding> {
    let lifetime = lifetime_if_written(context, map, mount)?;
    let directory = clean(&mount.mount_path);
    if names_another_directory(container, &directory, &declared.path) {
        return None;
    }
    let severity = if outlives_the_pod(lifetime) {
        RULE.severity
    } else {
        Severity::Warning
    };
    let message = format!(
        "what container `{}` writes to `{}` does not go to volume `{}` at `{directory}`: the image declares a VOLUME there",
        container.name.value, declared.path, mount.name.value
    );
    let kept = image_keeps_data(container, &declared.path);
    let why = match kept {
        Some(source) => format!("the image is known to keep its data there ({source})"),
        None => "the image declares it for data".to_owned(),
    };
    let finding = Finding::new(
        &RULE,
        context.workload,
        message,
        mount.mount_path.span,
        format!("`{}` in it is lost with the container", declared.path),
    )
    .in_container(&container.name)
    .with_severity(severity)
    .with_confidence(if kept.is_some() {
        Confidence::High
    } else {
        Confidence::Medium
    })
    .because(declared.create.why.first().cloned())
    .because([why])
    .with_help(format!(
        "mount the volume at `{}` itself, or tell the program to use another directory of it",
        declared.path
    ))
    .asking(Correction::MountDeclared {
        mounted: directory,
        directory: declared.path.clone(),
    });
    Some(with_places(context, container, mount, finding))
}

/// A mount below an anonymous volume, which keeps only a part.
fn left_out(
    context: &RuleContext<'_>,
    container: &Container,
    map: &ContainerMap,
    declared: &PathMap,
) -> Option<Finding> {
    let below = container.mounts.iter().find(|mount| {
        is_within(&mount.mount_path, &declared.path)
            && lifetime_if_written(context, map, mount).is_some_and(outlives_the_pod)
    })?;
    let message = format!(
        "container `{}` keeps `{}` in volume `{}`, but the rest of `{}`, which the image declares as a VOLUME, is lost \
         with the container",
        container.name.value,
        clean(&below.mount_path),
        below.name.value,
        declared.path
    );
    let finding = Finding::new(
        &RULE,
        context.workload,
        message,
        below.mount_path.span,
        format!("only a part of `{}`", declared.path),
    )
    .in_container(&container.name)
    .with_severity(Severity::Info)
    .because(declared.create.why.first().cloned())
    .with_help(format!(
        "if the program keeps data beside it, mount the volume at `{}`",
        declared.path
    ));
    Some(with_places(context, container, below, finding))
}

fn with_places(context: &RuleContext<'_>, container: &Container, mount: &Mount, finding: Finding) -> Finding {
    let finding = match Mounted::find(context.workload, mount) {
        Some(volume) => volume.explain(context, finding),
        None => finding,
    };
    match &container.image {
        Some(image) => finding.related(context.place(image.span), "declares the VOLUME"),
        None => finding,
    }
}

/// How long what is written to a mount lives; `None` when it is only read.
fn lifetime_if_written(context: &RuleContext<'_>, map: &ContainerMap, mount: &Mount) -> Option<Lifetime> {
    let volume = Mounted::find(context.workload, mount)?;
    if volume.is_read_only() || mount.read_only.is_some_and(|read_only| read_only.value) {
        return None;
    }
    let path = clean(&mount.mount_path);
    let mounted = map.paths.iter().find(|entry| entry.path == path)?;
    Some(mounted.lifetime)
}

fn outlives_the_pod(lifetime: Lifetime) -> bool {
    matches!(lifetime, Lifetime::Claim | Lifetime::Node | Lifetime::External)
}

/// Whether a variable or an argument names a directory of the mount that is not in the anonymous volume.
fn names_another_directory(container: &Container, mounted: &str, declared: &str) -> bool {
    let variables = container
        .env
        .iter()
        .filter_map(|variable| match &variable.source {
            EnvSource::Value(value) => Some(value.as_str()),
            _ => None,
        });
    let words = container
        .command
        .iter()
        .flatten()
        .chain(container.args.iter().flatten());
    let inside = format!("{mounted}/");
    let another = |text: &str| {
        text.match_indices(&inside).any(|(at, _)| {
            let named = Path::new(&text[at..]);
            !named.starts_with(declared)
        })
    };
    variables.chain(words.map(|word| word.as_str())).any(another)
}

/// The source of the table's row that says that the image keeps data in the directory.
fn image_keeps_data(container: &Container, directory: &str) -> Option<&'static str> {
    let Knowledge::Known(writes) = lookup(container.image.as_ref()?) else {
        return None;
    };
    let data = writes.iter().find(|write| {
        write.persistence == Persistence::Data
            && write
                .path
                .is_some_and(|path| Path::new(path).starts_with(directory))
    });
    data.map(|write| write.source)
}
