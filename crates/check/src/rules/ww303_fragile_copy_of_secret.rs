// SPDX-License-Identifier: Apache-2.0
//! # WW303 fragile-copy-of-secret
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds copies out of a Secret mount that fail, or copy something else than the files, because of the way in which
//! kubelet lays such a mount out.
//!
//! - `cp -r dir/*`, `cp -a dir/*`, `cp -d` and `cp -P` copy the links that the files are, and these lead nowhere at the
//!   target (error; of ConfigMaps and other projected files, too);
//! - `cp dir target` without `-r` copies nothing, nor does `cp dir/*` the directories that `items` make (error);
//! - `cp dir/*` fails when the Secret has no keys, or none that the pattern matches, such as `.dockerconfigjson`: an
//!   error when the Secret is among the inputs and is empty, a warning when it is not or is `optional`, worth knowing
//!   when it has keys today;
//! - `cp -r dir` copies kubelet's directory of the moment with links into it, `cp -rL dir` every file three times (worth
//!   knowing).
//!
//! Copies behind a test (`[ -e dir/key ] && cp …`) and those whose failure is handled (`|| true`) are left out.
//!
//! ## Why is this bad
//!
//! The keys of a Secret are links to `..data/KEY`, and `..data` is a link to a directory that is named after a time. A
//! copy of a link without what it leads to is a file that cannot be opened, and `cp` reports success. A pattern that
//! matches nothing stays as it is, so that `cp` looks for a file named `*`: the init container fails, and the pod never
//! starts, on the day on which somebody empties the Secret.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: copy
//!     image: docker.io/library/busybox:1.37.0
//!     command: [sh, -c, "cp -a /secret/* /work/"]   # links to ..data/KEY, which /work does not have
//!     volumeMounts:
//!       - name: keys
//!         mountPath: /secret
//!       - name: work
//!         mountPath: /work
//! volumes:
//!   - name: keys
//!     secret:
//!       secretName: keys
//!   - name: work
//!     emptyDir: {}
//! ```
//!
//! ## Use instead
//!
//! The files by name: what is missing is then reported by its name.
//!
//! ```yaml
//! initContainers:
//!   - name: copy
//!     image: docker.io/library/busybox:1.37.0
//!     command: [cp, /secret/id_ed25519, /secret/known_hosts, /work/]
//!     volumeMounts:
//!       - name: keys
//!         mountPath: /secret
//!       - name: work
//!         mountPath: /work
//! volumes:
//!   - name: keys
//!     secret:
//!       secretName: keys
//!   - name: work
//!     emptyDir: {}
//! ```
//!
//! ## References
//!
//! - Kubernetes: pkg/volume/util/atomic_writer.go, Write: the layout of the mount
//! - POSIX, XCU 2.13.3: a pattern that matches nothing stays as it is; a leading dot is never matched by `*`
//! - What each copy makes of the layout was measured with BusyBox 1.35 and coreutils 9.1, which agree

use std::collections::BTreeSet;

use writeway_manifest::{Container, Mount, Spanned, VolumeSource, Which};
use writeway_shell::Part;

use crate::evidence::commands::Argument;
use crate::evidence::copying::{Copy, copies};
use crate::evidence::plain_copy::plain_copy;
use crate::evidence::secret_mount::SecretMount;
use crate::mount_path::mount_of;
use crate::{Confidence, Correction, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww303_fragile_copy_of_secret.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::All) {
        let found = context.commands(container);
        // A container with `mv` tries to change the Secret itself, which always fails: the map says so.
        for copy in copies(found).filter(|copy| copy.command.name == "cp") {
            let flaw = copy
                .sources
                .iter()
                .filter_map(|source| flaw_of(context, container, &copy, source))
                .min_by_key(|flaw| (flaw.severity, flaw.confidence));
            findings.extend(flaw.map(|flaw| report(context, container, &copy, flaw)));
        }
    }
    findings
}

/// What is wrong with a copy.
struct Flaw<'a> {
    volume: &'a Spanned<String>,
    severity: Severity,
    confidence: Confidence,
    /// What happens, behind "… from volume `v`: ".
    what: String,
    label: String,
    why: Vec<String>,
    help: &'static str,
}

