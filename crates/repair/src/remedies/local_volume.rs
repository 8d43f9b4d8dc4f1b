// SPDX-License-Identifier: Apache-2.0
//! Volumes of local-path-provisioner as PersistentVolumes of type `local`, to which kubelet applies `fsGroup`.
//!
//! The provisioner makes them `hostPath` unless the claim says `volumeType: local`, or its class `defaultVolumeType:
//! local` (rancher/local-path-provisioner, provisioner.go, createPersistentVolumeSource). The claim is changed and not the
//! class, for the class is for all.

use writeway_check::{Demand, Ignored, Source, group_for};
use writeway_manifest::VolumeSource;
use writeway_yaml::{Edit, Operation, Path, Value};

use super::fs_group::{shared, with_group};
use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Edits, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "local-volume",
    costs: "nothing beyond `fsGroup`: the volume stays a directory of one node",
    limits: "a PersistentVolume that exists keeps its type: the claim has to be made anew, and its data brought over",
    propose,
};

/// Read by the provisioner.
const ANNOTATION: &str = "volumeType";

fn propose(case: &Case<'_>) -> Answer {
    let Some(at) = VolumeNeed::of(case).filter(|at| at.need.demand == Demand::Writable) else {
        return Answer::NotMine;
    };
    if at.is_read_only() || !is_local_path(case, &at) {
        return Answer::NotMine;
    }
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let edits = with_group(edits, case.workload, group_for(at.map));
    match annotated(case, &at, edits) {
        Answer::Try(proposal) if case.workload.pod.security.fs_group.is_none() => {
            Answer::Try(match shared(case) {
                Some(danger) => proposal.but(danger),
                None => proposal,
            })
        }
        answer => answer,
    }
}

/// The annotation where the claim, or the template of one, is written.
fn annotated(case: &Case<'_>, at: &VolumeNeed<'_>, edits: Edits<'_>) -> Answer {
    let volume = &*at.mount.name;
    match at.volume.source {
        Source::Template(claim) => {
            let Some(path) = case.draft.path_to(claim.span) else {
                return Answer::not_reachable();
            };
            let edit = annotation(path);
            let title = format!("annotate the claim template `{volume}` with `{ANNOTATION}: local`");
            let edits = edits.edit(edit.path, edit.operation).into_list();
            Answer::Try(Proposal::safe(title, edits).but(
                "the claim templates of a StatefulSet that exists cannot be changed: it and its claims have to be made anew",
            ))
        }
        Source::Volume(VolumeSource::Ephemeral { claim }) => {
            let Some(path) = case.draft.path_to(claim.span) else {
                return Answer::not_reachable();
            };
            let edit = if case.draft.node(&path.join("metadata")).is_some() {
                annotation(path)
            } else {
                new_metadata(&path)
            };
            let title = format!("annotate the claim of volume `{volume}` with `{ANNOTATION}: local`");
            Answer::Try(Proposal::safe(
                title,
                edits.edit(edit.path, edit.operation).into_list(),
            ))
        }
        Source::Volume(VolumeSource::Claim(reference)) => {
            let namespace = case.workload.object.namespace.as_deref();
            let name = &*reference.claim_name;
            let Some(claim) = case.context.inventory.claim(namespace, name) else {
                return Answer::cannot(format!("claim `{name}` is not among the inputs"));
            };
            if is_there(case, name) {
                return Answer::cannot(format!(
                    "claim `{name}` has its volume already, and a PersistentVolume that exists keeps its type"
                ));
            }
            let title = format!(
                "annotate claim `{name}` with `{ANNOTATION}: local`, so that kubelet applies `fsGroup`; a PersistentVolume \
                 that exists keeps its type, so the claim has to be made anew"
            );
            let proposal = Proposal::safe(title, edits.into_list())
                .with(&claim.object, vec![annotation(Path::default())]);
            Answer::Try(match &claim.data_source {
                Some(source) => proposal.but(format!(
                    "the claim is filled from {} `{}` when it is made, and what was written since is not in there",
                    source.kind, source.name
                )),
                None => proposal,
            })
        }
        Source::Volume(_) => Answer::NotMine,
    }
}

fn is_local_path(case: &Case<'_>, at: &VolumeNeed<'_>) -> bool {
    matches!(
        at.volume.source,
        Source::Template(_) | Source::Volume(VolumeSource::Claim(_) | VolumeSource::Ephemeral { .. })
    ) && Ignored::of(case.context, case.workload, &at.volume) == Ignored::LocalPath
}

/// Whether a claim is known to have its volume.
fn is_there(case: &Case<'_>, claim: &str) -> bool {
    let namespace = case.workload.object.namespace.as_deref();
    let key = format!("{}/{claim}", namespace.unwrap_or("default"));
    case.context.facts.claims.contains_key(&key)
        || case.context.inventory.volume_bound_to(namespace, claim).is_some()
}

/// The annotation of a template that has no metadata, where people look for it.
fn new_metadata(template: &Path) -> Edit {
    let annotations = Value::map([(ANNOTATION, Value::from("local"))]);
    Edit {
        path: template.join("metadata"),
        operation: Operation::SetBefore("spec".to_owned(), Value::map([("annotations", annotations)])),
    }
}

/// The annotation, by the way to a claim or to a template of one.
fn annotation(claim: Path) -> Edit {
    Edit {
        path: claim.join("metadata").join("annotations").join(ANNOTATION),
        operation: Operation::Set("local".into()),
    }
}
