// SPDX-License-Identifier: Apache-2.0
//! The arguments of a verb, read by its table of options.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lexopt::Arg;

use crate::exit::Failure;
use crate::verb::Opt;

/// What was given to a verb.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    operands: Vec<OsString>,
    given: Vec<(&'static str, OsString)>,
}

impl Arguments {
    /// Reads what is left of the command line by these options.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] for an option that is not among them, a value that is missing, or an option given twice
    /// that may be given once.
    pub fn read(parser: &mut lexopt::Parser, tables: &[&'static [Opt]]) -> Result<Self, Failure> {
        let mut arguments = Self::default();
        let options = || tables.iter().copied().flatten();
        while let Some(argument) = parser.next().map_err(Failure::usage)? {
            let opt = match &argument {
                Arg::Value(operand) => {
                    arguments.operands.push(operand.clone());
                    continue;
                }
                Arg::Long(long) => options().find(|opt| opt.long == *long),
                Arg::Short(letter) => options().find(|opt| opt.short == Some(*letter)),
            };
            let Some(opt) = opt else {
                return Err(Failure::usage(argument.unexpected()));
            };
            if !opt.repeats && arguments.has(opt.long) {
                return Err(Failure::usage(format_args!("`--{}` is given twice", opt.long)));
            }
            let value = match opt.value {
                Some(_) => parser.value().map_err(Failure::usage)?,
                None => OsString::new(),
            };
            arguments.given.push((opt.long, value));
        }
        Ok(arguments)
    }

    /// Whether the option was given.
    #[must_use]
    pub fn has(&self, long: &str) -> bool {
        self.given.iter().any(|(name, _)| *name == long)
    }

    /// The values of an option, in the order given.
    pub fn values<'a>(&'a self, long: &'a str) -> impl Iterator<Item = &'a OsStr> {
        let of_option = move |given: &&'a (&'static str, OsString)| given.0 == long;
        self.given
            .iter()
            .filter(of_option)
            .map(|(_, value)| value.as_os_str())
    }

    /// The value of an option, if it was given.
    #[must_use]
    pub fn value(&self, long: &str) -> Option<&OsStr> {
        self.given
            .iter()
            .find(|(name, _)| *name == long)
            .map(|(_, value)| value.as_os_str())
    }

    /// The value of an option as a path, if it was given.
    #[must_use]
    pub fn path(&self, long: &str) -> Option<PathBuf> {
        self.value(long).map(PathBuf::from)
    }

    /// The value of an option, read.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] with what `read` says against it.
    pub fn parsed<T>(
        &self,
        long: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.value(long) else {
            return Ok(None);
        };
        let text = value.to_str().ok_or_else(|| "it is not UTF-8".to_owned());
        text.and_then(read)
            .map(Some)
            .map_err(|why| Failure::usage(format_args!("`--{long} {}`: {why}", value.to_string_lossy())))
    }

    /// All operands.
    #[must_use]
    pub fn operands(&self) -> &[OsString] {
        &self.operands
    }

    /// All operands as paths; there has to be one at least.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] that says what is missing.
    pub fn paths(&self, what: &str) -> Result<Vec<&Path>, Failure> {
        if self.operands.is_empty() {
            return Err(Failure::usage(format_args!("{what} is missing")));
        }
        Ok(self.operands.iter().map(Path::new).collect())
    }

    /// The only operand.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] when there is none, or another one.
    pub fn operand(&self, what: &str) -> Result<&OsStr, Failure> {
        match self.operands.as_slice() {
            [operand] => Ok(operand),
            [] => Err(Failure::usage(format_args!("{what} is missing"))),
            [_, second, ..] => Err(Failure::usage(format_args!(
                "one operand is expected, `{}` is one too many",
                second.to_string_lossy()
            ))),
        }
    }
}

/// Reads a duration as Go and Kubernetes write it: `90s`, `1m30s`, `500ms`, `1.5h`. A bare number is refused, `0` excepted.
///
/// # Errors
/// What is wrong with it.
pub fn duration(text: &str) -> Result<Duration, String> {
    writeway_shell::parse_go_duration(text)
        .ok_or_else(|| format!("`{text}` is no duration: write `90s`, `1m30s` or `500ms`"))
}
