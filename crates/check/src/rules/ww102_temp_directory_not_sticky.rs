// SPDX-License-Identifier: Apache-2.0
//! # WW102 temp-directory-not-sticky
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds containers that run Ruby and can write to a directory for temporary files, which Ruby then does not use: its
//! `Dir.tmpdir` refuses a directory that everybody may write to and that is not sticky. It looks at what `TMPDIR`, `TMP` and
//! `TEMP` name and at `/tmp`; nothing is said when it takes one of them, or when one of the variables is not known.
//!
//! An image is known to be Ruby from the table of known images or from facts; the confidence is medium where the
//! table's row was not verified, or `envFrom` may set a variable. With another `command` than the image's own, or when
//! only the command looks like Ruby, it is low.
//!
//! It is an error when the working directory, Ruby's last resort, is known to be no good either, and a warning
//! otherwise.
//!
//! Where there is no writable directory at all, WW101 reports it.
//!
//! ## Why is this bad
//!
//! Kubelet makes the directory of an `emptyDir` with mode 0777, or 2777 with an `fsGroup`, and never sticky. So the usual
//! cure for a read-only root file system, an `emptyDir` at `/tmp`, does not work for Ruby: it prints a warning, takes
//! the working directory without a word, or fails with "could not find a temporary directory" at the first upload.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 991
//! containers:
//!   - name: web
//!     image: ghcr.io/mastodon/mastodon:v4.4.3
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
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 991
//! containers:
//!   - name: web
//!     image: ghcr.io/mastodon/mastodon:v4.4.3
//!     securityContext:
//!       readOnlyRootFilesystem: true
//!     volumeMounts:
//!       - name: tmp
//!         mountPath: /tmp
//! volumes:
//!   - name: tmp
//!     emptyDir:
//!       medium: Memory             # a tmpfs: 1777
//!       sizeLimit: 64Mi
//! ```
//!
//! What does not fit into memory goes to a directory that an init container with the same user makes in a volume
//! (`mkdir -m 1777 /scratch/tmp`), mounted with `subPath: tmp`.
//!
//! ## References
//!
//! - Ruby: `lib/tmpdir.rb`, `Dir.tmpdir`
//! - Kubernetes: `pkg/volume/emptydir/empty_dir.go`, setupDir and setupTmpfs; KEP-5502, `emptyDir.mode`

use writeway_access::path::clean;
use writeway_access::{PathMap, Tri};
use writeway_facts::Facts;
use writeway_manifest::{Container, Mount, VolumeSource, Which, Workload};

use crate::evidence::ruby::Ruby;
use crate::evidence::temp;
use crate::{Confidence, Demand, Finding, Need, Purpose, Rule, RuleContext, Severity};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww102_temp_directory_not_sticky.rs"), run).asking_for(paths);

/// `Etc.systmpdir`, and what Ruby tries behind it.
const SYSTEM: [&str; 1] = ["/tmp"];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    context
        .workload
        .pod
        .containers(Which::All)
        .filter_map(|container| judge(context, container))
        .collect()
}

fn paths(workload: &Workload, facts: &Facts) -> Vec<String> {
    let containers = workload.pod.containers(Which::All);
    let mut paths: Vec<_> = containers
        .filter_map(|container| working_directory(container, facts))
        .collect();
    paths.extend(temp::paths(workload, facts));
    paths
}

