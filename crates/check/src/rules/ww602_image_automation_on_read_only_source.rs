// SPDX-License-Identifier: Apache-2.0
//! # WW602 image-automation-on-read-only-source
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds automations that are to write image tags to a repository that they cannot write.
//!
//! - Flux v2: an `ImageUpdateAutomation` whose `GitRepository` has no credential (no `secretRef`, no `provider`, none in the
//!   URL), or a Secret without one; or that has no branch to push to, because a tag or a commit is checked out.
//! - Flux v1: workloads with `fluxcd.io/automated`, where the daemon has `--git-readonly` (warning).
//!
//! Nothing is said of a key that may read only: no manifest tells. Suspended objects are left out. Of several
//! GitRepositories of one name, one for each cluster, all have to be at fault.
//!
//! ## Why is this bad
//!
//! Reading a public repository needs no credential, so that everything looks well: the source is ready, new images are
//! found. Each push fails with `authentication required`, and the images that run stay what they were. Flux v1 says so in
//! one line when it starts, and never again.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: source.toolkit.fluxcd.io/v1
//! kind: GitRepository
//! metadata: {name: fleet, namespace: flux-system}
//! spec:
//!   interval: 5m
//!   url: https://github.com/acme/fleet
//!   ref: {branch: main}
//! ---
//! apiVersion: image.toolkit.fluxcd.io/v1
//! kind: ImageUpdateAutomation
//! metadata: {name: fleet, namespace: flux-system}
//! spec:
//!   interval: 30m
//!   sourceRef: {kind: GitRepository, name: fleet}
//!   git:
//!     commit: {author: {email: flux@example.com}}
//!     push: {branch: main}
//! ```
//!
//! ## Use instead
//!
//! A credential that may push; for the automation alone, if the rest is to stay read-only: a GitRepository of its own.
//!
//! ```yaml
//! apiVersion: source.toolkit.fluxcd.io/v1
//! kind: GitRepository
//! metadata: {name: fleet-write, namespace: flux-system}
//! spec:
//!   interval: 5m
//!   url: https://github.com/acme/fleet
//!   secretRef: {name: fleet-write}
//!   ref: {branch: main}
//! ---
//! apiVersion: image.toolkit.fluxcd.io/v1
//! kind: ImageUpdateAutomation
//! metadata: {name: fleet, namespace: flux-system}
//! spec:
//!   interval: 30m
//!   sourceRef: {kind: GitRepository, name: fleet-write}
//!   git:
//!     commit: {author: {email: flux@example.com}}
//!     push: {branch: main}
//! ```
//!
//! ## References
//!
//! - fluxcd/image-automation-controller: internal/source/git.go, getAuthOpts and configurePush
//! - fluxcd/flux: pkg/daemon/loop.go, "Repo is read-only; no image updates will be attempted"
//! - fluxcd/image-automation-controller#225

use writeway_manifest::{Declared, GitReference, GitRepository, ImageUpdateAutomation, Metadata, Place};

use crate::evidence::fluxd::Fluxd;
use crate::evidence::git_url::{GitUrl, Transport};
use crate::rule::ObjectContext;
use crate::{Confidence, Finding, Rule, Severity};

pub(super) static RULE: Rule =
    Rule::of_object(include_str!("ww602_image_automation_on_read_only_source.rs"), run);

/// Keys of a GitRepository's Secret that prove who somebody else is, and not who Flux is
/// (source-controller docs/spec/v1/gitrepositories.md, "Secret reference").
const NO_CREDENTIAL: &[&str] = &["ca.crt", "caFile", "known_hosts"];

/// Annotations of Flux v1, today's prefix first; the older one is still read.
const PREFIXES: &[&str] = &["fluxcd.io/", "flux.weave.works/"];

/// Workloads that one finding leads to.
const SHOWN: usize = 3;

fn run(context: &ObjectContext<'_>) -> Vec<Finding> {
    let object = &context.object.object;
    match (object.group(), object.kind.as_str()) {
        ("image.toolkit.fluxcd.io", "ImageUpdateAutomation") => {
            let automation = context.inventory().image_automation(object);
            automation
                .and_then(|automation| second_version(context, automation))
                .into_iter()
                .collect()
        }
        _ => first_version(context).into_iter().collect(),
    }
}

/// Why nothing can be pushed to a repository.
struct Obstacle<'a> {
    repository: &'a Declared<GitRepository>,
    message: String,
    /// The place in the repository's file, and what is said there.
    at: Place,
    label: String,
    confidence: Confidence,
    help: &'static str,
}

fn second_version(
    context: &ObjectContext<'_>,
    automation: &Declared<ImageUpdateAutomation>,
) -> Option<Finding> {
    if automation.suspended {
        return None;
    }
    let own = automation.object.effective_namespace();
    let namespace = automation
        .source_namespace
        .as_ref()
        .map_or(own, |namespace| namespace.value.as_str());
    let mut obstacles = Vec::new();
    for repository in context
        .inventory()
        .git_repositories(namespace, &automation.source)
    {
        obstacles.push(obstacle(context, automation, repository)?);
    }
    // The first is the one that is told.
    let obstacle = obstacles.into_iter().next()?;
    let name = &obstacle.repository.object.name;
    let found = Finding::about(
        &RULE,
        Some(&automation.object),
        format!("no image is ever updated: {}", obstacle.message),
        context.place(automation.source.span),
        format!("pushes to what GitRepository `{name}` names"),
    )
    .with_confidence(obstacle.confidence)
    .related(obstacle.at, obstacle.label)
    .with_help(obstacle.help);
    Some(found)
}

