// SPDX-License-Identifier: Apache-2.0
//! # WW306 secret-that-never-refreshes
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds credentials that are renewed in the cluster while a long-running container has them in a way that never follows:
//! as a file mounted with `subPath` (warning), or as a variable (worth knowing).
//!
//! A Secret is known to be renewed when the inputs have what renews it: a Certificate of cert-manager, an
//! ExternalSecret that refreshes, a Secret of the Vault Secrets Operator. The tokens of a service account that kubelet
//! projects are renewed always. Any other Secret by `subPath` is a hint. Workloads that Reloader or Wave restarts, and
//! Jobs, which end before it matters, are left out.
//!
//! ## Why is this bad
//!
//! kubelet updates a mounted Secret within minutes, but a `subPath` mount is bound to the file that was there when the
//! container started, and variables are handed over once. The program keeps the old certificate, password or token until
//! it expires or is revoked, and then fails although the Secret has been right for weeks.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: cert-manager.io/v1
//! kind: Certificate
//! metadata:
//!   name: app
//! spec:
//!   secretName: app-tls
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: app
//! spec:
//!   containers:
//!     - name: app
//!       image: ghcr.io/acme/app:1.2
//!       volumeMounts:
//!         - name: tls
//!           mountPath: /etc/app/tls.crt
//!           subPath: tls.crt
//!   volumes:
//!     - name: tls
//!       secret:
//!         secretName: app-tls
//! ```
//!
//! ## Use instead
//!
//! The whole volume, in a directory of its own.
//!
//! ```yaml
//! apiVersion: cert-manager.io/v1
//! kind: Certificate
//! metadata:
//!   name: app
//! spec:
//!   secretName: app-tls
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: app
//! spec:
//!   containers:
//!     - name: app
//!       image: ghcr.io/acme/app:1.2
//!       volumeMounts:
//!         - name: tls
//!           mountPath: /etc/app/tls
//!   volumes:
//!     - name: tls
//!       secret:
//!         secretName: app-tls
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Secrets", "A container using a Secret as a subPath volume mount does not receive automated Secret
//!   updates"; pkg/volume/util/subpath/subpath_linux.go, doBindSubPath
//! - Kubernetes: "Configure Service Accounts for Pods", "Launch a Pod using service account token projection"
//! - kubernetes-sigs/secrets-store-csi-driver#722

use std::collections::BTreeSet;

use writeway_manifest::{
    Container, EnvFromSource, EnvSource, Mount, Place, ProjectedSource, Spanned, VolumeSource, Which,
};

use crate::evidence::renewal::{outlives_renewals, renewer};
use crate::evidence::secret_mount::SecretMount;
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww306_secret_that_never_refreshes.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let workload = context.workload;
    if !outlives_renewals(context.access.inventory, workload) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for container in workload.pod.containers(Which::LongRunning) {
        for mount in &container.mounts {
            findings.extend(by_token(context, container, mount));
        }
        for mount in SecretMount::of(workload, container).filter(|mount| mount.part.is_some()) {
            findings.extend(by_sub_path(context, container, &mount));
        }
        let mut seen = BTreeSet::new();
        for name in variables(container) {
            if seen.insert(&name.value) {
                findings.extend(by_variable(context, container, name));
            }
        }
    }
    findings
}

/// What renews a Secret: in words, and where it stands.
fn renewer_in_words(context: &RuleContext<'_>, secret: &str) -> Option<(String, Place)> {
    let namespace = context.workload.object.namespace.as_deref();
    let object = renewer(context.access.inventory, namespace, secret)?;
    let place = Place {
        file: object.file,
        span: object.name_span,
    };
    Some((
        format!("{} `{}` renews Secret `{secret}`", object.kind, object.name),
        place,
    ))
}

fn by_sub_path(context: &RuleContext<'_>, container: &Container, mount: &SecretMount<'_>) -> Option<Finding> {
    let renewed = mount
        .secret_names()
        .find_map(|name| Some((name, renewer_in_words(context, name)?)));
    let name = renewed
        .as_ref()
        .map(|(name, _)| *name)
        .or_else(|| mount.secret_names().next())?;
    let message = format!(
        "container `{}` never gets a renewed Secret `{}`: it is mounted with `subPath` at `{}`",
        container.name.value, name.value, mount.mount.mount_path.value
    );
    let mut finding = Finding::new(
        &RULE,
        context.workload,
        message,
        sub_path_span(mount.mount),
        "bound once",
    )
    .in_container(&container.name)
    .related(context.place(name.span), "the Secret");
    let bound =
        "a `subPath` mount keeps the file of the container's start; kubelet updates whole volumes only"
            .to_owned();
    let mut why = Vec::new();
    match renewed {
        Some((_, (step, place))) => {
            finding = finding.related(place, "renews it");
            why.push(step);
        }
        None => finding = finding.with_confidence(Confidence::Low),
    }
    why.push(bound);
    let help = "mount the volume without `subPath` in a directory of its own, or restart the workload after each renewal";
    Some(finding.because(why).with_help(help))
}

/// A projected token of a service account that is mounted as a single file.
fn by_token(context: &RuleContext<'_>, container: &Container, mount: &Mount) -> Option<Finding> {
    let part = mount.sub_path.as_ref()?;
    let volume = context.workload.pod.volume(&mount.name)?;
    let VolumeSource::Projected { sources, .. } = &volume.source else {
        return None;
    };
    let wanted = part.known()?.trim_matches('/');
    let is_there = |path: &str| path == wanted || path.starts_with(&format!("{wanted}/"));
    let token = sources.iter().find_map(|source| match source {
        ProjectedSource::Token { path } if is_there(path) => Some(path),
        _ => None,
    })?;
    let message = format!(
        "container `{}` never gets a renewed service account token: it is mounted with `subPath` at `{}`",
        container.name.value, mount.mount_path.value
    );
    let finding = Finding::new(&RULE, context.workload, message, part.span(), "bound once")
        .in_container(&container.name)
        .related(context.place(token.span), "renewed by kubelet")
        .because([
            "kubelet renews a projected token after four fifths of its life, of an hour unless told otherwise".to_owned(),
            "a `subPath` mount keeps the file of the container's start; kubelet updates whole volumes only".to_owned(),
        ])
        .with_help("mount the volume without `subPath` in a directory of its own");
    Some(finding)
}

fn variables(container: &Container) -> impl Iterator<Item = &Spanned<String>> {
    let single = container
        .env
        .iter()
        .filter_map(|variable| match &variable.source {
            EnvSource::SecretKey { name, .. } => Some(name),
            _ => None,
        });
    single.chain(
        container
            .env_from_sources
            .iter()
            .filter_map(|source| match source {
                EnvFromSource::Secret { name, .. } => Some(name),
                EnvFromSource::ConfigMap { .. } => None,
            }),
    )
}

fn by_variable(context: &RuleContext<'_>, container: &Container, name: &Spanned<String>) -> Option<Finding> {
    let (step, place) = renewer_in_words(context, name)?;
    let message = format!(
        "container `{}` never gets a renewed Secret `{}`: it has it in variables",
        container.name.value, name.value
    );
    let finding = Finding::new(&RULE, context.workload, message, name.span, "read once")
        .in_container(&container.name)
        .with_severity(Severity::Info)
        .related(place, "renews it")
        .because([step, "variables are set when the container starts".to_owned()])
        .with_help("mount it as a volume, or restart the workload after each renewal (Reloader does)");
    Some(finding)
}

fn sub_path_span(mount: &Mount) -> writeway_manifest::Span {
    mount.sub_path.as_ref().map_or(mount.span, |part| part.span())
}
