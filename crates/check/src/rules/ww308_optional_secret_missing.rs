// SPDX-License-Identifier: Apache-2.0
//! # WW308 optional-secret-missing
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds what a container is silently without because a Secret, or a key of it, is not there and `optional` lets the pod
//! start all the same.
//!
//! - `items` of an optional volume, or an optional `secretKeyRef`, name a key that the Secret among the inputs does not
//!   have;
//! - a `subPath` names a file that the Secret among the inputs does not have, so that kubelet makes an empty directory
//!   of that name and mounts it (with or without `optional`); less sure where the Secret is `optional` and not among
//!   the inputs at all;
//! - an optional Secret is not among the inputs at all, while the container's command, arguments or variables name a
//!   file of it (a hint, since it may come from elsewhere).
//!
//! A missing Secret or key that is not optional keeps the pod from starting, which WW211 says.
//!
//! ## Why is this bad
//!
//! `optional` turns an error that everybody sees into a program without its certificate, password or configuration. With
//! `subPath` it is a directory where a file is expected, which programs report in words that help nobody.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: v1
//! kind: Secret
//! metadata:
//!   name: api
//! stringData:
//!   api-token: example
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
//!         - name: API_TOKEN
//!           valueFrom:
//!             secretKeyRef:
//!               name: api
//!               key: token             # the key is api-token
//!               optional: true
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! apiVersion: v1
//! kind: Secret
//! metadata:
//!   name: api
//! stringData:
//!   api-token: example
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
//!         - name: API_TOKEN
//!           valueFrom:
//!             secretKeyRef:
//!               name: api
//!               key: api-token
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Secrets", "Optional Secrets"
//! - Kubernetes: pkg/volume/secret/secret.go, MakePayload: a missing optional key is left out
//! - Kubernetes: pkg/kubelet/kubelet_pods.go, makeMounts: a `subPath` that is missing is made as a directory

use std::collections::BTreeSet;

use writeway_manifest::{Container, Declared, EnvSource, Place, Secret, SecretSource, VolumeSource, Which};

use crate::evidence::secret_mount::SecretMount;
use crate::mount_path::below;
use crate::{Confidence, Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww308_optional_secret_missing.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::Regular) {
        findings.extend(by_variables(context, container));
        for mount in SecretMount::of(context.workload, container) {
            if let Some(finding) = by_sub_path(context, container, &mount) {
                findings.push(finding);
                continue;
            }
            for source in mount.secrets.iter().filter(|source| source.optional) {
                findings.extend(by_items(context, container, &mount, source));
                findings.extend(by_absence(context, container, &mount, source));
            }
        }
    }
    findings
}

fn secret<'a>(context: &RuleContext<'a>, name: &str) -> Option<&'a Declared<Secret>> {
    let namespace = context.workload.object.namespace.as_deref();
    context.access.inventory.secret(namespace, name)
}

fn place(secret: &Declared<Secret>) -> Place {
    Place {
        file: secret.object.file,
        span: secret.object.name_span,
    }
}

/// Whether a controller makes the Secret, or adds keys to it, so that those of the inputs are not all.
fn is_made(context: &RuleContext<'_>, name: &str) -> bool {
    let namespace = context.workload.object.namespace.as_deref();
    context
        .access
        .inventory
        .maker_of_secret(namespace, name)
        .is_some()
}

fn by_variables(context: &RuleContext<'_>, container: &Container) -> Vec<Finding> {
    let mut findings = Vec::new();
    for variable in &container.env {
        let EnvSource::SecretKey {
            name,
            key,
            optional: true,
        } = &variable.source
        else {
            continue;
        };
        // A Secret without any key is to be filled later.
        let found = secret(context, name).filter(|secret| !secret.keys.is_empty() && !is_made(context, name));
        let Some(secret) = found.filter(|secret| !secret.keys.contains_key(key.as_str())) else {
            continue;
        };
        let message = format!(
            "container `{}` runs without variable `{}`: Secret `{}` has no key `{}`, which is `optional`",
            container.name.value, variable.name.value, name.value, key.value
        );
        let finding = Finding::new(&RULE, context.workload, message, key.span, "no such key")
            .in_container(&container.name)
            .related(place(secret), "has other keys")
            .because([format!(
                "Secret `{}` is among the inputs, and its keys are known",
                name.value
            )])
            .with_help("name a key that the Secret has, or remove the variable");
        findings.push(finding);
    }
    findings
}