fn judge(context: &RuleContext<'_>, container: &Container) -> Option<Finding> {
    let map = context.container_map(container)?;
    let facts = context.access.facts;
    let directories = temp::directories(map, container, facts, &SYSTEM)?;
    if directories
        .iter()
        .any(|directory| directory.ruby_tmpdir != Tri::No)
    {
        return None;
    }
    let refused = *directories
        .iter()
        .find(|directory| directory.create.tri() == Tri::Yes)?;
    let mode = refused.mode?;
    let ruby = Ruby::of(context, container)?;
    let last_resort = working_directory(container, facts)
        .and_then(|working| map.paths.iter().find(|path| path.path == working));
    let (severity, fallback) = fallback(last_resort);

    let path = &refused.path;
    let message = format!(
        "container `{}` can write to `{path}`, but Ruby refuses it: everybody may write to it, and it is not sticky",
        container.name.value
    );
    let mount = refused.mount.and_then(|index| container.mounts.get(index));
    let (span, label) = match mount {
        Some(mount) => (mount.mount_path.span, format!("{mode:04o}, not sticky")),
        None => (container.name.span, format!("`{path}` is {mode:04o}, not sticky")),
    };
    let mut finding = Finding::new(&RULE, context.workload, message, span, label)
        .in_container(&container.name)
        .with_severity(severity)
        .with_confidence(confidence(container, &ruby))
        .because(refused.create.why.iter().cloned())
        .because([
            "Ruby's Dir.tmpdir takes a directory that is sticky, or that not everybody may write to"
                .to_owned(),
            fallback,
            ruby.why,
        ])
        .with_help(help(context, path, mount))
        .needing([Need {
            demand: Demand::Sticky,
            ..Need::directory(&container.name, path, Purpose::Temp)
        }]);
    let volume = mount.and_then(|mount| context.workload.pod.volume(&mount.name));
    if let Some(volume) = volume {
        finding = finding.related(context.place(volume.name.span), "the volume");
    }
    if let Some(group) = context
        .workload
        .pod
        .security
        .fs_group
        .filter(|_| mode & 0o2000 != 0)
    {
        finding = finding.related(
            context.place(group.span),
            "adds the group and setgid, but takes nothing from the others",
        );
    }
    Some(finding)
}

fn help(context: &RuleContext<'_>, path: &str, mount: Option<&Mount>) -> String {
    let there = mount.filter(|mount| clean(&mount.mount_path) == path && mount.sub_path.is_none());
    let volume = there.and_then(|mount| context.workload.pod.volume(&mount.name));
    let memory = if volume.is_some_and(|volume| matches!(volume.source, VolumeSource::EmptyDir(_))) {
        "set `medium: Memory` and a `sizeLimit` on the `emptyDir`".to_owned()
    } else {
        format!("mount an `emptyDir` with `medium: Memory` and a `sizeLimit` at `{path}`")
    };
    format!(
        "{memory}: it is sticky, and its files count as the container's memory; on disk, take an `emptyDir` with `mode: 01777` \
         where Kubernetes is 1.37 or newer and its gate EmptyDirVolumeMode is on, else a directory in a volume that an init \
         container with the same user makes (`mkdir -m 1777 /scratch/tmp`), mounted by its `subPath`"
    )
}

fn confidence(container: &Container, ruby: &Ruby) -> Confidence {
    // Variables that are not listed may name another directory.
    if ruby.confidence == Confidence::High && !container.env_from_sources.is_empty() {
        return Confidence::Medium;
    }
    ruby.confidence
}

/// The working directory, as the map names it, where it is known.
fn working_directory(container: &Container, facts: &Facts) -> Option<String> {
    let image = container.image.as_ref().and_then(|image| facts.image(image));
    let of_image = image.and_then(|image| image.working_dir.as_deref());
    let own = container.working_dir.as_ref().map(|path| path.as_str());
    let path = own.filter(|path| !path.is_empty()).or(of_image)?;
    Some(clean(path))
}

/// What becomes of the temporary files: how bad it is, and the step that says so.
fn fallback(last_resort: Option<&PathMap>) -> (Severity, String) {
    match last_resort {
        Some(working) if working.ruby_tmpdir == Tri::No => (
            Severity::Error,
            format!(
                "the working directory `{}`, its last resort, is refused too: Dir.tmpdir raises ArgumentError",
                working.path
            ),
        ),
        Some(working) if working.ruby_tmpdir == Tri::Yes => (
            RULE.severity,
            format!(
                "temporary files go to the working directory `{}` instead",
                working.path
            ),
        ),
        _ => (
            RULE.severity,
            "its last resort is the working directory, of which nothing is known".to_owned(),
        ),
    }
}
