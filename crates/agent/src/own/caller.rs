// SPDX-License-Identifier: Apache-2.0
//! What the process may do to files of others, and which capability was missing (`capabilities(7)`).

use rustix::io::Errno;
use rustix::thread::CapabilitySet;

use super::status::Status;
use crate::errno;

/// Who runs the verb.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    /// The effective user ID.
    pub(super) uid: u32,
    capabilities: CapabilitySet,
}

impl Caller {
    /// The process itself.
    pub(super) fn of_process() -> Self {
        let sets = rustix::thread::capabilities(None);
        Self {
            uid: rustix::process::geteuid().as_raw(),
            // A filter that forbids the question: what may be done is then seen by doing it.
            capabilities: sets.map_or(CapabilitySet::empty(), |sets| sets.effective),
        }
    }

    /// Whether the mode of a file of this user can be changed as it is.
    pub(super) fn changes_modes_of(&self, uid: u32) -> bool {
        uid == self.uid || self.capabilities.contains(CapabilitySet::FOWNER)
    }

    /// Whether setgid can be set on files of any group.
    pub(super) fn sets_group_id(&self) -> bool {
        self.capabilities.contains(CapabilitySet::FSETID)
    }

    /// Whether a directory can surely be listed and searched as it is.
    pub(super) fn surely_enters(&self, directory: &Status) -> bool {
        let any = CapabilitySet::DAC_READ_SEARCH | CapabilitySet::DAC_OVERRIDE;
        directory.uid == self.uid && directory.mode & 0o500 == 0o500 || self.capabilities.intersects(any)
    }

    /// Why an owner was not changed.
    pub(super) fn why_not_owned(&self, errno: Errno, entry: &Status) -> String {
        match errno {
            Errno::PERM | Errno::ACCESS if entry.sealed => sealed(errno),
            Errno::PERM if !self.capabilities.contains(CapabilitySet::CHOWN) => {
                format!("{}: CAP_CHOWN is missing", errno::reason(errno))
            }
            Errno::PERM | Errno::ACCESS => format!(
                "{} although CAP_CHOWN is there: the file belongs to an ID that is not mapped in this user \
                 namespace, or the file system's server refuses (NFS with root_squash)",
                errno::reason(errno)
            ),
            Errno::INVAL => format!(
                "{}: the user or group is not mapped in this user namespace",
                errno::reason(errno)
            ),
            errno => errno::reason(errno),
        }
    }

    /// Why a mode was not changed.
    pub(super) fn why_not_changed(&self, errno: Errno, entry: &Status) -> String {
        match errno {
            Errno::PERM | Errno::ACCESS if entry.sealed => sealed(errno),
            Errno::PERM if !self.changes_modes_of(entry.uid) => {
                format!("{}: CAP_FOWNER is missing", errno::reason(errno))
            }
            errno => errno::reason(errno),
        }
    }

    /// Why a directory was not entered, which was not ours to take either.
    pub(super) fn why_not_entered(&self, errno: Errno, directory: &Status) -> String {
        match errno {
            Errno::PERM if directory.sealed => sealed(errno),
            Errno::PERM if !self.capabilities.contains(CapabilitySet::CHOWN) => format!(
                "it is closed to uid {}: CAP_CHOWN (to take it for the time) and CAP_DAC_READ_SEARCH are missing",
                self.uid
            ),
            errno => self.why_not_owned(errno, directory),
        }
    }
}

fn sealed(errno: Errno) -> String {
    format!(
        "{}: it is immutable or append-only (chattr)",
        errno::reason(errno)
    )
}
