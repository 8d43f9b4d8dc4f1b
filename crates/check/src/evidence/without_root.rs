// SPDX-License-Identifier: Apache-2.0
//! What to do where an init container that is root may not run.

use writeway_access::FsGroupEffect;
use writeway_manifest::Container;

use crate::RuleContext;
use crate::evidence::chown::changes_of_owner;
use crate::evidence::fs_group::hand_over;
use crate::evidence::writing::{WriteMount, who, write_mounts};

/// What to do instead of an init container that is root.
pub(crate) fn instead_of_root(context: &RuleContext<'_>, init: &Container) -> String {
    let handed_over = write_mounts(context).find(|write| {
        let mut mounts = init.mounts.iter();
        mounts.any(|mount| mount.name.value == write.mount.name.value)
    });
    match handed_over {
        Some(write) if !changes_of_owner(context, init).is_empty() => instead_of_chown(context, &write),
        Some(write) => format!("run it as {}, whose files these are going to be", who(write.map)),
        None => "run it as the user of the main containers".to_owned(),
    }
}

/// What makes a volume the process's own without the init container that gives it away. The kind of volume decides.
fn instead_of_chown(context: &RuleContext<'_>, write: &WriteMount<'_>) -> String {
    let group = context.workload.pod.security.fs_group;
    match (write.path.fs_group, group) {
        (FsGroupEffect::Applied, Some(group)) => format!(
            "leave it out: kubelet gives volume `{}` to `fsGroup: {}`",
            write.volume.name.value, group.value
        ),
        (FsGroupEffect::Ignored | FsGroupEffect::Unset, _) => {
            format!("leave it out: {}", hand_over(context, write))
        }
        _ => format!(
            "leave it out: let the volume `{}` be {}'s where it is made: `fsGroup` where kubelet applies it, else \
             `runAsUser` as the uid that owns the volume",
            write.volume.name.value,
            who(write.map)
        ),
    }
}
