// SPDX-License-Identifier: Apache-2.0
//! Exit codes, the same for every command.

use std::process::ExitCode;

/// How a command ended. Of two outcomes the worse one counts, which is the greater one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// 0: nothing to report.
    #[default]
    Clean,
    /// 1: findings, or a verdict that was refused.
    Refused,
    /// 2: wrong usage, or input that could not be read; the rest was processed.
    Unreadable,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Refused => 1,
            Outcome::Unreadable => 2,
        })
    }
}
