// SPDX-License-Identifier: Apache-2.0
//! # WW207 chown-for-another-user
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds init containers that give a volume to a user and group (`chown`, `chgrp`), when every container that writes to
//! that volume runs as somebody else.
//!
//! It is an error with high confidence when the write map proves that such a container cannot write there: WW201 then
//! leaves the mount to this rule. It is a warning when the container can write all the same, or may be able to, so that the
//! command is without use or wrong.
//!
//! Names are looked up in the facts of the init container's image; one that these do not have is unknown, and nothing is
//! said. Containers that run as root are left alone: most of them change to the user of their image. A change of owner that
//! reaches only a part of what a container mounts is left alone, too.
//!
//! ## Why is this bad
//!
//! The number in the script and the number in `runAsUser` are written by hand, often by different people, and a new version
//! of an image or a chart changes one of them. Nothing compares them: the init container succeeds, and the program fails at
//! its first write.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: own
//!     image: busybox:1.37
//!     command: ["chown", "-R", "999:999", "/data"]
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       runAsUser: 1000
//!       runAsGroup: 1000
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## Use instead
//!
//! The ids of the container that writes, or better `fsGroup`, which needs no root and no second number.
//!
//! ```yaml
//! securityContext:
//!   fsGroup: 1000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       runAsUser: 1000
//!       runAsGroup: 1000
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     persistentVolumeClaim:
//!       claimName: data
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Configure volume permission and ownership change policy for Pods"
//! - POSIX.1-2024, `chown`

use writeway_access::Tri;
use writeway_manifest::Container;

use crate::evidence::chown::{Id, Misdirected, misdirected};
use crate::evidence::writing::{errno_note, explain_identity, need_of, who, write_verdict};
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww207_chown_for_another_user.rs"), run);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    misdirected(context)
        .iter()
        // What is left to root is not meant for a container: it is wrong only if that cannot write.
        .filter(|found| {
            found.change.user != Some(Id::Known(0)) || write_verdict(found.mount.path).tri() == Tri::No
        })
        .map(|found| report(context, found))
        .collect()
}

fn report(context: &RuleContext<'_>, found: &Misdirected<'_>) -> Finding {
    let Misdirected {
        mount: it,
        by,
        change,
    } = found;
    let verdict = write_verdict(it.path);
    let (container, path) = (&it.container.name.value, &it.path.path);
    let message = format!(
        "init container `{}` gives volume `{}` to {}, but container `{container}` uses it as {}",
        by.name.value,
        it.mount.name.value,
        change.owner(),
        ids(found),
    );
    let (label, severity, confidence) = match verdict.tri() {
        Tri::No => (
            format!(
                "then `{container}` cannot write to `{path}`{}",
                errno_note(verdict)
            ),
            Severity::Error,
            Confidence::High,
        ),
        Tri::Yes => (
            format!("without use: `{container}` can write to `{path}` for another reason"),
            Severity::Warning,
            Confidence::Medium,
        ),
        Tri::Unknown => (
            format!("`{container}` is not the owner of `{path}` then"),
            Severity::Warning,
            Confidence::Medium,
        ),
    };
    let finding = Finding::about(
        &RULE,
        Some(&context.workload.object),
        message,
        change.command.place,
        label,
    )
    .in_container(container)
    .with_severity(severity)
    .with_confidence(confidence)
    .because(verdict.why.iter().cloned())
    .needing([need_of(it)])
    .with_help(help(found, it.container))
    .related(
        context.place(it.mount.span),
        format!("mounted for {}", who(it.map)),
    );
    explain_identity(context, it.container, it.path, finding)
}

/// Who the process is.
fn ids(found: &Misdirected<'_>) -> String {
    let identity = &found.mount.map.identity;
    match (identity.uid, identity.gid) {
        (Some(uid), Some(gid)) => format!("{uid}:{gid}"),
        (Some(uid), None) => format!("uid {uid}"),
        _ => "another user".to_owned(),
    }
}

fn help(found: &Misdirected<'_>, container: &Container) -> String {
    let identity = &found.mount.map.identity;
    let to = match (identity.uid, identity.gid, found.change.group) {
        (Some(uid), Some(gid), Some(_)) => format!("{uid}:{gid}"),
        (Some(uid), ..) => uid.to_string(),
        _ => "its user".to_owned(),
    };
    format!(
        "give the volume to {to}, or run container `{}` as the user that gets it{}",
        container.name.value,
        if write_verdict(found.mount.path).tri() == Tri::Yes {
            "; or leave the command out"
        } else {
            ""
        }
    )
}
