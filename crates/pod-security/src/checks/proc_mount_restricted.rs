// SPDX-License-Identifier: Apache-2.0
//! `procMount_restricted`: the masks of `/proc` stay in user namespaces, too, where baseline lets them go since 1.35
//! (policy/check_procMount_restricted.go).

use super::{Check, Revision, proc_mount};

pub(super) const CHECK: Check = Check {
    id: "procMount_restricted",
    revisions: &[Revision::since(35, proc_mount::judge).replacing(&[proc_mount::CHECK.id])],
};
