// SPDX-License-Identifier: Apache-2.0
//! The variables of a container as kubelet makes them (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables), as far as
//! the manifest says.

use std::collections::BTreeMap;

use crate::expansion::expand;
use crate::{EnvSource, EnvVar};

/// A longer value is taken for unknown; no path is as long (PATH_MAX of Linux).
const MAX_LENGTH: usize = 4096;

/// What is known of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known<'a> {
    /// Its value.
    Value(&'a str),
    /// It may be there, with a value that stands elsewhere.
    Elsewhere,
    /// The container has no such variable.
    Missing,
}

/// The variables of a container, the last of a name counts.
pub(crate) struct Environment<'a> {
    /// `None` is a value that stands elsewhere.
    values: BTreeMap<&'a str, Option<String>>,
    /// `envFrom` may bring others.
    more: bool,
}

impl<'a> Environment<'a> {
    /// Those of `env`, each expanded with those before it; `more` when there is an `envFrom`.
    pub(crate) fn of(env: &'a [EnvVar], more: bool) -> Self {
        let mut this = Self {
            values: BTreeMap::new(),
            more,
        };
        for variable in env {
            let value = match &variable.source {
                EnvSource::Value(text) => this.value(text),
                _ => None,
            };
            this.values.insert(&variable.name, value);
        }
        this
    }

    /// What is known of a variable.
    pub(crate) fn get(&self, name: &str) -> Known<'_> {
        match self.values.get(name) {
            Some(Some(value)) => Known::Value(value),
            Some(None) => Known::Elsewhere,
            None if self.more || is_of_a_service(name) => Known::Elsewhere,
            None => Known::Missing,
        }
    }

    /// A value as it is once the variables before it are there. A reference to none stays as it is written.
    fn value(&self, text: &str) -> Option<String> {
        let mut length = text.len();
        let expanded = expand(text, |name| match self.get(name) {
            Known::Value(value) => {
                length += value.len();
                // Else values of values grow without end.
                (length <= MAX_LENGTH).then(|| Some(value.to_owned())).ok_or(())
            }
            Known::Elsewhere => Err(()),
            Known::Missing => Ok(None),
        });
        expanded.ok().filter(|value| value.len() <= MAX_LENGTH)
    }
}

/// Whether a Service of the namespace may bring the variable (pkg/kubelet/envvars/envvars.go, FromServices).
fn is_of_a_service(name: &str) -> bool {
    ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT"]
        .iter()
        .any(|part| name.contains(part))
}
