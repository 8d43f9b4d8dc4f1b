// SPDX-License-Identifier: Apache-2.0
//! # WW205 sub-path-made-for-root
//!
//! - severity: error
//! - confidence: high
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds mounts with a `subPath` that does not exist in its volume yet, so that kubelet makes it, and where the container's
//! process cannot write to what kubelet made.
//!
//! kubelet makes the directory as root on the node, with the mode of the volume's root directory, and gives it to root: in
//! a volume that belongs to uid 1000 with mode 0755 the new directory is 0755, and root's.
//!
//! Main containers and sidecars are looked at. Nothing is said when an init container makes the directory before, when
//! it may exist already, or when the owner and mode of the volume's root are not known; a facts file can tell them. Other
//! mounts that cannot be written are WW201's. The confidence is medium when another workload uses the claim, since that
//! may have made the directory.
//!
//! ## Why is this bad
//!
//! The volume is the right one, it belongs to the right user, and still the program cannot write: the directory in it
//! was never given to anybody. It happens once, at the first start of each new volume, so that a cluster with older
//! volumes does not show it.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//!         subPath: app               # made by kubelet: root:root, with the mode of the volume's root
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data              # its root is 0755 and belongs to uid 1000
//! ```
//!
//! ## Use instead
//!
//! Let an init container that runs as the same user make the directory: kubelet takes a directory that exists as it is.
//! On a volume to which kubelet applies `fsGroup` that is enough, since the new directory inherits the group.
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 1000
//! initContainers:
//!   - name: prepare
//!     image: ghcr.io/acme/app:1.2
//!     command: ["mkdir", "-p", "/volume/app"]
//!     volumeMounts:
//!       - name: data
//!         mountPath: /volume
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//!         subPath: app
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Using subPath" in "Volumes"
//! - Kubernetes: `pkg/kubelet/kubelet_pods.go`, makeMounts; `pkg/volume/util/subpath/subpath_linux.go`, doSafeMakeDir

use writeway_access::Tri;
use writeway_manifest::VolumeSource;

use crate::evidence::fs_group::hand_over;
use crate::evidence::mounted::Source;
use crate::evidence::writing::{WriteMount, errno_note, explain_identity, who, write_mounts, write_verdict};
use crate::{Confidence, Finding, Need, Purpose, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww205_sub_path_made_for_root.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    write_mounts(context)
        .filter_map(|mount| judge(context, mount))
        .collect()
}

fn judge(context: &RuleContext<'_>, it: WriteMount<'_>) -> Option<Finding> {
    let sub_path = it.mount.sub_path.as_ref()?.written();
    let verdict = write_verdict(it.path);
    if verdict.tri() != Tri::No || !it.path.for_sub_path {
        return None;
    }
    let (container, volume) = (&it.container.name.value, &it.mount.name.value);
    let message = format!(
        "container `{container}` cannot create files in `{}`: kubelet makes the missing subPath `{}` of volume `{volume}` as \
         root",
        it.path.path, **sub_path
    );
    let made = it.path.mode.map_or(String::new(), |mode| {
        let gid = it.path.gid.map_or("?".to_owned(), |gid| gid.to_string());
        format!(": {mode:04o} 0:{gid}")
    });
    let label = format!("made by kubelet{made}, not writable{}", errno_note(verdict));
    let mut finding = Finding::new(&RULE, context.workload, message, sub_path.span, label)
        .in_container(container)
        .because(verdict.why.iter().cloned())
        .needing([Need::directory(container, &it.path.path, Purpose::Data)])
        .with_help(help(context, &it));
    if is_shared(context, it) {
        finding = finding.with_confidence(Confidence::Medium).because([
            "another workload uses the claim, and may have made the directory otherwise".to_owned(),
        ]);
    }
    let finding = it.volume.explain(context, finding);
    Some(explain_identity(context, it.container, it.path, finding))
}

/// Whether another workload uses the claim.
fn is_shared(context: &RuleContext<'_>, it: WriteMount<'_>) -> bool {
    let Source::Volume(VolumeSource::Claim(reference)) = it.volume.source else {
        return false;
    };
    let object = &context.workload.object;
    let inventory = context.access.inventory;
    inventory
        .users_of_claim(object.namespace.as_deref(), &reference.claim_name)
        .iter()
        .any(|user| inventory.workloads()[user.workload].object != *object)
}

fn help(context: &RuleContext<'_>, it: &WriteMount<'_>) -> String {
    format!(
        "kubelet takes a directory that exists as it is: where {who} may write to the volume's root, let an init container \
         with that user mount the volume without `subPath` and make it (`mkdir -p`); else {}",
        hand_over(context, it),
        who = who(it.map),
    )
}