const BY_NAME: &str = "name the files to copy; `cp` then reports the one that is missing";
const FOLLOW: &str = "copy what the links lead to: `cp -L`, or `cp -rL DIR/*` where `items` make directories";

/// The source's place in a mount that kubelet's atomic writer fills.
enum Place {
    /// All of it, as a directory.
    Whole,
    /// What a pattern matches in its root.
    Pattern,
    /// One entry of its root.
    Entry,
}

fn flaw_of<'a>(
    context: &RuleContext<'a>,
    container: &'a Container,
    copy: &Copy<'_>,
    source: &Argument,
) -> Option<Flaw<'a>> {
    let (mount, rest) = mount_of(container, &source.start)?;
    // A part of a volume is mounted as the file or directory itself.
    if mount.sub_path.is_some() || !is_atomic(context, mount) {
        return None;
    }
    let place = place_of(source, rest)?;
    let volume = &context.workload.pod.volume(&mount.name)?.name;
    let flaw = |severity, confidence, what: String, label: &str, why: Vec<String>, help| Flaw {
        volume,
        severity,
        confidence,
        what,
        label: label.to_owned(),
        why,
        help,
    };
    let layout = format!(
        "the files in volume `{}` are links to `..data/NAME`, and `..data` is a link to a directory beside it",
        volume.value
    );
    match place {
        Place::Pattern | Place::Entry if copy.keeps_links => Some(flaw(
            Severity::Error,
            Confidence::High,
            "the links are copied, not the files, and lead nowhere".to_owned(),
            "copies links",
            vec![
                layout,
                "`-r`, `-R`, `-a`, `-d` and `-P` copy a link as a link; `*` does not match `..data`, so that it is not \
                 at the target"
                    .to_owned(),
            ],
            FOLLOW,
        )),
        Place::Whole if !copy.recursive => Some(flaw(
            Severity::Error,
            Confidence::High,
            "nothing is copied: `cp` leaves out directories without `-r`, and fails".to_owned(),
            "is a directory",
            vec![format!("volume `{}` is mounted there, so that it is a directory", volume.value)],
            BY_NAME,
        )),
        Place::Whole => {
            let secret = SecretMount::find(context.workload, mount)?;
            let names = secret.secret_names().count();
            (names > 0).then(|| {
                let what = if copy.keeps_links {
                    "kubelet's own directory of the moment is copied with links into it"
                } else {
                    "every file is copied three times: as itself, in `..data`, and in the directory that this leads to"
                };
                flaw(
                    Severity::Info,
                    Confidence::Medium,
                    what.to_owned(),
                    "copies what begins with `..`, too",
                    vec![layout],
                    "copy `DIR/*` with `-L`, or better the files by name: what begins with `..` is kubelet's",
                )
            })
        }
        Place::Pattern => pattern(context, mount, copy, source).map(|(severity, confidence, what, why)| {
            flaw(severity, confidence, what, "may match nothing", vec![why], BY_NAME)
        }),
        Place::Entry => None,
    }
}

/// Whether kubelet's atomic writer fills the volume (pkg/volume/util/atomic_writer.go).
fn is_atomic(context: &RuleContext<'_>, mount: &Mount) -> bool {
    let volume = context.workload.pod.volume(&mount.name);
    volume.is_some_and(|volume| {
        matches!(
            volume.source,
            VolumeSource::Secret(_)
                | VolumeSource::ConfigMap(_)
                | VolumeSource::DownwardApi { .. }
                | VolumeSource::Projected { .. }
        )
    })
}

/// `rest` is what is known of the source below the mount.
fn place_of(source: &Argument, rest: &str) -> Option<Place> {
    match &source.text {
        Some(_) if matches!(rest, "" | ".") => Some(Place::Whole),
        Some(_) if !rest.contains('/') && !rest.starts_with("..") => Some(Place::Entry),
        Some(_) => None,
        // Of a pattern the directory before it is known to its end, and nothing but the pattern follows.
        None => {
            let glob = source
                .word
                .parts
                .iter()
                .position(|part| matches!(part, Part::Glob(_)))?;
            let in_root = !rest.contains('/') && (!rest.is_empty() || source.start.ends_with('/'));
            let rest_of_word = source.word.parts.get(glob..).unwrap_or_default();
            let flat = rest_of_word.iter().all(|part| match part {
                Part::Literal { text, .. } => !text.contains('/'),
                Part::Glob(_) => true,
                _ => false,
            });
            (in_root && flat).then_some(Place::Pattern)
        }
    }
}

