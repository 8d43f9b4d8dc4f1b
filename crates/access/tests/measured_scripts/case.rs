// SPDX-License-Identifier: Apache-2.0
//! One measured script, and the pod and the facts that stand for it.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};
use writeway_access::{Context, PodMap, map_pod};
use writeway_manifest::{Inventory, ParsedFile};

use crate::tree::Tree;

/// One measured script.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    /// `busybox` or `coreutils`.
    tools: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    groups: Vec<u32>,
    /// Those in the bounding set.
    capabilities: Vec<String>,
    pub(crate) script: String,
    /// What lay at `/x`.
    pub(crate) before: Tree,
    /// The exit status.
    pub(crate) status: i32,
    pub(crate) after: Tree,
    /// What the shell and the tools complained about.
    #[serde(default)]
    said: String,
}

impl Case {
    /// A user other than root has none, whatever the bounding set holds.
    pub(crate) fn effective_capabilities(&self) -> BTreeSet<String> {
        if self.uid == 0 {
            self.capabilities.iter().cloned().collect()
        } else {
            BTreeSet::new()
        }
    }

    /// The map of a pod whose init container runs the command on the tree, and whose main container may look at
    /// everything.
    pub(crate) fn map(&self, command: &Value, probes: &[String]) -> PodMap {
        let mounts = json!([{"name": "x", "mountPath": "/x"}, {"name": "mark", "mountPath": "/mark"}]);
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "measured"},
            "spec": {
                "securityContext": {"supplementalGroups": self.groups},
                "volumes": [{"name": "x", "hostPath": {"path": "/node"}}, {"name": "mark", "emptyDir": {}}],
                "initContainers": [{
                    "name": "init", "image": "tools:1", "command": command, "volumeMounts": mounts,
                    "securityContext": {
                        "runAsUser": self.uid, "runAsGroup": self.gid, "readOnlyRootFilesystem": true,
                        "capabilities": {"drop": ["ALL"], "add": self.capabilities},
                    },
                }],
                "containers": [{
                    "name": "main", "image": "tools:1", "command": ["/app"], "volumeMounts": mounts,
                    "securityContext": {"runAsUser": 0, "runAsGroup": 0, "capabilities": {"add": ["ALL"]}},
                }],
            },
        });
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.json", pod.to_string())]);
        let facts = writeway_facts::read(&self.facts().to_string()).unwrap();
        let context = Context {
            inventory: &inventory,
            facts: &facts,
            extra_paths: probes,
        };
        map_pod(&context, &inventory.workloads()[0])
    }

    fn facts(&self) -> Value {
        let contents: BTreeMap<&str, Value> = self
            .before
            .iter()
            .filter(|(path, _)| *path != ".")
            .map(|(path, entry)| (path.as_str(), fact(entry)))
            .collect();
        let mut node = fact(&self.before["."]);
        node["contents"] = json!(contents);
        json!({
            "images": {"tools:1": {
                "complete": true, "user": "", "workingDir": "/", "env": {"PATH": "/bin"}, "users": {}, "groups": {},
                "volumes": [], "paths": {"/": {"owner": "0:0", "mode": "0755"}}, "tools": {"kind": self.tools},
            }},
            "hostPaths": {"/node": node},
            "node": {"sysctls": {"fs.protected_regular": 0}},
        })
    }
}

/// An entry of a tree in the words of a facts file. Links belong to root.
fn fact(entry: &str) -> Value {
    match entry.split(' ').collect::<Vec<_>>().as_slice() {
        ["l", target] => json!({"type": "link", "to": target, "owner": "0:0"}),
        ["d", mode, owner] => json!({"mode": mode, "owner": owner}),
        ["f", mode, owner] => json!({"type": "file", "mode": mode, "owner": owner}),
        other => panic!("no entry of a tree: {other:?}"),
    }
}

/// What one needs to see why a script did something else.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} as {}:{} {:?} {:?}, status {}",
            self.tools, self.uid, self.gid, self.groups, self.capabilities, self.status
        )?;
        for line in self.script.lines() {
            writeln!(f, "    {line}")?;
        }
        for line in self.said.lines().take(6) {
            writeln!(f, "    # {line}")?;
        }
        Ok(())
    }
}
