// SPDX-License-Identifier: Apache-2.0
//! What an evaluation says.

use std::fmt;

use writeway_manifest::{Role, Span};

/// What a policy says about a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The checks that refuse the pod, in Kubernetes' order: those of baseline, then those of restricted, by id.
    pub refusals: Vec<Refusal>,
    /// Values that decide and that nobody knows: templates that are not resolved, values of another type.
    pub unknown: Vec<Span>,
}

impl Verdict {
    /// Whether the pod is admitted; `None` when that depends on a value that is not known.
    pub fn admitted(&self) -> Option<bool> {
        match (self.refusals.is_empty(), self.unknown.is_empty()) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        }
    }
}

/// A check that refuses a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The check's id in Kubernetes, e.g. `capabilities_restricted`.
    pub check: &'static str,
    /// What it is about, in Kubernetes' words, e.g. `unrestricted capabilities`.
    pub reason: &'static str,
    /// Who does what, in Kubernetes' words, e.g. `container "app" must set securityContext.capabilities.drop=["ALL"]`.
    pub detail: String,
    /// The fields that are the cause, in the order of the check; at least one.
    pub culprits: Vec<Culprit>,
}

/// A field that makes a check refuse the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Culprit {
    /// The field's value; where a field is missing, the name of what lacks it.
    pub span: Span,
    /// What is wrong there.
    pub fault: Fault,
    /// The container it belongs to; `None` for what belongs to the pod.
    pub container: Option<CulpritContainer>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is missing; this would do, in the security context.
    Lacks(&'static str),
    /// It is there, and this must not be, in a few words.
    Has(String),
}

/// A label for the place.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lacks(field) => write!(f, "lacks `{field}`"),
            Self::Has(what) => f.write_str(what),
        }
    }
}

/// A container that has a culprit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CulpritContainer {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
}
