// SPDX-License-Identifier: Apache-2.0
//! # WW208 field-at-wrong-level
//!
//! - severity: warning
//! - confidence: high
//! - since: 0.1.0
//! - fix: none
//!
//! ## What it does
//!
//! Finds fields of `securityContext` at a level that does not have them: `readOnlyRootFilesystem` or `capabilities` in that
//! of the pod, `fsGroup` in that of a container, `runAsUser` beside a `securityContext` or above the pod; and
//! `defaultMode` beside the source of a volume.
//!
//! It is an error when the write map proves that a container could write to a volume if its `fsGroup`, `runAsUser` or
//! `runAsGroup` stood where it counts, and an information when the field says what holds anyway.
//!
//! The fields of custom resources are not looked at. Other unknown fields are warned about on standard error; those that
//! are reported here are not.
//!
//! ## Why is this bad
//!
//! The API server drops what the type does not have: the root file system stays writable, the volume belongs to root.
//! `kubectl` asks for strict validation and is told; what comes through other clients looks applied. Linters that
//! report the missing setting, but not the misplaced one, are taken to be wrong.
//!
//! ## Example
//!
//! ```yaml
//! securityContext:
//!   readOnlyRootFilesystem: true
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       fsGroup: 1000
//! ```
//!
//! ## Use instead
//!
//! ```yaml
//! securityContext:
//!   fsGroup: 1000
//! containers:
//!   - name: app
//!     image: ghcr.io/acme/app:1.2
//!     securityContext:
//!       readOnlyRootFilesystem: true
//! ```
//!
//! ## References
//!
//! - Kubernetes: API reference, `PodSecurityContext` and `SecurityContext`
//! - Kubernetes: "Kubernetes API Concepts", "Field validation"
//! - stackrox/kube-linter#99 and #139: `readOnlyRootFilesystem` at the pod, taken for a mistake of the linter

use std::collections::BTreeSet;

use writeway_access::Tri;
use writeway_manifest::{Container, Inventory, Place, Spanned, UnknownField, Which};

use crate::evidence::changed_workload::map_mounts;
use crate::evidence::writing::{path_of_mount, write_mounts, write_verdict};
use crate::{Finding, Rule, RuleContext, Severity};

pub(crate) static RULE: Rule = Rule::from_source(include_str!("ww208_field_at_wrong_level.rs"), run);

/// Where a field counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Pod,
    Container,
    Both,
    /// `securityContext` itself.
    Context,
    /// Inside of the source of a volume.
    Source,
}

/// The fields of PodSecurityContext and SecurityContext (staging/src/k8s.io/api/core/v1/types.go), and others that are
/// often one level too high.
const FIELDS: [(&str, Level); 20] = [
    ("allowPrivilegeEscalation", Level::Container),
    ("appArmorProfile", Level::Both),
    ("capabilities", Level::Container),
    ("defaultMode", Level::Source),
    ("fsGroup", Level::Pod),
    ("fsGroupChangePolicy", Level::Pod),
    ("privileged", Level::Container),
    ("procMount", Level::Container),
    ("readOnlyRootFilesystem", Level::Container),
    ("runAsGroup", Level::Both),
    ("runAsNonRoot", Level::Both),
    ("runAsUser", Level::Both),
    ("seccompProfile", Level::Both),
    ("securityContext", Level::Context),
    ("seLinuxChangePolicy", Level::Pod),
    ("seLinuxOptions", Level::Both),
    ("supplementalGroups", Level::Pod),
    ("supplementalGroupsPolicy", Level::Pod),
    ("sysctls", Level::Pod),
    ("windowsOptions", Level::Both),
];

/// Values that say what holds without the field.
const ALREADY_SO: [(&str, &str); 4] = [
    ("allowPrivilegeEscalation", "true"),
    ("privileged", "false"),
    ("readOnlyRootFilesystem", "false"),
    ("runAsNonRoot", "false"),
];

/// Values that say nothing.
const NOTHING: [&str; 5] = ["", "~", "null", "{}", "[]"];

/// A value up to this length is repeated in the advice.
const SHORT: usize = 40;

/// The places of the unknown fields that this rule reports.
pub(crate) fn places(inventory: &Inventory) -> BTreeSet<Place> {
    let workloads = inventory.workloads().iter();
    let fields = workloads.flat_map(|workload| inventory.unknown_fields_of(&workload.object));
    let misplaced = fields.filter(|field| level(&field.path).is_some());
    misplaced
        .map(|field| Place {
            file: field.file,
            span: field.span,
        })
        .collect()
}

fn level(path: &str) -> Option<(&'static str, Level)> {
    let name = path.rsplit('.').next()?;
    FIELDS.into_iter().find(|(known, _)| *known == name)
}

