// SPDX-License-Identifier: Apache-2.0
//! What a namespace gives to containers that ask for nothing.

use std::collections::BTreeMap;

use writeway_yaml::Span;

use crate::{Resources, Spanned};

/// `LimitRange`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LimitRange {
    /// The whole mapping.
    pub span: Span,
    /// What its items of type `Container` give to a container that does not say it itself: `default` as limits,
    /// `defaultRequest` as requests. Where an item leaves these out, the API server fills in `max`, `default` and `min`
    /// (pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem).
    pub container_defaults: Resources,
}

/// The quantities of one item of a LimitRange, by resource name.
#[derive(Debug, Default)]
pub(crate) struct LimitRangeItem {
    pub(crate) max: BTreeMap<String, Spanned<String>>,
    pub(crate) min: BTreeMap<String, Spanned<String>>,
    pub(crate) default: BTreeMap<String, Spanned<String>>,
    pub(crate) default_request: BTreeMap<String, Spanned<String>>,
}

impl LimitRange {
    /// Joins items of type `Container`; of two that say something of one resource the first counts.
    pub(crate) fn from_items(span: Span, items: impl Iterator<Item = LimitRangeItem>) -> Self {
        let mut defaults = Resources::default();
        for item in items {
            let limits = filled(item.default, &[&item.max]);
            let requests = filled(item.default_request, &[&limits, &item.min]);
            defaults.limits = filled(defaults.limits, &[&limits]);
            defaults.requests = filled(defaults.requests, &[&requests]);
        }
        Self {
            span,
            container_defaults: defaults,
        }
    }
}

/// The quantities, and of the others those of resources that are not yet among them.
fn filled(
    mut quantities: BTreeMap<String, Spanned<String>>,
    others: &[&BTreeMap<String, Spanned<String>>],
) -> BTreeMap<String, Spanned<String>> {
    for (name, quantity) in others.iter().copied().flatten() {
        quantities.entry(name.clone()).or_insert_with(|| quantity.clone());
    }
    quantities
}
