// SPDX-License-Identifier: Apache-2.0
//! Who sets, or fails to set, what a check is about.

use std::collections::BTreeSet;

use writeway_manifest::{Container, Span};

use crate::wording::{plural, quoted};
use crate::{Culprit, CulpritContainer, Fault};

/// The pod and containers that a check objects to, with the fields that are the cause.
#[derive(Default)]
pub(crate) struct Setters<'p> {
    pod: bool,
    containers: Vec<&'p Container>,
    culprits: Vec<Culprit>,
}

impl<'p> Setters<'p> {
    /// The pod has a field that must not be so.
    pub(crate) fn pod(&mut self, span: Span, label: impl Into<String>) {
        self.pod = true;
        self.culprits.push(Culprit {
            span,
            fault: Fault::Has(label.into()),
            container: None,
        });
    }

    /// A container has a field that must not be so. The fields of one container come one after the other.
    pub(crate) fn container(&mut self, container: &'p Container, span: Span, label: impl Into<String>) {
        self.push(container, span, Fault::Has(label.into()));
    }

    /// A container lacks a field.
    pub(crate) fn lacking(&mut self, container: &'p Container, field: &'static str) {
        self.push(container, container.name.span, Fault::Lacks(field));
    }

    fn push(&mut self, container: &'p Container, span: Span, fault: Fault) {
        let last = self.containers.last();
        if last.is_none_or(|last| !std::ptr::eq(*last, container)) {
            self.containers.push(container);
        }
        self.culprits.push(Culprit {
            span,
            fault,
            container: Some(CulpritContainer {
                name: container.name.value.clone(),
                role: container.role,
            }),
        });
    }

    /// Nobody is objected to.
    pub(crate) fn is_empty(&self) -> bool {
        self.culprits.is_empty()
    }

    /// How many containers are objected to.
    pub(crate) fn container_count(&self) -> usize {
        self.containers.len()
    }

    /// The containers, e.g. `containers "a", "b"`.
    pub(crate) fn containers_phrase(&self) -> String {
        containers_phrase(self.containers.iter().map(|container| container.name.as_str()))
    }

    /// The pod and the containers, e.g. `pod and container "a"`.
    pub(crate) fn phrases(&self) -> Vec<String> {
        let mut phrases = Vec::new();
        if self.pod {
            phrases.push("pod".to_owned());
        }
        if !self.containers.is_empty() {
            phrases.push(self.containers_phrase());
        }
        phrases
    }

    /// Those phrases as one.
    pub(crate) fn phrase(&self) -> String {
        self.phrases().join(" and ")
    }

    /// The containers' names, each once and sorted.
    pub(crate) fn sorted_names(&self) -> BTreeSet<&'p str> {
        self.containers
            .iter()
            .map(|container| container.name.as_str())
            .collect()
    }

    /// The fields.
    pub(crate) fn into_culprits(self) -> Vec<Culprit> {
        self.culprits
    }
}

/// Containers by name, e.g. `container "a"`.
pub(crate) fn containers_phrase<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    format!(
        "{} {}",
        plural(names.len(), "container", "containers"),
        quoted(names)
    )
}