fn run(context: &RuleContext<'_>) -> Vec<Finding> {
    let fields = context
        .access
        .inventory
        .unknown_fields_of(&context.workload.object);
    fields.iter().filter_map(|field| report(context, field)).collect()
}

fn report(context: &RuleContext<'_>, field: &UnknownField) -> Option<Finding> {
    let (name, level) = level(&field.path)?;
    let mut containers = context.workload.pod.containers(Which::All);
    let container = containers.find(|container| container.span.contains(field.span));
    let place = place_of(context, container, &field.path);
    let projected = field.path.contains(".projected.");
    let counts = match level {
        Level::Pod => "in the `securityContext` of the pod only",
        Level::Container => "in the `securityContext` of each container only",
        Level::Both => "in the `securityContext` of the pod, or of a container",
        Level::Context => "in the spec of the pod, or in a container",
        Level::Source if projected => "in `projected` itself, for all of its sources",
        Level::Source => "in the volume's source, such as `secret`",
    };
    let message = format!("`{name}` has no effect {place}: it counts {counts}");
    let file = context.access.inventory.file(field.file);
    let value = file.stream.text().get(field.value.range()).unwrap_or_default();
    let repeated = if value.len() <= SHORT && !value.contains('\n') {
        format!("`{name}: {value}`")
    } else {
        format!("`{name}`")
    };
    let already_so = ALREADY_SO.contains(&(name, value)) || NOTHING.contains(&value);
    let mut finding = Finding::new(&RULE, context.workload, message, field.span, "no effect here")
        .because([format!(
            "the type of `{}` has no field `{name}`: the API server drops it, or refuses the object when the client asks \
             for strict validation",
            parent(&field.path)
        )])
        .with_help(format!("move {repeated} to where it counts: {counts}"));
    if let Some(container) = container {
        finding = finding
            .in_container(&container.name)
            .related(context.place(container.name.span), "in this container");
    }
    if already_so {
        return Some(finding.with_severity(Severity::Info));
    }
    let number = value.parse().ok().map(|number| Spanned::new(number, field.value));
    Some(
        match number.and_then(|number| closed_mount(context, container, name, number)) {
            Some(place) => finding
                .with_severity(Severity::Error)
                .related(place, "cannot be written without it"),
            None => finding,
        },
    )
}

/// The path of the mapping that a field stands in.
fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("the object", |(parent, _)| parent)
}

fn place_of(context: &RuleContext<'_>, container: Option<&Container>, path: &str) -> String {
    let in_context = parent(path).ends_with("securityContext");
    match container {
        Some(container) if in_context => {
            format!("in the `securityContext` of container `{}`", *container.name)
        }
        Some(container) => format!(
            "in container `{}` outside of its `securityContext`",
            *container.name
        ),
        None if parent(path) == format!("{}.securityContext", context.workload.pod_path) => {
            "in the `securityContext` of the pod".to_owned()
        }
        None => format!("in `{}`", parent(path)),
    }
}

/// A mount that cannot be written, but could be with the field where it counts.
fn closed_mount(
    context: &RuleContext<'_>,
    container: Option<&Container>,
    name: &str,
    value: Spanned<i64>,
) -> Option<Place> {
    if !write_mounts(context).any(|mount| write_verdict(mount.path).tri() == Tri::No) {
        return None;
    }
    let mut workload = context.workload.clone();
    let pod_spec = workload.pod_mut();
    let pod = &mut pod_spec.security;
    let span = container.map(|container| container.span);
    match (name, span) {
        ("fsGroup", _) => pod.fs_group = pod.fs_group.or(Some(value)),
        ("runAsUser", None) => pod.run_as_user = pod.run_as_user.or(Some(value)),
        ("runAsGroup", None) => pod.run_as_group = pod.run_as_group.or(Some(value)),
        ("runAsUser" | "runAsGroup", Some(span)) => {
            let mut containers = pod_spec.containers_mut(Which::All);
            set_in_container(containers.find(|container| container.span == span)?, name, value);
        }
        _ => return None,
    }
    let map = map_mounts(context, &workload);
    let opened = |name: &str, index: usize| {
        let map = map.containers.iter().find(|map| map.name == name)?;
        Some(write_verdict(path_of_mount(map, index)?).tri() == Tri::Yes)
    };
    let mut closed = write_mounts(context).filter(|mount| write_verdict(mount.path).tri() == Tri::No);
    let mount = closed.find(|mount| opened(&mount.container.name, mount.index) == Some(true))?;
    Some(context.place(mount.mount.mount_path.span))
}

fn set_in_container(container: &mut Container, name: &str, value: Spanned<i64>) {
    let security = &mut container.security;
    let field = if name == "runAsUser" {
        &mut security.run_as_user
    } else {
        &mut security.run_as_group
    };
    *field = field.or(Some(value));
}
