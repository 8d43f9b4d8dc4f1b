// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a configuration file, and where.

use std::{fmt, io};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl ConfigError {
    /// A mistake at a byte offset of the text.
    pub(crate) fn new(text: &str, offset: usize, message: String) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message,
        }
    }
}

/// Every mistake of a configuration file, in the order of the text; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub(crate) Vec<ConfigError>);

impl ConfigErrors {
    /// The mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.0.iter()
    }

    /// One line each, with the name of the file: `writeway.toml:3:5: …`.
    fn in_file(&self, name: &str) -> String {
        let lines = self.0.iter().map(
            |ConfigError {
                 line,
                 column,
                 message,
             }| format!("{name}:{line}:{column}: {message}"),
        );
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_file(crate::FILE_NAME))
    }
}

impl std::error::Error for ConfigErrors {}

/// Why a configuration file does not count. The message begins with its name.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The operating system refused, or it is not UTF-8.
    #[error("{name}: {source}")]
    Unreadable {
        /// The file.
        name: String,
        /// What it said.
        source: io::Error,
    },
    /// There are mistakes in it.
    #[error("{}", errors.in_file(name))]
    Mistakes {
        /// The file.
        name: String,
        /// The mistakes.
        errors: ConfigErrors,
    },
}
