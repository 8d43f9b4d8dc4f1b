// SPDX-License-Identifier: Apache-2.0
//! `hostPathVolumes`: no volume is a directory of the node (policy/check_hostPathVolumes.go).

use super::{Check, Objection, Revision};
use crate::setters::Setters;
use crate::subject::Subject;
use crate::wording::{plural, quoted};

pub(super) const CHECK: Check = Check {
    id: "hostPathVolumes",
    revisions: &[Revision::since(0, judge)],
};

fn judge(subject: &Subject<'_>) -> Option<Objection> {
    let mut setters = Setters::default();
    let mut volumes = Vec::new();
    for volume in &subject.pod.volumes {
        if let Some(source) = volume
            .source_fields
            .iter()
            .find(|field| field.value == "hostPath")
        {
            volumes.push(volume.name.as_str());
            setters.pod(source.span, "a directory of the node");
        }
    }
    (!setters.is_empty()).then(|| Objection {
        reason: "hostPath volumes",
        detail: format!(
            "{} {}",
            plural(volumes.len(), "volume", "volumes"),
            quoted(&volumes)
        ),
        culprits: setters.into_culprits(),
    })
}
