// SPDX-License-Identifier: Apache-2.0
//! # WW204 writable-but-not-owned
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds programs that change the mode, owner or times of a file or directory that they may write to, but that belongs to
//! somebody else, which the kernel refuses with EPERM.
//!
//! Known to do so are, in the scripts of containers, `chmod`, `chown`, `chgrp`, `install -d`, `touch` with a time of its own,
//! and what copies attributes to a directory that exists (`cp -a DIR/.`, `rsync -a DIR/`, `tar x`); and of the public images
//! PostgreSQL, whose initdb sets the mode of its data directory. It is an error when the script ends there (`set -e`, or no
//! script at all), else a warning; nothing is said when the script handles the failure (`|| true`). For copies the confidence
//! is medium, for `tar` low, since the archive may not have the directory.
//!
//! Of other programs it is not known; that existing files of a mount can be overwritten and belong to another user is an
//! information with low confidence.
//!
//! Root is left alone, and so are paths that cannot be written, which are WW201's, and those of which the owner is not known.
//! Where an init container always fails for it, WW211 says that the pod never starts; this rule names the command.
//!
//! ## Why is this bad
//!
//! The directory is writable, every look at it says so, and still the start fails: with `Operation not permitted`, which
//! points at capabilities or seccomp rather than at the owner. Libraries do it, too, when they save a credential: Google's
//! SDKs truncate the file, set its mode to 0600 and write; in the middle they fail, and the file is empty.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//! initContainers:
//!   - name: prepare
//!     image: busybox:1.37
//!     command: ["sh", "-ec", "chmod 1777 /scratch"]
//!     volumeMounts:
//!       - name: scratch
//!         mountPath: /scratch
//! volumes:
//!   - name: scratch
//!     emptyDir: {}                     # its directory belongs to root
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//! initContainers:
//!   - name: prepare
//!     image: busybox:1.37
//!     command: ["sh", "-ec", "mkdir -p -m 1777 /scratch/tmp"]
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
//! - Linux: chmod(2), chown(2) and utimensat(2), EPERM
//! - docker-library/postgres: `docker-entrypoint.sh`; PostgreSQL: `src/bin/initdb/initdb.c`, create_data_directory

use writeway_access::{
    Capability, ContainerMap, Context, FileKind, FsGroupEffect, PathMap, PodMap, Program, Tri,
    container_script, map_pod, program,
};
use writeway_manifest::{Container, Span, Spanned, Which};

use crate::evidence::chown::changes_of_owner;
use crate::evidence::commands::Invocation;
use crate::evidence::strict_modes::demands;
use crate::evidence::writing::{explain_identity, is_file, write_mounts, write_verdict};
use crate::mount_path::{absolute, mount_of};
use crate::{Confidence, Demand, Finding, Need, NeedKind, Purpose, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww204_writable_but_not_owned.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let changes = changes(context);
    let hints = files_of_others(context);
    let mut findings: Vec<Finding> = if changes.is_empty() && hints.is_empty() {
        Vec::new()
    } else {
        let mut paths: Vec<String> = changes.iter().map(|change| change.path.clone()).collect();
        paths.extend(hints.iter().map(|(_, path)| path.clone()));
        let map = before_scripts(context, &paths);
        let refused = changes.iter().filter_map(|change| refused(context, &map, change));
        let others = hints
            .iter()
            .filter_map(|(container, path)| hint(context, &map, container, path));
        refused.chain(others).collect()
    };
    findings.extend(data_directories(context));
    findings
}

/// A change of mode, owner or times in a script.
struct Change<'a> {
    container: &'a Container,
    command: &'a Invocation,
    path: String,
    confidence: Confidence,
}

/// The changes in the scripts of containers that are not root's, and whose failure is not handled.
fn changes<'a>(context: &RuleContext<'a>) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for container in context.workload.pod.containers(Which::Regular) {
        let pod = context.workload.pod.security.run_as_user;
        if container
            .security
            .run_as_user
            .or(pod)
            .is_some_and(|user| user.value == 0)
        {
            continue;
        }
        let owners = changes_of_owner(context, container);
        for command in context.commands(container) {
            if command.failure_handled {
                continue;
            }
            let Some((operands, confidence)) = changed(command) else {
                continue;
            };
            let of_owner = owners
                .iter()
                .find(|change| std::ptr::eq(change.command, command))
                .map(|change| change.paths.clone());
            let paths = of_owner.unwrap_or_else(|| {
                let known = operands.into_iter();
                known.filter_map(|path| absolute(container, path)).collect()
            });
            for path in paths {
                if mount_of(container, &path).is_some() && !is_removed(context, container, &path) {
                    changes.push(Change {
                        container,
                        command,
                        path,
                        confidence: if command.guarded {
                            confidence.max(Confidence::Medium)
                        } else {
                            confidence
                        },
                    });
                }
            }
        }
    }
    changes
}

