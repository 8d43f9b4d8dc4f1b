// SPDX-License-Identifier: Apache-2.0
//! # WW101 read-only-root-without-writable-temp
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds containers with `readOnlyRootFilesystem: true` whose process cannot create a file in any directory for
//! temporary files: `/tmp`, `/var/tmp`, and what `TMPDIR`, `TMP` or `TEMP` name.
//!
//! No manifest tells whether a program needs such a directory. It is an error when the image is known to write there,
//! a warning when it can do without, is not known or runs another command, and an information when it is known to write
//! elsewhere only.
//!
//! Nothing is said of containers that run `writeway-agent` or `cp` alone, which make no temporary files, when one of the
//! directories may be writable, or when one of the variables comes from a Secret, a ConfigMap or a field, so that its
//! value is not known. With `envFrom`, or without facts of the image, the confidence is medium: the variables might come
//! from there, or a VOLUME of the image be one of the directories.
//!
//! ## Why is this bad
//!
//! Most languages and many libraries expect a directory for temporary files: for uploads, sorting, locks, native
//! libraries that are unpacked before they are loaded. Some look for another place in silence (Ruby and Python end up
//! in the working directory, which is read-only too), most fail, and often only with the first large request.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       readOnlyRootFilesystem: true
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       readOnlyRootFilesystem: true
//!     volumeMounts:
//!       - name: tmp
//!         mountPath: /tmp
//! volumes:
//!   - name: tmp
//!     emptyDir:
//!       sizeLimit: 256Mi
//! ```
//!
//! For Ruby use `emptyDir: {medium: Memory, sizeLimit: 64Mi}`: its root directory is sticky. `Dir.tmpdir` refuses a
//! directory that everybody may write to and that is not.
//!
//! ## References
//!
//! - Kubernetes: `readOnlyRootFilesystem` in "Configure a Security Context for a Pod or Container"
//! - Kubernetes: `pkg/volume/emptydir/empty_dir.go`, setupDir and setupTmpfs
//! - Ruby: `lib/tmpdir.rb`, `Dir.tmpdir`; Python: `tempfile.gettempdir`
//! - POSIX.1-2024, Base Definitions, 8.3 (TMPDIR) and 10.1 (`/tmp`)

use std::path::Path;

use writeway_access::{ContainerMap, PathMap, Tri};
use writeway_facts::knowledge::{Knowledge, lookup};
use writeway_manifest::{Container, Which};
use writeway_shell::agent::PROGRAM;

use crate::evidence::image_program::ImageProgram;
use crate::evidence::temp;
use crate::evidence::writing::errno_note;
use crate::{Confidence, Demand, Finding, Need as Needed, Purpose, Rule, RuleContext, Severity};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww101_read_only_root_without_writable_temp.rs"), run)
        .asking_for(temp::paths);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    context
        .workload
        .pod
        .containers(Which::All)
        .filter_map(|container| judge(context, container))
        .collect()
}

fn judge(context: &RuleContext<'_>, container: &Container) -> Option<Finding> {
    let field = container
        .security
        .read_only_root_filesystem
        .filter(|field| field.value)?;
    if needs_no_temp(context, container) {
        return None;
    }
    let map = context.container_map(container)?;
    let directories = temp::directories(map, container, context.access.facts, &temp::WELL_KNOWN)?;
    if directories
        .iter()
        .any(|directory| directory.create.tri() != Tri::No)
    {
        return None;
    }
    let message = format!(
        "container `{}` has a read-only root file system and no directory for temporary files",
        container.name.value
    );
    let label = format!("no file can be created in {}", alternatives(&directories));
    let need = Need::of(context, container, &directories);
    let mut finding = Finding::new(&RULE, context.workload, message, field.span, label)
        .in_container(&container.name)
        .with_severity(need.severity)
        .because(steps(&directories))
        .because([need.why])
        .with_help(help(map, directories[0], need.sticky))
        .needing([Needed {
            demand: if need.sticky {
                Demand::Sticky
            } else {
                Demand::Writable
            },
            ..Needed::directory(&container.name, &directories[0].path, Purpose::Temp)
        }])
        .related(context.place(container.name.span), "in this container");
    for directory in &directories {
        if let Some(mount) = directory.mount.and_then(|index| container.mounts.get(index)) {
            let label = format!("mounted here, but not writable{}", errno_note(&directory.create));
            finding = finding.related(context.place(mount.mount_path.span), label);
        }
    }
    // Without facts the image may set one of the variables, or declare a VOLUME that the runtime makes writable.
    let image = container
        .image
        .as_ref()
        .and_then(|image| context.access.facts.image(image));
    if !container.env_from_sources.is_empty() || image.is_none() {
        finding = finding.with_confidence(Confidence::Medium);
    }
    Some(finding)
}

