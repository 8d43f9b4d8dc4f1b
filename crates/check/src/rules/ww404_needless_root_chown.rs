// SPDX-License-Identifier: Apache-2.0
//! # WW404 needless-root-chown
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds init containers that run as root to change owners and modes, and that nobody needs: the write map of the pod
//! without the container says the same yes for every other container, on every path of the volumes that it mounts.
//!
//! Only containers are looked at whose script does nothing else than `chown`, `chgrp`, `chmod` and `mkdir` of the mount
//! itself. Nothing is said when one of the modes would be another without it, when a verdict is not known, when a
//! container that uses the volumes starts as root, and so may change to another user, when its image is known to demand a
//! mode there, or when the volume is given to the wrong user, which is WW207's. The confidence is medium: no manifest tells whether a program wants to own its directory.
//!
//! ## Why is this bad
//!
//! A root container in every start of the pod is not admitted to namespaces that enforce the Pod Security level
//! `restricted`, takes time on volumes with many files, and is one more image to keep up to date.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000
//! initContainers:
//!   - name: own
//!     image: busybox:1.37
//!     securityContext:
//!       runAsUser: 0
//!     command: ["chown", "-R", "1000:1000", "/scratch"]
//!     volumeMounts:
//!       - name: scratch
//!         mountPath: /scratch
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: scratch
//!         mountPath: /scratch
//! volumes:
//!   - name: scratch
//!     emptyDir: {}
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: scratch
//!         mountPath: /scratch
//! volumes:
//!   - name: scratch
//!     emptyDir: {}
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Pod Security Standards", `runAsNonRoot` and `runAsUser` of the level restricted
//! - Kubernetes: `pkg/volume/emptydir/empty_dir.go`, setupDir: the directory is 0777

use writeway_access::{ContainerMap, PathMap, PodMap, Tri};
use writeway_facts::knowledge::{Knowledge, lookup};
use writeway_manifest::{Container, Which};

use crate::evidence::agent_call::agent_call;
use crate::evidence::changed_workload::map_mounts;
use crate::evidence::chown::{changes_of_owner, misdirected};
use crate::evidence::commands::Invocation;
use crate::evidence::contents::{fills_no_file, makes_directories};
use crate::evidence::writing::write_verdict;
use crate::mount_path::{is_within, mount_of};
use crate::{Correction, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww404_needless_root_chown.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    context
        .workload
        .pod
        .containers(Which::Init)
        .filter_map(|container| judge(context, container))
        .collect()
}

fn judge(context: &RuleContext<'_>, init: &Container) -> Option<Finding> {
    let changes = changes_of_owner(context, init);
    let first = changes.first()?;
    if context.container_map(init)?.identity.uid != Some(0) || !does_nothing_else(context, init) {
        return None;
    }
    let volumes: Vec<&str> = init.mounts.iter().map(|mount| mount.name.as_str()).collect();
    if demands_a_mode(context, &volumes)
        || misdirected(context)
            .iter()
            .any(|found| found.by.span == init.span)
    {
        return None;
    }
    let mut workload = context.workload.clone();
    workload
        .pod_mut()
        .retain_containers(|container| container.span != init.span);
    let without = map_mounts(context, &workload);
    let proven = same_answers(context, context.map, &without, init, &volumes)?;
    let message = format!(
        "init container `{}` runs as root to change owners, and is not needed: without it {proven}",
        init.name.value
    );
    let finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        first.command.place,
        "changes nothing that any container needs",
    )
    .in_container(&init.name)
    .because([format!(
        "the write map without init container `{}` has the same answers",
        init.name.value
    )])
    .with_help("leave the init container out")
    .asking(Correction::LeaveOut)
    .related(context.place(init.name.span), "this container is not needed");
    let user = init
        .security
        .run_as_user
        .or(context.workload.pod.security.run_as_user);
    Some(match user {
        Some(user) => finding.related(context.place(user.span), "runs as root"),
        None => finding,
    })
}

