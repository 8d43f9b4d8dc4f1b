// SPDX-License-Identifier: Apache-2.0
//! # WW405 chown-too-wide
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds changes of owner (`chown`, `chgrp`) in the scripts of containers that do more than give a volume to its user.
//!
//! - of more than a mount: recursively from a directory above mounts (`chown -R 1000 /`, `/data/..`), or, in an init
//!   container, of a path that is on no volume;
//! - through links: recursively with `-L` or `-H`, or of a path that is a link in the image, of which only the link is
//!   changed;
//! - again at every start: recursively, on a claim, by an init container, without asking before who the owner is. That
//!   is an information.
//!
//! Paths that a script computes are left alone. A main container may change files of its own image; an init container
//! may not with any use, since these are gone when it ends.
//!
//! ## Why is this bad
//!
//! A change of owner from `/` goes through every mount: it fails at the first read-only one, or gives away files of
//! another volume. With `-L` whoever may write to the volume decides, by a link, what root gives to them. And a volume with
//! many files makes every start of the pod take minutes, so that rollouts run into their deadlines.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: own
//!     image: busybox:1.37
//!     command: ["sh", "-c", "chown -RL 1000:1000 /data/.."]
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## Use instead
//!
//! `fsGroup` with `fsGroupChangePolicy: OnRootMismatch`; or a change of just the mount, and only when it is due.
//!
//! ```yaml
//! initContainers:
//!   - name: own
//!     image: busybox:1.37
//!     command: ["sh", "-c", '[ "$(stat -c %u /data)" = 1000 ] || chown -R 1000:1000 /data']
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## References
//!
//! - GNU coreutils: "chown invocation", `-H`, `-L`, `-P`
//! - google/syzkaller#7683 and zammad/zammad-helm#378: a recursive change of owner at each start that takes ten minutes

use writeway_manifest::{Container, Role, VolumeSource, Which};
use writeway_shell::owner::Through;

use crate::evidence::agent_call::agent_call;
use crate::evidence::chown::{ChangeOwner, changes_of_owner};
use crate::evidence::mounted::{Mounted, Source};
use crate::mount_path::{is_within, mount_of};
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww405_chown_too_wide.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::All);
    let changes = containers.flat_map(|container| {
        changes_of_owner(context, container)
            .into_iter()
            .map(move |change| (container, change))
    });
    changes
        .filter_map(|(container, change)| judge(context, container, &change))
        .collect()
}

/// What is wrong with a change.
struct Fault {
    message: String,
    label: String,
    help: String,
    severity: Severity,
    confidence: Confidence,
}

/// The worst fault of a command.
fn judge(context: &RuleContext<'_>, container: &Container, change: &ChangeOwner<'_>) -> Option<Finding> {
    let paths = || change.paths.iter();
    let fault = paths()
        .find_map(|path| above_mounts(container, change, path))
        .or_else(|| through_links(container, change))
        .or_else(|| paths().find_map(|path| is_link(context, container, change, path)))
        .or_else(|| paths().find_map(|path| on_no_volume(container, path)))
        .or_else(|| paths().find_map(|path| every_start(context, container, change, path)))?;
    let finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        fault.message,
        change.command.place,
        fault.label,
    );
    Some(
        finding
            .in_container(&container.name)
            .with_severity(fault.severity)
            .with_confidence(fault.confidence)
            .with_help(fault.help)
            .related(context.place(container.name.span), "in this container"),
    )
}

/// The container, in words.
fn subject(container: &Container) -> String {
    let role = match container.role {
        Role::Init => "init container",
        Role::Sidecar => "sidecar",
        Role::Main | Role::Ephemeral => "container",
    };
    format!("{role} `{}`", container.name.value)
}

fn above_mounts(container: &Container, change: &ChangeOwner<'_>, path: &str) -> Option<Fault> {
    change.recursive?;
    let mut below = container
        .mounts
        .iter()
        .map(|mount| mount.mount_path.trim_end_matches('/'))
        .filter(|mount| is_within(mount, path) && *mount != path.trim_end_matches('/'));
    let (label, confidence) = match below.next() {
        Some(mount) if path == "/" => (
            format!("goes through all files of the container and what is mounted at `{mount}`"),
            Confidence::High,
        ),
        // Below a mount another one may be meant to be changed with it.
        Some(_) if mount_of(container, path).is_some() => return None,
        Some(mount) => (
            format!("goes through what is mounted at `{mount}` and all beside it"),
            Confidence::Medium,
        ),
        None if path == "/" => (
            "goes through all files of the container".to_owned(),
            Confidence::High,
        ),
        None => return None,
    };
    Some(Fault {
        message: format!(
            "{} changes the owner of all of `{path}`, which is more than a mount",
            subject(container)
        ),
        label,
        help: "name the mount paths themselves".to_owned(),
        severity: Severity::Warning,
        confidence,
    })
}

