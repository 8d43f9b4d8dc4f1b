// SPDX-License-Identifier: Apache-2.0
//! # WW401 refused-by-pod-security
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds workloads whose pods are refused by the Pod Security level of their namespace, most often because of an init
//! container that runs as root.
//!
//! The level is that of the label `pod-security.kubernetes.io/enforce` of a Namespace among the inputs, by the rules of
//! the version that `enforce-version` pins, or of the cluster's. Each check is named by its id in Kubernetes. When all
//! that is objected to belongs to one init container or sidecar, the finding is about that one. An invalid level counts
//! as restricted and an invalid version as latest, as in a cluster.
//!
//! It is an information, and no error, when the pods are admitted but the label `warn` or `audit` asks for more. For
//! pods in custom resources the confidence is medium, since operators add to them. Nothing is said when the Namespace
//! is not among the inputs, or when a value that decides is not filled in: `writeway admit --level` judges any pod.
//!
//! ## Why is this bad
//!
//! The cluster takes the Deployment and refuses each of its pods: nothing runs, and the reason stands in the events of a
//! ReplicaSet that nobody looks at. `chown` in a root init container is the usual way to give a volume to a program that
//! is not root, and level restricted refuses it.
//!
//! ## Example
//!
//! ```yaml
//! # Namespace shop: pod-security.kubernetes.io/enforce: restricted
//! initContainers:
//!   - name: own
//!     image: busybox:1.36.1
//!     command: [chown, -R, "1000:1000", /data]
//!     securityContext:
//!       runAsUser: 0
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   runAsNonRoot: true
//!   fsGroup: 1000                      # kubelet gives the volume to this group
//!   seccompProfile:
//!     type: RuntimeDefault
//! ```
//!
//! Kubelet ignores `fsGroup` on volumes of type hostPath, which rancher's local-path-provisioner makes unless it is told
//! to make `local` ones. Where that cannot be changed, run the program as the uid that owns the volume, or in a namespace
//! whose level allows a root init container.
//!
//! ## References
//!
//! - Kubernetes: "Pod Security Standards" and "Pod Security Admission"
//! - k8s.io/pod-security-admission: `policy/check_*.go`, and `admission/admission.go`, ValidatePodController: templates
//!   are only warned of
//! - ObolNetwork/obol-stack, `internal/k8sperm`: a root chown where the level permits it, the provisioner's uid elsewhere

use std::collections::{BTreeMap, BTreeSet};

use writeway_manifest::{Container, Declared, Namespace, Place, Role, Span, Which};
use writeway_pod_security::{
    Culprit, Fault, Level, Mode, ModePolicy, NamespacePolicy, Policy, Refusal, Request, Verdict,
};

use crate::evidence::without_root::instead_of_root;
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww401_refused_by_pod_security.rs"), run);

/// Places that are shown at most; the steps of the finding name the rest.
const MAX_PLACES: usize = 8;

/// API groups whose pods nobody adds to before they are judged.
const BUILT_IN: &[&str] = &["", "apps", "batch", "extensions"];

/// Checks that an init container fails because it is root, or wants to be as powerful.
const ROOT: &[&str] = &[
    "runAsUser",
    "runAsNonRoot",
    "capabilities_baseline",
    "capabilities_restricted",
    "privileged",
];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let inventory = context.access.inventory;
    let object = &context.workload.object;
    let Some(namespace) = inventory.namespace(object.effective_namespace()) else {
        return Vec::new();
    };
    let labels = NamespacePolicy::from_labels(&namespace.labels);
    let modes = [
        (Mode::Enforce, labels.enforce),
        (Mode::Warn, labels.warn),
        (Mode::Audit, labels.audit),
    ];
    let mut refused = modes.into_iter().filter_map(|(mode, chosen)| {
        let judgement = Judgement::of(context, namespace, mode, chosen)?;
        judgement.finding(context)
    });
    // What is refused needs no warning.
    refused.next().into_iter().collect()
}

