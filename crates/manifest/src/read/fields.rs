// SPDX-License-Identifier: Apache-2.0
//! The fields of a mapping, one by one, each as its type in the API.

use std::collections::BTreeMap;
use std::time::Duration;

use writeway_yaml::{Node, Scalar, Span};

use super::Reader;
use crate::{Quantity, Spanned, parse_go_duration};

/// A mapping whose fields are read one by one.
pub(crate) struct Fields<'r, 't> {
    pub(super) reader: &'r mut Reader,
    pub(super) node: Node<'t>,
}

impl<'t> Fields<'_, 't> {
    /// The whole mapping.
    pub(crate) fn span(&self) -> Span {
        self.node.span()
    }

    /// A field's value; `null` is absent.
    pub(crate) fn get(&self, name: &str) -> Option<Node<'t>> {
        self.node.get(name).filter(|node| !node.is_null())
    }

    /// The names of the fields, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Node<'t>, Node<'t>)> + use<'t> {
        self.node.entries()
    }

    fn field<T>(&mut self, name: &str, read: impl FnOnce(&mut Reader, Node<'t>) -> Option<T>) -> Option<T> {
        let node = self.get(name)?;
        self.reader.at(name, |reader| read(reader, node))
    }

    pub(crate) fn string(&mut self, name: &str) -> Option<Spanned<String>> {
        self.field(name, |reader, node| reader.string(node))
    }

    /// A string that the API requires: empty, and at the place of the mapping, when it is missing.
    pub(crate) fn required(&mut self, name: &str) -> Spanned<String> {
        self.string(name)
            .unwrap_or_else(|| Spanned::new(String::new(), self.span()))
    }

    pub(crate) fn bool(&mut self, name: &str) -> Option<Spanned<bool>> {
        self.field(name, |reader, node| reader.bool(node))
    }

    /// A boolean of the API without a pointer: absent is `false`.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        self.bool(name).is_some_and(|value| value.value)
    }

    pub(crate) fn int64(&mut self, name: &str) -> Option<Spanned<i64>> {
        self.field(name, |reader, node| reader.int(node, 64))
    }

    pub(crate) fn int32(&mut self, name: &str) -> Option<Spanned<i64>> {
        self.field(name, |reader, node| reader.int(node, 32))
    }

    /// A `resource.Quantity`, as written: a string or a number.
    pub(crate) fn quantity(&mut self, name: &str) -> Option<Spanned<String>> {
        self.field(name, quantity)
    }

    /// A `map[string]resource.Quantity`.
    pub(crate) fn quantities(&mut self, name: &str) -> BTreeMap<String, Spanned<String>> {
        self.map(name, |reader, _, value| quantity(reader, value))
    }

    /// A `metav1.Duration`.
    pub(crate) fn duration(&mut self, name: &str) -> Option<Spanned<Duration>> {
        self.field(name, |reader, node| {
            let text = reader.string(node)?;
            let duration = parse_go_duration(&text);
            if duration.is_none() {
                reader.leave_out(node.span(), "must be a duration, for example 5m30s");
            }
            Some(Spanned::new(duration?, node.span()))
        })
    }

    pub(crate) fn strings(&mut self, name: &str) -> Option<Vec<Spanned<String>>> {
        self.field(name, |reader, node| {
            reader.items(node, |reader, item| zero_of_null(item, || reader.string(item)))
        })
    }

    pub(crate) fn int64s(&mut self, name: &str) -> Vec<Spanned<i64>> {
        self.field(name, |reader, node| {
            reader.items(node, |reader, item| zero_of_null(item, || reader.int(item, 64)))
        })
        .unwrap_or_default()
    }

    /// A map from names to values of one type.
    pub(crate) fn map<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Reader, Node<'t>, Node<'t>) -> Option<T>,
    ) -> BTreeMap<String, T> {
        self.object(name, &[], |fields| {
            let mut map = BTreeMap::new();
            for (key, value) in fields.entries() {
                let name = key.key_text();
                let value = fields.reader.at(&name, |reader| read(reader, key, value));
                if let Some(value) = value
                    && let Some(name) = fields.reader.copy(name, key.span())
                {
                    map.insert(name, value);
                }
            }
            map
        })
        .unwrap_or_default()
    }

    /// A `map[string]string`, with the place of each value.
    pub(crate) fn spanned_string_map(&mut self, name: &str) -> BTreeMap<String, Spanned<String>> {
        self.map(name, |reader, _, value| {
            zero_of_null(value, || reader.string(value))
        })
    }

    /// A `map[string]string`.
    pub(crate) fn string_map(&mut self, name: &str) -> BTreeMap<String, String> {
        self.spanned_string_map(name)
            .into_iter()
            .map(|(key, value)| (key, value.value))
            .collect()
    }

    /// A nested object.
    pub(crate) fn object<T>(
        &mut self,
        name: &str,
        known: &[&str],
        read: impl FnOnce(&mut Fields<'_, 't>) -> T,
    ) -> Option<T> {
        let node = self.get(name)?;
        self.reader.mapping(node, name, known, read)
    }

    /// A list of objects. `null` is an object without fields.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        known: &[&str],
        mut read: impl FnMut(&mut Fields<'_, 't>) -> T,
    ) -> Option<Vec<T>> {
        self.field(name, |reader, node| {
            reader.items(node, |reader, item| {
                if item.is_null() {
                    Some(read(&mut Fields { reader, node: item }))
                } else {
                    reader.mapping(item, "", known, &mut read)
                }
            })
        })
    }

    /// Reports something about this mapping that the API server refuses.
    pub(crate) fn refuse(&mut self, message: &str) {
        let span = self.span();
        self.reader.refuse(span, message);
    }
}

/// Inside lists and maps Go makes the zero value of null.
fn zero_of_null<T: Default>(node: Node<'_>, read: impl FnOnce() -> Option<Spanned<T>>) -> Option<Spanned<T>> {
    if node.is_null() {
        Some(Spanned::new(T::default(), node.span()))
    } else {
        read()
    }
}

fn quantity(reader: &mut Reader, node: Node<'_>) -> Option<Spanned<String>> {
    if let Some(Scalar::Int(_) | Scalar::Uint(_) | Scalar::Float(_)) = node.scalar() {
        let text = reader.copy(node.content()?.into(), node.span())?;
        return Some(Spanned::new(text, node.span()));
    }
    let text = reader.string(node)?;
    if Quantity::parse(&text).is_none() {
        reader.leave_out(node.span(), "must be a quantity, for example 64Mi");
        return None;
    }
    Some(text)
}
