// SPDX-License-Identifier: Apache-2.0
//! `mkdir`: a directory with exactly the mode that a program demands, made by the program's own user.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fchmod, fchown, fstat, mkdirat};
use rustix::io::Errno;

use crate::arguments::Arguments;
use crate::beneath::{self, Mounts};
use crate::errno;
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::mode;
use crate::owner::Owner;
use crate::verb::{Opt, Verb};

pub(crate) const VERB: Verb = Verb {
    name: "mkdir",
    about: "Make a directory with exactly the mode and owner asked for",
    operands: "<PATH>...",
    details: "The mode is set exactly, whatever the umask is and whether the parent passes setgid on. A directory that \
              is there already gets the mode and owner, too; nothing is touched when they are right. Its parent has to \
              be there, and no part of PATH may be a symbolic link.\n\n\
              The mount point of an emptyDir belongs to root and is world-writable without the sticky bit, which Ruby \
              refuses as a temp directory. A directory inside, made by the program's own user, has the owner and the \
              mode that any program accepts; mount it by subPath, or name it in TMPDIR.",
    options: &[
        Opt::value("mode", "MODE", "The mode in octal. Default: 0700"),
        Opt::value(
            "owner",
            "UID:GID",
            "The owner, by number; others than the caller's need CAP_CHOWN. Default: left as made",
        ),
    ],
    examples: &[
        (
            "a temp directory that Ruby accepts, in an emptyDir mounted at /scratch",
            "writeway-agent mkdir /scratch/tmp --mode 1777",
        ),
        (
            "a data directory as PostgreSQL demands it",
            "writeway-agent mkdir /var/lib/postgresql/data/pgdata --mode 0700",
        ),
    ],
    run,
};

fn run(arguments: &Arguments, log: &Log) -> Result<Exit, Failure> {
    let mode = arguments.parsed("mode", mode::octal)?.unwrap_or(Mode::RWXU);
    let owner = arguments.parsed("owner", Owner::read)?;
    for path in arguments.paths("the directory")? {
        let changed = make(path, mode, owner)?;
        let done = if changed { "made" } else { "right already" };
        log.info(format_args!(
            "{} is {:04o}: {done}",
            path.display(),
            mode.as_raw_mode()
        ));
    }
    Ok(Exit::Done)
}

/// Makes the directory, or gives one that is there the mode and owner; answers whether anything changed.
fn make(path: &Path, mode: Mode, owner: Option<Owner>) -> Result<bool, Failure> {
    let cannot =
        |what: &str, why: String| Failure::refused(format_args!("cannot {what} {}: {why}", path.display()));
    let name = path
        .file_name()
        .ok_or_else(|| Failure::usage(format_args!("{}: no name", path.display())))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = beneath::open_operand(parent.unwrap_or(Path::new(".")), OFlags::PATH | OFlags::DIRECTORY)
        .map_err(|why| cannot("reach the parent of", why.to_string()))?;
    // Private until it has its owner: with its own mode others could write before.
    let made = match mkdirat(&parent, name, Mode::RWXU) {
        Ok(()) => true,
        Err(Errno::EXIST) => false,
        Err(errno) => return Err(cannot("make", errno::reason(errno))),
    };
    let directory = open(&parent, name).map_err(|why| cannot("open", why))?;
    let changed =
        settle(&directory, mode, owner).map_err(|(what, errno)| cannot(what, errno::reason(errno)))?;
    Ok(made || changed)
}

fn open(parent: &OwnedFd, name: &std::ffi::OsStr) -> Result<OwnedFd, String> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    beneath::open(parent, name, flags, Mode::empty(), Mounts::Cross).map_err(|errno| match errno {
        Errno::NOTDIR | Errno::LOOP => "something else than a directory is there".to_owned(),
        errno => errno::reason(errno),
    })
}

/// Gives an open directory its owner, then its mode; answers whether one of them was another.
fn settle(directory: &OwnedFd, mode: Mode, owner: Option<Owner>) -> Result<bool, (&'static str, Errno)> {
    let status = fstat(directory).map_err(|errno| ("look at", errno))?;
    debug_assert!(FileType::from_raw_mode(status.st_mode).is_dir());
    let other = owner.filter(|owner| (owner.uid, owner.gid) != (status.st_uid, status.st_gid));
    let other_mode = Mode::from_raw_mode(status.st_mode) != mode;
    // The mode first: the right to change it goes with the ownership.
    if other_mode {
        fchmod(directory, mode).map_err(|errno| ("change the mode of", errno))?;
    }
    if let Some(owner) = other {
        fchown(directory, Some(owner.user()), Some(owner.group()))
            .map_err(|errno| ("change the owner of", errno))?;
    }
    Ok(other_mode || other.is_some())
}
