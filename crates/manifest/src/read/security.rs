// SPDX-License-Identifier: Apache-2.0
//! Reads `securityContext`.

use super::{Fields, known};
use crate::{Capabilities, ContainerSecurity, PodSecurity};

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
    }
}

fn capabilities(fields: &mut Fields<'_, '_>) -> Capabilities {
    Capabilities {
        add: fields.strings("add").unwrap_or_default(),
        drop: fields.strings("drop").unwrap_or_default(),
    }
}