/// What a namespace says about the workload.
struct Judgement<'a> {
    namespace: &'a Declared<Namespace>,
    mode: Mode,
    chosen: ModePolicy,
    level_label: Span,
    verdict: Verdict,
}

impl<'a> Judgement<'a> {
    /// The verdict of a mode that has a label; without one it is the cluster's to say.
    fn of(
        context: &RuleContext<'_>,
        namespace: &'a Declared<Namespace>,
        mode: Mode,
        chosen: ModePolicy,
    ) -> Option<Self> {
        Some(Self {
            namespace,
            mode,
            chosen,
            level_label: chosen.level_label?,
            verdict: evaluate(context, chosen.policy),
        })
    }

    fn finding(&self, context: &RuleContext<'_>) -> Option<Finding> {
        let places = Places::of(&self.verdict.refusals);
        let (first, others) = places.primary_first()?;
        let cause = sole_container(context, &self.verdict.refusals);
        let finding = Finding::new(
            &RULE,
            context.workload,
            self.message(cause),
            first.span,
            first.label,
        );
        let mut finding = match cause {
            Some(container) => finding.in_container(&container.name),
            None => finding,
        };
        for place in others.into_iter().take(MAX_PLACES) {
            finding = finding.related(context.place(place.span), place.label);
        }
        let label = |span| Place {
            file: self.namespace.object.file,
            span,
        };
        finding = finding.related(label(self.level_label), "the level of the namespace");
        if let Some(version) = self.chosen.version_label {
            finding = finding.related(label(version), "by the rules of this release");
        }
        if !BUILT_IN.contains(&context.workload.object.group()) {
            finding = finding.with_confidence(Confidence::Medium);
        }
        if self.mode != Mode::Enforce {
            finding = finding.with_severity(Severity::Info);
        }
        let steps = self
            .verdict
            .refusals
            .iter()
            .map(|refusal| format!("{}: {}", refusal.check, refusal.detail));
        Some(finding.because(steps).with_help(self.help(context, cause)))
    }

    fn message(&self, cause: Option<&Container>) -> String {
        let who = cause.map_or("the pod".to_owned(), |container| {
            format!("{} `{}`", role(container), container.name.value)
        });
        let checks: Vec<&str> = self
            .verdict
            .refusals
            .iter()
            .map(|refusal| refusal.check)
            .collect();
        let policy = self.chosen.policy;
        let name = &self.namespace.object.name;
        let checks = checks.join(", ");
        match self.mode {
            Mode::Enforce => {
                format!("{who} is refused by Pod Security `{policy}` of namespace `{name}`: {checks}")
            }
            Mode::Warn => {
                format!("{who} violates Pod Security `{policy}`, of which namespace `{name}` warns: {checks}")
            }
            Mode::Audit => {
                format!("{who} violates Pod Security `{policy}`, which namespace `{name}` audits: {checks}")
            }
        }
    }

    fn help(&self, context: &RuleContext<'_>, cause: Option<&Container>) -> String {
        let refusals = &self.verdict.refusals;
        let mut advice = Vec::new();
        let root = root_init_container(context, refusals);
        if let Some(container) = root {
            let who = match cause {
                Some(_) => String::new(),
                None => format!("{} `{}`: ", role(container), container.name.value),
            };
            advice.push(format!("{who}{}", instead_of_root(context, container)));
        } else {
            let missing = missing(refusals);
            if !missing.is_empty() {
                advice.push(format!("say {} in the security context", missing.join(", ")));
            }
        }
        let only_missing = culprits(refusals).all(|(_, culprit)| matches!(culprit.fault, Fault::Lacks(_)));
        if root.is_none() && !only_missing {
            advice.push(self.milder_level(context));
        }
        advice.join("; ")
    }

    /// Where the pod could run as it is.
    fn milder_level(&self, context: &RuleContext<'_>) -> String {
        let baseline = Policy {
            level: Level::Baseline,
            ..self.chosen.policy
        };
        let level = if evaluate(context, baseline).admitted() == Some(true) {
            Level::Baseline
        } else {
            Level::Privileged
        };
        format!("a pod that cannot do without belongs into a namespace of level `{level}`")
    }
}

