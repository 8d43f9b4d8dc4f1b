// SPDX-License-Identifier: Apache-2.0
//! `restrictedVolumes`: volumes of the core, and claims for everything else (policy/check_restrictedVolumes.go). Image
//! volumes are allowed in every version since Kubernetes 1.33 (kubernetes/kubernetes#130394).

use std::collections::BTreeSet;

use super::{Check, Objection, Revision, host_path_volumes};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::{plural, quoted};

pub(super) const CHECK: Check = Check {
    id: "restrictedVolumes",
    revisions: &[Revision::since(0, judge).replacing(&[host_path_volumes::CHECK.id])],
};

/// Sources of which one suffices, whatever stands beside it.
const ALLOWED: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// The others, in the order in which Kubernetes looks for them.
const OTHERS: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
];

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    let (mut volumes, mut types) = (Vec::new(), BTreeSet::new());
    for volume in &subject.pod.volumes {
        let sources = &volume.source_fields;
        // Without a source the API server makes it an emptyDir before it is judged.
        if sources.is_empty() || sources.iter().any(|source| ALLOWED.contains(&source.value)) {
            continue;
        }
        let first = OTHERS
            .iter()
            .find_map(|other| sources.iter().find(|source| source.value == *other));
        let Some(source) = first else { continue };
        volumes.push(volume.name.as_str());
        types.insert(source.value);
        setters.pod(source.span, "not an allowed volume type");
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "restricted volume types",
        detail: format!(
            "{} {} {} {} {}",
            plural(volumes.len(), "volume", "volumes"),
            quoted(&volumes),
            plural(volumes.len(), "uses", "use"),
            plural(types.len(), "restricted volume type", "restricted volume types"),
            quoted(types)
        ),
        culprits: setters.into_culprits(),
    })
}
