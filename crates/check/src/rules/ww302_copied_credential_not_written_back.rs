// SPDX-License-Identifier: Apache-2.0
//! # WW302 copied-credential-not-written-back
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds containers that copy a Secret at start to a place where a program refreshes it, while nothing brings the
//! refreshed credential back: the copy ends with the pod, or the next pod's start overwrites it with the Secret.
//!
//! It is the usual cure of WW301, and it only delays the failure. The credential is known to be refreshed by the
//! program, by the file's name or by the names around it, as described there; keys, certificates and other files that
//! nobody refreshes are left out. A container of the pod that writes the Secret through the API (`kubectl patch`) makes
//! the copy good. So does `writeway-agent seed` on a volume that outlives the pod: it keeps what was refreshed. On a
//! volume that ends with the pod it is a hint where the names say that the token is Google's: a refresh token of Google
//! stays valid when it is used, so that the next pod starts from the Secret as well as this one did. `cp` does not say
//! that somebody has thought of it.
//!
//! ## Why is this bad
//!
//! A container restart does not run init containers again, so that everything works, for weeks perhaps, until the pod
//! is replaced: by a roll-out, an eviction, a drained node. The new pod copies the Secret again, with the credential as
//! it was once. An access token is then refreshed again. A refresh token that was rotated meanwhile is refused, and
//! presenting it again is taken for theft: the server may revoke all tokens of its family (RFC 9700, 4.14.2), so that
//! somebody has to log in again by hand.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: copy
//!     image: docker.io/library/busybox:1.37.0
//!     command: [sh, -c, "cp /secret/token.json /work/token.json"]
//!     volumeMounts:
//!       - name: google
//!         mountPath: /secret
//!       - name: work
//!         mountPath: /work
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: work
//!         mountPath: /etc/google
//! volumes:
//!   - name: google
//!     secret:
//!       secretName: google-token
//!   - name: work
//!     emptyDir: {}
//! ```
//!
//! ## Use instead
//!
//! A volume that outlives the pod, and a copy only where there is nothing yet; or a container beside the program that
//! writes the file back to a Secret which nobody else manages (see WW307).
//!
//! ```yaml
//! initContainers:
//!   - name: seed
//!     image: docker.io/library/busybox:1.37.0
//!     command: [sh, -c, "[ -e /work/token.json ] || cp /secret/token.json /work/token.json"]
//!     volumeMounts:
//!       - name: google
//!         mountPath: /secret
//!       - name: work
//!         mountPath: /work
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: work
//!         mountPath: /etc/google
//! volumes:
//!   - name: google
//!     secret:
//!       secretName: google-token
//!   - name: work
//!     persistentVolumeClaim:
//!       claimName: google-token
//! ```
//!
//! ## References
//!
//! - RFC 6749, section 6: a client that gets a new refresh token has to discard the old one
//! - RFC 9700, section 4.14.2: a refresh token that was used before revokes its family
//! - Google: "Using OAuth 2.0 to Access Google APIs", refresh token expiration: when one becomes void; its use is no cause
//! - nanocoai/nanoclaw#2534, borenstein/yolo-cage#22: copies of tokens that went stale, and a container that writes back

use std::collections::BTreeSet;

use writeway_manifest::{Container, Mount, Role, VolumeSource, Which};

use crate::evidence::agent_call::agent_call;
use crate::evidence::commands::Invocation;
use crate::evidence::copying::{Copy, copies, known_path};
use crate::evidence::mounted::{Mounted, Source};
use crate::evidence::refreshed::{Refreshed, Sight, refreshed};
use crate::evidence::secret_mount::SecretMount;
use crate::evidence::secret_writes::secret_writes;
use crate::mount_path::{below, join, mount_of};
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww302_copied_credential_not_written_back.rs"), run);

/// Words in a container's name or image that say that it brings files back in a way that its commands do not show.
const KEEPERS: &[&str] = &[
    "keep",
    "keeper",
    "sync",
    "syncer",
    "persist",
    "backup",
    "writeback",
    "refresher",
    "watcher",
];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for container in context.workload.pod.containers(Which::Regular) {
        let found = context.commands(container);
        for copy in copies(found) {
            for case in cases(context, container, &copy) {
                let key = (
                    case.secret.volume.name.value.clone(),
                    case.target_name().map(str::to_owned),
                );
                if !seen.contains(&key)
                    && let Some(finding) = judge(context, &case)
                {
                    findings.push(finding);
                    seen.insert(key);
                }
            }
        }
    }
    findings
}

/// A Secret, or a file of it, that is copied.
struct Case<'a> {
    container: &'a Container,
    command: &'a Invocation,
    secret: SecretMount<'a>,
    /// What is copied, as paths below the copy's target; `None` when the Secret's keys are not known.
    files: Option<BTreeSet<String>>,
    target: Target<'a>,
    /// Where it is copied to, as the copying container sees it.
    target_path: String,
}

