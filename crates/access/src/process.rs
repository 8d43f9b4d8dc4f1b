// SPDX-License-Identifier: Apache-2.0
//! Who asks: the credentials of a process.

use std::collections::BTreeSet;

use crate::map::Identity;
use crate::value::{Reason, Value};
use crate::{Capability, CapabilitySet, Tri};

/// Credentials of a process, as the kernel's permission checks see them.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) uid: Value<u32>,
    pub(crate) gid: Value<u32>,
    pub(crate) groups: Groups,
    pub(crate) capabilities: Value<CapabilitySet>,
    /// File mode creation mask.
    pub(crate) umask: u16,
    /// How the identity came about.
    pub(crate) why: Vec<Reason>,
}

/// Supplementary groups.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    pub(crate) known: BTreeSet<u32>,
    /// Why there may be further ones.
    pub(crate) more: Option<Reason>,
}

impl Process {
    /// Whether the process is in the group, as its primary or a supplementary one.
    pub(crate) fn in_group(&self, gid: u32) -> Tri {
        if self.gid.known() == Some(gid) || self.groups.known.contains(&gid) {
            return Tri::Yes;
        }
        if self.gid.known().is_none() || self.groups.more.is_some() {
            Tri::Unknown
        } else {
            Tri::No
        }
    }

    /// Why membership in a group is not known.
    pub(crate) fn group_reason(&self) -> Reason {
        match (&self.gid, &self.groups.more) {
            (Value::Unknown(reason), _) | (_, Some(reason)) => reason.clone(),
            (Value::Known(_), None) => "the groups are not known".into(),
        }
    }

    /// Whether the process has the capability in its effective set.
    pub(crate) fn has(&self, capability: Capability) -> Tri {
        match &self.capabilities {
            Value::Known(set) => set.has(capability).into(),
            Value::Unknown(_) => Tri::Unknown,
        }
    }

    /// The identity as the map states it.
    pub(crate) fn identity(&self) -> Identity {
        let groups = match (&self.gid, &self.groups.more) {
            (Value::Known(gid), None) => {
                let mut groups = self.groups.known.clone();
                groups.insert(*gid);
                Some(groups.into_iter().collect())
            }
            _ => None,
        };
        Identity {
            uid: self.uid.known(),
            gid: self.gid.known(),
            groups,
            capabilities: self.capabilities.known().map(|set| set.iter().collect()),
            why: self.why.iter().map(ToString::to_string).collect(),
        }
    }
}
