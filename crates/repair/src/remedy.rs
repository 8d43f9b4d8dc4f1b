// SPDX-License-Identifier: Apache-2.0
//! What every remedy has: its name, its price, and a function.

use std::fmt;

use crate::{Case, Proposal};

/// A remedy of the table.
pub struct Remedy {
    /// Name in kebab case.
    pub name: &'static str,
    /// What it costs: memory, privilege, time at start.
    pub costs: &'static str,
    /// What it cannot do.
    pub limits: &'static str,
    /// What it proposes for a case.
    pub(crate) propose: fn(&Case<'_>) -> Answer,
}

/// Remedies that were considered, each with why it is not used.
pub type Considered = Vec<(&'static Remedy, String)>;

/// What a remedy says of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is for something else.
    NotMine,
    /// It would be for this, but cannot do it, for this reason.
    Cannot(String),
    /// It is worth a try.
    Try(Proposal),
}

impl Answer {
    /// It would be for this, but cannot do it, for this reason.
    pub fn cannot(why: impl Into<String>) -> Self {
        Self::Cannot(why.into())
    }

    /// The pod is written where no edit reaches it.
    pub(crate) fn not_reachable() -> Self {
        Self::cannot("the pod is not written where it could be changed")
    }
}

/// Its name: the rest is text.
impl fmt::Debug for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Remedies are told apart by their names.
impl PartialEq for Remedy {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
