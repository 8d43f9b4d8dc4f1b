// SPDX-License-Identifier: Apache-2.0
//! Values without a place: what an edit writes.

use crate::node::{Kind, Node};
use crate::scalar::Scalar;

/// A value as Kubernetes sees it, in the order in which it is to be written.
#[derive(Debug, Clone)]
pub enum Value {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float, which a quantity such as `cpu: 0.5` is. Two floats are equal if their bits are.
    Float(f64),
    /// A text.
    Str(String),
    /// A list.
    List(Vec<Self>),
    /// Names with values. A name must not come twice.
    Map(Vec<(String, Self)>),
}

impl Value {
    /// What a node means to Kubernetes, aliases and merge keys resolved, comments and style left behind. `None` if there
    /// is a number above `i64::MAX` in it, which no field of Kubernetes takes.
    pub fn read(node: Node<'_>) -> Option<Self> {
        match node.kind() {
            Kind::Sequence => node
                .items()
                .map(Self::read)
                .collect::<Option<_>>()
                .map(Self::List),
            Kind::Mapping => node
                .entries()
                .map(|(key, value)| Some((key.key_text().into_owned(), Self::read(value)?)))
                .collect::<Option<_>>()
                .map(Self::Map),
            Kind::Scalar => match node.scalar()? {
                Scalar::Null => Some(Self::Null),
                Scalar::Bool(value) => Some(Self::Bool(value)),
                Scalar::Int(value) => Some(Self::Int(value)),
                Scalar::Uint(_) => None,
                Scalar::Float(value) => Some(Self::Float(value)),
                Scalar::Str(value) => Some(Self::Str(value.into_owned())),
            },
        }
    }

    /// A mapping of these entries, in this order.
    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        )
    }

    /// A list of these items.
    pub fn list<V: Into<Self>>(items: impl IntoIterator<Item = V>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// The value of a name in a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::Int(one), Self::Int(two)) => one == two,
            (Self::Float(one), Self::Float(two)) => one.to_bits() == two.to_bits(),
            (Self::Str(one), Self::Str(two)) => one == two,
            (Self::List(one), Self::List(two)) => one == two,
            (Self::Map(one), Self::Map(two)) => one == two,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Str(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Str(value)
    }
}

impl From<Vec<Self>> for Value {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}
