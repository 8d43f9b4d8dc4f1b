// SPDX-License-Identifier: Apache-2.0
//! What a check looks at.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use writeway_manifest::{ConfinementProfile, Container, PodSpec, Span, Spanned, Which, Workload};

/// How the tools that fill in manifests mark what they replace: Helm and Argo, Flux and envsubst, kustomize.
const PLACEHOLDERS: &[&str] = &["{{", "${", "$("];

/// A pod that is judged.
pub(crate) struct Subject<'p> {
    /// Annotations of the pod.
    pub(crate) annotations: &'p BTreeMap<String, Spanned<String>>,
    /// Its spec.
    pub(crate) pod: &'p PodSpec,
    /// Values that a check asked for and nobody knows.
    unknown: RefCell<BTreeSet<Span>>,
}

impl<'p> Subject<'p> {
    pub(crate) fn new(workload: &'p Workload) -> Self {
        Self {
            annotations: &workload.pod_annotations,
            pod: &workload.pod,
            unknown: RefCell::default(),
        }
    }

    /// Every container: init containers, main ones, ephemeral ones (policy/visitor.go, visitContainers).
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'p Container> + use<'p> {
        self.pod.containers(Which::All)
    }

    /// A text; `None`, and remembered, when it holds the place of another one that nobody knows yet.
    pub(crate) fn known<'t>(&self, text: &'t Spanned<String>) -> Option<&'t str> {
        if PLACEHOLDERS.iter().any(|mark| text.contains(mark)) {
            self.unknown.borrow_mut().insert(text.span);
            return None;
        }
        Some(&text.value)
    }

    /// The type of a seccomp or AppArmor profile that is neither the runtime's nor one of the node; empty without one.
    pub(crate) fn unconfining<'t>(&self, profile: &'t ConfinementProfile) -> Option<&'t str> {
        self.known(&profile.profile_type)
            .filter(|value| !matches!(*value, "RuntimeDefault" | "Localhost"))
    }

    /// The pod is for Windows by its own words; a node selector does not count.
    pub(crate) fn is_windows(&self) -> bool {
        let os = self.pod.os.as_ref().and_then(|os| self.known(os));
        os == Some("windows")
    }

    /// The pod has a user namespace of its own (policy/helpers.go, relaxPolicyForUserNamespacePod).
    pub(crate) fn has_user_namespace(&self) -> bool {
        self.pod.host_users.is_some_and(|host_users| !host_users.value)
    }

    /// What the checks asked for and nobody knows.
    pub(crate) fn into_unknown(self) -> Vec<Span> {
        self.unknown.into_inner().into_iter().collect()
    }
}
