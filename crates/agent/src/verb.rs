// SPDX-License-Identifier: Apache-2.0
//! What a verb is: one table entry, from which its arguments are read and its help is written.

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::log::Log;

/// One verb of the agent.
#[derive(Clone, Copy, Debug)]
pub struct Verb {
    /// The word on the command line.
    pub name: &'static str,
    /// One line for the list of verbs.
    pub about: &'static str,
    /// Operands, as the usage line shows them: `<FROM>...`.
    pub operands: &'static str,
    /// What one has to know to use it: paragraphs of plain text.
    pub details: &'static str,
    /// The options that only this verb has.
    pub options: &'static [Opt],
    /// Command lines that people really write, each with what it is for.
    pub examples: &'static [(&'static str, &'static str)],
    /// Does it.
    pub run: fn(&Arguments, &Log) -> Result<Exit, Failure>,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// `to` for `--to`.
    pub long: &'static str,
    /// `h` for `-h`.
    pub short: Option<char>,
    /// What its value is called in the help; `None` for a flag.
    pub value: Option<&'static str>,
    /// Whether it may be given more than once.
    pub repeats: bool,
    /// What it means, with its default.
    pub help: &'static str,
}

impl Opt {
    /// An option that is there or not.
    #[must_use]
    pub const fn flag(long: &'static str, help: &'static str) -> Self {
        Self {
            long,
            short: None,
            value: None,
            repeats: false,
            help,
        }
    }

    /// An option with a value.
    #[must_use]
    pub const fn value(long: &'static str, value: &'static str, help: &'static str) -> Self {
        Self {
            value: Some(value),
            ..Self::flag(long, help)
        }
    }

    /// The same option with a letter.
    #[must_use]
    pub const fn short(self, letter: char) -> Self {
        Self {
            short: Some(letter),
            ..self
        }
    }

    /// The same option, which may be given more than once.
    #[must_use]
    pub const fn repeated(self) -> Self {
        Self {
            repeats: true,
            ..self
        }
    }
}
