// SPDX-License-Identifier: Apache-2.0
//! Short ways to write the values that make up an object.

/// An ordered tree, as YAML and JSON have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Str(String),
    /// A sequence.
    List(Vec<Self>),
    /// A mapping, its keys in this order.
    Map(Vec<(String, Self)>),
}

/// A mapping, its keys in this order.
pub(crate) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

/// A text.
pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::Str(text.into())
}

/// A sequence of texts.
pub(crate) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::List(texts.into_iter().map(text).collect())
}

impl From<&Value> for serde_json::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Int(number) => (*number).into(),
            Value::Str(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::from).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, value)| (key.clone(), Self::from(value)))
                .collect(),
        }
    }
}
