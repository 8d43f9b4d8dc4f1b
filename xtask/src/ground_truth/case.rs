// SPDX-License-Identifier: Apache-2.0
//! Measured pods: what was created, and what a probe saw in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use flate2::read::GzDecoder;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One measured pod.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Case {
    /// Its name.
    pub(crate) id: String,
    /// Which corner of the semantics it was made for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shape: Option<String>,
    /// The manifests as created, the Pod last.
    pub(crate) objects: Vec<Value>,
    /// What no manifest says, in the format of a facts file.
    pub(crate) facts: Value,
    /// The paths that were examined, by container.
    pub(crate) probes: BTreeMap<String, Vec<String>>,
    /// What was seen.
    pub(crate) observed: Observed,
}

/// What was seen of a pod.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Observed {
    /// Every main container ran.
    pub(crate) started: bool,
    /// The words of kubelet or of the runtime, when not.
    pub(crate) reason: Option<String>,
    /// The containers that ran a probe, by name.
    #[serde(default)]
    pub(crate) containers: BTreeMap<String, ObservedContainer>,
}

/// What was seen in a container.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ObservedContainer {
    /// Who the probe was.
    pub(crate) identity: ObservedIdentity,
    /// The paths, in the order of the probe.
    pub(crate) paths: Vec<ObservedPath>,
}

/// Who the probe was.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ObservedIdentity {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// The kernel's list of groups.
    pub(crate) groups: Vec<u32>,
    /// Effective capabilities, as the hexadecimal mask of /proc/self/status.
    pub(crate) capeff: String,
}

/// What was seen at a path. An attempt is `ok`, the errno's name, or `not-tried`.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ObservedPath {
    pub(crate) path: String,
    pub(crate) exists: bool,
    /// `dir` or `file`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    /// Octal digits, special bits included.
    pub(crate) mode: Option<String>,
    pub(crate) uid: Option<u32>,
    pub(crate) gid: Option<u32>,
    pub(crate) read_only: Option<bool>,
    /// Errno that kept the path from being examined.
    pub(crate) error: Option<String>,
    /// Making a new file in the directory.
    pub(crate) create: Option<String>,
    /// Renaming a new file over another new one.
    pub(crate) replace: Option<String>,
    /// Running a program copied there.
    pub(crate) exec: Option<String>,
    /// Opening the path itself, a file, for writing.
    pub(crate) append: Option<String>,
    /// The first regular file found in the directory.
    pub(crate) existing: Option<ExistingFile>,
    /// Ruby's predicate on mode bits, owner and groups.
    pub(crate) ruby_tmpdir: Option<bool>,
}

/// A file found in a directory.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ExistingFile {
    /// Its path.
    pub(crate) file: String,
    /// Opening it for writing.
    pub(crate) append: String,
}

/// Reads a file of cases, one JSON object a line, plain or gzip-compressed.
///
/// # Errors
/// When it cannot be read, or a line is no case: with the line's number.
pub(crate) fn read(file: &Path) -> anyhow::Result<Vec<Case>> {
    let shown = file.display();
    let bytes = fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    let mut text = String::new();
    let read = if bytes.starts_with(&[0x1f, 0x8b]) {
        GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)
    } else {
        bytes.as_slice().read_to_string(&mut text)
    };
    read.with_context(|| format!("cannot read {shown}"))?;
    let lines: Vec<(usize, &str)> = text.lines().enumerate().collect();
    lines
        .into_par_iter()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            serde_json::from_str(line).with_context(|| format!("{shown}:{}: no case", index + 1))
        })
        .collect()
}
