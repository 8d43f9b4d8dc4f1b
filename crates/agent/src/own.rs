// SPDX-License-Identifier: Apache-2.0
//! `own`: everything beneath a path gets an owner, and nothing else does.
//!
//! How it stays beneath the path: directories are opened by single names from the one above, never through a link
//! ([`crate::beneath`]); what has to change is looked at and changed through one descriptor, unless nobody but this
//! process's user can give the name to another file ([`walk`]); a file of several names may be somebody else's ([`links`]),
//! which is the one thing that is made hard for an attacker, not impossible.
//!
//! How it is fast: several threads, and by names where they are kept, which takes two system calls for a file and not
//! four. Names are kept in root's directories, and in those that are taken from an owner who loses them in any case
//! ([`change`]). A look at each file remains: `chown -R` has none, and so hands over whatever a name stands for.
//!
//! How it is resumed: what is right is skipped, and the directory that was named is handed over last, after all that is
//! in it. A run that was killed, or whose time was over, is finished by the next one.

mod caller;
mod change;
mod crew;
mod descriptors;
mod links;
mod names;
mod status;
mod tally;
mod trail;
mod walk;
mod wanted;
mod worker;

use std::collections::HashSet;
use std::ffi::{CString, OsString};
use std::num::NonZero;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use rustix::fs::{FileType, OFlags};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use self::caller::Caller;
use self::change::Changer;
use self::crew::Crew;
use self::descriptors::Descriptors;
use self::links::Links;
use self::status::Status;
use self::tally::{Counts, Left, Tally};
use self::trail::Trail;
use self::walk::{Directory, Job, Taken, Walk};
use self::wanted::{Modes, Wanted};
use self::worker::Worker;
use crate::arguments::{self, Arguments};
use crate::beneath::{self, Mounts};
use crate::errno;
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::owner::Owner;
use crate::verb::{Opt, Verb};

/// So many names of files with several are held open at most: some 20 MB of the kernel's memory.
const MOST_LINKS: usize = 16 * 1024;
/// More threads than this wait for each other in the file system's journal.
const MOST_JOBS: usize = 4;

pub(crate) const VERB: Verb = Verb {
    name: "own",
    about: "Hand over everything beneath a path to a user and group",
    operands: "<UID:GID> <PATH>...",
    details: "Like `chown -R`, but nothing outside of PATH is ever touched, whoever writes there meanwhile: links are \
              never followed (a link itself gets the owner), what is mounted beneath PATH is left, and a file that has \
              further names (hard links) is changed only when all of them were found beneath the PATHs; otherwise it is \
              left, and that is a failure. Names that others move meanwhile are compared twice, which no system call \
              does at one time: where users whom you do not trust write beneath PATH, keep the sysctl \
              fs.protected_hardlinks at 1, so that they cannot give names to files of others. FIFOs, sockets and devices get the owner without being opened. What is right \
              already is not touched. As with chown(2), a file loses setuid and setgid with its owner.\n\n\
              PATH itself is handed over last, when all else is right: a run that was killed, failed or ran out of time \
              is finished by the next one, and --if-root-mismatch never takes it for done.\n\n\
              A directory that only its owner may write to is taken from him before what is in it is looked at, if he is \
              to lose it: it belongs to this process's user until all in it is right, so that he cannot move names \
              meanwhile. Who is to own it is not kept from it. A run that is killed leaves it so, and the next one goes on \
              from there.\n\n\
              CAP_CHOWN is all it needs. A directory that is closed to this process is taken for the time, too (and has \
              u+rx) and handed over after what is in it; with CAP_DAC_READ_SEARCH that is not necessary. A mode of another user's file is changed the same way where CAP_FOWNER is missing. Setgid \
              on directories (--group-writable) needs CAP_FSETID, or that the process is in the group.",
    options: &[
        Opt::value(
            "mode",
            "MODE",
            "Change modes, too, as `chmod -R` does: symbolic, `X` included, or octal; the umask does not matter, and \
             files never get setuid or setgid. Default: modes stay",
        ),
        Opt::flag(
            "group-writable",
            "Widen modes as kubelet does for `fsGroup`: files get 0660, directories 2770",
        ),
        Opt::flag(
            "if-root-mismatch",
            "Skip a PATH whose own owner and mode are right, as kubelet's OnRootMismatch does",
        ),
        Opt::flag(
            "cross-file-systems",
            "Go into what is mounted beneath PATH. Default: it is left, and counted",
        ),
        Opt::value(
            "timeout",
            "DURATION",
            "Stop after this time, with exit code 3. Default: none",
        ),
        Opt::value(
            "jobs",
            "N",
            "Threads at most; they start when there is enough to do. Default: the CPUs, up to 4",
        ),
    ],
    examples: &[
        (
            "a volume for a program that runs as uid 1000",
            "writeway-agent own 1000:1000 /data",
        ),
        (
            "at each start of a pod, but only if it is needed, and not for ever",
            "writeway-agent own 1000:1000 /data --if-root-mismatch --timeout 5m",
        ),
        (
            "private files, whatever they were",
            "writeway-agent own 999:999 /var/lib/mysql --mode u=rwX,go=",
        ),
    ],
    run,
};