/// The operands whose mode, owner or times a command changes, though it has not made them.
fn changed(command: &Invocation) -> Option<(Vec<&str>, Confidence)> {
    let words: Vec<&str> = command.texts().collect();
    let operands: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.starts_with('-'))
        .collect();
    let flag = |letter: char, long: &[&str]| {
        words.iter().any(|word| match word.strip_prefix("--") {
            Some(name) => long.contains(&name.split('=').next().unwrap_or(name)),
            None => word
                .strip_prefix('-')
                .is_some_and(|letters| letters.contains(letter)),
        })
    };
    // Without a word that is not known the last operand is the last.
    let complete = words.len() == command.arguments.len();
    let (last, sources) = operands.split_last()?;
    match command.name.as_str() {
        "chown" | "chgrp" => Some((Vec::new(), Confidence::High)),
        "chmod" if !flag('\0', &["reference"]) => {
            // The mode comes first, unless it looks like an option (`-w`).
            let is_mode = |word: &&str| {
                word.strip_prefix('-')
                    .is_some_and(|letters| letters.starts_with(['r', 'w', 'x', 's', 't']))
            };
            let skipped = usize::from(!words.iter().any(is_mode));
            Some((operands.into_iter().skip(skipped).collect(), Confidence::High))
        }
        "install" if flag('d', &["directory"]) => {
            let directories = operands.iter().filter(|operand| operand.starts_with('/'));
            Some((directories.copied().collect(), Confidence::High))
        }
        "touch" if flag('d', &["date"]) || flag('t', &[]) || flag('r', &["reference"]) => {
            Some((vec![last], Confidence::High))
        }
        "cp" if complete && (flag('a', &["archive"]) || flag('p', &["preserve"])) => sources
            .iter()
            .any(|source| source.ends_with("/."))
            .then(|| (vec![*last], Confidence::Medium)),
        "rsync" if complete && (flag('a', &["archive"]) || flag('t', &["times"])) => {
            let omits = flag('O', &["omit-dir-times"]);
            let into = sources.iter().any(|source| source.ends_with('/'));
            (into && !omits).then(|| (vec![*last], Confidence::Medium))
        }
        "tar" if complete => {
            let extracts = words
                .first()
                .is_some_and(|word| !word.starts_with("--") && word.contains('x'))
                || flag('x', &["extract", "get"]);
            let into = words
                .iter()
                .position(|word| *word == "-C" || *word == "--directory")?;
            let directory = words.get(into + 1).filter(|_| extracts)?;
            Some((vec![*directory], Confidence::Low))
        }
        _ => None,
    }
}

/// Whether the script takes away what is there, so that what it changes later is its own.
fn is_removed(context: &RuleContext<'_>, container: &Container, path: &str) -> bool {
    context.commands(container).iter().any(|command| {
        matches!(command.name.as_str(), "rm" | "mv" | "rmdir")
            && command
                .arguments
                .iter()
                .any(|argument| argument.start.trim_end_matches('/') == path)
    })
}

/// The map with these paths, of a pod whose init containers do nothing: what is there when the first of them starts. A
/// pod whose init container fails has no other.
fn before_scripts(context: &RuleContext<'_>, paths: &[String]) -> PodMap {
    let access = Context {
        extra_paths: paths,
        ..*context.access
    };
    if context.map.starts.verdict != Tri::No {
        return map_pod(&access, context.workload);
    }
    let mut workload = context.workload.clone();
    for container in workload.pod_mut().containers_mut(Which::Init) {
        container.command = Some(vec![Spanned::new("true".to_owned(), Span::default())]);
        container.args = None;
    }
    map_pod(&access, &workload)
}

fn refused(context: &RuleContext<'_>, map: &PodMap, change: &Change<'_>) -> Option<Finding> {
    let container = change.container;
    let path = owned_by_another(map, container, &change.path)?;
    let (name, owner) = (&change.command.name, path.uid?);
    let message = format!(
        "container `{}` runs `{name}` on `{}`, which it may write to, but which belongs to uid {owner}",
        container.name.value, change.path
    );
    let ends = ends_on_failure(context, container);
    let finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        change.command.place,
        "fails with EPERM: only the owner may do this",
    )
    .in_container(&container.name)
    .with_severity(if ends { Severity::Error } else { Severity::Warning })
    .with_confidence(change.confidence)
    .because(path.create.why.iter().cloned())
    .needing([owned(container, path)])
    .with_help(help(change, path));
    let finding = match mount_of(container, &change.path) {
        Some((mount, _)) => finding.related(context.place(mount.span), "mounted here"),
        None => finding,
    };
    Some(explain_identity(context, container, path, finding))
}

/// A path that has to belong to the container's user.
fn owned(container: &Container, path: &PathMap) -> Need {
    Need {
        kind: if is_file(path) {
            NeedKind::File
        } else {
            NeedKind::Directory
        },
        demand: Demand::Owned,
        ..Need::directory(&container.name, &path.path, Purpose::Data)
    }
}

fn help(change: &Change<'_>, path: &PathMap) -> String {
    let own = if path.kind == Some(FileKind::Directory) {
        "a directory below it that the process makes itself (`mkdir -m`)"
    } else {
        "a new file that is renamed over the old one, which needs no owner"
    };
    match change.command.name.as_str() {
        "cp" => "copy without attributes (`cp -r`)".to_owned(),
        "rsync" => "copy without attributes (`rsync -r`)".to_owned(),
        "tar" => format!("extract into {own}"),
        name => format!("leave `{name}` out, or use {own}"),
    }
}

