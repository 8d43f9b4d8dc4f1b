// SPDX-License-Identifier: Apache-2.0
//! # WW406 init-container-waits-for-its-own-secret
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds init containers whose commands create a Secret that their own pod mounts: the pod waits for the Secret before
//! it starts any container, the one that would create it too.
//!
//! The same holds for a Secret in the variables of the init container itself, or of one before it. Variables of later
//! containers are read when these start, and are fine. Nothing is said when the Secret is `optional`, is among the
//! inputs, or is made from a custom resource of the inputs; nor of `kubectl patch`, which needs the Secret to exist.
//!
//! ## Why is this bad
//!
//! kubelet sets up all volumes of a pod first, and retries for ever when one names a Secret that does not exist. The pod
//! stays in `Init:0/1` with `FailedMount` events. It works where somebody has created the Secret once, which is why such
//! a manifest passes its tests and fails in the next cluster.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.36.0
//!     command: [sh, -c, "kubectl create secret generic api-token --from-file=/work/token"]
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: token
//!         mountPath: /etc/token
//! volumes:
//!   - name: token
//!     secret:
//!       secretName: api-token
//! ```
//!
//! ## Use instead
//!
//! A Job that creates the Secret; the pod then waits for it. Where the pod itself has to do it, hand the value over in an
//! `emptyDir`, or say `optional: true` and let the program wait for the file.
//!
//! ```yaml
//! initContainers:
//!   - name: mint
//!     image: docker.io/alpine/k8s:1.36.0
//!     command: [sh, -c, "kubectl create secret generic api-token --from-file=/work/token"]
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: token
//!         mountPath: /etc/token
//! volumes:
//!   - name: token
//!     secret:
//!       secretName: api-token
//!       optional: true
//! ```
//!
//! ## References
//!
//! - Kubernetes: pkg/kubelet/volumemanager/volume_manager.go, WaitForAttachAndMount: before any container
//! - Kubernetes: pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables: for each container when it starts

use writeway_manifest::{Container, EnvFromSource, EnvSource, Spanned, Which};

use crate::evidence::secret_mount::SecretMount;
use crate::evidence::secret_writes::{SecretWrite, secret_writes};
use crate::{Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(
    include_str!("ww406_init_container_waits_for_its_own_secret.rs"),
    run,
);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut started: Vec<&Container> = Vec::new();
    for container in context.workload.pod.containers(Which::Startup) {
        started.push(container);
        let mut seen = Vec::new();
        for write in secret_writes(context.commands(container), context.workload, container) {
            if !seen.contains(&write.secret) {
                findings.extend(judge(context, container, &started, &write));
                seen.push(write.secret.clone());
            }
        }
    }
    findings
}

fn judge(
    context: &RuleContext<'_>,
    container: &Container,
    started: &[&Container],
    write: &SecretWrite,
) -> Option<Finding> {
    let name = write.secret.as_deref()?;
    let namespace = context.workload.object.namespace.as_deref();
    let inventory = context.access.inventory;
    let exists =
        inventory.secret(namespace, name).is_some() || inventory.maker_of_secret(namespace, name).is_some();
    if !write.creates || !write.writes(namespace, name) || exists {
        return None;
    }
    let (needed, how) = mounted(context, name)
        .map(|place| {
            (
                place,
                "kubelet sets up every volume of the pod before it starts the first container",
            )
        })
        .or_else(|| {
            let mut variables = started.iter().flat_map(|container| variables(container));
            let found = variables.find(|variable| variable.value == name)?;
            Some((
                found,
                "a container is not made before the Secrets of its variables are there",
            ))
        })?;
    let message = format!(
        "container `{}` can never run: it is to create Secret `{name}`, for which its own pod waits",
        container.name.value
    );
    let finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        write.place,
        "would create the Secret",
    )
    .in_container(&container.name)
    .related(context.place(needed.span), "the pod waits for it")
    .because([
        how.to_owned(),
        format!("Secret `{name}` is not among the inputs, and not `optional`"),
    ])
    .with_help("create the Secret in a Job of its own, or hand the value over in an `emptyDir`");
    Some(finding)
}

/// Where a volume that some container mounts names the Secret, without being optional.
fn mounted<'a>(context: &RuleContext<'a>, name: &str) -> Option<&'a Spanned<String>> {
    let workload = context.workload;
    let mut mounts = workload
        .pod
        .containers(Which::All)
        .flat_map(|container| &container.mounts)
        .filter_map(|mount| SecretMount::find(workload, mount));
    mounts.find_map(|mount| {
        let mut needed = mount.secrets.iter().filter(|secret| !secret.optional);
        needed.find_map(|secret| secret.name.as_ref().filter(|found| found.value == name))
    })
}

/// The Secrets that a container's variables need.
fn variables(container: &Container) -> impl Iterator<Item = &Spanned<String>> {
    let single = container
        .env
        .iter()
        .filter_map(|variable| match &variable.source {
            EnvSource::SecretKey {
                name,
                optional: false,
                ..
            } => Some(name),
            _ => None,
        });
    single.chain(
        container
            .env_from_sources
            .iter()
            .filter_map(|source| match source {
                EnvFromSource::Secret {
                    name,
                    optional: false,
                } => Some(name),
                _ => None,
            }),
    )
}
