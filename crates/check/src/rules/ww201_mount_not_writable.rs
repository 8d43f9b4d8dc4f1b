// SPDX-License-Identifier: Apache-2.0
//! # WW201 mount-not-writable
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds volumes that are mounted read-write into a container whose process cannot write to them: it cannot create a
//! file in the directory at the mount path or, when a file is mounted there, cannot open that file for writing.
//!
//! Only main containers and sidecars are looked at. An init container often mounts a volume just to read or to prepare
//! it, and when its preparation fails the pod does not start, which the map says. A mount with `readOnly: true`, a
//! volume that says so itself, and volumes that are always read-only (Secret, ConfigMap, downward API, projected,
//! image) are left out: nobody expects to write there. Nothing is said when the owner of the volume is not known;
//! a facts file can tell it. A directory that kubelet makes for a `subPath` is WW205's, and a volume
//! that an init container gives to another user is WW207's.
//!
//! ## Why is this bad
//!
//! The pod starts, is ready, and fails at its first write. It is the usual end of three stories: a volume that belongs
//! to another user (a host directory, a volume of a provisioner that makes it for root); an `fsGroup` that has no
//! effect, since kubelet never applies it to that kind of volume; a container that runs as another user than the one
//! the volume was made for.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000                      # kubelet ignores it for hostPath
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     hostPath:
//!       path: /srv/app
//!       type: DirectoryOrCreate        # made by kubelet: root:root, 0755
//! ```
//!
//! ## Use instead
//!
//! A volume to which kubelet applies `fsGroup`; where the data has to stay on the node, a claim for a PersistentVolume
//! of type `local`. When the container only reads, say so with `readOnly: true`.
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//!   fsGroup: 1000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data                # of a class whose volumes take fsGroup
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Configure volume permission and ownership change policy for Pods"
//! - Kubernetes: `pkg/volume/volume_linux.go`, ChangePermissions; `pkg/volume/hostpath/host_path.go`, which has no call
//!   of it
//! - rancher/local-path-provisioner#7 and #41: `fsGroup` without effect on its hostPath volumes

use writeway_access::Tri;

use crate::evidence::chown::is_misdirected;
use crate::evidence::fs_group::hand_over;
use crate::evidence::writing::{
    WriteMount, errno_note, explain_identity, is_file, need_of, write_mounts, write_verdict,
};
use crate::{Finding, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww201_mount_not_writable.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    write_mounts(context)
        .filter_map(|mount| judge(context, mount))
        .collect()
}

fn judge(context: &RuleContext<'_>, it: WriteMount<'_>) -> Option<Finding> {
    let verdict = write_verdict(it.path);
    // WW205 says more about a directory that kubelet makes.
    if verdict.tri() != Tri::No || it.path.for_sub_path {
        return None;
    }
    // WW207 names the cause.
    if is_misdirected(context, &it) {
        return None;
    }
    let verb = if is_file(it.path) {
        "write to"
    } else {
        "create files in"
    };
    let message = format!(
        "container `{}` cannot {verb} `{}`, where volume `{}` is mounted read-write",
        it.container.name.value, it.path.path, it.mount.name.value
    );
    let finding = Finding::new(
        &RULE,
        context.workload,
        message,
        it.mount.span,
        format!("not writable{}", errno_note(verdict)),
    )
    .in_container(&it.container.name)
    .because(verdict.why.iter().cloned())
    .needing([need_of(&it)])
    .with_help(help(context, &it));
    let finding = it.volume.explain(context, finding);
    Some(explain_identity(context, it.container, it.path, finding))
}

fn help(context: &RuleContext<'_>, it: &WriteMount<'_>) -> String {
    if it.path.read_only == Some(true) {
        return "nothing makes this mount writable; say `readOnly: true`, and write to another volume"
            .to_owned();
    }
    format!(
        "{}; where nothing is written, say `readOnly: true`",
        hand_over(context, it)
    )
}
