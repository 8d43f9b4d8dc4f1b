// SPDX-License-Identifier: Apache-2.0
//! Answers: yes, no with the errno the kernel would give, or unknown; always with the steps that led there.

use std::fmt;

/// A three-valued answer without a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tri {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Manifests and facts do not tell.
    Unknown,
}

impl Tri {
    /// The answer's name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// The error numbers that the map speaks of (errno(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Errno {
    /// Permission denied.
    Eacces,
    /// Operation not permitted.
    Eperm,
    /// Read-only file system.
    Erofs,
    /// No such file or directory.
    Enoent,
    /// Not a directory.
    Enotdir,
    /// Is a directory.
    Eisdir,
    /// File exists.
    Eexist,
    /// Invalid argument: a directory cannot be moved into itself.
    Einval,
    /// Directory not empty.
    Enotempty,
    /// File name too long.
    Enametoolong,
    /// Too many levels of symbolic links.
    Eloop,
    /// Device or resource busy: something is mounted there.
    Ebusy,
    /// Invalid cross-device link.
    Exdev,
}

impl Errno {
    /// The symbolic name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eacces => "EACCES",
            Self::Eperm => "EPERM",
            Self::Erofs => "EROFS",
            Self::Enoent => "ENOENT",
            Self::Enotdir => "ENOTDIR",
            Self::Eisdir => "EISDIR",
            Self::Eexist => "EEXIST",
            Self::Einval => "EINVAL",
            Self::Enotempty => "ENOTEMPTY",
            Self::Enametoolong => "ENAMETOOLONG",
            Self::Eloop => "ELOOP",
            Self::Ebusy => "EBUSY",
            Self::Exdev => "EXDEV",
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a system call answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It succeeds.
    Yes,
    /// It fails; `None` when it fails in any case but which errno it gives is not known.
    No(Option<Errno>),
    /// Manifests and facts do not tell.
    Unknown,
}

/// An answer and the ordered steps that led to it, in plain words; an unknown's last step is its reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The answer.
    pub answer: Answer,
    /// The steps.
    pub why: Vec<String>,
}

impl Verdict {
    /// The answer without its errno.
    pub fn tri(&self) -> Tri {
        match self.answer {
            Answer::Yes => Tri::Yes,
            Answer::No(_) => Tri::No,
            Answer::Unknown => Tri::Unknown,
        }
    }

    /// The errno of a *no*, when known.
    pub fn errno(&self) -> Option<Errno> {
        match self.answer {
            Answer::No(errno) => errno,
            Answer::Yes | Answer::Unknown => None,
        }
    }
}
