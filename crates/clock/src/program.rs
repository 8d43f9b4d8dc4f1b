// SPDX-License-Identifier: Apache-2.0
//! Programs: how long they take, whether they may fail, and whether they do something or only look.

mod agent;
mod arguments;
pub(crate) mod curl;
mod kubernetes;
mod local;
mod network;
mod table;

use std::time::Duration;

use crate::bound::{Bound, Reason};
use crate::evaluation::Timing;
use crate::value::{By, Value};

pub(crate) use table::effect;

/// A program with its arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// Its name without directories.
    pub(crate) name: &'a str,
    /// Its arguments; those that are not known have no text.
    pub(crate) arguments: &'a [Value],
    /// There may be more arguments than these, or fewer.
    pub(crate) open: bool,
}

/// What a program may do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Effect {
    /// Until it succeeds; `None`: it never does.
    pub(crate) success: Option<Timing>,
    /// Until it fails; `None`: it never does.
    pub(crate) failure: Option<Timing>,
    /// Why it never ends, when it does not.
    pub(crate) never: Option<Reason>,
    pub(crate) role: Role,
    /// What it writes to standard output.
    pub(crate) output: Value,
    /// It is a wait of its own: it looks until it succeeds or its time is over.
    pub(crate) waits: bool,
}

/// Whether a program changes anything that others see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It works on text and files of its own container.
    Local,
    /// It asks others.
    Look,
    /// It may change what others see.
    Act,
}

impl Effect {
    /// A local tool that takes no time worth counting, and succeeds.
    pub(crate) fn silent() -> Self {
        Self {
            success: Some(Timing::ZERO),
            failure: None,
            never: None,
            role: Role::Local,
            output: Value::text(""),
            waits: false,
        }
    }

    /// A program that answers within `worst`, well or not.
    pub(crate) fn answers(role: Role, name: &str, worst: Bound) -> Self {
        let timing = Timing {
            best: Bound::ZERO,
            worst,
        };
        Self {
            success: Some(timing.clone()),
            failure: Some(timing),
            never: None,
            role,
            output: Value::unknown(By::World, format!("what `{name}` prints is not known")),
            waits: false,
        }
    }

    /// A program that waits up to `worst`.
    pub(crate) fn waits(role: Role, name: &str, worst: Bound) -> Self {
        Self {
            waits: true,
            ..Self::answers(role, name, worst)
        }
    }

    /// A program that nothing is known of.
    pub(crate) fn unknown(name: &str) -> Self {
        let timing = Timing::unknown(format!("how long `{name}` takes is not known"));
        Self {
            success: Some(timing.clone()),
            failure: Some(timing),
            ..Self::answers(Role::Act, name, Bound::ZERO)
        }
    }

    /// A program that never ends.
    pub(crate) fn never(why: impl Into<Reason>) -> Self {
        Self {
            success: None,
            failure: None,
            never: Some(why.into()),
            ..Self::silent()
        }
    }
}

/// Exactly so long.
fn exactly(duration: Duration) -> Timing {
    Timing {
        best: Bound::Finite(duration),
        worst: Bound::Finite(duration),
    }
}