fn evaluate(context: &RuleContext<'_>, policy: Policy) -> Verdict {
    let version = context.access.facts.kubernetes.version;
    let request = Request {
        cluster_minor: version.map(|version| version.minor.into()),
        ..Request::default()
    };
    request.evaluate(context.workload, policy)
}

/// Every culprit, with its check.
fn culprits(refusals: &[Refusal]) -> impl Iterator<Item = (&'static str, &Culprit)> {
    refusals
        .iter()
        .flat_map(|refusal| refusal.culprits.iter().map(|culprit| (refusal.check, culprit)))
}

/// The init container or sidecar that all culprits belong to.
fn sole_container<'a>(context: &RuleContext<'a>, refusals: &[Refusal]) -> Option<&'a Container> {
    let mut startup = context.workload.pod.containers(Which::Startup);
    startup.find(|container| {
        culprits(refusals).all(|(_, culprit)| {
            let of = culprit.container.as_ref();
            of.is_some_and(|of| of.name == *container.name && of.role == container.role)
        })
    })
}

/// The first init container that is refused for being root.
fn root_init_container<'a>(context: &RuleContext<'a>, refusals: &[Refusal]) -> Option<&'a Container> {
    let (_, culprit) = culprits(refusals).find(|(check, culprit)| {
        let of = culprit.container.as_ref();
        ROOT.contains(check)
            && matches!(culprit.fault, Fault::Has(_))
            && of.is_some_and(|of| matches!(of.role, Role::Init | Role::Sidecar))
    })?;
    let name = &culprit.container.as_ref()?.name;
    let mut startup = context.workload.pod.containers(Which::Startup);
    startup.find(|container| *container.name == *name)
}

/// The fields that are missing, each once.
fn missing(refusals: &[Refusal]) -> Vec<String> {
    let fields: BTreeSet<&str> = culprits(refusals)
        .filter_map(|(_, culprit)| match culprit.fault {
            Fault::Lacks(field) => Some(field),
            Fault::Has(_) => None,
        })
        .collect();
    fields.into_iter().map(|field| format!("`{field}`")).collect()
}

fn role(container: &Container) -> &'static str {
    match container.role {
        Role::Init => "init container",
        Role::Sidecar => "sidecar",
        Role::Main => "container",
        Role::Ephemeral => "ephemeral container",
    }
}

/// The places of culprits, each once.
struct Places(Vec<LabelledPlace>);

struct LabelledPlace {
    span: Span,
    label: String,
    /// It is in an init container or a sidecar.
    early: bool,
}

impl Places {
    fn of(refusals: &[Refusal]) -> Self {
        let mut places: Vec<LabelledPlace> = Vec::new();
        let mut indices = BTreeMap::new();
        for (_, culprit) in culprits(refusals) {
            let index = *indices.entry(culprit.span).or_insert(places.len());
            match places.get_mut(index) {
                Some(place) => place.add(&culprit.fault),
                None => places.push(LabelledPlace {
                    span: culprit.span,
                    label: culprit.fault.to_string(),
                    early: culprit
                        .container
                        .as_ref()
                        .is_some_and(|of| matches!(of.role, Role::Init | Role::Sidecar)),
                }),
            }
        }
        Self(places)
    }

    /// The place that the finding is about: the first in an init container, else the first.
    fn primary_first(mut self) -> Option<(LabelledPlace, Vec<LabelledPlace>)> {
        let index = self.0.iter().position(|place| place.early).unwrap_or(0);
        if self.0.is_empty() {
            return None;
        }
        let first = self.0.remove(index);
        Some((first, self.0))
    }
}

impl LabelledPlace {
    /// Adds what else is wrong at the same place.
    fn add(&mut self, fault: &Fault) {
        let text = match fault {
            Fault::Lacks(field) => format!("`{field}`"),
            Fault::Has(what) => what.clone(),
        };
        if !self.label.contains(&text) {
            self.label.push_str(", ");
            self.label.push_str(&text);
        }
    }
}
