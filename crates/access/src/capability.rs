// SPDX-License-Identifier: Apache-2.0
//! Linux capabilities (include/uapi/linux/capability.h), the runtimes' default sets, and sets of them.

use std::fmt;

/// A Linux capability, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability(u8);

/// Names by number, without `CAP_`.
const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

impl Capability {
    /// Change the owner of any file.
    pub const CHOWN: Self = Self(0);
    /// Bypass permission checks for reading, writing and searching directories.
    pub const DAC_OVERRIDE: Self = Self(1);
    /// Bypass permission checks for reading files and searching directories.
    pub const DAC_READ_SEARCH: Self = Self(2);
    /// Bypass checks that ask for the owner of a file.
    pub const FOWNER: Self = Self(3);
    /// Keep setuid and setgid bits that the kernel would clear.
    pub const FSETID: Self = Self(4);
    /// Listen on ports below 1024.
    pub const NET_BIND_SERVICE: Self = Self(10);

    /// The capability of that name, without `CAP_`, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let number = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
        u8::try_from(number).ok().map(Self)
    }

    /// The name without `CAP_`.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// No capability.
    pub const EMPTY: Self = Self(0);
    /// Every capability this kernel interface knows.
    pub const ALL: Self = Self((1 << NAMES.len()) - 1);
    /// containerd's default (pkg/oci/spec.go, defaultUnixCaps).
    pub const CONTAINERD: Self = Self(0xa804_25fb);
    /// CRI-O's default (internal/config/capabilities/capabilities_linux.go, Default).
    pub const CRIO: Self = Self(0x0000_05fb);

    /// Whether the capability is in the set.
    pub fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability.0) != 0
    }

    /// The set with the capability.
    #[must_use]
    pub fn with(self, capability: Capability) -> Self {
        Self(self.0 | (1 << capability.0))
    }

    /// The set without the capability.
    #[must_use]
    pub fn without(self, capability: Capability) -> Self {
        Self(self.0 & !(1 << capability.0))
    }

    /// The members by number.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        (0..NAMES.len() as u8)
            .map(Capability)
            .filter(move |capability| self.has(*capability))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(set: CapabilitySet) -> Vec<&'static str> {
        set.iter().map(Capability::name).collect()
    }

    #[test]
    fn default_sets_are_those_of_the_runtimes() {
        assert_eq!(
            names(CapabilitySet::CONTAINERD),
            [
                "CHOWN",
                "DAC_OVERRIDE",
                "FOWNER",
                "FSETID",
                "KILL",
                "SETGID",
                "SETUID",
                "SETPCAP",
                "NET_BIND_SERVICE",
                "NET_RAW",
                "SYS_CHROOT",
                "MKNOD",
                "AUDIT_WRITE",
                "SETFCAP"
            ]
        );
        assert_eq!(
            names(CapabilitySet::CRIO),
            [
                "CHOWN",
                "DAC_OVERRIDE",
                "FOWNER",
                "FSETID",
                "KILL",
                "SETGID",
                "SETUID",
                "SETPCAP",
                "NET_BIND_SERVICE"
            ]
        );
    }

    #[test]
    fn names_are_found_in_any_case_but_never_with_the_prefix() {
        assert_eq!(Capability::from_name("chown"), Some(Capability::CHOWN));
        assert_eq!(Capability::from_name("CAP_CHOWN"), None);
    }
}
