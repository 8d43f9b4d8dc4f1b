// SPDX-License-Identifier: Apache-2.0
//! How a verb ends: exit codes, and the failures that lead to them.

use std::fmt;
use std::process::ExitCode;

/// An exit code of the agent, the same for every verb. The program ends with 143 on SIGTERM and with 130 on SIGINT, as a
/// shell reports a process that a signal ended: a container's first process is not ended by them otherwise
/// (`pid_namespaces(7)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: what was asked for is so.
    Done,
    /// 1: it could not be done, or what was required does not hold.
    Refused,
    /// 2: wrong usage; nothing was done.
    Usage,
    /// 3: the time that was given is over.
    Exhausted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::Usage => 2,
            Exit::Exhausted => 3,
        })
    }
}

/// Why a verb ends without what was asked for: one line that says what, where, why, and what to do. Never a value that
/// was read from a file or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code that the process ends with.
    pub exit: Exit,
    /// The line.
    pub message: String,
}

impl Failure {
    /// [`Exit::Refused`], with its reason.
    pub fn refused(message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Refused,
            message: message.to_string(),
        }
    }

    /// [`Exit::Usage`], with its reason.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.to_string(),
        }
    }

    /// [`Exit::Exhausted`], with what was missing last.
    pub fn exhausted(message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Exhausted,
            message: message.to_string(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
