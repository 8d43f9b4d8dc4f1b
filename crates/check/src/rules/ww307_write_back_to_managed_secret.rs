// SPDX-License-Identifier: Apache-2.0
//! # WW307 write-back-to-managed-secret
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds commands that write a Secret (`kubectl patch`, `apply`, `create`, `replace`; `curl` to the API server) which
//! somebody else manages: one that is made from a SealedSecret or an ExternalSecret, that Argo CD or Flux apply, or that
//! is `immutable`.
//!
//! Writing an immutable Secret fails (error). Who restores a Secret is seen in the object that makes it, in the Secret's
//! owner, or in the labels and annotations that GitOps tools leave on it. Helm touches a Secret only when the chart
//! changes it, so that its mark is a hint. SealedSecrets with `sealedsecrets.bitnami.com/patch`, ExternalSecrets that
//! merge or are made once, and Secrets declared without keys are left out.
//!
//! ## Why is this bad
//!
//! The write succeeds and is undone: at the controller's next reconciliation the Secret is again what its source says,
//! and the minted or refreshed token is gone. Where the token was rotated the old one is void, too.
//!
//! ## Example
//!
//! ```yaml
//! apiVersion: bitnami.com/v1alpha1
//! kind: SealedSecret
//! metadata:
//!   name: gitea-token
//! spec:
//!   encryptedData: {}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: mint
//! spec:
//!   containers:
//!     - name: mint
//!       image: docker.io/alpine/k8s:1.36.0
//!       command: [sh, -c, "kubectl patch secret gitea-token --patch-file /work/patch.json"]
//! ```
//!
//! ## Use instead
//!
//! A Secret of its own for what is written at run time; the managed one stays the origin.
//!
//! ```yaml
//! apiVersion: bitnami.com/v1alpha1
//! kind: SealedSecret
//! metadata:
//!   name: gitea-token
//! spec:
//!   encryptedData: {}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata:
//!   name: mint
//! spec:
//!   containers:
//!     - name: mint
//!       image: docker.io/alpine/k8s:1.36.0
//!       command: [sh, -c, "kubectl patch secret gitea-token-minted --patch-file /work/patch.json"]
//! ```
//!
//! ## References
//!
//! - bitnami-labs/sealed-secrets#821: keys that others patch in are wiped out
//! - External Secrets Operator: "Lifecycle"
//! - Kubernetes: "Immutable Secrets"; pkg/apis/core/validation, ValidateSecretUpdate

use writeway_manifest::{Container, Declared, ObjectRef, Place, Secret, Upkeep, Which};

use crate::evidence::secret_writes::{SecretWrite, secret_writes};
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww307_write_back_to_managed_secret.rs"), run);

/// Marks that a tool leaves on what it applies: the beginning of a label or annotation, the tool, and whether it restores
/// what the manifest says although the manifest did not change.
const MARKS: &[(&str, &str, bool)] = &[
    ("argocd.argoproj.io/tracking-id", "Argo CD", true),
    ("argocd.argoproj.io/instance", "Argo CD", true),
    ("kustomize.toolkit.fluxcd.io/name", "Flux", true),
    ("helm.toolkit.fluxcd.io/name", "Flux's Helm controller", false),
    ("meta.helm.sh/release-name", "Helm", false),
];

/// Annotations by which such a tool leaves an object alone (Argo CD: "Diffing Customization" and "Compare Options";
/// Flux: "Kustomization", "Controlling the apply behavior of resources").
const LEFT_ALONE: &[&str] = &[
    "argocd.argoproj.io/compare-options",
    "kustomize.toolkit.fluxcd.io/ssa",
    "kustomize.toolkit.fluxcd.io/reconcile",
];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::Regular);
    containers
        .flat_map(|container| {
            let writes = secret_writes(context.commands(container), context.workload, container);
            writes
                .into_iter()
                .filter_map(|write| judge(context, container, &write))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Who undoes or refuses a write.
struct Manager<'a> {
    object: &'a ObjectRef,
    /// For the message, behind "writes Secret `s`, ".
    what: String,
    label: String,
    severity: Severity,
    confidence: Confidence,
}

fn judge(context: &RuleContext<'_>, container: &Container, write: &SecretWrite) -> Option<Finding> {
    let name = write.secret.as_deref()?;
    let manager = manager(context, container, write, name)?;
    let message = format!(
        "container `{}` writes Secret `{name}`, {}",
        container.name.value, manager.what
    );
    let place = Place {
        file: manager.object.file,
        span: manager.object.name_span,
    };
    let help = "write to a Secret of its own that nobody else manages, and let the program read that";
    let finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        write.place,
        format!("`{}`", write.verb),
    )
    .in_container(&container.name)
    .with_severity(manager.severity)
    .with_confidence(manager.confidence)
    .related(place, manager.label)
    .with_help(help);
    Some(finding)
}

fn manager<'a>(
    context: &RuleContext<'a>,
    container: &Container,
    write: &SecretWrite,
    name: &str,
) -> Option<Manager<'a>> {
    let inventory = context.access.inventory;
    let namespace = write
        .namespace
        .as_deref()
        .or(context.workload.object.namespace.as_deref());
    if let Some(maker) = inventory.maker_of_secret(namespace, name) {
        let object = &maker.object;
        let when = match maker.upkeep {
            Upkeep::Follows => "renewed",
            Upkeep::Restores => "restored",
            Upkeep::Merges | Upkeep::None => return None,
        };
        return Some(Manager {
            object,
            what: format!(
                "which is {when} from {} `{}`: what was written is lost",
                object.kind, object.name
            ),
            label: "makes the Secret".to_owned(),
            severity: Severity::Warning,
            confidence: Confidence::High,
        });
    }
    let secret = inventory.secret(namespace, name)?;
    if secret.immutable.is_some_and(|immutable| immutable.value) {
        let found = context.commands(container);
        let deletes = found
            .iter()
            .any(|command| command.texts().any(|text| text == "delete"));
        return (!deletes).then(|| Manager {
            object: &secret.object,
            what: "which is `immutable`: the API server refuses every change".to_owned(),
            label: "immutable".to_owned(),
            severity: Severity::Error,
            confidence: Confidence::High,
        });
    }
    let owner = secret
        .owners
        .iter()
        .find(|owner| matches!(owner.as_str(), "SealedSecret" | "ExternalSecret" | "Certificate"));
    if let Some(owner) = owner {
        return Some(Manager {
            object: &secret.object,
            what: format!(
                "which belongs to {} that restores it: what was written is lost",
                article(owner)
            ),
            label: "has an owner".to_owned(),
            severity: Severity::Warning,
            confidence: Confidence::High,
        });
    }
    by_mark(secret)
}

fn by_mark(secret: &Declared<Secret>) -> Option<Manager<'_>> {
    let marks = || secret.labels.keys().chain(secret.annotations.keys());
    if secret.keys.is_empty() || marks().any(|mark| LEFT_ALONE.contains(&mark.as_str())) {
        return None;
    }
    let (_, tool, restores) = MARKS
        .iter()
        .find(|(prefix, ..)| marks().any(|mark| mark == prefix))?;
    Some(Manager {
        object: &secret.object,
        what: format!("which {tool} applies: the keys of its manifest become again what that says"),
        label: format!("managed by {tool}"),
        severity: Severity::Warning,
        confidence: if *restores {
            Confidence::Medium
        } else {
            Confidence::Low
        },
    })
}

fn article(kind: &str) -> String {
    let an = kind.starts_with(['A', 'E', 'I', 'O', 'U']);
    format!("{} {kind}", if an { "an" } else { "a" })
}
