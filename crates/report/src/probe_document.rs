// SPDX-License-Identifier: Apache-2.0
//! What `writeway-agent probe --format json` printed: the map's document, version 1, read.

use serde::Deserialize;

/// The document.
#[derive(Debug, Clone, Deserialize)]
pub struct ProbeDocument {
    version: u32,
    /// The pods that were probed.
    pub workloads: Vec<ProbedWorkload>,
}

impl ProbeDocument {
    /// Reads the text of a document.
    ///
    /// # Errors
    /// What is wrong with it, with line and column.
    pub fn read(text: &str) -> Result<Self, String> {
        let document: Self =
            serde_json::from_str(text).map_err(|error| format!("no document of a probe: {error}"))?;
        if document.version != 1 {
            return Err(format!(
                "the document has version {}, and this program reads version 1",
                document.version
            ));
        }
        if document
            .workloads
            .iter()
            .all(|workload| workload.containers.is_empty())
        {
            return Err("no container in the document: nothing was probed".to_owned());
        }
        Ok(document)
    }

    /// Every path that was probed, once.
    pub fn paths(&self) -> Vec<String> {
        let containers = self.workloads.iter().flat_map(|workload| &workload.containers);
        let mut paths: Vec<String> = containers
            .flat_map(|container| &container.paths)
            .map(|path| path.path.clone())
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

/// A pod as its probe named it.
#[derive(Debug, Clone, Deserialize)]
pub struct ProbedWorkload {
    /// `kind`.
    pub kind: String,
    /// The namespace, when it is known.
    pub namespace: Option<String>,
    /// The pod's name.
    pub name: String,
    /// The containers that were probed.
    pub containers: Vec<ProbedContainer>,
}

/// What a probe saw in a container.
#[derive(Debug, Clone, Deserialize)]
pub struct ProbedContainer {
    /// The container's name, when it is known.
    pub name: Option<String>,
    /// Who the probe was.
    pub identity: ProbedIdentity,
    /// The paths.
    pub paths: Vec<ProbedPath>,
}

/// Who the probe was. A field is `None` when it is not known.
#[derive(Debug, Clone, Deserialize)]
pub struct ProbedIdentity {
    /// User ID.
    pub uid: Option<u32>,
    /// Primary group ID.
    pub gid: Option<u32>,
    /// Every group.
    pub groups: Option<Vec<u32>>,
    /// Effective capabilities without `CAP_`.
    pub capabilities: Option<Vec<String>>,
}

/// What a probe saw at a path. Words are those of the map's JSON.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbedPath {
    /// The path.
    pub path: String,
    /// What the path belongs to, or `unknown`.
    pub source: String,
    /// The pod's volume.
    pub volume: Option<String>,
    /// `yes`, `no` or `unknown`.
    pub exists: String,
    /// `dir`, `file` or `link`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Octal digits.
    pub mode: Option<String>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Whether the mount is read-only.
    pub read_only: Option<bool>,
    /// Making a new file.
    pub create: ProbedAnswer,
    /// Opening an existing file for writing.
    pub overwrite: ProbedAnswer,
    /// Renaming a file over an existing one.
    pub replace: ProbedAnswer,
    /// Removing an existing entry.
    pub delete: ProbedAnswer,
    /// Running a file that was put there.
    pub exec: ProbedAnswer,
    /// What Ruby's `Dir.tmpdir` answers.
    pub ruby_tmpdir: String,
    /// What only a probe tells; a map's own document has none of it.
    pub probed: Option<ProbedMount>,
}

/// An answer of a probe.
#[derive(Debug, Clone, Deserialize)]
pub struct ProbedAnswer {
    /// The file that it is about; `None` when it is the path itself, or no file in particular.
    #[serde(default)]
    pub file: Option<String>,
    /// `yes`, `no` or `unknown`.
    pub verdict: String,
    /// Why it is a *no*.
    pub errno: Option<String>,
    /// What was tried.
    pub why: Vec<String>,
}

/// What a probe says of the mount.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProbedMount {
    /// Whether it is macOS's `fakeowner`, where nothing that works proves anything.
    pub fake_owner: bool,
}
