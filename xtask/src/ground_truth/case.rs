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
pub(super) struct Case {
    /// Its name.
    pub(super) id: String,
    /// Which corner of the semantics it was made for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shape: Option<String>,
    /// The manifests as created, the Pod last.
    pub(super) objects: Vec<Value>,
    /// What no manifest says, in the format of a facts file.
    pub(super) facts: Value,
    /// The paths that were examined, by container.
    pub(super) probes: BTreeMap<String, Vec<String>>,
    /// What was seen.
    pub(super) observed: Observed,
}

/// What was seen of a pod.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Observed {
    /// Every main container ran.
    pub(super) started: bool,
    /// The words of kubelet or of the runtime, when not.
    pub(super) reason: Option<String>,
    /// The containers that ran a probe, by name.
    #[serde(default)]
    pub(super) containers: BTreeMap<String, ObservedContainer>,
}

/// What was seen in a container.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ObservedContainer {
    /// Who the probe was.
    pub(super) identity: ObservedIdentity,
    /// The paths, in the order of the probe.
    pub(super) paths: Vec<ObservedPath>,
}

/// Who the probe was.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ObservedIdentity {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// The kernel's list of groups.
    pub(super) groups: Vec<u32>,
    /// Effective capabilities, as the hexadecimal mask of /proc/self/status.
    pub(super) capeff: String,
}

/// What was seen at a path. An attempt is `ok`, the errno's name, or `not-tried`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ObservedPath {
    pub(super) path: String,
    pub(super) exists: bool,
    /// `dir` or `file`.
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    /// Octal digits, special bits included.
    pub(super) mode: Option<String>,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    pub(super) read_only: Option<bool>,
    /// Errno that kept the path from being examined.
    pub(super) error: Option<String>,
    /// Making a new file in the directory.
    pub(super) create: Option<String>,
    /// Renaming a new file over another new one.
    pub(super) replace: Option<String>,
    /// Running a program copied there.
    pub(super) exec: Option<String>,
    /// Opening the path itself, a file, for writing.
    pub(super) append: Option<String>,
    /// The first regular file found in the directory.
    pub(super) existing: Option<ExistingFile>,
    /// Ruby's predicate on mode bits, owner and groups.
    pub(super) ruby_tmpdir: Option<bool>,
}

/// A file found in a directory.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ExistingFile {
    /// Its path.
    pub(super) file: String,
    /// Opening it for writing.
    pub(super) append: String,
}

/// Reads a file of cases, one JSON object a line, plain or gzip-compressed.
///
/// # Errors
/// When it cannot be read, or a line is no case: with the line's number.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<Case>> {
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
