// SPDX-License-Identifier: Apache-2.0
//! Who a container runs as.

use crate::Error;

/// The user of `writeway-agent`'s image, and its group.
const NONROOT: i64 = 65532;

/// A user and its primary group, by number, both from 0 to 2147483647, which is what Kubernetes takes
/// (pkg/apis/core/validation, IsValidUserID).
///
/// ```
/// use writeway_generate::User;
///
/// let app = User::new(1000, 1000)?;
/// assert_eq!(app.to_string(), "1000:1000");
/// assert!(User::new(-1, 0).is_err());
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    uid: i64,
    gid: i64,
}

impl User {
    /// The one that images without root have by convention: 65532:65532.
    pub const UNPRIVILEGED: Self = Self {
        uid: NONROOT,
        gid: NONROOT,
    };
    pub(crate) const ROOT: Self = Self { uid: 0, gid: 0 };

    /// A user by its uid and gid.
    ///
    /// # Errors
    /// [`Error::Id`] when Kubernetes refuses one of them.
    pub fn new(uid: i64, gid: i64) -> Result<Self, Error> {
        for (what, value) in [("uid", uid), ("gid", gid)] {
            if !(0..=i64::from(i32::MAX)).contains(&value) {
                return Err(Error::Id { what, value });
            }
        }
        Ok(Self { uid, gid })
    }

    /// The uid.
    #[must_use]
    pub const fn uid(self) -> i64 {
        self.uid
    }

    /// The gid.
    #[must_use]
    pub const fn gid(self) -> i64 {
        self.gid
    }

    /// Whether it is root.
    #[must_use]
    pub const fn is_root(self) -> bool {
        self.uid == 0
    }
}

/// `UID:GID`, as `chown` and the agent take it.
impl std::fmt::Display for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}
