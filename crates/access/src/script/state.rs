// SPDX-License-Identifier: Apache-2.0
//! What a shell can change, and how two possible pasts become one present.

use std::collections::BTreeMap;
use std::sync::Arc;

use writeway_shell::Command;

use crate::mounts::Place;
use crate::value::{Reason, Value};
use crate::world::World;

/// An exit status, or why it is not known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Status {
    Known(u8),
    Unknown(Reason),
}

/// Exit status of success.
pub(super) const SUCCESS: Status = Status::Known(0);
/// Exit status of a command that reports a failure.
pub(super) const FAILURE: Status = Status::Known(1);

impl Status {
    pub(super) fn unknown(reason: impl Into<Reason>) -> Self {
        Self::Unknown(reason.into())
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Known(0) => FAILURE,
            Self::Known(_) => SUCCESS,
            Self::Unknown(reason) => Self::Unknown(reason),
        }
    }

    /// What is known whichever of two happened.
    pub(super) fn join(self, other: Self, reason: &Reason) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) if a == b => Self::Known(a),
            (Self::Unknown(reason), _) | (_, Self::Unknown(reason)) => Self::Unknown(reason),
            _ => Self::Unknown(reason.clone()),
        }
    }

    /// The worse of two, as a tool reports that works through several operands.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(0), other) => other,
            (own @ Self::Known(_), _) => own,
            (_, failed @ Self::Known(1..)) => failed,
            (own, _) => own,
        }
    }
}

/// A variable's value; `None` when it is set to something that is not known.
pub(super) type Variable = Option<String>;

/// A way out of a loop or a function that leaves the shell running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Break,
    Continue,
    Return,
}

/// What a script changes as it runs.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) world: World,
    pub(super) variables: BTreeMap<String, Variable>,
    /// Variables that are not listed may be set.
    pub(super) more_variables: bool,
    /// Positional parameters.
    pub(super) positional: Vec<String>,
    /// The places from the root to the working directory; empty when it is not known.
    pub(super) working_dir: Vec<Place>,
    /// The working directory's path as the shell came to it (`PWD`).
    pub(super) logical_dir: Option<String>,
    pub(super) umask: Value<u16>,
    /// `set -e`.
    pub(super) exit_on_error: bool,
    /// `set -u`.
    pub(super) unset_is_error: bool,
    pub(super) functions: BTreeMap<String, Arc<Command>>,
    /// The shell ended with this status.
    pub(super) ended: Option<Status>,
    /// The commands up to the end of the loop or the function are left out.
    pub(super) leaving: Option<(Leave, Status)>,
    /// Status of the last command (`$?`).
    pub(super) last: Status,
}

impl State {
    /// Whether the next command is run.
    pub(super) fn runs(&self) -> bool {
        self.ended.is_none() && self.leaving.is_none()
    }

    /// What is known whichever of two states is the real one; both grew out of one with `shared` inodes.
    pub(super) fn join(self, other: Self, shared: usize, reason: &Reason) -> Self {
        let mut variables = self.variables;
        for (name, value) in &mut variables {
            if other.variables.get(name) != Some(value) {
                *value = None;
            }
        }
        for name in other.variables.into_keys() {
            variables.entry(name).or_insert(None);
        }
        Self {
            world: self.world.join(other.world, shared, reason),
            variables,
            more_variables: self.more_variables || other.more_variables,
            positional: self.positional,
            working_dir: if self.working_dir == other.working_dir {
                self.working_dir
            } else {
                Vec::new()
            },
            logical_dir: self
                .logical_dir
                .filter(|path| other.logical_dir.as_ref() == Some(path)),
            umask: self.umask.join(&other.umask, reason),
            exit_on_error: self.exit_on_error && other.exit_on_error,
            unset_is_error: self.unset_is_error && other.unset_is_error,
            functions: self.functions,
            ended: None,
            leaving: None,
            last: self.last.join(other.last, reason),
        }
    }
}
