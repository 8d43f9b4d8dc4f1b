// SPDX-License-Identifier: Apache-2.0
//! Which workload and which container a probe ran in.

use std::fmt;
use std::ops::RangeInclusive;

use writeway_manifest::{Inventory, Role, Which, Workload};

use crate::heading::object_name;
use crate::probe_document::{ProbedContainer, ProbedWorkload};

/// Bytes of a host name, to which a pod's longer name is cut (truncatePodHostnameIfNeeded in
/// pkg/kubelet/kubelet_pods.go).
const HOSTNAME: usize = 63;

/// Bytes of a generated name before its random end (maxGeneratedNameLength in staging/src/k8s.io/apiserver's
/// pkg/storage/names/generate.go).
const GENERATED: usize = 58;

/// Why no workload or container was found, and what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmatched {
    /// The inputs have no workload.
    Nothing,
    /// No workload has that name, or several have it.
    Workload {
        /// What the probe calls its pod.
        pod: String,
        /// Whether several would do.
        ambiguous: bool,
        /// What would do, else all that there is.
        known: Vec<String>,
    },
    /// The workload has no container of that name, or the probe did not know its own.
    Container {
        /// The workload.
        workload: String,
        /// The name that was looked for.
        name: Option<String>,
        /// All its containers.
        known: Vec<String>,
    },
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("no workload in the inputs to compare the probe with"),
            Self::Workload {
                pod,
                ambiguous: false,
                known,
            } => write!(
                f,
                "no workload makes the probed pod `{pod}`; there are {}; name one by the probe's `--pod`",
                known.join(", ")
            ),
            Self::Workload {
                pod,
                ambiguous: true,
                known,
            } => write!(
                f,
                "several workloads may make the probed pod `{pod}`: {}; compare with the file of one",
                known.join(", ")
            ),
            Self::Container {
                workload,
                name: Some(name),
                known,
            } => write!(
                f,
                "{workload} has no container `{name}`, which was probed; it has {}",
                known.join(", ")
            ),
            Self::Container {
                workload,
                name: None,
                known,
            } => write!(
                f,
                "the probe does not know the name of its container; give --container: {workload} has {}",
                known.join(", ")
            ),
        }
    }
}

/// The workload whose pod was probed: the one of that name, or whose pods are called so, else the only one.
///
/// # Errors
/// When there is none, or more than one.
pub fn find_workload<'a>(
    inventory: &'a Inventory,
    probe: &ProbedWorkload,
) -> Result<&'a Workload, Unmatched> {
    let workloads = inventory.workloads();
    let fits = |workload: &&Workload| {
        let namespace = probe.namespace.as_deref();
        namespace.is_none()
            || workload.object.namespace.is_none()
            || namespace == workload.object.namespace.as_deref()
    };
    let named = |by: &dyn Fn(&Workload) -> bool| -> Vec<&'a Workload> {
        workloads
            .iter()
            .filter(fits)
            .filter(|workload| by(workload))
            .collect()
    };
    let mut found = named(&|workload| workload.object.name == probe.name);
    if found.is_empty() {
        found = named(&|workload| makes(workload, &probe.name));
        // `web` and `web-api` both begin the name of a pod of the second.
        let longest = found.iter().map(|workload| workload.object.name.len()).max();
        found.retain(|workload| Some(workload.object.name.len()) == longest);
    }
    match (found.as_slice(), workloads) {
        ([workload], _) => Ok(workload),
        ([], [workload]) => Ok(workload),
        (_, []) => Err(Unmatched::Nothing),
        _ => Err(Unmatched::Workload {
            pod: probe.name.clone(),
            ambiguous: !found.is_empty(),
            known: if found.is_empty() {
                workloads.iter().map(titled).collect()
            } else {
                found.iter().map(|workload| titled(workload)).collect()
            },
        }),
    }
}

fn titled(workload: &Workload) -> String {
    format!("{} {}", workload.object.kind, object_name(&workload.object))
}

/// Whether an object makes pods of that name: its own, and what controllers append to it.
fn makes(workload: &Workload, pod: &str) -> bool {
    let name = &workload.object.name;
    if workload.object.kind == "Pod" {
        // `generateName` ends with its own dash; a long name is cut for the host name.
        return (name.ends_with('-') && pod.starts_with(name.as_str()))
            || (pod.len() == HOSTNAME && name.starts_with(pod));
    }
    let appended = pod
        .strip_prefix(name.as_str())
        .and_then(|rest| rest.strip_prefix('-'));
    match appended {
        Some(rest) => {
            rest.split('-').all(|part| !part.is_empty())
                && parts(&workload.object.kind).contains(&rest.split('-').count())
        }
        // Of a long name only the beginning is left.
        None => pod.len() == HOSTNAME && pod.get(..GENERATED).is_some_and(|start| name.starts_with(start)),
    }
}

/// How many parts controllers of that kind append: `web-6c8f9d7b5-x2x4q`, `db-0`, `agent-x2x4q`.
fn parts(kind: &str) -> RangeInclusive<usize> {
    match kind {
        "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" => 1..=1,
        "Deployment" | "DeploymentConfig" | "Rollout" => 2..=2,
        // With the index of an indexed Job.
        "Job" => 1..=2,
        "CronJob" => 2..=3,
        _ => 1..=usize::MAX,
    }
}

/// The container that was probed, by its name or the one asked for, and its role; the only one where no name is known.
///
/// # Errors
/// When there is none of that name, or none is known and there are several.
pub fn find_container<'a>(
    workload: &'a Workload,
    probe: &ProbedContainer,
    asked: Option<&str>,
) -> Result<(&'a str, Role), Unmatched> {
    let name = asked.or(probe.name.as_deref());
    let containers: Vec<_> = workload
        .pod
        .containers(Which::All)
        .map(|container| (container.name.as_str(), container.role))
        .collect();
    let found = match (name, containers.as_slice()) {
        (Some(name), all) => all.iter().find(|(known, _)| *known == name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    found.copied().ok_or_else(|| Unmatched::Container {
        workload: titled(workload),
        name: name.map(str::to_owned),
        known: containers.iter().map(|(name, _)| format!("`{name}`")).collect(),
    })
}