/// Where a copy goes.
enum Target<'a> {
    /// Into a volume.
    Volume {
        mount: &'a Mount,
        mounted: Mounted<'a>,
        /// The path below the volume's root.
        path: String,
        end: End,
    },
    /// Into the container's own files.
    Container,
}

/// What becomes of the copy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is removed with the pod.
    WithPod,
    /// It stays, and the next pod writes the Secret over it.
    Overwritten,
}

impl Case<'_> {
    fn target_name(&self) -> Option<&str> {
        match &self.target {
            Target::Volume { mount, .. } => Some(mount.name.as_str()),
            Target::Container => None,
        }
    }
}

fn cases<'a>(context: &RuleContext<'a>, container: &'a Container, copy: &Copy<'a>) -> Vec<Case<'a>> {
    let Some(target_path) = known_path(&copy.target).filter(|path| path.starts_with('/')) else {
        return Vec::new();
    };
    let Some(target) = target(context, container, copy, target_path) else {
        return Vec::new();
    };
    let sources = copy.sources.iter().filter_map(|source| {
        let path = known_path(source)?;
        let (mount, rest) = mount_of(container, path)?;
        let secret = SecretMount::find(context.workload, mount)?;
        let rest = if rest == "." { "" } else { rest };
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let files = if source.text.is_some() && !rest.is_empty() {
            Some(BTreeSet::from([name(rest), name(target_path)]))
        } else if source.text.is_some() && secret.part.is_some() {
            Some(BTreeSet::from([name(path), name(target_path)]))
        } else {
            secret.files(context)
        };
        Some(Case {
            container,
            command: copy.command,
            secret,
            files,
            target: match &target {
                Target::Container => Target::Container,
                Target::Volume {
                    mount,
                    mounted,
                    path,
                    end,
                } => Target::Volume {
                    mount,
                    mounted: *mounted,
                    path: path.clone(),
                    end: *end,
                },
            },
            target_path: target_path.to_owned(),
        })
    });
    sources.collect()
}

/// Where the copy goes, when what is there is lost or overwritten.
fn target<'a>(
    context: &RuleContext<'a>,
    container: &'a Container,
    copy: &Copy<'a>,
    path: &str,
) -> Option<Target<'a>> {
    let Some((mount, rest)) = mount_of(container, path) else {
        // Files of an init container are gone when the others start, so that nobody can mean them.
        return (container.role != Role::Init).then_some(Target::Container);
    };
    let mounted = Mounted::find(context.workload, mount)?;
    let lasting = !copy.keeps_newer && !copy.command.guarded;
    let end = match mounted.source {
        Source::Volume(
            VolumeSource::EmptyDir(_) | VolumeSource::Ephemeral { .. } | VolumeSource::GitRepo,
        ) => End::WithPod,
        Source::Template(_) | Source::Volume(VolumeSource::Claim(_) | VolumeSource::HostPath(_))
            if lasting =>
        {
            End::Overwritten
        }
        _ => return None,
    };
    let path = match &mount.sub_path {
        None => rest.to_owned(),
        Some(part) => join(part.known()?.trim_matches('/'), rest),
    };
    Some(Target::Volume {
        mount,
        mounted,
        path,
        end,
    })
}

fn judge(context: &RuleContext<'_>, case: &Case<'_>) -> Option<Finding> {
    let secret = case.secret.secret_names().next()?;
    let (consumer, found) = consumers(context, case)
        .into_iter()
        .min_by_key(|(_, found)| found.confidence)?;
    let namespace = context.workload.object.namespace.as_deref();
    let written_back = context
        .workload
        .pod
        .containers(Which::LongRunning)
        .any(|container| {
            let writes = secret_writes(context.commands(container), context.workload, container);
            writes
                .iter()
                .any(|write| write.secret.is_none() || write.writes(namespace, secret))
        });
    if written_back {
        return None;
    }
    // A program that only reads needs no copy: that it has one says as much as a telling name.
    let confidence = if has_keeper(context, case) || starts_anew(case, &found) {
        Confidence::Low
    } else {
        found.confidence.min(Confidence::Medium)
    };
    Some(report(context, case, consumer, found).with_confidence(confidence))
}

/// Whether the next pod starts from the Secret as well as this one did, and somebody has chosen that: who runs `seed` knows
/// that the file is rewritten, as nobody who runs `cp` has to.
fn starts_anew(case: &Case<'_>, found: &Refreshed) -> bool {
    let with_pod = matches!(
        case.target,
        Target::Volume {
            end: End::WithPod,
            ..
        }
    );
    with_pod && found.never_rotates && agent_call(case.command).is_some_and(|call| call.verb == "seed")
}

