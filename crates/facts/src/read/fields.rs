// SPDX-License-Identifier: Apache-2.0
//! Mappings with a fixed set of keys.

use writeway_yaml::{Kind, Node};

use super::{Reader, shown};
use crate::closest;

/// A mapping of the format: what it is, and which keys it has.
#[derive(Debug)]
pub(crate) struct Section {
    /// For messages, with its article.
    pub(crate) what: &'static str,
    pub(crate) keys: &'static [&'static str],
}

/// Every section, for the comparison with the JSON Schema.
#[cfg(test)]
pub(crate) const SECTIONS: &[&Section] = &[
    &super::FACTS,
    &super::image::IMAGE,
    &super::image::USER,
    &super::image::GROUP,
    &super::image::PATH,
    &super::image::TOOLS,
    &super::volume::HOST_PATH,
    &super::volume::CLASS_VOLUME,
    &super::cluster::KUBERNETES,
    &super::cluster::NODE,
];

/// The values of a mapping with a fixed set of keys.
#[derive(Debug)]
pub(super) struct Fields<'t> {
    section: &'static Section,
    values: Vec<(&'static str, Node<'t>)>,
}

impl<'t> Fields<'t> {
    /// The value of `key`, unless it is null.
    pub(super) fn get(&self, key: &str) -> Option<Node<'t>> {
        debug_assert!(self.section.keys.contains(&key), "{key} is not declared");
        self.values
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }

    /// Every value that is not null.
    pub(super) fn all(&self) -> &[(&'static str, Node<'t>)] {
        &self.values
    }
}

impl<'t> Reader<'t> {
    /// Sorts out a mapping; unknown keys are errors.
    pub(super) fn fields(&mut self, node: Node<'t>, section: &'static Section) -> Fields<'t> {
        let mut values = Vec::new();
        if node.kind() != Kind::Mapping && !node.is_null() {
            self.expected(node, &format!("{}, a mapping", section.what));
        }
        for (key, value) in node.entries() {
            let name = key.content().unwrap_or_default();
            match section.keys.iter().find(|known| **known == name) {
                Some(known) if !value.is_null() => values.push((*known, value)),
                Some(_) => {}
                None => {
                    let hint = match closest(name, section.keys.iter().copied()) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "it means nothing there".to_owned(),
                    };
                    let message = format!(
                        "unknown key {} in {}: {hint} (allowed: {})",
                        shown(name),
                        section.what,
                        section.keys.join(", ")
                    );
                    self.error(key.span(), message);
                }
            }
        }
        Fields { section, values }
    }
}
