// SPDX-License-Identifier: Apache-2.0
//! Why a script could not be parsed, and where.

/// A script that a shell would refuse, or that goes beyond this parser's limits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct ParseError {
    /// What is wrong and what was expected, in lower case without a full stop.
    pub message: String,
    /// Line inside the script, from 1.
    pub line: usize,
    /// Column inside the line, in characters, from 1.
    pub column: usize,
    /// Byte offset inside the script.
    pub offset: usize,
}

impl ParseError {
    /// An error at a byte offset of `script`.
    pub(crate) fn at(script: &str, offset: usize, message: impl Into<String>) -> Self {
        let offset = script.floor_char_boundary(offset);
        let before = script.get(..offset).unwrap_or(script);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            message: message.into(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or("").chars().count() + 1,
            offset,
        }
    }
}