fn obstacle<'a>(
    context: &ObjectContext<'_>,
    automation: &ImageUpdateAutomation,
    repository: &'a Declared<GitRepository>,
) -> Option<Obstacle<'a>> {
    if repository.suspended {
        return None;
    }
    no_credential(context, repository).or_else(|| no_branch(automation, repository))
}

fn no_credential<'a>(
    context: &ObjectContext<'_>,
    repository: &'a Declared<GitRepository>,
) -> Option<Obstacle<'a>> {
    if repository.provider.is_some() {
        return None;
    }
    let url = GitUrl::parse(&repository.url)?;
    let place = |span| Place {
        file: repository.object.file,
        span,
    };
    let help = "give the GitRepository a `secretRef` with a key or token that may push";
    if let Some(name) = &repository.secret {
        let namespace = Some(repository.object.effective_namespace());
        let secret = context.inventory().secret(namespace, name)?;
        let mut keys = secret.keys.keys();
        if secret.keys.is_empty() || !keys.all(|key| NO_CREDENTIAL.contains(&key.as_str())) {
            return None;
        }
        return Some(Obstacle {
            repository,
            message: format!("Secret `{}` holds no credential to push with", name.value),
            at: place(name.span),
            label: "certificates of the host alone".to_owned(),
            confidence: Confidence::High,
            help,
        });
    }
    let (what, confidence) = match url.transport {
        Transport::Ssh => ("key", Confidence::High),
        Transport::Http if url.user => return None,
        Transport::Http if url.is_public_host() => ("credential", Confidence::High),
        Transport::Http => ("credential", Confidence::Medium),
    };
    Some(Obstacle {
        repository,
        message: format!(
            "GitRepository `{}` has no {what} to push with",
            repository.object.name
        ),
        at: place(repository.url.span),
        label: "no `secretRef` beside it".to_owned(),
        confidence,
        help,
    })
}

/// configurePush: without a branch of its own the automation pushes to the one that is checked out.
fn no_branch<'a>(
    automation: &ImageUpdateAutomation,
    repository: &'a Declared<GitRepository>,
) -> Option<Obstacle<'a>> {
    let checkout: Option<&GitReference> = automation.checkout.as_ref().or(repository.reference.as_ref());
    if automation.push_branch.is_some() || checkout.is_some_and(|checkout| checkout.branch.is_some()) {
        return None;
    }
    let fixed = checkout.and_then(|checkout| checkout.fixed.as_ref());
    let (message, span) = match fixed {
        Some((field, value)) => (
            format!("there is no branch to push to, since a `{field}` is checked out"),
            value.span,
        ),
        None => (
            "there is no branch to push to, since neither names one".to_owned(),
            repository.url.span,
        ),
    };
    // The reference may stand in the automation.
    let in_automation = automation.checkout.is_some() && fixed.is_some();
    let (span, label) = if in_automation {
        (repository.url.span, "the repository")
    } else {
        (span, "no branch")
    };
    Some(Obstacle {
        repository,
        message,
        at: Place {
            file: repository.object.file,
            span,
        },
        label: label.to_owned(),
        confidence: Confidence::High,
        help: "name the branch in `spec.git.push.branch`",
    })
}

fn first_version(context: &ObjectContext<'_>) -> Option<Finding> {
    let object = &context.object.object;
    let inventory = context.inventory();
    let workload = inventory.workload_at(context.place(object.span))?;
    let daemon = Fluxd::of(workload)?;
    if daemon.is_on("git-readonly") != Some(true) {
        return None;
    }
    let switch = daemon.flag("git-readonly")?;
    let automated: Vec<_> = inventory
        .objects()
        .iter()
        .filter(|object| is_automated(object) && daemon.looks_after(object.object.effective_namespace()))
        .collect();
    let count = automated.len();
    let first = automated.first()?;
    let what = match count {
        1 => format!("{} `{}` is", first.object.kind, first.object.name),
        _ => format!("{count} workloads are"),
    };
    let writers = inventory.workloads().iter().filter_map(Fluxd::of);
    let others_write = writers
        .into_iter()
        .any(|other| other.is_on("git-readonly") != Some(true));
    let message = format!("{what} never updated: Flux skips `automated` workloads with `--git-readonly`");
    let mut found = Finding::about(
        &RULE,
        Some(object),
        message,
        context.place(switch.span),
        "no image updates will be attempted",
    )
    .with_severity(Severity::Warning)
    .with_confidence(if others_write {
        Confidence::Medium
    } else {
        Confidence::High
    })
    .with_help(
        "update the tags where the repository is written, and take the annotations away; or let Flux write",
    );
    found.subject.container = Some(daemon.container.name.value.clone());
    for object in automated.iter().take(SHOWN) {
        if let Some(annotation) = annotation(object, "automated") {
            let place = Place {
                file: object.object.file,
                span: annotation.span,
            };
            found = found.related(place, "never happens");
        }
    }
    Some(found)
}

fn is_automated(object: &Metadata) -> bool {
    let is = |name| annotation(object, name).is_some_and(|value| value.value == "true");
    is("automated") && !is("locked") && !is("ignore")
}

fn annotation<'a>(object: &'a Metadata, name: &str) -> Option<&'a writeway_manifest::Spanned<String>> {
    PREFIXES
        .iter()
        .find_map(|prefix| object.annotation(&format!("{prefix}{name}")))
}
