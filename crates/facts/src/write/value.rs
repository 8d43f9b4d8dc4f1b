// SPDX-License-Identifier: Apache-2.0
//! What YAML and JSON have in common, with the order of the keys kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A value of a facts file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'f> {
    Bool(bool),
    Number(i64),
    Text(Cow<'f, str>),
    List(Vec<Self>),
    /// A mapping with one entry a line in YAML.
    Block(Vec<(&'f str, Self)>),
    /// A mapping on one line in YAML.
    Flow(Vec<(&'f str, Self)>),
}

impl<'f> Value<'f> {
    pub(super) fn text(text: &'f str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(super) fn texts(texts: &'f [String]) -> Self {
        Self::List(texts.iter().map(|text| Self::text(text)).collect())
    }

    /// A value in its own notation.
    pub(super) fn written(value: impl Display) -> Self {
        Self::Text(Cow::Owned(value.to_string()))
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_i64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => serializer.collect_seq(items),
            Self::Block(entries) | Self::Flow(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// A mapping while it is made: what is not known is left out.
#[derive(Debug, Default)]
pub(super) struct Fields<'f>(Vec<(&'f str, Value<'f>)>);

impl<'f> Fields<'f> {
    pub(super) fn optional<T>(
        mut self,
        key: &'static str,
        content: Option<T>,
        value: impl FnOnce(T) -> Value<'f>,
    ) -> Self {
        self.0.extend(content.map(|content| (key, value(content))));
        self
    }

    /// A mapping for which empty and absent are the same.
    pub(super) fn map<T>(
        self,
        key: &'static str,
        content: &'f BTreeMap<String, T>,
        value: impl Fn(&'f T) -> Value<'f>,
    ) -> Self {
        let content = Some(content).filter(|content| !content.is_empty());
        self.optional(key, content, |content| super::map(content, value))
    }

    /// A section that is left out if nothing is in it.
    pub(super) fn filled(self, key: &'static str, fields: Self) -> Self {
        self.optional(key, (!fields.0.is_empty()).then_some(fields), Self::block)
    }

    pub(super) fn block(self) -> Value<'f> {
        Value::Block(self.0)
    }

    pub(super) fn flow(self) -> Value<'f> {
        Value::Flow(self.0)
    }
}