/// What is at a path, when it is known to be writable for the container's process and to belong to somebody else.
fn owned_by_another<'m>(map: &'m PodMap, container: &Container, path: &str) -> Option<&'m PathMap> {
    let map = map.containers.iter().find(|map| map.name == *container.name)?;
    let found = map.paths.iter().find(|found| found.path == path)?;
    let writable = write_verdict(found).tri() == Tri::Yes || may_only_be_out_of_reach(found);
    (writable && found.read_only == Some(false) && is_anothers(map, found)).then_some(found)
}

/// What is there is known; whether the directories of the image on the way may be searched is not, and they mostly may.
fn may_only_be_out_of_reach(found: &PathMap) -> bool {
    found.kind.is_some() && found.exists == Tri::Unknown && found.mode.is_some_and(|mode| mode & 0o002 != 0)
}

/// Whether the process is not root, and not the owner.
fn is_anothers(map: &ContainerMap, found: &PathMap) -> bool {
    let (Some(uid), Some(owner)) = (map.identity.uid, found.uid) else {
        return false;
    };
    let capable = map
        .identity
        .capabilities
        .as_ref()
        .is_none_or(|capabilities| capabilities.contains(&Capability::FOWNER));
    found.kind.is_some() && uid != 0 && uid != owner && !capable
}

/// Whether the container ends when a command fails.
fn ends_on_failure(context: &RuleContext<'_>, container: &Container) -> bool {
    let Some(script) = container_script(context.access.inventory, context.workload, container) else {
        return matches!(program(container), Program::Exec(_));
    };
    script.exit_on_error
        || context.commands(container).iter().any(|command| {
            command.name == "set"
                && command.texts().any(|word| {
                    word == "errexit"
                        || word
                            .strip_prefix('-')
                            .is_some_and(|letters| letters.contains('e'))
                })
        })
}

/// Data directories whose software sets their mode at the start. Those to which fsGroup gives another mode are WW203's.
fn data_directories(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for it in write_mounts(context) {
        for demand in demands(context.workload, it.container) {
            let sets_mode = demand.repaired && demand.confidence == Confidence::High;
            if !sets_mode || demand.path != it.path.path || it.path.fs_group == FsGroupEffect::Applied {
                continue;
            }
            let writable = write_verdict(it.path).tri() == Tri::Yes || may_only_be_out_of_reach(it.path);
            let Some(owner) = it.path.uid.filter(|_| writable && is_anothers(it.map, it.path)) else {
                continue;
            };
            let message = format!(
                "container `{}` may write to `{}`, which belongs to uid {owner}: {} has to be its owner",
                it.container.name.value, demand.path, demand.reader
            );
            let finding = Finding::new(
                &RULE,
                context.workload,
                message,
                it.mount.span,
                "its mode is set at the start, which fails with EPERM",
            )
            .in_container(&it.container.name)
            .because([format!("{} sets the mode ({})", demand.reader, demand.source)])
            .because(it.path.create.why.iter().cloned())
            .needing([owned(it.container, it.path)])
            .with_help(
                "keep the data in a directory below the mount, which the program makes itself (for PostgreSQL `PGDATA`), so \
                 that it owns it",
            );
            let finding = it.volume.explain(context, finding);
            findings.push(explain_identity(context, it.container, it.path, finding));
        }
    }
    findings
}

/// Files in mounts that can be overwritten, of which the owner is still to be asked.
fn files_of_others<'a>(context: &RuleContext<'a>) -> Vec<(&'a Container, String)> {
    let files = write_mounts(context).filter(|it| it.path.overwrite.verdict.tri() == Tri::Yes);
    let strangers = files.filter(|it| it.map.identity.uid.is_some_and(|uid| uid != 0));
    strangers
        .filter_map(|it| {
            let file = match (&it.path.overwrite.file, it.path.kind) {
                (Some(name), _) => format!("{}/{name}", it.path.path.trim_end_matches('/')),
                (None, Some(FileKind::File)) => it.path.path.clone(),
                _ => return None,
            };
            Some((it.container, file))
        })
        .collect()
}

fn hint(context: &RuleContext<'_>, map: &PodMap, container: &Container, file: &str) -> Option<Finding> {
    let found = owned_by_another(map, container, file)?;
    let (mount, _) = mount_of(container, file)?;
    let message = format!(
        "container `{}` can overwrite `{file}`, which belongs to uid {}: a program that also sets its mode or times fails",
        container.name.value, found.uid?
    );
    let finding = Finding::new(
        &RULE,
        context.workload,
        message,
        mount.span,
        "writable, but not its own",
    )
    .in_container(&container.name)
    .with_severity(Severity::Info)
    .with_confidence(Confidence::Low)
    .because(found.overwrite.verdict.why.iter().cloned())
    .with_help("have the file made by the user that writes to it");
    Some(explain_identity(context, container, found, finding))
}