fn run(arguments: &Arguments, log: &Log) -> Result<Exit, Failure> {
    let (owner, paths) = operands(arguments.operands())?;
    let changer = Changer {
        wanted: Wanted {
            owner,
            modes: modes(arguments)?,
        },
        caller: Caller::of_process(),
        descriptors: Descriptors::open(),
    };
    let timeout = arguments.parsed("timeout", arguments::duration)?;
    let jobs = arguments.parsed("jobs", jobs)?;
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));

    let mut pinned = paths.iter().map(Pinned::open).collect::<Result<Vec<_>, _>>()?;
    let mut operands = HashSet::new();
    pinned.retain(|operand| operands.insert(operand.status.identity));
    if arguments.has("if-root-mismatch") {
        pinned.retain(|operand| {
            let holds = changer.wanted.holds(&operand.status);
            if holds {
                log.info(format_args!(
                    "{} is right itself: nothing in it was looked at",
                    operand.path
                ));
            }
            !holds
        });
        if pinned.is_empty() {
            return Ok(Exit::Done);
        }
    }
    let shown = pinned.iter().map(|operand| operand.path.to_string());
    let shown = shown.collect::<Vec<_>>().join(", ");

    let descriptors = most_descriptors();
    // Each thread needs some.
    let most_jobs = jobs.unwrap_or(MOST_JOBS).min(descriptors / 32).max(1);
    let jobs = || {
        let cpus = || thread::available_parallelism().map_or(1, NonZero::get);
        jobs.unwrap_or_else(cpus).min(most_jobs)
    };
    let walk = Walk {
        changer: &changer,
        mounts: if arguments.has("cross-file-systems") {
            Mounts::Cross
        } else {
            Mounts::Stay
        },
        links: &Links::new((descriptors / 4).saturating_sub(8).min(MOST_LINKS)),
        tally: &Tally::new(log),
        operands: &operands,
        deadline,
        over: &AtomicBool::new(false),
        open: (descriptors / 2 / most_jobs).clamp(4, 64),
    };
    let mut roots = Vec::new();
    for operand in pinned {
        if walk.is_over() {
            break;
        }
        if operand.status.kind == FileType::Directory {
            roots.extend(operand.walk(&walk, &jobs));
        } else {
            operand.settle(&walk)?;
        }
    }
    walk.links.leave_rest(walk.tally);
    let unfinished = walk.is_over() || walk.tally.counts().failed() > 0;
    let mut last = Counts::default();
    for root in roots.into_iter().filter_map(Arc::into_inner) {
        if unfinished {
            walk.give_back(&root);
        } else {
            walk.hand_over(&root, &mut last);
        }
    }
    walk.tally.add(&last);
    let (counts, first_failure) = walk.tally.close();
    if walk.over.load(Ordering::Relaxed) {
        return Err(Failure::exhausted(format_args!(
            "{shown}: the time given is over: {counts}; the next run goes on from there"
        )));
    }
    if let Some(failure) = first_failure {
        return Err(Failure::refused(format_args!(
            "{shown}: {} entries do not belong to {owner}: {counts}; the first: {failure}",
            counts.failed()
        )));
    }
    log.info(format_args!("{shown}: all belongs to {owner}: {counts}"));
    Ok(Exit::Done)
}

fn operands(operands: &[OsString]) -> Result<(Owner, &[OsString]), Failure> {
    let (owner, paths) = operands
        .split_first()
        .ok_or_else(|| Failure::usage("the owner is missing: write UID:GID, then the paths"))?;
    let owner = Owner::read(&owner.to_string_lossy()).map_err(Failure::usage)?;
    if paths.is_empty() {
        return Err(Failure::usage("the paths are missing"));
    }
    Ok((owner, paths))
}

