// SPDX-License-Identifier: Apache-2.0
//! What chores expect of programs, and what was not so.

use std::fmt::Debug;
use std::io::{self, Write};

/// What was expected of a program, and what was not so.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// How many things were expected.
    expected: usize,
    /// Those that were not so.
    wrong: Vec<String>,
}

impl Verdict {
    /// Takes down an expectation, and what happened instead if it is not met.
    pub(crate) fn expect(&mut self, met: bool, what: &str, instead: &dyn Debug) {
        self.expected += 1;
        if !met {
            self.wrong.push(format!("{what}: {instead:?}"));
        }
    }

    /// Tells it, with the name of what it is about; whether anything was expected and all of it was met.
    ///
    /// # Errors
    /// When nothing can be written.
    pub(crate) fn tell(&self, out: &mut dyn Write, name: &str) -> io::Result<bool> {
        let Self { expected, wrong } = self;
        writeln!(out, "{name}: {expected} expectations, {} not met", wrong.len())?;
        for wrong in wrong {
            writeln!(out, "  {wrong}")?;
        }
        Ok(*expected > 0 && wrong.is_empty())
    }
}
