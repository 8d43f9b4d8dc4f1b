// SPDX-License-Identifier: Apache-2.0
//! Reads `PodSpec`.

use super::{Fields, Reader, container, known, security, volume};
use crate::shape::Located;
use crate::{PodSpec, Role, Spanned};

/// Node labels that name the operating system, today's first.
const OS_LABELS: &[&str] = &["kubernetes.io/os", "beta.kubernetes.io/os"];

/// Reads a pod. `more_fields` are those that this kind has beside PodSpec's.
pub(crate) fn pod_spec(reader: &mut Reader, spec: &Located<'_>, more_fields: &[&str]) -> Option<PodSpec> {
    let known: Vec<&str> = known::POD_SPEC.iter().chain(more_fields).copied().collect();
    reader.mapping(spec.node, &spec.path, &known, read)
}

fn read(fields: &mut Fields<'_, '_>) -> PodSpec {
    // Start order: kubelet runs initContainers in order before containers.
    let mut containers = container::containers(fields, "initContainers", Role::Init);
    containers.extend(container::containers(fields, "containers", Role::Main));
    containers.extend(container::containers(
        fields,
        "ephemeralContainers",
        Role::Ephemeral,
    ));
    PodSpec {
        span: fields.span(),
        security: fields
            .object(
                "securityContext",
                known::POD_SECURITY_CONTEXT,
                security::pod_security,
            )
            .unwrap_or_default(),
        volumes: fields
            .objects("volumes", known::VOLUME, volume::volume)
            .unwrap_or_default(),
        resources: fields
            .object("resources", known::RESOURCE_REQUIREMENTS, container::resources)
            .unwrap_or_default(),
        host_users: fields.bool("hostUsers"),
        host_network: fields.bool("hostNetwork"),
        host_pid: fields.bool("hostPID"),
        host_ipc: fields.bool("hostIPC"),
        os: fields
            .object("os", known::POD_OS, |os| os.string("name"))
            .flatten(),
        selected_os: selected_os(fields),
        service_account_name: service_account_name(fields),
        automount_service_account_token: fields.bool("automountServiceAccountToken"),
        restart_policy: fields.string("restartPolicy"),
        active_deadline_seconds: fields.int64("activeDeadlineSeconds"),
        runtime_class_name: fields.string("runtimeClassName"),
        containers,
    }
}

fn selected_os(fields: &mut Fields<'_, '_>) -> Option<Spanned<String>> {
    let mut selector = fields.spanned_string_map("nodeSelector");
    OS_LABELS.iter().find_map(|label| selector.remove(*label))
}

/// `serviceAccount` is the deprecated alias (pkg/apis/core/v1/conversion.go, Convert_v1_PodSpec_To_core_PodSpec).
fn service_account_name(fields: &mut Fields<'_, '_>) -> Option<Spanned<String>> {
    let alias = fields.string("serviceAccount");
    fields
        .string("serviceAccountName")
        .filter(|name| !name.is_empty())
        .or(alias)
}