fn modes(arguments: &Arguments) -> Result<Modes, Failure> {
    match (
        arguments.parsed("mode", Modes::read)?,
        arguments.has("group-writable"),
    ) {
        (Some(_), true) => Err(Failure::usage(
            "`--mode` and `--group-writable` exclude each other: write `--mode` alone, with `g+w` in it",
        )),
        (Some(modes), false) => Ok(modes),
        (None, true) => Ok(Modes::GroupWritable),
        (None, false) => Ok(Modes::Left),
    }
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=64) => Ok(jobs),
        _ => Err("write a number from 1 to 64".to_owned()),
    }
}

/// Raises the limit of open files as far as the process may (`getrlimit(2)`), and answers it.
fn most_descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    // Only a filter can forbid it; then the old limit holds.
    let most = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX))
}

/// What an operand names, not changed and not entered yet.
struct Pinned<'a> {
    path: Trail,
    name: &'a Path,
    descriptor: OwnedFd,
    status: Status,
}

impl<'a> Pinned<'a> {
    fn open(path: &'a OsString) -> Result<Self, Failure> {
        let name = Path::new(path);
        let cannot = |why: String| Failure::refused(format_args!("cannot open {}: {why}", name.display()));
        let descriptor =
            beneath::open_operand(name, OFlags::PATH).map_err(|unopened| cannot(unopened.to_string()))?;
        let status = Status::of(&descriptor).map_err(|errno| cannot(errno::reason(errno)))?;
        if status.kind == FileType::Symlink {
            // `chown -R` hands over the link alone, without a word.
            return Err(cannot(beneath::Unopened::Link.to_string()));
        }
        Ok(Self {
            path: Trail::operand(path),
            name,
            descriptor,
            status,
        })
    }

    /// Walks through a directory with as many threads as `jobs` says, which is asked when there is enough to do; answers the
    /// directory, to be handed over last.
    fn walk(self, walk: &Walk<'_>, jobs: &dyn Fn() -> usize) -> Option<Arc<Directory>> {
        let (descriptor, taken) = match walk.changer.enter(&self.descriptor, &self.status) {
            Ok(entered) => entered,
            Err(why) => {
                walk.tally.left(Left::Refused, 1, &self.path, why);
                return None;
            }
        };
        let mut root = walk.entered(descriptor, self.path, self.status, taken);
        walk.keep_names(&mut root);
        let root = Arc::new(root);
        let crew = Crew::new(Job::Directory(Arc::clone(&root)));
        thread::scope(|scope| {
            let start_others = || {
                for _ in 1..jobs() {
                    crew.join();
                    let work = || Worker::new(walk, &crew, None).work();
                    if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                        crew.leave();
                        break;
                    }
                }
            };
            Worker::new(walk, &crew, Some(&start_others)).work();
        });
        Some(root)
    }

    /// Settles what is no directory, as a name of the directory that it is in.
    fn settle(self, walk: &Walk<'_>) -> Result<(), Failure> {
        let cannot = |why: String| {
            Failure::refused(format_args!(
                "cannot open what {} is in: {why}",
                self.name.display()
            ))
        };
        let above = self.name.parent().filter(|above| !above.as_os_str().is_empty());
        let above = above.unwrap_or(Path::new("."));
        let descriptor = beneath::open_operand(above, OFlags::PATH | OFlags::DIRECTORY)
            .map_err(|unopened| cannot(unopened.to_string()))?;
        let before = Status::of(&descriptor).map_err(|errno| cannot(errno::reason(errno)))?;
        let trail = Trail::operand(above.as_os_str());
        let directory = walk.entered(descriptor, trail, before, Taken::No);
        let name = self.name.file_name().unwrap_or_default().as_bytes();
        let name = CString::new(name).map_err(|_| cannot("it has a zero byte".to_owned()))?;
        // The operand may be a mount itself: a volume mounted by subPath can be a file.
        let walk = Walk {
            mounts: Mounts::Cross,
            ..*walk
        };
        let mut counts = Counts::default();
        if walk
            .name(&directory, &name, false, &mut false, &mut counts)
            .is_some()
        {
            return Err(cannot("it became a directory meanwhile".to_owned()));
        }
        walk.tally.add(&counts);
        Ok(())
    }
}