/// What a copy of what a pattern matches comes to, when it may match nothing or directories.
fn pattern(
    context: &RuleContext<'_>,
    mount: &Mount,
    copy: &Copy<'_>,
    source: &Argument,
) -> Option<(Severity, Confidence, String, String)> {
    let secret = SecretMount::find(context.workload, mount)?;
    if copy.command.guarded || copy.command.failure_handled {
        return None;
    }
    let name = secret.secret_names().next()?.value.clone();
    let fails = "`cp` looks for a file of the pattern's own name and fails".to_owned();
    let Some(files) = secret.files(context) else {
        let what = format!("it fails when Secret `{name}` has no keys");
        let why = format!("Secret `{name}` is not among the inputs; without a match {fails}");
        return Some((Severity::Warning, Confidence::Medium, what, why));
    };
    let entries: BTreeSet<&str> = files.iter().filter_map(|file| file.split('/').next()).collect();
    let matched: Vec<&str> = entries
        .into_iter()
        .filter(|entry| !entry.starts_with('.') && may_match(source, entry))
        .collect();
    if matched.is_empty() {
        let (confidence, why) = if files.is_empty() {
            (
                Confidence::Medium,
                format!("Secret `{name}` has no keys as it is declared"),
            )
        } else {
            (
                Confidence::High,
                format!("no file of Secret `{name}` matches; `*` never matches a leading dot"),
            )
        };
        return Some((
            Severity::Error,
            confidence,
            "it fails: nothing matches".to_owned(),
            format!("{why}; {fails}"),
        ));
    }
    let directory = matched
        .iter()
        .find(|entry| files.iter().any(|file| file.starts_with(&format!("{entry}/"))));
    if let Some(directory) = directory.filter(|_| !copy.recursive) {
        let what = format!("it fails: `{directory}` is a directory, and there is no `-r`");
        let why = format!("`items` put files of Secret `{name}` below `{directory}/`");
        return Some((Severity::Error, Confidence::High, what, why));
    }
    let optional = secret.secrets.iter().all(|source| source.optional);
    let chosen = secret
        .secrets
        .iter()
        .any(|source| !source.items.is_empty() && !source.optional);
    if chosen {
        return None;
    }
    let (severity, why) = if optional {
        (
            Severity::Warning,
            format!("Secret `{name}` is `optional`: without it {fails}"),
        )
    } else {
        (
            Severity::Info,
            format!("Secret `{name}` has keys as it is declared; without one {fails}"),
        )
    };
    let what = format!("it fails when Secret `{name}` has no keys");
    Some((severity, Confidence::Medium, what, why))
}

/// Whether a name could be matched: exact for the pattern `*`, else by what stands before it.
fn may_match(source: &Argument, name: &str) -> bool {
    let before = source.start.rsplit('/').next().unwrap_or_default();
    let after = match source.word.parts.last() {
        Some(Part::Literal { text, .. }) => text.as_str(),
        _ => "",
    };
    name.starts_with(before) && name.ends_with(after)
}

fn report(context: &RuleContext<'_>, container: &Container, copy: &Copy<'_>, flaw: Flaw<'_>) -> Finding {
    let message = format!(
        "container `{}` copies from volume `{}`: {}",
        container.name.value, flaw.volume.value, flaw.what
    );
    Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        copy.place(),
        flaw.label,
    )
    .in_container(&container.name)
    .with_severity(flaw.severity)
    .with_confidence(flaw.confidence)
    .related(context.place(flaw.volume.span), "the volume")
    .because(flaw.why)
    .with_help(flaw.help)
    .asking(Correction::CopyAnew {
        copy: plain_copy(context, container),
    })
}
