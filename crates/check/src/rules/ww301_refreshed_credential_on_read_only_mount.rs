// SPDX-License-Identifier: Apache-2.0
//! # WW301 refreshed-credential-on-read-only-mount
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: sometimes
//!
//! ## What it does
//!
//! Finds Secrets mounted into a container whose program renews the credential in them and writes it back, as most OAuth
//! clients do.
//!
//! A program known to do so that is told where the file is (`GMAIL_SECRETS_DIR`, `RCLONE_CONFIG`), or whose image runs
//! it, makes it sure; the file's name alone (`token.json`, `rclone.conf`) less so. Where only the Secret's own name
//! says that an OAuth token is in it, it is a hint. Secrets that the container's own script copies elsewhere are left
//! to WW302.
//!
//! ## Why is this bad
//!
//! A Secret mount is read-only, with or without `readOnly`, whatever `defaultMode` says. The pod starts and works until
//! the access token runs out, an hour later as a rule; then the program refreshes it, fails to save it
//! (`Read-only file system`), and stops or works with a token that it forgets. Where refresh tokens rotate, the one in
//! the Secret is void from then on, and using it again can revoke them all (RFC 9700, 4.14.2).
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     env:
//!       - name: GMAIL_SECRETS_DIR
//!         value: /secrets/gmail
//!     volumeMounts:
//!       - name: gmail
//!         mountPath: /secrets/gmail
//! volumes:
//!   - name: gmail
//!     secret:
//!       secretName: gmail-oauth-token
//! ```
//!
//! ## Use instead
//!
//! A volume that can be written and outlives the pod, with the Secret as its first content.
//!
//! ```yaml
//! initContainers:
//!   - name: seed
//!     image: docker.io/library/busybox:1.37.0
//!     command: [sh, -c, "[ -e /work/gmail-me.json ] || cp /secret/gmail-me.json /work/"]
//!     volumeMounts:
//!       - name: gmail
//!         mountPath: /secret
//!       - name: work
//!         mountPath: /work
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     env:
//!       - name: GMAIL_SECRETS_DIR
//!         value: /secrets/gmail
//!     volumeMounts:
//!       - name: work
//!         mountPath: /secrets/gmail
//! volumes:
//!   - name: gmail
//!     secret:
//!       secretName: gmail-oauth-token
//!   - name: work
//!     persistentVolumeClaim:
//!       claimName: gmail-token
//! ```
//!
//! `--fix` seeds a volume in memory from the Secret. What is refreshed there is lost with the pod; WW302 says so where that
//! matters.
//!
//! ## References
//!
//! - Kubernetes: "Secrets", "Using Secrets as files from a Pod"; kubernetes/kubernetes#60814
//! - openshift/rosa#2748: a refreshed token that could not be saved to a Secret mount ended the job
//! - RFC 6749, section 6; RFC 9700, section 4.14.2

use std::collections::BTreeSet;

use writeway_manifest::{Container, Which};

use crate::evidence::copying::copies;
use crate::evidence::refreshed::{Sight, refreshed};
use crate::evidence::secret_mount::SecretMount;
use crate::mount_path::mount_of;
use crate::{Finding, Need, NeedKind, Purpose, Rule, RuleContext};

pub(super) static RULE: Rule = Rule::from_source(
    include_str!("ww301_refreshed_credential_on_read_only_mount.rs"),
    run,
);

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let containers = context.workload.pod.containers(Which::LongRunning);
    containers
        .flat_map(|container| {
            let mounts = SecretMount::of(context.workload, container);
            mounts.filter_map(|mount| judge(context, container, &mount))
        })
        .collect()
}

fn judge(context: &RuleContext<'_>, container: &Container, mount: &SecretMount<'_>) -> Option<Finding> {
    let names: Vec<&str> = mount
        .secret_names()
        .chain([&mount.volume.name])
        .map(|name| name.as_str())
        .collect();
    let secret = mount.secret_names().next()?;
    let files = mount.files(context);
    let found = refreshed(&Sight {
        consumer: container,
        path: &mount.mount.mount_path,
        files: files.as_ref(),
        names: &names,
    })?;
    if is_copied(context, container, mount) {
        return None;
    }
    let path = &mount.mount.mount_path;
    let message = format!(
        "container `{}` cannot write the refreshed credential back: Secret `{}` is mounted read-only at `{}`",
        container.name.value, secret.value, path.value
    );
    let file = found.file.clone().unwrap_or_else(|| path.value.clone());
    let mut finding = Finding::new(
        &RULE,
        context.workload,
        message,
        mount.mount.span,
        "read-only, as every Secret mount",
    )
    .in_container(&container.name)
    .with_confidence(found.confidence)
    .related(context.place(secret.span), "the Secret")
    .because([
        found.evidence,
        format!("a Secret volume is mounted read-only, so that `{file}` can be neither written nor replaced"),
    ])
    .with_help(
        "give it a volume that can be written: copy the Secret to a PersistentVolumeClaim unless it is there already, or \
         to an `emptyDir` beside a container that writes the refreshed file back",
    );
    if let Some(variable) = found.variable {
        finding = finding.related(context.place(variable), "says where the credential is");
    }
    Some(finding.needing(needs(container, mount, files.as_ref(), found.file)))
}

/// The mount, and the file in it when it is known to be there: some programs write a new file beside the old one, some
/// write to the old one.
fn needs(
    container: &Container,
    mount: &SecretMount<'_>,
    files: Option<&BTreeSet<String>>,
    file: Option<String>,
) -> Vec<Need> {
    let at = Need::directory(&container.name, &mount.mount.mount_path, Purpose::Credential);
    let as_file = |path: &str| Need {
        kind: NeedKind::File,
        ..Need::directory(&container.name, path, Purpose::Credential)
    };
    if files.is_some_and(|files| files.contains("")) {
        return vec![as_file(&at.path)];
    }
    let is_there = files.is_some() && mount.secrets.iter().all(|secret| !secret.optional);
    let file = file.filter(|_| is_there).map(|file| as_file(&file));
    [Some(at), file].into_iter().flatten().collect()
}

/// Whether the container's own commands copy something out of the mount.
fn is_copied(context: &RuleContext<'_>, container: &Container, mount: &SecretMount<'_>) -> bool {
    let found = context.commands(container);
    let mut found = copies(found);
    found.any(|copy| {
        copy.sources.iter().any(|source| {
            let from = mount_of(container, &source.start);
            from.is_some_and(|(from, _)| std::ptr::eq(from, mount.mount))
        })
    })
}
