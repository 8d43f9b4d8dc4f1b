// SPDX-License-Identifier: Apache-2.0
//! # WW209 capability-of-non-root
//!
//! - severity: warning
//! - confidence: medium
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds capabilities that are added to a container whose process does not run as root, so that it never has them.
//!
//! The runtimes put an added capability into the bounding set of the container, and give it to root. Kubernetes has no
//! way to ask for ambient capabilities, so that a process of another user starts without any. Only a program whose file
//! has the capability (`setcap`) could get it from the bounding set, and a setuid one such as `sudo` unless
//! `allowPrivilegeEscalation` is false.
//!
//! Such files are common for `NET_BIND_SERVICE`, which is never reported, and known for others such as `IPC_LOCK` and
//! `NET_RAW`, which are reported as hints. They are rare for the capabilities that decide about files (`CHOWN`,
//! `DAC_OVERRIDE`, `DAC_READ_SEARCH`, `FOWNER`, `FSETID`). The confidence is high where a shell script runs with
//! `allowPrivilegeEscalation: false`: no program that it calls can gain anything.
//!
//! It is an error when the pod does not start because of this container, and when `DAC_OVERRIDE` is added to write to a
//! mount that the process cannot write to; WW211 and WW201 show these effects, this rule the reason.
//!
//! ## Why is this bad
//!
//! `runAsUser: 1000` with `CHOWN` looks like the least privilege that can repair the owners of a volume. The `chown` in
//! it fails with EPERM as if the capability were not there, and the container has a larger attack surface for nothing.
//!
//! ## Example
//!
//! ```yaml
//! initContainers:
//!   - name: owner
//!     image: busybox:1.37
//!     command: [sh, -ec, "chown -R 2000 /data"]
//!     securityContext:
//!       runAsUser: 1000
//!       allowPrivilegeEscalation: false
//!       capabilities:
//!         drop: [ALL]
//!         add: [CHOWN]                 # only root would have it
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//! volumes:
//!   - name: data
//!     emptyDir: {}
//! ```
//!
//! ## Use instead
//!
//! Where `fsGroup` is honoured, nothing has to change owners:
//!
//! ```yaml
//! securityContext:
//!   runAsUser: 2000
//!   fsGroup: 2000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     volumeMounts:
//!       - name: data
//!         mountPath: /data
//! volumes:
//!   - name: data
//!     emptyDir: {}
//! ```
//!
//! ## References
//!
//! - capabilities(7), "Transformation of capabilities during execve()"
//! - containerd: `pkg/oci/spec_opts.go`, WithoutAmbientCaps; CRI-O: `internal/factory/container/container.go`,
//!   SpecSetupCapabilities
//! - Kubernetes: enhancement 2763, "Ambient capabilities support", which is not implemented

use writeway_access::{Capability, Program, Tri, program};
use writeway_manifest::{Container, Place, Span, Spanned, Which};

use crate::evidence::writing::{write_mounts, write_verdict};
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww209_capability_of_non_root.rs"), run);

/// What lets a process change or pass over owners and modes.
const ABOUT_FILES: [Capability; 5] = [
    Capability::CHOWN,
    Capability::DAC_OVERRIDE,
    Capability::DAC_READ_SEARCH,
    Capability::FOWNER,
    Capability::FSETID,
];

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::All) {
        let added = container.security.capabilities.add.iter();
        let added: Vec<_> = added.filter_map(|name| Added::of(context, name)).collect();
        if added.is_empty() {
            continue;
        }
        if let Some(user) = User::of(context, container) {
            let report = |added| report(context, container, &user, added);
            findings.extend(added.iter().map(report));
        }
    }
    findings
}

/// An entry of `capabilities.add` that the runtime knows.
struct Added<'a> {
    name: &'a Spanned<String>,
    about_files: bool,
    overrides: bool,
}

