// SPDX-License-Identifier: Apache-2.0
//! Answers as the write map gives them: yes, no with the errno, or unknown; always with what was tried.

use std::fmt::Display;

use rustix::io::Errno;
use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use crate::errno;

/// What a system call answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was done.
    Yes,
    /// It was refused, with an errno that [`errno::name`] knows.
    No(Errno),
    /// It was not tried, or failed for a reason that says nothing about the path.
    Unknown,
}

impl Answer {
    /// `yes`, `no` or `unknown`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No(_) => "no",
            Self::Unknown => "unknown",
        }
    }

    /// The errno's name.
    pub(super) fn errno(self) -> Option<&'static str> {
        match self {
            Self::No(errno) => errno::name(errno),
            Self::Yes | Self::Unknown => None,
        }
    }

    /// `yes`, `no EROFS` or `unknown`, as the map's table says it.
    pub(super) fn text(self) -> String {
        match self.errno() {
            Some(errno) => format!("{} {errno}", self.word()),
            None => self.word().to_owned(),
        }
    }
}

/// An answer and the steps that led to it.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) answer: Answer,
    pub(super) why: Vec<String>,
}

impl Verdict {
    /// What a system call answered. `done` says what it did.
    pub(super) fn of<T>(call: impl Display, done: &str, result: &rustix::io::Result<T>) -> Self {
        match result {
            Ok(_) => Self::yes(format!("{call}: {done}")),
            Err(errno) => Self::refused(call, *errno),
        }
    }

    /// It is so.
    pub(super) fn yes(why: impl Into<String>) -> Self {
        Self {
            answer: Answer::Yes,
            why: vec![why.into()],
        }
    }

    /// A system call failed: a *no*, unless it was for a want of the probe's own.
    pub(super) fn refused(call: impl Display, errno: Errno) -> Self {
        let of_the_probe = matches!(
            errno,
            Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::NOSYS | Errno::EXIST
        );
        let answer = match errno::name(errno) {
            Some(_) if !of_the_probe => Answer::No(errno),
            _ => Answer::Unknown,
        };
        let name = errno::name(errno).map_or_else(|| errno::reason(errno), str::to_owned);
        Self {
            answer,
            why: vec![format!("{call}: {name}")],
        }
    }

    /// It is not so, by what is known without trying.
    pub(super) fn no(errno: Errno, why: impl Into<String>) -> Self {
        Self {
            answer: Answer::No(errno),
            why: vec![why.into()],
        }
    }

    /// Nobody knows.
    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Self {
            answer: Answer::Unknown,
            why: vec![why.into()],
        }
    }

    /// The same verdict with a step before its own.
    #[must_use]
    pub(super) fn after(mut self, step: impl Into<String>) -> Self {
        self.why.insert(0, step.into());
        self
    }

    /// The same verdict with one more step.
    #[must_use]
    pub(super) fn then(mut self, step: impl Into<String>) -> Self {
        self.why.push(step.into());
        self
    }
}

/// A verdict about a file: the first regular file of a directory, or the path itself.
#[derive(Clone, Debug)]
pub(super) struct FileVerdict {
    /// The file's name in the directory; `None` when it is the path itself, or no file is known there.
    pub(super) file: Option<String>,
    pub(super) verdict: Verdict,
}

impl FileVerdict {
    /// About the path itself, or about no file in particular.
    pub(super) fn itself(verdict: Verdict) -> Self {
        Self { file: None, verdict }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Verdict", 3)?;
        fields.serialize_field("verdict", self.answer.word())?;
        fields.serialize_field("errno", &self.answer.errno())?;
        fields.serialize_field("why", &self.why)?;
        fields.end()
    }
}

impl Serialize for FileVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("FileVerdict", 4)?;
        fields.serialize_field("file", &self.file)?;
        fields.serialize_field("verdict", self.verdict.answer.word())?;
        fields.serialize_field("errno", &self.verdict.answer.errno())?;
        fields.serialize_field("why", &self.verdict.why)?;
        fields.end()
    }
}
