// SPDX-License-Identifier: Apache-2.0
//! `writeway.dev/ignore.WW301: reason`, and `app.writeway.dev/ignore.WW301: reason` for container `app`.
//!
//! The name of an annotation has at most 63 characters behind the slash, and a DNS name before it (`IsQualifiedName` in
//! k8s.io/apimachinery, pkg/util/validation). A container's name is a DNS label of up to 63 characters too, so that it
//! always fits in front of the domain, and would not behind a code.

use writeway_manifest::Span;
use writeway_yaml::{Kind, Node, Stream};

const DOMAIN: &str = "writeway.dev";

/// An annotation that says to ignore a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Annotation<'t> {
    /// Where its key stands.
    pub(super) key: Span,
    /// The code or name of the rule, as written.
    pub(super) rule: String,
    /// The container it is about; all without it.
    pub(super) container: Option<String>,
    /// Why.
    pub(super) reason: Option<&'t str>,
    /// The object or pod template in whose metadata it stands.
    pub(super) part: Span,
}

/// Every annotation of the documents that says to ignore a rule.
pub(super) fn annotations(stream: &Stream) -> Vec<Annotation<'_>> {
    let mut found = Vec::new();
    for document in stream.documents() {
        collect(document.root(), &mut found);
    }
    found
}

fn collect<'t>(node: Node<'t>, found: &mut Vec<Annotation<'t>>) {
    // What an alias names is looked at where it is written.
    if node.is_alias() {
        return;
    }
    for item in node.items() {
        collect(item, found);
    }
    if node.kind() != Kind::Mapping {
        return;
    }
    let annotations = node
        .get("metadata")
        .and_then(|metadata| metadata.get("annotations"));
    for (key, value) in annotations.into_iter().flat_map(Node::entries) {
        let Some((container, rule)) = parse(&key.key_text()) else {
            continue;
        };
        found.push(Annotation {
            key: key.span(),
            rule,
            container,
            reason: value.as_str().filter(|reason| !reason.is_empty()),
            part: node.span(),
        });
    }
    for (_, value) in node.entries() {
        if node.span().contains(value.span()) {
            collect(value, found);
        }
    }
}

/// The container and the rule that a key names.
fn parse(key: &str) -> Option<(Option<String>, String)> {
    let (prefix, name) = key.split_once('/')?;
    let container = match prefix.strip_suffix(DOMAIN)? {
        "" => None,
        label => Some(label.strip_suffix('.')?.to_owned()),
    };
    Some((container, name.strip_prefix("ignore.")?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_a_rule_and_a_container() {
        let some =
            |container: Option<&str>, rule: &str| Some((container.map(str::to_owned), rule.to_owned()));
        for (key, expected) in [
            ("writeway.dev/ignore.WW301", some(None, "WW301")),
            (
                "writeway.dev/ignore.mount-not-writable",
                some(None, "mount-not-writable"),
            ),
            ("app.writeway.dev/ignore.WW301", some(Some("app"), "WW301")),
            ("writeway.dev/ignore.", some(None, "")),
            ("writeway.dev/other", None),
            ("notwriteway.dev/ignore.WW301", None),
            ("ignore.WW301", None),
            ("other.dev/ignore.WW301", None),
        ] {
            assert_eq!(parse(key), expected, "{key}");
        }
    }

    #[test]
    fn every_rule_fits_into_the_name_of_an_annotation() {
        for rule in crate::RULES {
            assert!("ignore.".len() + rule.name.len() <= 63, "{}", rule.name);
        }
    }
}
