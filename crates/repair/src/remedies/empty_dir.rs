// SPDX-License-Identifier: Apache-2.0
//! An `emptyDir` on the node's disk, mounted where nothing is mounted.
//!
//! kubelet makes its root directory for everybody (0777; `pkg/volume/emptydir/empty_dir.go`, setupDir), so that any user
//! can write to it; Ruby's `Dir.tmpdir` refuses such a directory, and the proof then fails.

use writeway_generate::Tmp;

use super::new_volume::{NewVolume, SIZE_ON_DISK};
use crate::{Answer, Case, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "empty-dir",
    costs: "disk space of the node, up to the size limit",
    limits: "everybody in the pod can write to it; it is lost with the pod",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    let Some(volume) = NewVolume::of(case) else {
        return Answer::NotMine;
    };
    let title = format!(
        "mount an `emptyDir` at `{}` in container `{}`",
        volume.path, *volume.container.name
    );
    volume.propose(title, SIZE_ON_DISK, Tmp::disk)
}
