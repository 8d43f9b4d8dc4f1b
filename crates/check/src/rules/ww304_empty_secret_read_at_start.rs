// SPDX-License-Identifier: Apache-2.0
//! # WW304 empty-secret-read-at-start
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds containers that read a Secret when they start, as variables or as a file, while the Secret as it is declared
//! has an empty value there, or no keys at all: whoever fills it comes later.
//!
//! A variable and a file mounted with `subPath` never change while the container runs. When a workload of the inputs is
//! seen to fill the Secret (a Job with `kubectl patch secret`, for instance), it is sure. A whole volume is updated by
//! kubelet: that is a hint only where the Secret has no keys yet, or where a script of the pod tests a file of the
//! volume, which is how one waits for it. Secrets whose annotations name a controller that fills them are hints too. A
//! key that is missing altogether is not this rule's: the container is not made before it is there.
//!
//! ## Why is this bad
//!
//! The program starts with an empty credential. Many exit at once and are restarted with a growing delay; others run on
//! without it, and nothing tells them when it is there. A first installation then depends on who was faster.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: v1
//! kind: Secret
//! metadata:
//!   name: gitea-token
//! stringData:
//!   token: ""                          # a Job mints it later
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: app
//! spec:
//!   containers:
//!     - name: app
//!       image: ghcr.io/acme/app:1.2
//!       env:
//!         - name: GITEA_TOKEN
//!           valueFrom:
//!             secretKeyRef:
//!               name: gitea-token
//!               key: token
//! ```
//!
//! ## Use instead
//!
//! No key until there is a value: kubelet then waits with the container, and starts it when the key appears.
//!
//! ```yaml
//! apiVersion: v1
//! kind: Secret
//! metadata:
//!   name: gitea-token
//! type: Opaque                         # the Job adds the key `token`
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: app
//! spec:
//!   containers:
//!     - name: app
//!       image: ghcr.io/acme/app:1.2
//!       env:
//!         - name: GITEA_TOKEN
//!           valueFrom:
//!             secretKeyRef:
//!               name: gitea-token
//!               key: token
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Secrets", "Using Secrets as environment variables"; pkg/kubelet/kubelet_pods.go,
//!   makeEnvironmentVariables: a key that is missing and not optional keeps the container from being made
//! - Kubernetes: "Secrets", "Mounted Secrets are updated automatically"

use writeway_manifest::{
    Container, Declared, EnvFromSource, EnvSource, Metadata, Place, Secret, Span, Which, Workload,
};

use crate::evidence::commands::commands;
use crate::evidence::secret_mount::SecretMount;
use crate::evidence::secret_writes::{SecretWrite, secret_writes};
use crate::mount_path::mount_of;
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww304_empty_secret_read_at_start.rs"), run);

/// Workloads that are searched for one that fills the Secret.
const MAX_SEARCHED: usize = 512;

/// Keys that are named in a message.
const MAX_NAMED: usize = 3;

/// Beginnings of annotations by which a controller fills a Secret with what it makes or copies.
const FILLERS: &[&str] = &[
    "kubernetes.io/service-account.",
    "replicator.v1.mittwald.de/",
    "secret-generator.v1.mittwald.de/",
    "reflector.v1.k8s.emberstack.com/",
    "cert-manager.io/",
];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::Regular) {
        let mut reads = reads(context, container);
        reads.sort_by_key(|read| (read.confidence, read.span));
        let mut seen = Vec::new();
        for read in reads {
            let name = read.secret.object.name.as_str();
            if !seen.contains(&name) {
                seen.push(name);
                findings.extend(judge(context, container, &read));
            }
        }
    }
    findings
}

/// An empty Secret that a container reads.
struct Read<'a> {
    secret: &'a Declared<Secret>,
    /// Where the container names it.
    span: Span,
    /// The empty keys that it reads; none when the Secret has no keys.
    keys: Vec<&'a str>,
    /// How it is read, behind "reads Secret `s` ".
    how: String,
    /// It is a file that kubelet updates while the container runs.
    updated: bool,
    confidence: Confidence,
}

fn reads<'a>(context: &RuleContext<'a>, container: &'a Container) -> Vec<Read<'a>> {
    let namespace = context.workload.object.namespace.as_deref();
    let secret = |name: &str| context.access.inventory.secret(namespace, name);
    let mut reads = Vec::new();
    for variable in &container.env {
        let EnvSource::SecretKey { name, key, .. } = &variable.source else {
            continue;
        };
        let Some(secret) = secret(name) else { continue };
        if secret.keys.get(key.as_str()).is_some_and(|key| key.empty) {
            reads.push(Read {
                secret,
                span: name.span,
                keys: vec![key.as_str()],
                how: format!("into variable `{}`", variable.name.value),
                updated: false,
                confidence: Confidence::Medium,
            });
        }
    }
    for source in &container.env_from_sources {
        let EnvFromSource::Secret { name, .. } = source else {
            continue;
        };
        let Some(secret) = secret(name) else { continue };
        if let Some(keys) = empty_keys(secret) {
            reads.push(Read {
                secret,
                span: name.span,
                keys,
                how: "into its variables".to_owned(),
                updated: false,
                confidence: Confidence::Medium,
            });
        }
    }
    for mount in SecretMount::of(context.workload, container) {
        for source in &mount.secrets {
            let Some(name) = &source.name else { continue };
            let Some(secret) = secret(name) else { continue };
            let Some(mut keys) = empty_keys(secret) else {
                continue;
            };
            if !source.items.is_empty() {
                keys.retain(|key| source.items.iter().any(|item| item.key.value == **key));
            }
            if let Some(part) = mount.part {
                let path = |key: &&str| {
                    let item = source.items.iter().find(|item| item.key.value == **key);
                    item.map_or(**key == *part, |item| *item.path == part)
                };
                keys.retain(|key| path(key));
            }
            if keys.is_empty()
                && (!secret.keys.is_empty() || mount.part.is_some() || !source.items.is_empty())
            {
                continue;
            }
            let updated = mount.part.is_none();
            let hint = updated && (keys.is_empty() || is_tested(context, &mount.volume.name));
            reads.push(Read {
                secret,
                span: mount.mount.mount_path.span,
                keys,
                how: format!("at `{}`", mount.mount.mount_path.value),
                updated,
                confidence: if hint { Confidence::Low } else { Confidence::Medium },
            });
        }
    }
    reads
}

