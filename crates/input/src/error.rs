// SPDX-License-Identifier: Apache-2.0
//! Why an input could not be read. Every message begins with the input's name, as compilers write it.

use std::io;

use crate::render::RenderError;

/// Why an input could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The operating system refused.
    #[error("{name}: {source}")]
    Unreadable {
        /// The input's name.
        name: String,
        /// What it said.
        source: io::Error,
    },
    /// There is nothing of that name.
    #[error("{name}: no such file or folder")]
    Missing {
        /// The name.
        name: String,
    },
    /// A symbolic link leads back to a folder above it.
    #[error("{name}: symlink loop: it leads back to {target}; remove the link or exclude it")]
    SymlinkLoop {
        /// The link.
        name: String,
        /// The folder it leads to.
        target: String,
    },
    /// A socket, device or named pipe inside a folder. Reading it might never end.
    #[error("{name}: not a regular file; name it on the command line to read it anyway")]
    NotAFile {
        /// Its name.
        name: String,
    },
    /// More than [`CollectOptions::max_bytes`](crate::CollectOptions::max_bytes).
    #[error("{name}: larger than {limit} bytes; split it, or exclude it if it is no manifest")]
    TooLarge {
        /// The input's name.
        name: String,
        /// The limit.
        limit: u64,
    },
    /// A byte sequence that is not UTF-8.
    #[error("{name}:{line}:{column}: not UTF-8{hint}; save the file as UTF-8")]
    NotUtf8 {
        /// The input's name.
        name: String,
        /// Line of the first bad byte, from 1.
        line: usize,
        /// Column of the first bad byte in characters, from 1.
        column: usize,
        /// What the bytes look like instead.
        hint: &'static str,
    },
    /// A glob that no file matches.
    #[error("{pattern}: no file matches")]
    NoMatch {
        /// The glob.
        pattern: String,
    },
    /// A glob that is none.
    #[error("{pattern}: not a valid glob: {source}")]
    BadPattern {
        /// The glob.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// A chart or kustomization could not be rendered.
    #[error("{name}: {source}")]
    Render {
        /// The folder.
        name: String,
        /// Why.
        source: RenderError,
    },
}

impl InputError {
    pub(crate) fn io(name: String, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::NotFound {
            Self::Missing { name }
        } else {
            Self::Unreadable { name, source }
        }
    }

    /// What walking a folder found.
    pub(crate) fn walk(name: String, error: ignore::Error) -> Self {
        if let Some((ancestor, child)) = symlink_loop(&error) {
            return Self::SymlinkLoop {
                name: child,
                target: ancestor,
            };
        }
        let text = error.to_string();
        Self::io(
            name,
            error.into_io_error().unwrap_or_else(|| io::Error::other(text)),
        )
    }
}

fn symlink_loop(error: &ignore::Error) -> Option<(String, String)> {
    match error {
        ignore::Error::Loop { ancestor, child } => {
            Some((ancestor.display().to_string(), child.display().to_string()))
        }
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => symlink_loop(err),
        _ => None,
    }
}
