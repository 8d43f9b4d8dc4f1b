// SPDX-License-Identifier: Apache-2.0
//! Why an archive could not be read.

use std::io;
use std::path::PathBuf;

use crate::budget::LimitReached;

/// An archive that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct Error {
    /// The archive or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with an archive. `part` names the file inside it (or the file itself).
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The operating system refused to read.
    #[error("cannot read {part}: {cause}")]
    Unreadable {
        /// What was being read.
        part: String,
        /// The system's words.
        cause: io::Error,
    },
    /// It is something else.
    #[error(
        "not a saved image: {why}; expected what `docker save`, `podman save` or `skopeo copy` write, or an OCI layout folder"
    )]
    NotAnImage {
        /// What is missing or wrong.
        why: String,
    },
    /// A file that the archive itself names is not in it.
    #[error("`{part}` is missing, but {named_by} names it; save the image again")]
    Missing {
        /// The missing file.
        part: String,
        /// The file that names it.
        named_by: String,
    },
    /// A JSON document is not one, or lacks what the format demands.
    #[error("{part}:{line}:{column}: {cause}")]
    Json {
        /// The document.
        part: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser expected.
        cause: String,
    },
    /// The content breaks the rules of its format.
    #[error("{part}: {why}")]
    Malformed {
        /// The file.
        part: String,
        /// The rule broken.
        why: String,
    },
    /// The content ends too early.
    #[error("{part} ends in the middle; the file was not copied completely")]
    Truncated {
        /// The file.
        part: String,
    },
    /// The content is not what its digest promises.
    #[error("{part}: content has the digest {found}, expected {expected}; the file was damaged or changed")]
    WrongDigest {
        /// The file.
        part: String,
        /// The digest that the archive promises.
        expected: String,
        /// The digest of the content.
        found: String,
    },
    /// The archive is larger than [`Limits`](crate::Limits) allow.
    #[error("{part}: more than {limit}; refusing to read on")]
    TooLarge {
        /// Where the limit was reached.
        part: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// A compression that images do not use.
    #[error("{part} is compressed with {format}; only gzip and zstd are read, decompress it first")]
    Compression {
        /// The file.
        part: String,
        /// The format's name.
        format: &'static str,
    },
    /// The image does not exist for the platform asked for.
    #[error("no image for {wanted} here; there is {}", available.join(", "))]
    Platform {
        /// The platform asked for.
        wanted: String,
        /// The platforms there are.
        available: Vec<String>,
    },
}

/// The result of reading some part.
pub(crate) type Result<T> = std::result::Result<T, Problem>;

/// A format error on its way through a [`io::Read`], which can only carry [`io::Error`]s.
pub(crate) fn malformed(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

/// A compression that is not read, on its way through a [`io::Read`].
#[derive(Debug, thiserror::Error)]
#[error("compressed with {0}")]
pub(crate) struct Uncovered(pub(crate) &'static str);

impl Problem {
    /// Says what an error met while reading `part` means.
    pub(crate) fn reading(part: &str, error: io::Error) -> Self {
        let part = part.to_owned();
        let carried = error.get_ref();
        if let Some(LimitReached(limit)) = carried.and_then(|inner| inner.downcast_ref()) {
            return Self::TooLarge {
                part,
                limit: limit.clone(),
            };
        }
        if let Some(Uncovered(format)) = carried.and_then(|inner| inner.downcast_ref()) {
            return Self::Compression { part, format };
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated { part },
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Malformed {
                part,
                why: error.to_string(),
            },
            // zstd reports damaged frames without a kind of their own; the system always gives an errno.
            _ if error.raw_os_error().is_none() => Self::Malformed {
                part,
                why: error.to_string(),
            },
            _ => Self::Unreadable { part, cause: error },
        }
    }

    /// A JSON document that could not be understood.
    pub(crate) fn json(part: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        // serde_json appends the position to its message; the position has a place of its own here.
        let cause = text.split(" at line ").next().unwrap_or(&text).to_owned();
        Self::Json {
            part: part.to_owned(),
            line,
            column,
            cause,
        }
    }
}
