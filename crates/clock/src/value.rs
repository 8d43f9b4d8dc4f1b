// SPDX-License-Identifier: Apache-2.0
//! Values of variables, as far as they are known.

use std::sync::Arc;

use crate::bound::Reason;
use crate::clocks::Mark;

/// Texts that a value is known not to be; beyond that nothing is noted.
const MAX_EXCLUDED: usize = 4;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// This text.
    Text(Arc<str>),
    /// Not this shell's to know.
    Unknown(Unknown),
    /// The time of a mark in seconds since 1970, as `date +%s` prints it, and some seconds added.
    Instant { mark: Mark, plus: i64 },
    /// The time from one mark to the other in whole seconds, and some seconds added.
    Elapsed { from: Mark, to: Mark, plus: i64 },
}

/// A value that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unknown {
    /// Who decides it.
    pub(crate) by: By,
    /// What it is not.
    pub(crate) not: Vec<Arc<str>>,
    /// Why it is not known.
    pub(crate) why: Reason,
}

/// Who decides what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// The world: it may be anything at any time, for ever.
    World,
    /// The script or its environment, by means that are not followed.
    Script,
}

impl Value {
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn number(number: i64) -> Self {
        Self::Text(number.to_string().into())
    }

    pub(crate) fn unknown(by: By, why: impl Into<Reason>) -> Self {
        Self::Unknown(Unknown {
            by,
            not: Vec::new(),
            why: why.into(),
        })
    }

    /// An exit status other than 0.
    pub(crate) fn not_zero(why: impl Into<Reason>) -> Self {
        Self::Unknown(Unknown {
            by: By::World,
            not: vec!["0".into()],
            why: why.into(),
        })
    }

    pub(crate) fn as_text(&self) -> Option<&Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The integer that arithmetic and `test` take it for; an empty value is 0 in arithmetic only.
    pub(crate) fn as_number(&self) -> Option<i64> {
        self.as_text()?.trim().parse().ok()
    }

    /// Why it is no text, and who decides it.
    pub(crate) fn doubt(&self) -> (By, Reason) {
        match self {
            Self::Unknown(unknown) => (unknown.by, unknown.why.clone()),
            _ => (
                By::Script,
                "the time of day is used in a way that is not followed".into(),
            ),
        }
    }

    /// The marks it refers to.
    pub(crate) fn marks(&self) -> impl Iterator<Item = Mark> {
        let (one, two) = match self {
            Self::Instant { mark, .. } => (Some(*mark), None),
            Self::Elapsed { from, to, .. } => (Some(*from), Some(*to)),
            _ => (None, None),
        };
        one.into_iter().chain(two)
    }

    /// This value, known not to be `text`.
    pub(crate) fn without(&self, text: &Arc<str>) -> Self {
        let Self::Unknown(unknown) = self else {
            return self.clone();
        };
        let mut unknown = unknown.clone();
        if let Err(place) = unknown.not.binary_search(text)
            && unknown.not.len() < MAX_EXCLUDED
        {
            unknown.not.insert(place, text.clone());
        }
        Self::Unknown(unknown)
    }

    /// One text behind the other.
    pub(crate) fn concat(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Text(one), two) if one.is_empty() => two.clone(),
            (one, Self::Text(two)) if two.is_empty() => one.clone(),
            (Self::Text(one), Self::Text(two)) => Self::text(format!("{one}{two}")),
            (one, two) => {
                let (one_by, one_why) = one.doubt();
                let (two_by, two_why) = two.doubt();
                let by = match (one.as_text(), two.as_text()) {
                    (Some(_), _) => two_by,
                    (_, Some(_)) => one_by,
                    _ => one_by.max(two_by),
                };
                let why = if one.as_text().is_some() { two_why } else { one_why };
                // It has text in it, or may not be empty for another reason.
                let not_empty = [one, two].iter().any(|value| value.is_not_empty());
                Self::Unknown(Unknown {
                    by,
                    not: if not_empty { vec!["".into()] } else { Vec::new() },
                    why,
                })
            }
        }
    }

    fn is_not_empty(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Unknown(unknown) => unknown.not.iter().any(|text| text.is_empty()),
            Self::Instant { .. } | Self::Elapsed { .. } => true,
        }
    }

    /// Whether it is this text; `None` when that is not known.
    pub(crate) fn is(&self, text: &str) -> Option<bool> {
        match self {
            Self::Text(own) => Some(&**own == text),
            Self::Unknown(unknown) if unknown.not.iter().any(|not| &**not == text) => Some(false),
            Self::Unknown(_) => None,
            Self::Instant { .. } | Self::Elapsed { .. } => text.is_empty().then_some(false),
        }
    }
}
