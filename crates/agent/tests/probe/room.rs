// SPDX-License-Identifier: Apache-2.0
//! A directory of its own for each test, and the agent in a mount namespace of its own.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const AGENT: &str = env!("CARGO_BIN_EXE_writeway-agent");

/// A directory that everybody may search.
pub(crate) struct Room {
    _guard: TempDir,
    pub(crate) path: PathBuf,
}

/// What a run of the agent left.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    pub(crate) fn document(&self) -> Value {
        let read = serde_json::from_str(&self.stdout);
        read.unwrap_or_else(|error| panic!("no JSON: {error}: {}{}", self.stdout, self.stderr))
    }

    /// The answer about a path, in one word or two: `yes`, `no EROFS`, `unknown`.
    pub(crate) fn answer(&self, path: &str, field: &str) -> String {
        let document = self.document();
        let path = path_of(&document, path);
        let value = match field {
            "mkdir" | "chmod" => &path["probed"][field],
            _ => &path[field],
        };
        match value {
            Value::String(word) => word.clone(),
            Value::Null => "null".to_owned(),
            Value::Object(answer) => match answer["errno"].as_str() {
                Some(errno) => format!("{} {errno}", answer["verdict"].as_str().unwrap()),
                None => answer["verdict"].as_str().unwrap().to_owned(),
            },
            other => other.to_string(),
        }
    }
}

/// The entry of a path in a document of one container.
pub(crate) fn path_of<'a>(document: &'a Value, path: &str) -> &'a Value {
    let paths = document["workloads"][0]["containers"][0]["paths"]
        .as_array()
        .unwrap();
    let found = paths.iter().find(|entry| entry["path"] == path);
    found.unwrap_or_else(|| panic!("{path} is not in {document:#}"))
}

impl Room {
    pub(crate) fn new() -> Self {
        let owner = fs::metadata("/proc/self").unwrap().uid();
        assert_eq!(
            owner, 0,
            "this test mounts and becomes other users: run it as root"
        );
        let guard = tempfile::tempdir().unwrap();
        let path = guard.path().canonicalize().unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self { _guard: guard, path }
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The agent, with nothing of the caller's environment.
    pub(crate) fn agent(&self, arguments: &[&str]) -> Command {
        let mut agent = Command::new(AGENT);
        agent
            .arg("probe")
            .args(arguments)
            .env_clear()
            .env("HOSTNAME", "web-0")
            .current_dir(&self.path);
        agent
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.agent(arguments).output().unwrap().into()
    }

    /// Runs a script in a mount namespace of its own, here; `$AGENT` is the agent.
    pub(crate) fn script(&self, script: &str) -> Run {
        let output = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-ec", script])
            .env("AGENT", AGENT)
            .env("HOSTNAME", "web-0")
            .current_dir(&self.path)
            .output()
            .unwrap();
        output.into()
    }
}

/// Every name below a directory with what a look does not change: kind, mode, owner, inode, size, times, content.
pub(crate) fn snapshot(directory: &Path) -> Vec<String> {
    let mut seen = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let status = fs::symlink_metadata(&path).unwrap();
        let content = status.is_file().then(|| fs::read(&path).unwrap());
        let times = (!status.is_dir()).then(|| (status.mtime(), status.mtime_nsec(), status.ctime_nsec()));
        seen.push(format!(
            "{} {:o} {}:{} {} {times:?} {content:?}",
            path.display(),
            status.mode(),
            status.uid(),
            status.gid(),
            status.ino(),
        ));
        if status.is_dir() {
            seen.extend(snapshot(&path));
        }
    }
    seen.sort();
    seen
}
