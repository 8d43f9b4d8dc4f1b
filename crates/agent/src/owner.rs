// SPDX-License-Identifier: Apache-2.0
//! Owners by number: `UID:GID`. There is no `/etc/passwd` in an image from scratch, and the one of another image would
//! answer for other files.

use std::fmt;

use rustix::fs::{Gid, Uid};

/// A user and a group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user ID.
    pub uid: u32,
    /// The group ID.
    pub gid: u32,
}

impl Owner {
    /// Reads `UID:GID`.
    ///
    /// # Errors
    /// What is wrong with it: both numbers are needed, below 2^32 - 1, which `chown(2)` takes for "leave it".
    pub fn read(text: &str) -> Result<Self, String> {
        let id = |digits: &str| {
            digits
                .bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| digits.parse::<u32>().ok())?
        };
        let ids = text
            .split_once(':')
            .and_then(|(uid, gid)| Some((id(uid)?, id(gid)?)));
        match ids {
            Some((uid, gid)) if uid != u32::MAX && gid != u32::MAX => Ok(Self { uid, gid }),
            _ => Err(format!(
                "`{text}` is no owner: write UID:GID in numbers, as `1000:1000`"
            )),
        }
    }

    /// The user ID as system calls take it.
    #[must_use]
    pub fn user(self) -> Uid {
        Uid::from_raw(self.uid)
    }

    /// The group ID as system calls take it.
    #[must_use]
    pub fn group(self) -> Gid {
        Gid::from_raw(self.gid)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}
