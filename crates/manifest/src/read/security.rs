// SPDX-License-Identifier: Apache-2.0
//! Reads `securityContext`.

use super::{Fields, known};
use crate::{Capabilities, ConfinementProfile, ContainerSecurity, PodSecurity, SeLinuxOptions, Spanned};

pub(super) fn pod_security(fields: &mut Fields<'_, '_>) -> PodSecurity {
    PodSecurity {
        span: Some(fields.span()),
        run_as_user: fields.int64("runAsUser"),
        run_as_group: fields.int64("runAsGroup"),
        run_as_non_root: fields.bool("runAsNonRoot"),
        fs_group: fields.int64("fsGroup"),
        fs_group_change_policy: fields.string("fsGroupChangePolicy"),
        supplemental_groups: fields.int64s("supplementalGroups"),
        supplemental_groups_policy: fields.string("supplementalGroupsPolicy"),
        se_linux_options: se_linux_options(fields),
        seccomp_profile: profile(fields, "seccompProfile"),
        app_armor_profile: profile(fields, "appArmorProfile"),
        host_process: host_process(fields),
        sysctls: fields
            .objects("sysctls", known::SYSCTL, |sysctl| sysctl.required("name"))
            .unwrap_or_default(),
    }
}

pub(super) fn container_security(fields: &mut Fields<'_, '_>) -> ContainerSecurity {
    ContainerSecurity {
        span: Some(fields.span()),
        run_as_user: fields.int64("runAsUser"),
        run_as_group: fields.int64("runAsGroup"),
        run_as_non_root: fields.bool("runAsNonRoot"),
        read_only_root_filesystem: fields.bool("readOnlyRootFilesystem"),
        privileged: fields.bool("privileged"),
        allow_privilege_escalation: fields.bool("allowPrivilegeEscalation"),
        capabilities: fields
            .object("capabilities", known::CAPABILITIES, capabilities)
            .unwrap_or_default(),
        se_linux_options: se_linux_options(fields),
        seccomp_profile: profile(fields, "seccompProfile"),
        app_armor_profile: profile(fields, "appArmorProfile"),
        host_process: host_process(fields),
        proc_mount: fields.string("procMount"),
    }
}

fn capabilities(fields: &mut Fields<'_, '_>) -> Capabilities {
    Capabilities {
        add: fields.strings("add").unwrap_or_default(),
        drop: fields.strings("drop").unwrap_or_default(),
    }
}

fn se_linux_options(fields: &mut Fields<'_, '_>) -> Option<SeLinuxOptions> {
    fields.object("seLinuxOptions", known::SE_LINUX_OPTIONS, |options| {
        SeLinuxOptions {
            user: options.string("user"),
            role: options.string("role"),
            label_type: options.string("type"),
        }
    })
}

fn profile(fields: &mut Fields<'_, '_>, name: &str) -> Option<ConfinementProfile> {
    fields.object(name, known::CONFINEMENT_PROFILE, |profile| ConfinementProfile {
        profile_type: profile.required("type"),
    })
}

fn host_process(fields: &mut Fields<'_, '_>) -> Option<Spanned<bool>> {
    fields
        .object("windowsOptions", known::WINDOWS_OPTIONS, |options| {
            options.bool("hostProcess")
        })
        .flatten()
}
