// SPDX-License-Identifier: Apache-2.0
//! `seLinuxOptions`: types that confine, and no user or role (policy/check_seLinuxOptions.go).

use std::collections::BTreeSet;

use writeway_manifest::{SeLinuxOptions, Span};

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::{plural, quoted};

pub(super) const CHECK: Check = Check {
    id: "seLinuxOptions",
    revisions: &[
        Revision::since(0, |subject| judge(subject, TYPES)),
        Revision::since(31, |subject| judge(subject, TYPES_SINCE_31)),
    ],
};

const TYPES: &[&str] = &["", "container_t", "container_init_t", "container_kvm_t"];
const TYPES_SINCE_31: &[&str] = &[
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    "container_engine_t",
];

fn judge(subject: &Subject<'_>, allowed: &[&str]) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut found = Found::default();
    if let Some(options) = &subject.pod.security.se_linux_options {
        for (span, label) in found.look_at(subject, options, allowed) {
            setters.pod(span, label);
        }
    }
    for container in subject.containers() {
        if let Some(options) = &container.security.se_linux_options {
            for (span, label) in found.look_at(subject, options, allowed) {
                setters.container(container, span, label);
            }
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "seLinuxOptions",
        detail: format!(
            "{} set forbidden securityContext.seLinuxOptions: {}",
            setters.phrase(),
            found.phrase()
        ),
        culprits: setters.into_culprits(),
    })
}

/// What is forbidden in all labels of the pod.
#[derive(Default)]
struct Found<'p> {
    types: BTreeSet<&'p str>,
    user: bool,
    role: bool,
}

impl<'p> Found<'p> {
    /// The fields of a label that are forbidden.
    fn look_at(
        &mut self,
        subject: &Subject<'p>,
        options: &'p SeLinuxOptions,
        allowed: &[&str],
    ) -> Vec<(Span, &'static str)> {
        let mut fields = Vec::new();
        if let Some(field) = &options.label_type
            && let Some(bad) = subject.known(field).filter(|value| !allowed.contains(value))
        {
            self.types.insert(bad);
            fields.push((field.span, "not an allowed type"));
        }
        let is_set = |text: &str| !text.is_empty();
        if let Some(field) = &options.user
            && subject.known(field).is_some_and(is_set)
        {
            self.user = true;
            fields.push((field.span, "an SELinux user"));
        }
        if let Some(field) = &options.role
            && subject.known(field).is_some_and(is_set)
        {
            self.role = true;
            fields.push((field.span, "an SELinux role"));
        }
        fields
    }

    fn phrase(&self) -> String {
        let mut phrases = Vec::new();
        if !self.types.is_empty() {
            let word = plural(self.types.len(), "type", "types");
            phrases.push(format!("{word} {}", quoted(&self.types)));
        }
        if self.user {
            phrases.push("user may not be set".to_owned());
        }
        if self.role {
            phrases.push("role may not be set".to_owned());
        }
        phrases.join("; ")
    }
}