impl<'a> Added<'a> {
    fn of(context: &RuleContext<'_>, name: &'a Spanned<String>) -> Option<Self> {
        if name.eq_ignore_ascii_case("ALL") {
            return Some(Self {
                name,
                about_files: true,
                overrides: true,
            });
        }
        let runtime = context.access.facts.node.runtime.as_deref().unwrap_or_default();
        let bare = match name.strip_prefix("CAP_") {
            Some(bare) if runtime.starts_with("cri-o") => bare,
            _ => name.as_str(),
        };
        let capability = Capability::from_name(bare)?;
        (capability != Capability::NET_BIND_SERVICE).then(|| Self {
            name,
            about_files: ABOUT_FILES.contains(&capability),
            overrides: capability == Capability::DAC_OVERRIDE,
        })
    }
}

/// A user other than root, and what says so.
struct User {
    text: String,
    field: Option<Span>,
}

impl User {
    /// `None` when the container runs as root, or may.
    fn of(context: &RuleContext<'_>, container: &Container) -> Option<Self> {
        let (own, pod) = (&container.security, &context.workload.pod.security);
        let field = own.run_as_user.or(pod.run_as_user);
        let mapped = context.container_map(container).and_then(|map| map.identity.uid);
        let uid = mapped.map(i64::from).or(field.map(|field| field.value));
        if let Some(uid) = uid {
            return (uid != 0).then(|| Self {
                text: format!("uid {uid}"),
                field: field.map(|field| field.span),
            });
        }
        let non_root = own.run_as_non_root.or(pod.run_as_non_root)?;
        non_root.value.then(|| Self {
            text: "another user than root".to_owned(),
            field: Some(non_root.span),
        })
    }
}

fn report(context: &RuleContext<'_>, container: &Container, user: &User, added: &Added<'_>) -> Finding {
    let name = added.name.as_str();
    let message = format!(
        "container `{}` runs as {} and does not get the capability `{name}`: only root gets what is added",
        *container.name, user.text
    );
    let label = format!("no capability for {}", user.text);
    let mut finding = Finding::new(&RULE, context.workload, message, added.name.span, label)
        .in_container(&container.name)
        .with_severity(if added.about_files {
            RULE.severity
        } else {
            Severity::Info
        })
        .because([
            "the runtime adds it to the bounding set, and kubelet never asks for ambient capabilities"
                .to_owned(),
            format!(
                "a program that {} starts begins without any capability",
                user.text
            ),
        ])
        .with_help(help(added));
    if let Some(field) = user.field {
        finding = finding.related(context.place(field), format!("runs as {}", user.text));
    }
    let escalation = container.security.allow_privilege_escalation;
    let is_script = matches!(program(container), Program::Script { .. });
    if let Some(field) = escalation.filter(|field| !field.value && is_script) {
        finding = finding
            .with_confidence(Confidence::High)
            .because(["no program that the script calls can gain capabilities".to_owned()])
            .related(
                context.place(field.span),
                "shuts out setuid programs and file capabilities",
            );
    } else if !added.about_files {
        finding = finding.with_confidence(Confidence::Low);
    }
    match consequence(context, container, added) {
        Some((place, label)) => finding.with_severity(Severity::Error).related(place, label),
        None => finding,
    }
}

/// What fails without the capability.
fn consequence(
    context: &RuleContext<'_>,
    container: &Container,
    added: &Added<'_>,
) -> Option<(Place, &'static str)> {
    if !added.about_files {
        return None;
    }
    let starts = &context.map.starts;
    let fails_here = starts.causes.iter().find(|cause| {
        matches!(program(container), Program::Script { .. }) && is_script_at(container, cause.span)
    });
    if starts.verdict == Tri::No
        && let Some(cause) = fails_here
    {
        return Some((context.place(cause.span), "fails, so that the pod does not start"));
    }
    let mut refused = write_mounts(context).filter(|mount| {
        added.overrides
            && mount.container.name == container.name
            && write_verdict(mount.path).tri() == Tri::No
    });
    let mount = refused.next()?.mount;
    Some((context.place(mount.mount_path.span), "cannot write here"))
}

fn is_script_at(container: &Container, span: Span) -> bool {
    let mut words = container
        .command
        .iter()
        .flatten()
        .chain(container.args.iter().flatten());
    words.any(|word| word.span == span)
}

fn help(added: &Added<'_>) -> &'static str {
    if added.about_files {
        "remove it, and let `fsGroup` or an init container that runs as root with this capability care for the files"
    } else {
        "remove it, unless the program's file has it (`getcap`)"
    }
}
