// SPDX-License-Identifier: Apache-2.0
//! Whether an entry that is there already may be renamed over or removed. That is never tried, for it could not be undone:
//! it is judged by what the same calls did to files of the probe's own, and by what the kernel asks beside (`may_delete` in
//! fs/namei.c).

use std::ffi::OsStr;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, StatxAttributes, StatxFlags, openat, statx};
use rustix::io::Errno;

use super::answer::{Answer, Verdict};
use super::identity::Identity;
use super::place::Place;

/// An entry of a directory.
pub(super) struct Entry<'a> {
    pub(super) directory: &'a Place<'a>,
    pub(super) name: &'a OsStr,
    pub(super) status: &'a Stat,
    pub(super) identity: &'a Identity,
}

impl Entry<'_> {
    /// What would happen to the entry, when `own` is what happened to the probe's files.
    pub(super) fn judged(&self, own: &Verdict) -> Verdict {
        if own.answer != Answer::Yes {
            return own.clone();
        }
        let name = self.name.to_string_lossy();
        let verdict = if self.is_immutable() {
            let why = format!("{name} has the attribute `immutable` or `append only` (chattr(1))");
            Verdict::no(Errno::PERM, why)
        } else {
            match self.sticky() {
                Some(verdict) if verdict.answer != Answer::Yes => verdict,
                _ if self.is_mount_point() => {
                    Verdict::no(Errno::BUSY, format!("something is mounted on {name}"))
                }
                Some(verdict) => verdict,
                None => Verdict::yes(format!(
                    "nothing protects {name} from who may write to the directory"
                )),
            }
        };
        let tried = own.why.join("; ");
        verdict
            .after(tried)
            .then(format!("judged, not tried on {name}: it could not be undone"))
    }

    /// The rule of sticky directories; `None` where the directory is not sticky (`__check_sticky` in fs/namei.c).
    fn sticky(&self) -> Option<Verdict> {
        let mode = self.directory.mode();
        if mode & 0o1000 == 0 {
            return None;
        }
        let uid = self.identity.uid;
        let (file, directory) = (self.status.st_uid, self.directory.status.st_uid);
        let rule = format!(
            "mode {mode:04o} of {} is sticky, {} belongs to uid {file}, the directory to uid {directory}, this is uid {uid}",
            self.directory.path,
            self.name.to_string_lossy(),
        );
        Some(if uid == file || uid == directory {
            Verdict::yes(rule)
        } else {
            match self.is_capable() {
                Some(true) => Verdict::yes(format!("{rule}; CAP_FOWNER passes over it")),
                Some(false) => Verdict::no(Errno::PERM, rule),
                None => Verdict::unknown(format!("{rule}; whether CAP_FOWNER reaches it is not known")),
            }
        })
    }

    /// Whether CAP_FOWNER counts for the entry, in a user namespace, too. `O_NOATIME` asks the kernel the same and changes
    /// nothing (`inode_owner_or_capable` in fs/inode.c).
    fn is_capable(&self) -> Option<bool> {
        if self.identity.has("FOWNER") == Some(false) {
            return Some(false);
        }
        if !FileType::from_raw_mode(self.status.st_mode).is_file() {
            return None;
        }
        let flags = OFlags::RDONLY | OFlags::NOATIME | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match openat(&self.directory.fd, self.name, flags, Mode::empty()) {
            Ok(_) => Some(true),
            Err(Errno::PERM) => Some(false),
            Err(_) => None,
        }
    }

    fn is_immutable(&self) -> bool {
        let protected = StatxAttributes::IMMUTABLE | StatxAttributes::APPEND;
        self.statx(StatxFlags::empty())
            .is_some_and(|status| status.stx_attributes.intersects(protected))
    }

    fn is_mount_point(&self) -> bool {
        self.statx(StatxFlags::MNT_ID)
            .is_some_and(|status| status.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
    }

    fn statx(&self, mask: StatxFlags) -> Option<rustix::fs::Statx> {
        statx(
            &self.directory.fd,
            self.name,
            AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT,
            mask,
        )
        .ok()
    }
}