fn by_items(
    context: &RuleContext<'_>,
    container: &Container,
    mount: &SecretMount<'_>,
    source: &SecretSource,
) -> Vec<Finding> {
    let Some(name) = &source.name else {
        return Vec::new();
    };
    let Some(secret) =
        secret(context, name).filter(|secret| !secret.keys.is_empty() && !is_made(context, name))
    else {
        return Vec::new();
    };
    let missing = source
        .items
        .iter()
        .filter(|item| !secret.keys.contains_key(item.key.as_str()));
    let findings = missing.map(|item| {
        let message = format!(
            "container `{}` runs without file `{}` of volume `{}`: Secret `{}` has no key `{}`, and is `optional`",
            container.name.value, item.path.value, mount.volume.name.value, name.value, item.key.value
        );
        Finding::new(&RULE, context.workload, message, item.key.span, "no such key")
            .in_container(&container.name)
            .related(place(secret), "has other keys")
            .because([format!("Secret `{}` is among the inputs, and its keys are known", name.value)])
            .with_help("name a key that the Secret has, or remove the item")
    });
    findings.collect()
}

fn by_sub_path(context: &RuleContext<'_>, container: &Container, mount: &SecretMount<'_>) -> Option<Finding> {
    let part = mount.part?;
    let field = mount.mount.sub_path.as_ref()?;
    let name = mount.secret_names().next()?;
    let absent = mount.secrets.iter().all(|source| source.optional)
        && mount.secret_names().all(|name| secret(context, name).is_none());
    let files = match mount.files(context) {
        Some(files) => files,
        None if absent => BTreeSet::new(),
        None => return None,
    };
    let made = mount.secret_names().any(|name| is_made(context, name));
    if !files.is_empty() || made || is_elsewhere(context, mount) {
        return None;
    }
    let cause = if absent {
        "is `optional` and not among the inputs".to_owned()
    } else {
        format!("has no file `{part}`")
    };
    let message = format!(
        "container `{}` gets an empty directory at `{}`: Secret `{}` {cause}",
        container.name.value, mount.mount.mount_path.value, name.value
    );
    let mut finding = Finding::new(&RULE, context.workload, message, field.span(), "no such file")
        .in_container(&container.name)
        .because(["kubelet makes a `subPath` that is missing as a directory, and mounts that".to_owned()])
        .with_confidence(if absent {
            Confidence::Medium
        } else {
            Confidence::High
        })
        .with_help(if absent {
            "add the Secret, or drop `optional` so that its absence is noticed"
        } else {
            "name a file that the Secret has in its volume"
        });
    if let Some(secret) = secret(context, name) {
        // A Secret without any key is to be filled later.
        let (confidence, label) = if secret.keys.is_empty() {
            (Confidence::Medium, "has no keys")
        } else {
            (Confidence::High, "has other keys")
        };
        finding = finding.with_confidence(confidence).related(place(secret), label);
    }
    Some(finding)
}

/// Whether something else than Secrets is in the volume, where the file may come from.
fn is_elsewhere(context: &RuleContext<'_>, mount: &SecretMount<'_>) -> bool {
    let volume = context.workload.pod.volume(&mount.volume.name);
    volume.is_some_and(|volume| match &volume.source {
        VolumeSource::Projected { sources, .. } => sources.len() > mount.secrets.len(),
        _ => false,
    })
}

fn by_absence(
    context: &RuleContext<'_>,
    container: &Container,
    mount: &SecretMount<'_>,
    source: &SecretSource,
) -> Option<Finding> {
    let name = source.name.as_ref()?;
    if secret(context, name).is_some() || is_made(context, name) {
        return None;
    }
    let path = &mount.mount.mount_path;
    let words = container
        .command
        .iter()
        .flatten()
        .chain(container.args.iter().flatten());
    let values = container
        .env
        .iter()
        .filter_map(|variable| match &variable.source {
            EnvSource::Value(value) => Some(value),
            _ => None,
        });
    let needs = words.chain(values).find(|word| {
        let value = word.rsplit('=').next().unwrap_or_default();
        below(path, value).is_some()
    })?;
    let message = format!(
        "container `{}` may run without what it reads at `{}`: Secret `{}` is `optional` and not among the inputs",
        container.name.value, path.value, name.value
    );
    let finding = Finding::new(
        &RULE,
        context.workload,
        message,
        name.span,
        "not among the inputs",
    )
    .in_container(&container.name)
    .with_confidence(Confidence::Low)
    .related(context.place(needs.span), "reads it")
    .with_help("add the Secret, or drop `optional` so that its absence is noticed");
    Some(finding)
}