/// Whether a script of the pod tests a file of the volume, as one does that waits for it.
fn is_tested(context: &RuleContext<'_>, volume: &str) -> bool {
    let mut containers = context.workload.pod.containers(Which::Regular);
    containers.any(|container| {
        let commands = context.commands(container).iter();
        let mut tests = commands.filter(|command| matches!(command.name.as_str(), "[" | "[[" | "test"));
        tests.any(|test| {
            let mut files = test.texts().filter_map(|text| mount_of(container, text));
            files.any(|(mount, _)| mount.name.value == volume)
        })
    })
}

/// The keys without a value; none at all when the Secret has no keys. `None` when every key has a value.
fn empty_keys(secret: &Secret) -> Option<Vec<&str>> {
    let keys: Vec<&str> = secret
        .keys
        .iter()
        .filter(|(_, key)| key.empty)
        .map(|(name, _)| name.as_str())
        .collect();
    (secret.keys.is_empty() || !keys.is_empty()).then_some(keys)
}

fn judge(context: &RuleContext<'_>, container: &Container, read: &Read<'_>) -> Option<Finding> {
    let name = &read.secret.object.name;
    let namespace = context.workload.object.namespace.as_deref();
    let own = secret_writes(context.commands(container), context.workload, container);
    // It fills the Secret, and looks at it first.
    if own.iter().any(|write| write.writes(namespace, name)) {
        return None;
    }
    let filled = read
        .secret
        .annotations
        .keys()
        .any(|key| FILLERS.iter().any(|filler| key.starts_with(filler)));
    let filler = filler(context, name);
    let confidence = match (&filler, read.confidence) {
        _ if filled => Confidence::Low,
        (Some(_), Confidence::Medium) if !read.updated => Confidence::High,
        (_, confidence) => confidence,
    };
    let what = match read.keys.as_slice() {
        [] => "it has no keys".to_owned(),
        [key] => format!("its key `{key}` is empty"),
        keys => {
            let named: Vec<_> = keys
                .iter()
                .take(MAX_NAMED)
                .map(|key| format!("`{key}`"))
                .collect();
            let more = if keys.len() > MAX_NAMED { ", …" } else { "" };
            format!("its keys {}{more} are empty", named.join(", "))
        }
    };
    let message = format!(
        "container `{}` reads Secret `{name}` {} when it starts, and {what}",
        container.name.value, read.how
    );
    let secret_place = Place {
        file: read.secret.object.file,
        span: read
            .keys
            .first()
            .and_then(|key| read.secret.keys.get(*key))
            .map_or(read.secret.object.name_span, |key| key.span),
    };
    let mut why = vec![if read.updated {
        "kubelet updates the files within minutes, but does not tell the program".to_owned()
    } else {
        "what a container got at its start stays as it is until it is restarted".to_owned()
    }];
    let mut finding = Finding::new(&RULE, context.workload, message, read.span, "read at start")
        .in_container(&container.name)
        .with_confidence(confidence)
        .related(secret_place, "empty");
    if let Some((workload, write)) = filler {
        let object = &workload.object;
        finding = finding.related(write.place, "fills it");
        why.push(format!(
            "{} `{}` fills it with `{}`",
            object.kind, object.name, write.verb
        ));
        let metadata = context.access.inventory.metadata(object);
        if let Some(hook) = metadata.and_then(Metadata::helm_hook) {
            let events: Vec<_> = hook.events.iter().map(|event| event.as_str()).collect();
            let events = events.join(",");
            why.push(format!("{} `{}` is a hook: {events}", object.kind, object.name));
        }
    }
    let finding = finding.because(why).with_help(
        "leave the key out until it has a value, so that kubelet waits with the container; or let an init container wait \
         for the value",
    );
    Some(finding)
}

/// The first other workload of the namespace whose commands write the Secret.
fn filler<'a>(context: &RuleContext<'a>, secret: &str) -> Option<(&'a Workload, SecretWrite)> {
    let inventory = context.access.inventory;
    let namespace = context.workload.object.namespace.as_deref();
    let workloads = inventory.workloads().iter().take(MAX_SEARCHED);
    let others = workloads.filter(|it| {
        it.object != context.workload.object
            && it.object.effective_namespace() == context.workload.object.effective_namespace()
    });
    let mut found = others.filter_map(|workload| {
        let mut containers = workload.pod.containers(Which::Regular);
        containers.find_map(|container| {
            let writes = secret_writes(&commands(inventory, workload, container), workload, container);
            let write = writes.into_iter().find(|write| write.writes(namespace, secret))?;
            Some((workload, write))
        })
    });
    found.next()
}
