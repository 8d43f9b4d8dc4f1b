// SPDX-License-Identifier: Apache-2.0
//! What the agent says: one line at a time on standard error, as text or as JSON.
//!
//! Names of files, counts and reasons; never what is in a file, a header or an answer.

use std::fmt;
use std::io::{self, Write as _};

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `writeway-agent seed: warning: …`
    #[default]
    Text,
    /// One JSON object a line: `level`, `verb`, `message`.
    Json,
}

impl LogFormat {
    /// Reads `text` or `json`.
    ///
    /// # Errors
    /// What can be written instead.
    pub fn read(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write `text` or `json`".to_owned()),
        }
    }
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Why the verb failed.
    Error,
    /// What is not as one would expect, though the verb goes on.
    Warning,
    /// The result of a verb in one line, or that a state changed. Not written with `--quiet`.
    Info,
    /// Each step. Written with `--verbose` alone.
    Debug,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// Where the lines of one verb go. Threads may share it: a line is written at once.
#[derive(Clone, Debug)]
pub struct Log {
    format: LogFormat,
    verb: &'static str,
    most: Level,
}

impl Log {
    /// The log of a verb, with lines that matter as much as `most` or more.
    #[must_use]
    pub const fn new(format: LogFormat, verb: &'static str, most: Level) -> Self {
        Self { format, verb, most }
    }

    /// Why the verb failed.
    pub fn error(&self, message: impl fmt::Display) {
        self.line(Level::Error, message);
    }

    /// What is not as one would expect.
    pub fn warning(&self, message: impl fmt::Display) {
        self.line(Level::Warning, message);
    }

    /// A result, or that a state changed.
    pub fn info(&self, message: impl fmt::Display) {
        self.line(Level::Info, message);
    }

    /// A step.
    pub fn debug(&self, message: impl fmt::Display) {
        self.line(Level::Debug, message);
    }

    fn line(&self, level: Level, message: impl fmt::Display) {
        if level > self.most {
            return;
        }
        let message = message.to_string();
        let line = match self.format {
            LogFormat::Text => {
                let level = match level {
                    Level::Error | Level::Warning => format!("{}: ", level.as_str()),
                    Level::Info | Level::Debug => String::new(),
                };
                // A file's name may have a newline, or bytes that move a terminal's cursor.
                let message = printable(&message);
                match self.verb {
                    "" => format!("writeway-agent: {level}{message}\n"),
                    verb => format!("writeway-agent {verb}: {level}{message}\n"),
                }
            }
            LogFormat::Json => {
                let line =
                    serde_json::json!({ "level": level.as_str(), "verb": self.verb, "message": message });
                format!("{line}\n")
            }
        };
        // Nothing is left to tell when standard error is gone, too.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

/// The text with every control character replaced by its escape.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}
