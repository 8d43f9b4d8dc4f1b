// SPDX-License-Identifier: Apache-2.0
//! # WW104 empty-volume-hides-image-files
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds `emptyDir` volumes mounted over a directory in which the image ships files, when nothing puts files into the
//! volume: no other container of the pod can write to it, no command of the container names a path in it, and nothing
//! is mounted below. An init container whose commands only make directories, and change owners and modes, does not
//! count.
//!
//! That there are files is known from facts of the image, or from the table of known images. What the table knows the
//! program needs is a warning. Files that only the facts list are an information of medium confidence, since the
//! program may do without them or make them anew; directories for what comes and goes (`/tmp`, `/run`, `/var/cache`,
//! `/var/log` …) are left out. The confidence is lower where the table's row was not verified, the container has
//! another `command` than the image's own, or an init container makes directories in the volume.
//!
//! ## Why is this bad
//!
//! A volume is not a layer above the image's directory, but stands in its place. An `emptyDir` that is meant to make a
//! configuration directory writable takes away the configuration: the program does not start, or starts with its
//! defaults. Docker copies the image's files into a new volume; Kubernetes does not.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: search
//!     image: elasticsearch:8.18.1
//!     volumeMounts:
//!       - name: config
//!         mountPath: /usr/share/elasticsearch/config
//! volumes:
//!   - name: config
//!     emptyDir: {}
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! initContainers:
//!   - name: copy-config
//!     image: elasticsearch:8.18.1
//!     command: [cp, -Rf, /usr/share/elasticsearch/config/., /config]
//!     volumeMounts:
//!       - name: config
//!         mountPath: /config
//! containers:
//!   - name: search
//!     image: elasticsearch:8.18.1
//!     volumeMounts:
//!       - name: config
//!         mountPath: /usr/share/elasticsearch/config
//! volumes:
//!   - name: config
//!     emptyDir: {}
//! ```
//!
//! Not `cp -a`: the volume's root directory belongs to root, and GNU `cp -a` fails for another user, who cannot give it the
//! times of its source.
//!
//! ## References
//!
//! - Kubernetes: "Volumes": a volume mounted at a path hides what the image has there
//! - Docker: "Volumes", populate a volume using a container

use std::path::Path;

use writeway_access::path::clean;
use writeway_facts::knowledge::{self, Knowledge, WriteKind, lookup};
use writeway_facts::{EntryType, ImageFacts};
use writeway_manifest::{Container, Mount, Role, VolumeSource, Which};

use crate::evidence::contents::{fills_no_file, makes_directories};
use crate::evidence::transient::is_transient;
use crate::{Confidence, Finding, Need, Purpose, Rule, RuleContext, Severity};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww104_empty_volume_hides_image_files.rs"), run);

/// Directories that an entry point fills when another is mounted (nginxinc/docker-nginx,
/// entrypoint/20-envsubst-on-templates.sh).
const FILLED_FROM: &[(&str, &str)] = &[("/etc/nginx/conf.d", "/etc/nginx/templates")];
/// Files that are named.
const SHOWN: usize = 3;

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::Regular);
    let mounts =
        containers.flat_map(|container| container.mounts.iter().map(move |mount| (container, mount)));
    mounts
        .filter_map(|(container, mount)| judge(context, container, mount))
        .collect()
}

fn judge(context: &RuleContext<'_>, container: &Container, mount: &Mount) -> Option<Finding> {
    let volume = context.workload.pod.volume(&mount.name)?;
    let VolumeSource::EmptyDir(_) = volume.source else {
        return None;
    };
    let image = container.image.as_ref()?;
    let path = clean(&mount.mount_path);
    let hidden = Hidden::of(image, context.access.facts.image(image), &path)?;
    if is_filled(context, container, mount, &path) {
        return None;
    }
    let confidence = match hidden.confidence {
        Confidence::High if container.command.is_some() || is_prepared(context, mount) => Confidence::Medium,
        other => other,
    };
    let message = format!(
        "an empty volume hides what image `{}` has in `{path}` of container `{}`",
        image.value, container.name.value
    );
    Some(
        Finding::new(
            &RULE,
            context.workload,
            message,
            mount.mount_path.span,
            "nothing puts files here",
        )
        .in_container(&container.name)
        .with_severity(hidden.severity)
        .with_confidence(confidence)
        .because([hidden.why])
        .with_help(format!(
            "let an init container with the same image copy them first (`cp -Rf {path}/. /copy`, with the volume at \
             `/copy`), or mount single files over them with `subPath`"
        ))
        .needing([Need {
            prefill: true,
            ..Need::directory(&container.name, &path, Purpose::Run)
        }])
        .related(context.place(volume.name.span), "the volume is new for each pod")
        .related(context.place(image.span), "the image"),
    )
}

