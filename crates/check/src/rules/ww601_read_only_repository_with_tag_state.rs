// SPDX-License-Identifier: Apache-2.0
//! # WW601 read-only-repository-with-tag-state
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds daemons of Flux v1 that cannot write to their repository and are not told so, and such whose flags contradict
//! each other.
//!
//! - No `--git-readonly`, and a URL of `http` or `https` without a credential: the daemon never gets past its check that
//!   it can push (error). The same is a hint where the name of the deploy key says that it is read-only.
//! - `--git-readonly` together with `--sync-state=git` (warning) or `--git-sync-tag` (info), which have no effect.
//! - `--git-readonly` or `--sync-state` on a version before 1.14, which does not know them and exits (error).
//! - State in a Secret that nothing makes: with a URL of `http` the daemon makes none, and every sync fails (warning).
//!
//! Flux v2 keeps its state in its own objects and needs no right to write.
//!
//! ## Why is this bad
//!
//! Flux v1 keeps what it applied last in a tag of the repository, and pushes a tag to see whether it may, before it does
//! anything else. With a key that may only read it says `git repo not ready` for ever, and nothing is ever applied. A
//! right to write that is granted because of that message is one that was not meant to be there.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: flux
//!     image: docker.io/fluxcd/flux:1.25.4
//!     args:
//!       - --git-url=https://github.com/acme/fleet
//! ```
//!
//! ## Use instead
//!
//! `--git-readonly`, which puts the state into an annotation of a Secret. With a URL of `https` that Secret has to be
//! made: an empty one will do.
//!
//! ```yaml
//! containers:
//!   - name: flux
//!     image: docker.io/fluxcd/flux:1.25.4
//!     args:
//!       - --git-url=https://github.com/acme/fleet
//!       - --git-readonly
//!     volumeMounts:
//!       - name: git-key
//!         mountPath: /etc/fluxd/ssh
//! volumes:
//!   - name: git-key
//!     secret:
//!       secretName: flux-git-deploy
//! ```
//!
//! ## References
//!
//! - fluxcd/flux: cmd/fluxd/main.go, "Argument validation"; pkg/git/repo.go, step and checkPush
//! - fluxcd/flux#858, #865: a repository behind `https` cannot be written
//! - fluxcd/flux#1139, #1741: the read-only mode, since 1.14.0

use writeway_manifest::{Span, Volume, VolumeSource};

use crate::evidence::fluxd::{Fluxd, State};
use crate::evidence::git_url::Transport;
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule =
    Rule::from_source(include_str!("ww601_read_only_repository_with_tag_state.rs"), run);

/// The first minor version with `--git-readonly` and `--sync-state`.
const READ_ONLY_SINCE: u32 = 14;

/// Where git looks for credentials of http, beside the URL; the daemon's home is `/root`.
const CREDENTIAL_PLACES: &[&str] = &["/root", "/etc/gitconfig", "/home"];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let Some(daemon) = Fluxd::of(context.workload) else {
        return Vec::new();
    };
    let Some(read_only) = daemon.is_on("git-readonly") else {
        return Vec::new();
    };
    if let Some(found) = too_old(context, &daemon) {
        return vec![found];
    }
    let mut findings = Vec::new();
    if read_only {
        findings.extend(ignored_state(context, &daemon));
        findings.extend(ignored_tag(context, &daemon));
    } else {
        findings.extend(cannot_push(context, &daemon).or_else(|| read_only_key(context, &daemon)));
    }
    findings.extend(missing_secret(context, &daemon));
    findings
}

fn finding(
    context: &RuleContext<'_>,
    daemon: &Fluxd<'_>,
    severity: Severity,
    message: &str,
    span: Span,
    label: &str,
) -> Finding {
    Finding::new(&RULE, context.workload, message, span, label)
        .in_container(&daemon.container.name)
        .with_severity(severity)
}

fn too_old(context: &RuleContext<'_>, daemon: &Fluxd<'_>) -> Option<Finding> {
    let minor = daemon.minor().filter(|minor| *minor < READ_ONLY_SINCE)?;
    let (name, flag) = ["git-readonly", "sync-state"]
        .into_iter()
        .find_map(|name| Some((name, daemon.flag(name)?)))?;
    let message = format!("Flux 1.{minor} does not know `--{name}`: the daemon prints its usage and exits");
    let found = finding(
        context,
        daemon,
        Severity::Error,
        &message,
        flag.span,
        "unknown to this version",
    )
    .with_help("take an image of 1.14 or later, 1.25.4 being the last");
    Some(match &daemon.container.image {
        Some(image) => found.related(context.place(image.span), "the version"),
        None => found,
    })
}

fn ignored_state(context: &RuleContext<'_>, daemon: &Fluxd<'_>) -> Option<Finding> {
    let flag = daemon.flag("sync-state")?;
    if flag.value.as_deref() != Some("git") {
        return None;
    }
    let switch = daemon.flag("git-readonly")?;
    let message = "`--sync-state=git` has no effect beside `--git-readonly`: the state goes into a Secret";
    let found = finding(
        context,
        daemon,
        Severity::Warning,
        message,
        flag.span,
        "not what happens",
    )
    .related(context.place(switch.span), "forbids to push the tag")
    .with_help("write `--sync-state=secret`, or leave it away");
    Some(found)
}

