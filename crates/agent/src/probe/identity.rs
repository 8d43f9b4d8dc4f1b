// SPDX-License-Identifier: Apache-2.0
//! Who tries: the process as it is, or as another user and group.

use rustix::fs::{Gid, Uid};
use rustix::io::Errno;
use rustix::process::{getegid, geteuid, getgroups};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};
use serde::Serialize;

use crate::errno;
use crate::exit::Failure;
use crate::owner::Owner;

/// Who a process is to the kernel's permission checks: its effective IDs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Identity {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Every group, the primary one included, sorted.
    pub(super) groups: Vec<u32>,
    /// The effective set without `CAP_`, by number; `None` when the kernel does not tell.
    pub(super) capabilities: Option<Vec<String>>,
}

impl Identity {
    /// Who this process is.
    pub(super) fn current() -> Self {
        let gid = getegid().as_raw();
        let mut groups: Vec<u32> = getgroups()
            .unwrap_or_default()
            .into_iter()
            .map(Gid::as_raw)
            .collect();
        groups.push(gid);
        groups.sort_unstable();
        groups.dedup();
        Self {
            uid: geteuid().as_raw(),
            gid,
            groups,
            capabilities: effective().map(names),
        }
    }

    /// Whether a group is one of the process's.
    pub(super) fn is_in(&self, group: u32) -> bool {
        self.groups.binary_search(&group).is_ok()
    }

    /// Whether a capability is in effect; `None` when the kernel does not tell.
    pub(super) fn has(&self, capability: &str) -> Option<bool> {
        let capabilities = self.capabilities.as_ref()?;
        Some(capabilities.iter().any(|name| name == capability))
    }
}

fn effective() -> Option<CapabilitySet> {
    capabilities(None).ok().map(|sets| sets.effective)
}

/// The capabilities of a set in the order of their numbers, each by name, or by number when the name is not known.
fn names(set: CapabilitySet) -> Vec<String> {
    let one = |bit: u32| {
        let single = CapabilitySet::from_bits_retain(1 << bit);
        let name = single.iter_names().next().map(|(name, _)| name.to_owned());
        set.contains(single)
            .then(|| name.unwrap_or_else(|| bit.to_string()))
    };
    (0..u64::BITS).filter_map(one).collect()
}

/// Goes on as another user and group, as a container that runs as them would: without capabilities, unless it is root.
/// The other groups stay: kubelet gives `fsGroup` and `supplementalGroups` to every container of a pod.
///
/// # Errors
/// [`crate::Exit::Refused`] that names the capability which is missing.
pub(super) fn become_owner(owner: Owner) -> Result<(), Failure> {
    let before = Identity::current();
    let refused = |capability: &str, errno: Errno| {
        let why = match errno {
            Errno::PERM if before.has(capability) == Some(false) => {
                format!(
                    "CAP_{capability} is missing; add it under securityContext.capabilities.add, or let the container run as {owner}"
                )
            }
            Errno::INVAL => "the user namespace has no such ID".to_owned(),
            errno => errno::reason(errno),
        };
        Failure::refused(format_args!(
            "cannot become {owner} from {}:{}: {why}",
            before.uid, before.gid
        ))
    };
    if before.gid != owner.gid {
        let kept = before.groups.iter().copied().filter(|group| *group != before.gid);
        let groups: Vec<Gid> = kept.chain([owner.gid]).map(Gid::from_raw).collect();
        set_thread_groups(&groups).map_err(|errno| refused("SETGID", errno))?;
        let gid: Gid = owner.group();
        set_thread_res_gid(gid, gid, gid).map_err(|errno| refused("SETGID", errno))?;
    }
    if before.uid != owner.uid {
        let uid: Uid = owner.user();
        set_thread_res_uid(uid, uid, uid).map_err(|errno| refused("SETUID", errno))?;
        if owner.uid != 0 {
            // Only from root the kernel takes them away itself (capabilities(7)).
            let none = CapabilitySets {
                effective: CapabilitySet::empty(),
                permitted: CapabilitySet::empty(),
                inheritable: CapabilitySet::empty(),
            };
            set_capabilities(None, none).map_err(|errno| refused("SETUID", errno))?;
        }
    }
    Ok(())
}
