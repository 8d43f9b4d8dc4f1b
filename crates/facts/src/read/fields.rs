// SPDX-License-Identifier: Apache-2.0
//! Mappings with a fixed set of keys.

use writeway_yaml::{Kind, Node};

use super::{Reader, shown};

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

/// The one of `known` that was probably meant by `written`.
pub(super) fn closest(written: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    // Longer texts are no typing errors, and the distance costs time with the product of the lengths.
    if written.len() > 64 {
        return None;
    }
    let lower = written.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (distance, name) = known.map(|name| (distance(name), name)).min()?;
    (distance <= 1 + name.len() / 5).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_key_is_suggested_only_if_it_is_close() {
        let known = ["user", "users", "workingDir", "fsGroupPolicy", "to"];
        for (written, meant) in [
            ("workingdir", Some("workingDir")),
            ("workDir", Some("workingDir")),
            ("usr", Some("user")),
            ("fsGroupPolcy", Some("fsGroupPolicy")),
            ("entrypoint", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(closest(written, known.into_iter()), meant, "{written}");
        }
        assert_eq!(closest(&"user".repeat(100), known.into_iter()), None);
    }
}
