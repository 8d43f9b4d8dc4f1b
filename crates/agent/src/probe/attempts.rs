// SPDX-License-Identifier: Apache-2.0
//! What can be done in a directory, tried with files of the probe's own, which are gone afterwards.

use std::ffi::OsString;
use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Mode, OFlags, fchmod, mkdirat, renameat, unlinkat};

use crate::beneath::{self, Mounts};
use crate::errno;
use crate::log::Log;

use super::answer::{Answer, Verdict};
use super::exec;
use super::own_names;
use super::place::Place;

/// What was tried in a directory.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    /// A new file.
    pub(super) create: Verdict,
    /// A new directory.
    pub(super) mkdir: Verdict,
    /// Another mode for a file of one's own.
    pub(super) chmod: Verdict,
    /// Running a file that was put there.
    pub(super) exec: Verdict,
    /// A file of one's own over another one's own.
    pub(super) replace: Verdict,
    /// A file of one's own removed.
    pub(super) delete: Verdict,
}

impl Attempts {
    /// Tries everything. `stale` are names that killed probes may have left there.
    pub(super) fn of(directory: &Place<'_>, stale: &[OsString], log: &Log) -> Self {
        let at = &directory.path;
        let call = format!("openat(O_CREAT|O_EXCL) in {at}");
        let created = new_file(&directory.fd);
        let create = Verdict::of(call, "made a file", &created);
        let Ok((name, file)) = created else {
            return Self::none(create);
        };
        let removed = own_names::remove_stale(&directory.fd, stale, &file);
        if removed > 0 {
            log.info(format_args!(
                "{at}: removed {removed} files that a killed probe left"
            ));
        }
        let chmod = fchmod(&file, Mode::RWXU | Mode::RGRP);
        let exec = exec::tried(directory, file);
        let (replace, left) = replaced(directory, &name);
        let delete = unlinkat(&directory.fd, &name, AtFlags::empty());
        for name in left.iter().chain(delete.is_err().then_some(&name)) {
            log.warning(format_args!(
                "{at}: cannot remove {}, which the probe made; remove it",
                name.to_string_lossy()
            ));
        }
        Self {
            mkdir: directory_made(directory, log),
            chmod: Verdict::of(format!("fchmod(0740) of an own file in {at}"), "done", &chmod),
            exec,
            replace,
            delete: Verdict::of(format!("unlinkat of an own file in {at}"), "done", &delete),
            create,
        }
    }

    /// Where no file can be made, nothing else can be tried: each answer is that one.
    fn none(create: Verdict) -> Self {
        let same = || create.clone().then("nothing could be put there to try it with");
        Self {
            mkdir: same(),
            chmod: match create.answer {
                Answer::No(_) => Verdict::unknown("there is no file of one's own"),
                Answer::Yes | Answer::Unknown => same(),
            },
            exec: same(),
            replace: same(),
            delete: same(),
            create,
        }
    }
}

/// An empty file that nobody else may write to.
fn new_file(directory: &OwnedFd) -> rustix::io::Result<(OsString, OwnedFd)> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
    own_names::make(|name| beneath::open(directory, name, flags, Mode::RWXU, Mounts::Cross))
}

/// Renames a second own file over the first; also says the name of the second when it is still there.
fn replaced(directory: &Place<'_>, first: &OsString) -> (Verdict, Option<OsString>) {
    let call = format!("renameat of an own file over another in {}", directory.path);
    let second = match new_file(&directory.fd) {
        Ok((second, _)) => second,
        Err(errno) => return (Verdict::refused(format!("{call}: no second file"), errno), None),
    };
    let renamed = renameat(&directory.fd, &second, &directory.fd, first);
    let left = renamed
        .is_err()
        .then(|| unlinkat(&directory.fd, &second, AtFlags::empty()).err())
        .flatten()
        .map(|_| second);
    (Verdict::of(call, "done", &renamed), left)
}

fn directory_made(directory: &Place<'_>, log: &Log) -> Verdict {
    let made = own_names::make(|name| mkdirat(&directory.fd, name, Mode::RWXU));
    if let Ok((name, ())) = &made
        && let Err(errno) = unlinkat(&directory.fd, name, AtFlags::REMOVEDIR)
    {
        log.warning(format_args!(
            "{}: cannot remove {}, which the probe made: {}; remove it",
            directory.path,
            name.to_string_lossy(),
            errno::reason(errno)
        ));
    }
    Verdict::of(format!("mkdirat in {}", directory.path), "done", &made)
}