/// The containers that can write to the copy, with what tells that they refresh it.
fn consumers<'a>(context: &RuleContext<'a>, case: &Case<'a>) -> Vec<(&'a Container, Refreshed)> {
    let names: Vec<&str> = case
        .secret
        .secret_names()
        .chain([&case.secret.volume.name])
        .map(|name| name.as_str())
        .chain(case.target_name())
        .collect();
    let see = |consumer: &'a Container, path: &str| {
        refreshed(&Sight {
            consumer,
            path,
            files: case.files.as_ref(),
            names: &names,
        })
    };
    match &case.target {
        Target::Container => see(case.container, directory(case, &case.target_path))
            .map(|found| (case.container, found))
            .into_iter()
            .collect(),
        Target::Volume { mount, path, .. } => {
            let containers = context.workload.pod.containers(Which::LongRunning);
            let mounts =
                containers.flat_map(|container| container.mounts.iter().map(move |it| (container, it)));
            mounts
                .filter(|(_, it)| *it.name == *mount.name && !it.read_only.is_some_and(|field| field.value))
                .filter_map(|(container, it)| {
                    let part = match &it.sub_path {
                        None => "",
                        Some(part) => part.known()?.trim_matches('/'),
                    };
                    let rest = below(part, path).unwrap_or_default();
                    let seen = join(&it.mount_path, rest);
                    see(container, directory(case, &seen)).map(|found| (container, found))
                })
                .collect()
        }
    }
}

/// The directory of the copy: the target itself, or around it when the target is the file.
fn directory<'p>(case: &Case<'_>, path: &'p str) -> &'p str {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_file =
        case.files.as_ref().is_some_and(|files| files.contains(name)) && !case.target_path.ends_with('/');
    match path.rsplit_once('/') {
        Some((directory, _)) if is_file => directory,
        _ => path,
    }
}

/// Whether another container has the copy, too, and a name by which it might bring it back.
fn has_keeper(context: &RuleContext<'_>, case: &Case<'_>) -> bool {
    let Some(volume) = case.target_name() else {
        return false;
    };
    context
        .workload
        .pod
        .containers(Which::LongRunning)
        .any(|container| {
            let shares = container.mounts.iter().any(|mount| *mount.name == *volume);
            let image = container.image.as_ref().map_or("", |image| image.as_str());
            let mut words = container
                .name
                .split(|c: char| !c.is_ascii_alphanumeric())
                .chain(image.split(|c: char| !c.is_ascii_alphanumeric()));
            shares && words.any(|word| KEEPERS.iter().any(|keeper| word.eq_ignore_ascii_case(keeper)))
        })
}

fn report(context: &RuleContext<'_>, case: &Case<'_>, consumer: &Container, found: Refreshed) -> Finding {
    let secret = case.secret.secret_names().next();
    let secret_name = secret.map_or("", |name| name.as_str());
    let end = match &case.target {
        Target::Volume { end, .. } => *end,
        Target::Container => End::WithPod,
    };
    let fate = match end {
        End::WithPod => "what is refreshed there is lost when the pod is replaced",
        End::Overwritten => "the next pod overwrites what was refreshed there",
    };
    let message = format!(
        "container `{}` copies Secret `{secret_name}` to `{}` and nothing writes it back: {fate}",
        case.container.name.value, case.target_path
    );
    let mut finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        case.command.place,
        "copies the credential as it was once",
    )
    .in_container(&case.container.name);
    if let Some(secret) = secret {
        finding = finding.related(context.place(secret.span), "stays as it is");
    }
    let lifetime = match &case.target {
        Target::Volume { mounted, end, .. } => {
            finding = finding.related(
                context.place(mounted.name.span),
                match end {
                    End::WithPod => "ends with the pod",
                    End::Overwritten => "outlives the pod",
                },
            );
            match end {
                End::WithPod => format!("volume `{}` is removed with the pod", mounted.name.value),
                End::Overwritten => format!(
                    "volume `{}` outlives the pod, but the copy is made at every start, whatever is there",
                    mounted.name.value
                ),
            }
        }
        Target::Container => "no volume is there: the copy is removed with the container".to_owned(),
    };
    if let Some(variable) = found.variable {
        finding = finding.related(context.place(variable), "says where the credential is");
    }
    let help = match end {
        End::WithPod => {
            "write the refreshed file back to a Secret that nobody else manages, from a container beside the program; or \
             keep the copy on a PersistentVolumeClaim and make it only when there is none"
        }
        End::Overwritten => "copy only when nothing is there: `[ -e TARGET ] || cp SOURCE TARGET`",
    };
    finding
        .because([
            format!("container `{}`: {}", consumer.name.value, found.evidence),
            lifetime,
            format!("no container of the pod has a command that writes Secret `{secret_name}`"),
        ])
        .with_help(help)
}
