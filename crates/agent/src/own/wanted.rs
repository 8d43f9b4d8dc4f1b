// SPDX-License-Identifier: Apache-2.0
//! What every entry is to become: its owner, and its mode by one rule for all.

use rustix::fs::FileType;
use writeway_shell::mode::{Flavour, ModeSpec, apply};

use super::status::Status;
use crate::owner::Owner;

/// Set user and group ID on execution.
const SET_IDS: u16 = 0o6000;

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The owner of everything.
    pub(super) owner: Owner,
    /// What becomes of modes.
    pub(super) modes: Modes,
}

/// What becomes of modes.
#[derive(Clone, Debug)]
pub(super) enum Modes {
    /// They stay, but that the kernel clears setuid and setgid of a file that gets another owner.
    Left,
    /// As `chmod -R` of coreutils changes them, whatever the umask is.
    Changed(ModeSpec),
    /// As kubelet widens them for `fsGroup` (pkg/volume/volume_linux.go: changeFilePermission): files get 0660,
    /// directories 2770.
    GroupWritable,
}

impl Modes {
    /// Reads what `chmod` takes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let spec: ModeSpec = text.parse().map_err(|why| format!("{why}"))?;
        if !apply(&spec, 0, false, 0, Flavour::Coreutils).accepted {
            return Err("coreutils' chmod does not take it".to_owned());
        }
        Ok(Self::Changed(spec))
    }
}

impl Wanted {
    /// Whether the owner is the one asked for.
    pub(super) fn owner_holds(&self, status: &Status) -> bool {
        (status.uid, status.gid) == (self.owner.uid, self.owner.gid)
    }

    /// Whether nothing has to change.
    pub(super) fn holds(&self, status: &Status) -> bool {
        self.owner_holds(status) && self.mode(status) == status.mode
    }

    /// The mode that an entry gets. A file never gets setuid or setgid here, and loses them with its owner (`chown(2)`);
    /// a link has no mode of its own.
    pub(super) fn mode(&self, status: &Status) -> u16 {
        let directory = match status.kind {
            FileType::Symlink => return status.mode,
            kind => kind.is_dir(),
        };
        let mode = match &self.modes {
            Modes::Left => return status.mode,
            Modes::Changed(spec) => apply(spec, status.mode, directory, 0, Flavour::Coreutils).mode,
            Modes::GroupWritable if directory => status.mode | 0o2770,
            Modes::GroupWritable => status.mode | 0o660,
        };
        if directory {
            mode
        } else if self.owner_holds(status) {
            mode & (!SET_IDS | status.mode)
        } else {
            mode & !SET_IDS
        }
    }
}