/// `writeway-agent` and `cp` keep nothing in temporary directories.
fn needs_no_temp(context: &RuleContext<'_>, container: &Container) -> bool {
    let commands = context.commands(container);
    let known = |name: &str| name == PROGRAM || name == "cp";
    !commands.is_empty() && commands.iter().all(|command| known(&command.name))
}

/// `a`, `b` or `c`.
fn alternatives(directories: &[&PathMap]) -> String {
    let names: Vec<_> = directories
        .iter()
        .map(|directory| format!("`{}`", directory.path))
        .collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}

/// The steps of every directory's verdict; those that several share once.
fn steps(directories: &[&PathMap]) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for step in directories.iter().flat_map(|directory| &directory.create.why) {
        if !steps.contains(step) {
            steps.push(step.clone());
        }
    }
    steps
}

/// What is known of the image's need for a directory for temporary files.
struct Need {
    severity: Severity,
    why: String,
    /// Only a sticky directory will do.
    sticky: bool,
}

impl Need {
    fn of(context: &RuleContext<'_>, container: &Container, directories: &[&PathMap]) -> Self {
        let Some(image) = &container.image else {
            return Self {
                severity: RULE.severity,
                why: "no image is named".to_owned(),
                sticky: false,
            };
        };
        let image = image.as_str();
        let Knowledge::Known(writes) = lookup(image) else {
            let why = format!("image `{image}` is not among those known: whether it writes there is unknown");
            return Self {
                severity: RULE.severity,
                why,
                sticky: false,
            };
        };
        let is_there = |path: &str| {
            directories
                .iter()
                .any(|directory| Path::new(path).starts_with(&directory.path))
        };
        let there = writes.iter().filter(|write| write.path.is_some_and(is_there));
        let Some(write) = there.min_by_key(|write| write.optional) else {
            let (purpose, source) = (writes[0].purpose, writes[0].source);
            let why = if writes.iter().all(|write| write.path.is_none()) {
                format!("no path is known to which image `{image}` writes: {purpose} ({source})")
            } else {
                format!("image `{image}` is known to write elsewhere only ({source})")
            };
            return Self {
                severity: Severity::Info,
                why,
                sticky: false,
            };
        };
        let another = ImageProgram::of(context, container) == ImageProgram::Other;
        let (severity, how) = if another {
            (RULE.severity, "is known to write, with its own command,")
        } else if write.optional {
            (RULE.severity, "may write")
        } else {
            (Severity::Error, "is known to write")
        };
        let path = write.path.unwrap_or_default();
        let why = format!(
            "image `{image}` {how} to {path}: {} ({})",
            write.purpose, write.source
        );
        Self {
            severity,
            why,
            sticky: write.sticky && !another,
        }
    }
}

fn help(map: &ContainerMap, directory: &PathMap, sticky: bool) -> String {
    let path = &directory.path;
    if sticky {
        return format!(
            "mount an `emptyDir` with `medium: Memory` at `{path}`: it is sticky, without which Ruby refuses it"
        );
    }
    match (directory.mount, map.identity.uid) {
        (None, _) => format!(
            "mount an `emptyDir` at `{path}` (for Ruby with `medium: Memory`: it wants the sticky bit)"
        ),
        (Some(_), Some(uid)) => {
            format!("mount a volume at `{path}` that uid {uid} can write to, e.g. an `emptyDir`")
        }
        (Some(_), None) => {
            format!("mount a volume at `{path}` that everybody can write to, e.g. an `emptyDir`")
        }
    }
}