/// What an empty volume takes away.
struct Hidden {
    severity: Severity,
    confidence: Confidence,
    why: String,
}

impl Hidden {
    fn of(image: &str, facts: Option<&ImageFacts>, path: &str) -> Option<Self> {
        let files = facts.map(|facts| files_below(facts, path)).unwrap_or_default();
        if facts.is_some_and(|facts| facts.complete) && files.is_empty() {
            return None;
        }
        Self::from_table(image, path).or_else(|| Self::from_files(image, path, &files))
    }

    fn from_table(image: &str, path: &str) -> Option<Self> {
        let Knowledge::Known(writes) = lookup(image) else {
            return None;
        };
        let needed = |write: &&&knowledge::KnownWrite| {
            write.prefill
                && write.kind == WriteKind::Directory
                && write
                    .path
                    .is_some_and(|needed| Path::new(needed).starts_with(path))
        };
        let write = writes
            .iter()
            .filter(needed)
            .max_by_key(|write| write.confidence)?;
        let confidence = match write.confidence {
            knowledge::Confidence::High => Confidence::High,
            // A chart mounts an emptyDir there: the image's entry point fills it.
            knowledge::Confidence::Medium => return None,
            knowledge::Confidence::Low => Confidence::Low,
        };
        Some(Self {
            severity: RULE.severity,
            confidence,
            why: format!(
                "image `{image}` is known to ship files in {}: {} ({})",
                write.path.unwrap_or_default(),
                write.purpose,
                write.source
            ),
        })
    }

    fn from_files(image: &str, path: &str, files: &[&str]) -> Option<Self> {
        if files.is_empty() || is_transient(path) {
            return None;
        }
        let named: Vec<_> = files.iter().take(SHOWN).map(|file| format!("`{file}`")).collect();
        let more = match files.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(Self {
            severity: Severity::Info,
            confidence: Confidence::Medium,
            why: format!("image `{image}` has {}{more}", named.join(", ")),
        })
    }
}

/// The files and links that the facts list below a directory.
fn files_below<'a>(facts: &'a ImageFacts, path: &str) -> Vec<&'a str> {
    let below = facts
        .paths
        .iter()
        .filter(|(file, fact)| Path::new(file).starts_with(path) && fact.kind != EntryType::Directory);
    below
        .map(|(file, _)| file.as_str())
        .filter(|file| *file != path)
        .collect()
}

/// Whether a container can write to the volume of a mount.
fn writes(container: &Container, mount: &Mount) -> bool {
    container
        .mounts
        .iter()
        .any(|other| *other.name == *mount.name && !other.read_only.is_some_and(|read_only| read_only.value))
}

/// Whether an init container makes directories in the volume: who wrote that has thought of what the program needs there.
fn is_prepared(context: &RuleContext<'_>, mount: &Mount) -> bool {
    let mut init = context.workload.pod.containers(Which::Init);
    init.any(|other| writes(other, mount) && context.commands(other).iter().any(makes_directories))
}

/// Whether something may put files into the volume, or something else is mounted over parts of it.
fn is_filled(context: &RuleContext<'_>, container: &Container, mount: &Mount, path: &str) -> bool {
    let pod = &context.workload.pod;
    let mut others = pod
        .containers(Which::All)
        .filter(|other| other.name != container.name);
    let fills = |other: &Container| other.role != Role::Init || !fills_no_file(context, other);
    if others.any(|other| writes(other, mount) && fills(other)) {
        return true;
    }
    let same_volume_again = container
        .mounts
        .iter()
        .any(|other| other.span != mount.span && *other.name == *mount.name);
    let from = FILLED_FROM.iter().find(|(directory, _)| *directory == path);
    let mounted = container.mounts.iter().map(|other| clean(&other.mount_path));
    let mut others = mounted.filter(|other| other != path);
    let below_or_source = others
        .any(|other| Path::new(&other).starts_with(path) || from.is_some_and(|(_, source)| other == *source));
    let named = context.commands(container).iter().any(|command| {
        let written = command.arguments.iter().map(|argument| argument.start.as_str());
        let file = command.file.iter().map(|file| file.start.as_str());
        written.chain(file).any(|word| word.contains(path))
    });
    same_volume_again || below_or_source || named
}