fn through_links(container: &Container, change: &ChangeOwner<'_>) -> Option<Fault> {
    let (option, severity, label) = match change.recursive? {
        Through::None => return None,
        Through::All => (
            "-L",
            Severity::Warning,
            "every link in the volume is gone through, wherever it leads",
        ),
        Through::Operands => (
            "-H",
            Severity::Info,
            "a link in place of the directory is gone through",
        ),
    };
    Some(Fault {
        message: format!(
            "{} changes owners through links (`{option}`): who may write to the volume decides what is changed",
            subject(container)
        ),
        label: label.to_owned(),
        help: format!("leave `{option}` out: without it links are left alone"),
        severity,
        confidence: Confidence::High,
    })
}

/// A path that the image has as a link: with `-R` only the link is changed.
fn is_link(
    context: &RuleContext<'_>,
    container: &Container,
    change: &ChangeOwner<'_>,
    path: &str,
) -> Option<Fault> {
    let image = context.access.facts.image(container.image.as_ref()?)?;
    let target = image.paths.get(path)?.link_target()?;
    if change.recursive != Some(Through::None) || mount_of(container, path).is_some() {
        return None;
    }
    Some(Fault {
        message: format!(
            "{} changes the owner of the link `{path}`, not of what it leads to",
            subject(container)
        ),
        label: format!("a link to `{target}` in the image: with `-R` only the link is changed"),
        help: format!("name `{target}` itself"),
        severity: Severity::Warning,
        confidence: Confidence::High,
    })
}

/// What an init container changes on its own root file system is gone when it ends.
fn on_no_volume(container: &Container, path: &str) -> Option<Fault> {
    // In containers of the node's own programs `/dev`, `/proc` and `/sys` are the node's.
    let of_the_node = ["/dev", "/proc", "/sys"];
    if container.role != Role::Init
        || mount_of(container, path).is_some()
        || of_the_node.iter().any(|directory| is_within(path, directory))
        || container
            .mounts
            .iter()
            .any(|mount| is_within(&mount.mount_path, path))
    {
        return None;
    }
    Some(Fault {
        message: format!(
            "{} changes the owner of `{path}`, which is on none of its volumes",
            subject(container)
        ),
        label: "gone when the container ends".to_owned(),
        help: format!(
            "mount the volume that is meant at `{path}`, or leave the command out: other containers start from their own \
             image"
        ),
        severity: Severity::Warning,
        confidence: Confidence::Medium,
    })
}

/// A claim may hold any number of files, and each start goes through them.
fn every_start(
    context: &RuleContext<'_>,
    container: &Container,
    change: &ChangeOwner<'_>,
    path: &str,
) -> Option<Fault> {
    if container.role != Role::Init
        || change.recursive.is_none()
        || change.command.guarded
        || change.only_mismatch
    {
        return None;
    }
    let (mount, _) = mount_of(container, path)?;
    let source = Mounted::find(context.workload, mount)?.source;
    if !matches!(
        source,
        Source::Template(_) | Source::Volume(VolumeSource::Claim(_))
    ) {
        return None;
    }
    let owner = change.owner();
    let user = owner.split(':').next().unwrap_or_default();
    let test = if agent_call(change.command).is_some() {
        "add `--if-root-mismatch`".to_owned()
    } else if user.is_empty() || user == "?" {
        "ask for the owner of the directory before".to_owned()
    } else {
        format!("put `[ \"$(stat -c %u {path})\" = {user} ] ||` before it")
    };
    Some(Fault {
        message: format!(
            "{} goes through all files of volume `{}` at every start to change their owner",
            subject(container),
            mount.name.value
        ),
        label: "done whoever the owner is".to_owned(),
        help: format!(
            "{test}, or use `fsGroup` with `fsGroupChangePolicy: OnRootMismatch` where the volume takes it"
        ),
        severity: Severity::Info,
        confidence: Confidence::Medium,
    })
}
