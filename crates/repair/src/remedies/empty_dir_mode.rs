// SPDX-License-Identifier: Apache-2.0
//! `emptyDir.mode: 01777` (KEP-5502): sticky, on the node's disk.
//!
//! An API server without the gate drops the field and says nothing, so that it is chosen only where the gate is known to
//! be on; the proof then knows whether the version has it at all.

use writeway_check::Demand;
use writeway_generate::Rendered;
use writeway_yaml::{Operation, Value};

use super::new_volume::{NewVolume, SIZE_ON_DISK};
use crate::ground::{Ground, Scratch};
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "empty-dir-mode",
    costs: "disk space of the node, up to the size limit",
    limits: "needs Kubernetes 1.37 with the gate EmptyDirVolumeMode, and nodes of that version; it is lost with the pod",
    propose,
};

/// Kubernetes' gate for `emptyDir.mode` (pkg/features/kube_features.go).
const GATE: &str = "EmptyDirVolumeMode";
/// Everybody may write, and remove what is their own.
const STICKY: i64 = 0o1777;

fn propose(case: &Case<'_>) -> Answer {
    let (Some(need), Some(volume)) = (case.need, NewVolume::of(case)) else {
        return Answer::NotMine;
    };
    if need.demand != Demand::Sticky || !need.purpose.is_for_the_pod() {
        return Answer::NotMine;
    }
    match case.context.facts.kubernetes.feature_gates.get(GATE) {
        Some(true) => {}
        Some(false) => return Answer::cannot(format!("the gate {GATE} is off")),
        None => {
            return Answer::cannot(format!(
                "whether the gate {GATE} is on is not known: a cluster without it drops the field"
            ));
        }
    }
    match Ground::of(case) {
        Some(Ground::EmptyDir(scratch)) => in_place(case, &scratch),
        _ => anew(&volume),
    }
}

fn in_place(case: &Case<'_>, scratch: &Scratch<'_>) -> Answer {
    let name = &*scratch.volume.name;
    if !scratch.is_mount || scratch.mount.sub_path.is_some() || !scratch.is_on_disk() {
        return Answer::cannot(format!(
            "`emptyDir.mode` is that of the root directory of volume `{name}`"
        ));
    }
    let (Some(edits), Some(path)) = (case.edits(), case.draft.path_to(scratch.volume.span)) else {
        return Answer::cannot("the pod is not written where it could be changed");
    };
    let mode = path.join("emptyDir").join("mode");
    let edits = edits.edit(mode, Operation::Set(Value::Int(STICKY)));
    let title = format!("make volume `{name}` sticky with `emptyDir.mode`");
    let proposal = Proposal::safe(title, edits.into_list());
    Answer::Try(match scratch.other_user(case.workload) {
        Some(other) => proposal.but(format!(
            "container `{other}` has the volume, too, and could no longer remove what others made in it"
        )),
        None => proposal,
    })
}

fn anew(volume: &NewVolume<'_>) -> Answer {
    let name = volume.name();
    let source = Value::map([("mode", Value::Int(STICKY)), ("sizeLimit", SIZE_ON_DISK.into())]);
    let rendered = Rendered {
        volumes: vec![Value::map([("name", name.as_str().into()), ("emptyDir", source)])],
        volume_mounts: vec![Value::map([
            ("name", Value::from(name.as_str())),
            ("mountPath", volume.path.into()),
        ])],
        ..Rendered::default()
    };
    let title = format!(
        "mount a sticky `emptyDir` (`mode`) at `{}` in container `{}`",
        volume.path, *volume.container.name
    );
    volume.propose_parts(title, rendered)
}