/// Whether every command is known, and none does more than change owners and modes.
fn does_nothing_else(context: &RuleContext<'_>, init: &Container) -> bool {
    let mut commands = context.commands(init).iter();
    fills_no_file(context, init)
        && commands.all(|command| !makes_a_directory(init, command) && !waits(command))
}

/// Whether it makes a directory, which is there for somebody.
fn makes_a_directory(init: &Container, command: &Invocation) -> bool {
    let mut arguments = command.arguments.iter();
    let is_there = |text: &str| text.starts_with('-') || is_mount(init, text);
    makes_directories(command)
        && !(command.name == "mkdir"
            && arguments.all(|argument| argument.text.as_deref().is_some_and(is_there)))
}

/// Whether it holds the pod back until something is there.
fn waits(command: &Invocation) -> bool {
    agent_call(command).is_some_and(|call| call.verb == "wait")
}

fn is_mount(init: &Container, path: &str) -> bool {
    mount_of(init, path).is_some_and(|(_, rest)| rest.is_empty())
}

/// Whether the software of a container demands a mode, and so to be the owner, on one of the volumes.
fn demands_a_mode(context: &RuleContext<'_>, volumes: &[&str]) -> bool {
    let mut containers = context.workload.pod.containers(Which::LongRunning);
    containers.any(|container| {
        let Some(Knowledge::Known(writes)) = container.image.as_ref().map(|image| lookup(image)) else {
            return false;
        };
        let mut demanded = writes
            .iter()
            .filter(|write| !write.modes.is_empty())
            .filter_map(|write| write.path);
        demanded.any(|path| {
            container.mounts.iter().any(|mount| {
                volumes.contains(&mount.name.as_str())
                    && (is_within(path, &mount.mount_path) || is_within(&mount.mount_path, path))
            })
        })
    })
}

/// What is proven, when every other container has the same answers without the init container, and all of them are yes.
fn same_answers(
    context: &RuleContext<'_>,
    with: &PodMap,
    without: &PodMap,
    init: &Container,
    volumes: &[&str],
) -> Option<String> {
    if with.starts.verdict != without.starts.verdict || without.starts.verdict == Tri::No {
        return None;
    }
    let mut users = Vec::new();
    for container in context.workload.pod.containers(Which::All) {
        if container.span == init.span {
            continue;
        }
        let before = on_volumes(map_of(with, container)?, volumes);
        let map = map_of(without, container)?;
        let after = on_volumes(map, volumes);
        // The map that rules get has more paths: those of the smaller one decide.
        for path in &after {
            let other = before.iter().find(|other| other.path == path.path)?;
            if !is_same_yes(other, path) {
                return None;
            }
        }
        if !after.is_empty() && Which::LongRunning.includes(container.role) {
            // One that starts as root may change to a user that the volume has to belong to.
            if map.identity.uid.is_none_or(|uid| uid == 0) {
                return None;
            }
            users.push(format!("`{}`", container.name.value));
        }
    }
    let (last, others) = users.split_last()?;
    let names = if others.is_empty() {
        format!("container {last}")
    } else {
        format!("containers {} and {last}", others.join(", "))
    };
    Some(format!("{names} can write to the same paths"))
}

fn map_of<'m>(pod: &'m PodMap, container: &Container) -> Option<&'m ContainerMap> {
    pod.containers.iter().find(|map| map.name == *container.name)
}

/// The paths of a container that lie on the volumes.
fn on_volumes<'m>(map: &'m ContainerMap, volumes: &[&str]) -> Vec<&'m PathMap> {
    let paths = map.paths.iter();
    paths
        .filter(|path| {
            path.volume
                .as_deref()
                .is_some_and(|volume| volumes.contains(&volume))
        })
        .collect()
}

fn is_same_yes(before: &PathMap, after: &PathMap) -> bool {
    let answer = |path: &PathMap| {
        (
            path.create.tri(),
            path.overwrite.verdict.tri(),
            path.replace.verdict.tri(),
            path.delete.verdict.tri(),
            path.ruby_tmpdir,
        )
    };
    let mode = |path: &PathMap| path.mode;
    write_verdict(after).tri() == Tri::Yes && answer(before) == answer(after) && mode(before) == mode(after)
}
