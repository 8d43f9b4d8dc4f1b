// SPDX-License-Identifier: Apache-2.0
//! Single values: each reports what is wrong with it and answers `None`, so that reading goes on.

use std::str::FromStr;

use writeway_yaml::{Kind, Node, Scalar};

use super::{Reader, shown};
use crate::notation::{Choices, absolute_path_error, relative_path_error};
use crate::{NotationError, closest};

impl<'t> Reader<'t> {
    /// Says that `node` should be something else.
    pub(super) fn expected(&mut self, node: Node<'t>, expected: &str) {
        let found = match (node.kind(), node.scalar()) {
            (Kind::Mapping, _) => "a mapping".to_owned(),
            (Kind::Sequence, _) => "a list".to_owned(),
            (Kind::Scalar, Some(Scalar::Null)) => "nothing".to_owned(),
            (Kind::Scalar, _) => shown(node.content().unwrap_or_default()),
        };
        self.error(node.span(), format!("expected {expected}, found {found}"));
    }

    /// The text of a single value as it is written: `0400` and `yes` need no quotes here.
    pub(super) fn text(&mut self, node: Node<'t>) -> Option<String> {
        let text = node.content().filter(|_| !node.is_null()).map(str::to_owned);
        if text.is_none() {
            self.expected(node, "text");
        }
        text
    }

    pub(super) fn boolean(&mut self, node: Node<'t>) -> Option<bool> {
        let value = node.as_bool();
        if value.is_none() {
            self.expected(node, "true or false");
        }
        value
    }

    /// A whole number, quoted or not.
    pub(super) fn integer(&mut self, node: Node<'t>) -> Option<i64> {
        let value = node.as_i64().or_else(|| node.as_str()?.parse().ok());
        if value.is_none() {
            self.expected(node, "a whole number");
        }
        value
    }

    /// A user or group id.
    pub(super) fn id(&mut self, node: Node<'t>) -> Option<u32> {
        let id = node.as_i64().and_then(|id| u32::try_from(id).ok());
        if id.is_none() {
            self.expected(node, "an id from 0 to 4294967295");
        }
        id
    }

    /// A value with a notation of its own: an owner, a mode, a version.
    pub(super) fn notation<T: FromStr<Err = NotationError>>(&mut self, node: Node<'t>) -> Option<T> {
        let text = self.text(node)?;
        text.parse()
            .map_err(|error: NotationError| {
                self.error(node.span(), format!("{error}, found {}", shown(&text)));
            })
            .ok()
    }

    pub(super) fn choice<T: Clone>(&mut self, node: Node<'t>, choices: Choices<T>) -> Option<T> {
        let text = self.text(node)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(value.clone());
        }
        let names: Vec<&str> = choices
            .iter()
            .map(|(name, _)| if name.is_empty() { "\"\"" } else { name })
            .collect();
        let meant = closest(
            &text,
            choices
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| !name.is_empty()),
        );
        let hint = meant
            .map(|meant| format!("; did you mean `{meant}`?"))
            .unwrap_or_default();
        let message = format!(
            "expected one of {}, found {}{hint}",
            names.join(", "),
            shown(&text)
        );
        self.error(node.span(), message);
        None
    }

    /// A list, without the items that `item` cannot read.
    pub(super) fn list(
        &mut self,
        node: Node<'t>,
        item: impl Fn(&mut Self, Node<'t>) -> Option<String>,
    ) -> Vec<String> {
        if node.kind() != Kind::Sequence {
            self.expected(node, "a list");
        }
        node.items().filter_map(|content| item(self, content)).collect()
    }

    pub(super) fn absolute_path(&mut self, node: Node<'t>) -> Option<String> {
        let path = self.text(node)?;
        self.checked_path(node, path, absolute_path_error)
    }

    /// A key that is an absolute clean path.
    pub(super) fn absolute_key(&mut self, node: Node<'t>) -> Option<String> {
        self.absolute_path(node)
    }

    /// A key that is a clean path below something.
    pub(super) fn relative_key(&mut self, node: Node<'t>) -> Option<String> {
        let path = self.text(node)?;
        self.checked_path(node, path, relative_path_error)
    }

    /// A key that is some name.
    pub(super) fn named_key(&mut self, node: Node<'t>) -> Option<String> {
        let name = self.text(node).filter(|name| !name.is_empty());
        if name.is_none() {
            self.error(node.span(), "a name cannot be empty".to_owned());
        }
        name
    }

    /// `namespace/name` of a claim.
    pub(super) fn claim_key(&mut self, node: Node<'t>) -> Option<String> {
        let text = self.text(node)?;
        match text.split_once('/') {
            Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
                Some(text)
            }
            _ => {
                let message = format!("expected a claim NAMESPACE/NAME, found {}", shown(&text));
                self.error(node.span(), message);
                None
            }
        }
    }

    fn checked_path(
        &mut self,
        node: Node<'t>,
        path: String,
        error: fn(&str) -> Option<String>,
    ) -> Option<String> {
        match error(&path) {
            None => Some(path),
            Some(why) => {
                self.error(node.span(), format!("the path {} {why}", shown(&path)));
                None
            }
        }
    }
}
