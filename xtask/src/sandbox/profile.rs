// SPDX-License-Identifier: Apache-2.0
//! seccomp profiles, as a pod's `seccompProfile` of type `Localhost` names them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use writeway_agent::needs::{NEEDS, Needs, RUNTIME};

/// What was measured.
pub const ARCHITECTURES: [&str; 1] = ["SCMP_ARCH_X86_64"];

/// `ENOSYS`: to the program it is as on a kernel that has no such call, so that what can do without it does.
const ENOSYS: u32 = 38;

/// The profile of one verb.
#[must_use]
pub fn of(needs: &Needs) -> Value {
    profile(needs.calls().map(|call| call.name).collect())
}

/// The profile with which every verb runs.
#[must_use]
pub fn of_all() -> Value {
    profile(
        NEEDS
            .iter()
            .flat_map(Needs::calls)
            .map(|call| call.name)
            .collect(),
    )
}

/// A profile (OCI runtime-spec, config-linux.md, "Seccomp") that allows these calls, and those of the runtime.
fn profile(mut calls: BTreeSet<&str>) -> Value {
    calls.extend(RUNTIME.calls.iter().map(|call| call.name));
    json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": ENOSYS,
        "architectures": ARCHITECTURES,
        "syscalls": [{ "names": calls, "action": "SCMP_ACT_ALLOW" }],
    })
}