fn ignored_tag(context: &RuleContext<'_>, daemon: &Fluxd<'_>) -> Option<Finding> {
    let flag = daemon.flag("git-sync-tag")?;
    let switch = daemon.flag("git-readonly")?;
    let message = "`--git-sync-tag` has no effect beside `--git-readonly`: there is no tag";
    let found = finding(context, daemon, Severity::Info, message, flag.span, "not used")
        .related(context.place(switch.span), "puts the state into a Secret")
        .with_help("leave `--git-sync-tag` away");
    Some(found)
}

fn cannot_push(context: &RuleContext<'_>, daemon: &Fluxd<'_>) -> Option<Finding> {
    let url = daemon.url()?;
    let flag = daemon.flag("git-url")?;
    let mut mounts = daemon.container.mounts.iter();
    let elsewhere = mounts.any(|mount| {
        CREDENTIAL_PLACES
            .iter()
            .any(|place| mount.mount_path.starts_with(place))
    });
    if url.transport != Transport::Http || url.user || elsewhere {
        return None;
    }
    let confidence = if url.is_public_host() {
        Confidence::High
    } else {
        Confidence::Medium
    };
    let message =
        "Flux applies nothing: it cannot push to its repository and is not told that it is read-only";
    let found = finding(context, daemon, Severity::Error, message, flag.span, "no credential")
        .with_confidence(confidence)
        .because([
            "before it reads anything, the daemon pushes a tag `flux-write-check-…` to the repository".to_owned(),
            format!("`{}` takes no push over http from nobody", url.host),
            "a failed push is tried again every 10 s; until one succeeds the repository is `not ready`".to_owned(),
        ])
        .with_help("add `--git-readonly`, and a Secret `flux-git-deploy` for the state; or give the daemon a key that may push");
    Some(found)
}

/// A key that is called read-only is a hint that it is.
fn read_only_key(context: &RuleContext<'_>, daemon: &Fluxd<'_>) -> Option<Finding> {
    let named = daemon.flag("k8s-secret-name").and_then(|flag| {
        let name = flag.value.as_deref()?;
        Some((name.to_owned(), flag.span))
    });
    let mounted = daemon.container.mounts.iter().find_map(|mount| {
        let volume = context.workload.pod.volume(&mount.name)?;
        let name = secret_of(volume)?;
        Some((name.value.clone(), name.span))
    });
    let (_, span) = [named, mounted]
        .into_iter()
        .flatten()
        .find(|(name, _)| says_read_only(name))?;
    let message = "Flux is not told that its repository is read-only, although its key is called so";
    let found = finding(
        context,
        daemon,
        Severity::Error,
        message,
        span,
        "a read-only key?",
    )
    .with_confidence(Confidence::Low)
    .because([
        "before it reads anything, the daemon pushes a tag `flux-write-check-…` to the repository".to_owned(),
    ])
    .with_help("add `--git-readonly` if the key may only read");
    Some(found)
}

fn secret_of(volume: &Volume) -> Option<&writeway_manifest::Spanned<String>> {
    match &volume.source {
        VolumeSource::Secret(secret) => secret.name.as_ref(),
        _ => None,
    }
}

/// Whether a name has `readonly`, `read-only` or `ro` as a word.
fn says_read_only(name: &str) -> bool {
    let words: Vec<_> = name.split(['-', '.']).collect();
    words.iter().any(|word| matches!(*word, "readonly" | "ro"))
        || words.windows(2).any(|two| two == ["read", "only"])
}

/// State in a Secret that is neither among the inputs nor mounted, where the daemon does not make it itself.
fn missing_secret(context: &RuleContext<'_>, daemon: &Fluxd<'_>) -> Option<Finding> {
    let Some(State::Secret(name)) = daemon.state() else {
        return None;
    };
    let url = daemon.url()?;
    let flag = daemon.flag("git-url")?;
    let namespace = context.workload.object.namespace.as_deref();
    let inventory = context.access.inventory;
    let mut volumes = context.workload.pod.volumes.iter();
    let there = inventory.secret(namespace, &name).is_some()
        || inventory.maker_of_secret(namespace, &name).is_some()
        || volumes.any(|volume| secret_of(volume).is_some_and(|secret| *secret.value == name));
    if url.transport != Transport::Http || there {
        return None;
    }
    let message =
        format!("every sync of Flux fails unless somebody makes Secret `{name}`, which holds the state");
    let found = finding(context, daemon, Severity::Warning, &message, flag.span, "no key, so no Secret")
        .with_confidence(Confidence::Medium)
        .because([
            "with a URL of `http` or `https` the daemon makes no key and no Secret for it".to_owned(),
            "it reads its state from the annotation `flux.weave.works/sync-hwm` of that Secret, and gives up without"
                .to_owned(),
            format!("Secret `{name}` is not among the inputs"),
        ])
        .with_help(format!("add an empty Secret `{name}` to the manifests"));
    Some(found)
}
