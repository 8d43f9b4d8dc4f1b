// SPDX-License-Identifier: Apache-2.0
//! Standard output and standard error: colour, width, and who gets to see what.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};
use writeway_report::printable;

use crate::args::{ColorWhen, OutputArgs};

/// Where output goes. Answers go to standard output, everything else to standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    /// Whether standard output takes colour.
    pub(crate) color: bool,
    /// Columns of standard output; `None` when it is no terminal.
    pub(crate) width: Option<usize>,
    verbosity: Verbosity,
}

/// What is said beside answers and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

impl Terminal {
    pub(crate) fn new(args: &OutputArgs) -> Self {
        let stdout = io::stdout();
        let color = match args.color {
            ColorWhen::Auto => AutoStream::choice(&stdout) != ColorChoice::Never,
            ColorWhen::Always => true,
            ColorWhen::Never => false,
        };
        let size = terminal_size::terminal_size_of(&stdout).filter(|_| stdout.is_terminal());
        let verbosity = match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        };
        Self {
            color,
            width: size.map(|(width, _)| usize::from(width.0)),
            verbosity,
        }
    }

    /// The one writer of answers. It is locked, and flushed by whoever takes it.
    pub(crate) fn stdout(self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::new(io::stdout().lock())
    }

    /// An error.
    pub(crate) fn error(self, text: impl Display) {
        say(&text.to_string());
    }

    /// Something that is good to know; `--quiet` keeps it away.
    pub(crate) fn note(self, text: impl Display) {
        if self.verbosity >= Verbosity::Normal {
            say(&text.to_string());
        }
    }

    /// Something for those who ask with `--verbose`.
    pub(crate) fn detail(self, text: impl Display) {
        if self.verbosity >= Verbosity::Verbose {
            say(&text.to_string());
        }
    }

    /// Whether a progress bar is welcome: on a terminal, unless `--quiet`.
    pub(crate) fn shows_progress(self) -> bool {
        self.verbosity >= Verbosity::Normal && io::stderr().is_terminal()
    }
}

/// Writes lines to standard error. That it is closed is no reason to fail.
fn say(text: &str) {
    let lines = text.lines().map(|line| format!("{}\n", printable(line)));
    // At once: standard error has no buffer.
    let _ = io::stderr()
        .lock()
        .write_all(lines.collect::<String>().as_bytes());
}
