// SPDX-License-Identifier: Apache-2.0
//! # WW212 unknown-capability
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds names in `capabilities.add` and `capabilities.drop` that are no capabilities: names with the prefix (`CAP_CHOWN`),
//! misspelt ones, and those that Linux does not have.
//!
//! Neither Kubernetes nor containerd says anything about them. containerd puts `CAP_` before each name, in any letter
//! case, and leaves out what it then does not know. CRI-O takes names with and without the prefix, and fails a container
//! with a name it does not know. So the confidence is medium for names with the prefix when no fact names the runtime,
//! they are not reported for CRI-O, and for CRI-O a name that does not exist is WW211's.
//!
//! It is an error when the write map proves that the right name would let the pod start, or let the container write to
//! a volume.
//!
//! Lower-case names work, though Pod Security compares names exactly: `drop: [all]` does not satisfy `restricted`.
//!
//! ## Why is this bad
//!
//! What is added is missing, and what is dropped is kept: `drop: [CAP_ALL]` drops nothing. No event and no log tells.
//!
//! ## Example
//!
//! ```yaml
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       capabilities:
//!         drop: [CAP_ALL]
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       capabilities:
//!         drop: [ALL]
//! ```
//!
//! ## References
//!
//! - Kubernetes: "Set capabilities for a Container": "omit the `CAP_` portion of the constant"
//! - containerd: `internal/cri/opts/spec_opts.go`, WithCapabilities
//! - CRI-O: `internal/factory/container/container.go`, SpecSetupCapabilities
//! - capabilities(7)

use writeway_access::{Capability, CapabilitySet, Tri};
use writeway_facts::closest;
use writeway_manifest::{Container, Place, Spanned, Which};

use crate::evidence::changed_workload::map_mounts;
use crate::evidence::writing::{path_of_mount, write_verdict};
use crate::{Confidence, Finding, Rule, RuleContext, Severity};

pub(super) static RULE: Rule = Rule::from_source(include_str!("ww212_unknown_capability.rs"), run);

const ALL: &str = "ALL";
const PREFIX: &str = "CAP_";

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let runtime = context.access.facts.node.runtime.as_deref();
    if runtime.is_some_and(|name| name.starts_with("cri-o")) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for container in context.workload.pod.containers(Which::All) {
        let lists = &container.security.capabilities;
        for (list, names) in [(List::Add, &lists.add), (List::Drop, &lists.drop)] {
            for name in names {
                if let Some(mistake) = Mistake::of(name) {
                    findings.push(report(context, container, list, name, &mistake));
                }
            }
        }
    }
    findings
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Add,
    Drop,
}

/// Why a name is none.
struct Mistake {
    /// The name is right but for the prefix.
    prefixed: bool,
    meant: Option<&'static str>,
}

impl Mistake {
    fn of(name: &str) -> Option<Self> {
        if known(name).is_some() {
            return None;
        }
        let tidy = name.trim().to_ascii_uppercase().replace('-', "_");
        let bare = tidy.strip_prefix(PREFIX).unwrap_or(&tidy);
        let exact = known(bare);
        let names = CapabilitySet::ALL.iter().map(Capability::name);
        Some(Self {
            prefixed: exact.is_some() && name.len() == PREFIX.len() + bare.len(),
            meant: exact.or_else(|| closest(bare, names)),
        })
    }
}

/// The name as the runtimes know it.
fn known(name: &str) -> Option<&'static str> {
    if name.eq_ignore_ascii_case(ALL) {
        return Some(ALL);
    }
    Capability::from_name(name).map(Capability::name)
}

fn report(
    context: &RuleContext<'_>,
    container: &Container,
    list: List,
    name: &Spanned<String>,
    mistake: &Mistake,
) -> Finding {
    let nothing = match list {
        List::Add => "nothing is added",
        List::Drop => "nothing is dropped",
    };
    let message = format!(
        "container `{}`: `{}` is no capability, and {nothing}",
        *container.name, **name
    );
    let in_cri_o = if mistake.prefixed {
        "CRI-O takes the prefix off"
    } else {
        "CRI-O fails the container"
    };
    let help = match mistake.meant {
        Some(meant) => format!("write `{meant}`"),
        None => "remove it; the names are those of capabilities(7) without `CAP_`".to_owned(),
    };
    let finding = Finding::new(&RULE, context.workload, message, name.span, nothing)
        .in_container(&container.name)
        .because([
            "Kubernetes takes any text for the name of a capability".to_owned(),
            format!(
                "containerd looks for `{PREFIX}{}` and silently leaves out what it does not know; {in_cri_o}",
                name.to_ascii_uppercase()
            ),
        ])
        .with_help(help)
        .related(context.place(container.name.span), "in this container");
    let sure = context.access.facts.node.runtime.is_some() || !mistake.prefixed;
    let finding = finding.with_confidence(if sure { RULE.confidence } else { Confidence::Medium });
    match consequence(context, container, list, name, mistake) {
        Some((place, label)) => finding.with_severity(Severity::Error).related(place, label),
        None => finding,
    }
}

/// What the right name would repair.
fn consequence(
    context: &RuleContext<'_>,
    container: &Container,
    list: List,
    name: &Spanned<String>,
    mistake: &Mistake,
) -> Option<(Place, &'static str)> {
    let meant = mistake.meant.filter(|_| list == List::Add)?;
    let mut workload = context.workload.clone();
    let containers = workload.pod_mut().containers_mut(Which::All);
    for added in containers.flat_map(|container| &mut container.security.capabilities.add) {
        if added.span == name.span {
            added.value = meant.to_owned();
        }
    }
    let repaired = map_mounts(context, &workload);
    let (before, after) = (&context.map.starts, &repaired.starts);
    if before.verdict == Tri::No && after.verdict != Tri::No {
        let cause = before.causes.first()?;
        return Some((context.place(cause.span), "without it the pod does not start"));
    }
    let before = context.container_map(container)?;
    let after = repaired.containers.iter().find(|map| map.name == before.name)?;
    let writable = |map, index| path_of_mount(map, index).map(|path| write_verdict(path).tri());
    let gained = container.mounts.iter().enumerate().find(|(index, _)| {
        writable(before, *index) == Some(Tri::No) && writable(after, *index) == Some(Tri::Yes)
    });
    gained.map(|(_, mount)| {
        (
            context.place(mount.mount_path.span),
            "without it nothing can be written here",
        )
    })
}
