// SPDX-License-Identifier: Apache-2.0
//! `file:/PATH` and `non-empty:/PATH`: something is there, or something is in it.
//!
//! Links are followed: each key of a mounted Secret is one (Kubernetes, pkg/volume/util/atomic_writer.go). Nothing is
//! opened but a directory, whose entries are counted up to one.

use std::fs;
use std::time::Instant;

use crate::errno;
use crate::exit::Failure;

use super::setup::Setup;
use super::target::Probe;

struct File {
    word: &'static str,
    path: String,
    look: fn(&str) -> Result<(), String>,
}

pub(super) fn there(text: &str, _: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    read("file", text, |path| status(path).map(drop))
}

pub(super) fn non_empty(text: &str, _: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    read("non-empty", text, has_content)
}

fn read(
    word: &'static str,
    text: &str,
    look: fn(&str) -> Result<(), String>,
) -> Result<Box<dyn Probe>, Failure> {
    let path = path(word, text)?;
    Ok(Box::new(File { word, path, look }))
}

/// The path after `word:`, with or without `//` before it, as RFC 8089 has both.
///
/// # Errors
/// [`crate::Exit::Usage`] when it does not begin with `/`.
pub(super) fn path(word: &str, text: &str) -> Result<String, Failure> {
    let path = text.strip_prefix("//").unwrap_or(text);
    match path.starts_with('/') && !path.contains('\0') {
        true => Ok(path.to_owned()),
        false => Err(Failure::usage(format_args!(
            "{word}:{text}: the path has to begin with `/`"
        ))),
    }
}

impl Probe for File {
    fn shown(&self) -> String {
        format!("{}:{}", self.word, self.path)
    }

    fn look(&mut self, _: Instant) -> Result<(), String> {
        (self.look)(&self.path)
    }
}

fn status(path: &str) -> Result<fs::Metadata, String> {
    fs::metadata(path).map_err(|error| errno::io_reason(&error))
}

fn has_content(path: &str) -> Result<(), String> {
    let status = status(path)?;
    let content = if status.is_dir() {
        let mut entries = fs::read_dir(path).map_err(|error| errno::io_reason(&error))?;
        entries.next().is_some()
    } else if status.is_file() {
        status.len() > 0
    } else {
        return Err("it is neither a file nor a directory".to_owned());
    };
    if content {
        Ok(())
    } else {
        Err("it is empty".to_owned())
    }
}
