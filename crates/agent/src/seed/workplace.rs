// SPDX-License-Identifier: Apache-2.0
//! A directory of the caller's alone, on the target's file system: the lineage is in it, and files until they are
//! published.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{
    AtFlags, FileType, FlockOperation, Mode, OFlags, Stat, fchmod, flock, fstat, mkdirat, openat, renameat,
    unlinkat,
};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::halt::cannot;
use super::lineage::Lineage;
use super::listing;
use super::path::EntryPath;
use super::source::Identity;
use super::target::Target;
use crate::beneath::{self, Mounts};
use crate::errno;
use crate::exit::Failure;
use crate::log::Log;

/// The name of a workplace within the target, and the end of its name beside it.
pub(crate) const NAME: &str = ".writeway-seed";

/// The lineage file.
const LINEAGE: &str = "lineage.json";

/// The end of a name that is not published yet.
const STAGED: &str = ".staged";

/// The most bytes that a lineage may have: what [`super::walk::MOST_ENTRIES`] entries with paths of 500 bytes need.
const MOST_LINEAGE: u64 = 32 << 20;

/// How long another run of the same target is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The directory.
#[derive(Debug)]
pub(crate) struct Workplace {
    directory: OwnedFd,
    /// As messages tell it.
    shown: PathBuf,
    /// Who owns what is made in it.
    pub(crate) maker: u32,
    /// How many files were staged.
    staged: usize,
}

impl Workplace {
    /// Opens the workplace of a target, and makes it where there is none: `state` where it is given, else beside the
    /// target, else in it, where its parent is of another file system or does not allow it.
    pub(crate) fn open(target: &Target, state: Option<&Path>) -> Result<Self, Failure> {
        if let Some(state) = state {
            let place = Target::open(state)?;
            return match (place.parent, place.directory) {
                (_, Some(directory)) => Self::enter(reopen(&directory, state)?, state.to_owned()),
                (Some((parent, name)), None) => Self::make(&parent, &name, state.to_owned())
                    .map_err(|errno| cannot("make", state.display(), errno))?,
                (None, None) => Err(cannot("open", state.display(), Errno::NOENT)),
            };
        }
        let beside = target
            .parent
            .as_ref()
            .filter(|_| !target.is_mount)
            .map(|(parent, name)| {
                let mut own = OsString::from(".");
                own.push(name);
                own.push(NAME);
                let shown = target.path.with_file_name(&own);
                (parent, own, shown)
            });
        let within = target
            .directory
            .as_ref()
            .map(|directory| (directory, OsString::from(NAME), target.path.join(NAME)));
        for (above, name, shown) in beside.iter().chain(&within) {
            match open(above, name) {
                Err(Errno::NOENT) => {}
                opened => {
                    let opened = opened.map_err(|errno| cannot("open", shown.display(), errno))?;
                    return Self::enter(opened, shown.clone());
                }
            }
        }
        let mut refused = Errno::NOENT;
        for (above, name, shown) in beside.iter().chain(&within) {
            match Self::make(above, name, shown.clone()) {
                Ok(workplace) => return workplace,
                Err(errno) => refused = errno,
            }
        }
        Err(Failure::refused(format_args!(
            "{}: it cannot be written to, nor can the directory that it lies in",
            cannot("make files in", target.path.display(), refused)
        )))
    }

    fn make(above: &OwnedFd, name: &OsString, shown: PathBuf) -> Result<Result<Self, Failure>, Errno> {
        match mkdirat(above, name, Mode::RWXU) {
            // Who else may write there may have put another one in its place: whose it is, is looked at below.
            Ok(()) | Err(Errno::EXIST) => Ok(Self::enter(open(above, name)?, shown)),
            Err(errno) => Err(errno),
        }
    }

    fn enter(directory: OwnedFd, shown: PathBuf) -> Result<Self, Failure> {
        let status = fstat(&directory).map_err(|errno| cannot("look at", shown.display(), errno))?;
        Ok(Self {
            directory,
            shown,
            maker: status.st_uid,
            staged: 0,
        })
    }

    /// Waits until no other run has the workplace, makes sure that it is nobody else's, and clears what a killed run left.
    pub(crate) fn lock(&mut self, log: &Log) -> Result<(), Failure> {
        let begun = Instant::now();
        loop {
            match flock(&self.directory, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(Errno::WOULDBLOCK) if begun.elapsed() < PATIENCE => {
                    log.debug("another run has the target: waiting");
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(Errno::WOULDBLOCK) => {
                    return Err(Failure::exhausted(format_args!(
                        "another run has held {} for {} s: see what it waits for",
                        self.shown.display(),
                        PATIENCE.as_secs()
                    )));
                }
                Err(Errno::INTR) => {}
                Err(errno) => {
                    log.warning(format_args!(
                        "{}: two runs at the same time would not be told from each other: {}",
                        self.shown.display(),
                        errno::reason(errno)
                    ));
                    break;
                }
            }
        }
        self.claim()?;
        self.clear()
    }

    /// Makes sure that the directory is nobody else's.
    fn claim(&mut self) -> Result<(), Failure> {
        let shown = self.shown.display();
        let status = fstat(&self.directory).map_err(|errno| cannot("look at", &shown, errno))?;
        // On NFS with `root_squash`, and on a Mac's shared folders, files belong to another than who makes them.
        if status.st_uid != geteuid().as_raw() && self.owner_of_new()? != status.st_uid {
            return Err(Failure::refused(format_args!(
                "{} belongs to uid {}, who could change what is in it: remove it, run as that user, or name another \
                 directory with --state",
                self.shown.display(),
                status.st_uid
            )));
        }
        // Kubelet gives a volume's directories to the pod's group, each time that a pod starts.
        if Mode::from_raw_mode(status.st_mode) != Mode::RWXU {
            fchmod(&self.directory, Mode::RWXU)
                .map_err(|errno| cannot("change the mode of", self.shown.display(), errno))?;
        }
        Ok(())
    }

    /// Who owns a file that the caller makes in the directory.
    fn owner_of_new(&mut self) -> Result<u32, Failure> {
        let (file, staged) = self.stage()?;
        let status = fstat(&file).map_err(|errno| self.cannot("look at", &staged, errno))?;
        self.discard(&staged);
        Ok(status.st_uid)
    }

    /// Removes what was staged and not published.
    pub(crate) fn clear(&self) -> Result<(), Failure> {
        let names = listing::read(&self.directory);
        for (name, _) in names.map_err(|errno| cannot("read", self.shown.display(), errno))? {
            if name.ends_with(STAGED) {
                self.discard(&name);
            }
        }
        Ok(())
    }

    /// What is known from runs before. A lineage that is lost or broken is said so, and counts as none.
    pub(crate) fn lineage(&self, log: &Log) -> Result<Lineage, Failure> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = match beneath::open(
            &self.directory,
            LINEAGE.as_ref(),
            flags,
            Mode::empty(),
            Mounts::Stay,
        ) {
            Err(Errno::NOENT) => return Ok(Lineage::default()),
            file => file.map_err(|errno| self.cannot("open", LINEAGE, errno))?,
        };
        let status = fstat(&file).map_err(|errno| self.cannot("look at", LINEAGE, errno))?;
        let is_file = FileType::from_raw_mode(status.st_mode).is_file();
        let mut bytes = Vec::new();
        if is_file && u64::try_from(status.st_size).is_ok_and(|size| size <= MOST_LINEAGE) {
            let mut limited = std::io::Read::take(std::fs::File::from(file), MOST_LINEAGE);
            std::io::Read::read_to_end(&mut limited, &mut bytes).map_err(|error| {
                Failure::refused(format_args!(
                    "cannot read {}: {error}",
                    self.shown.join(LINEAGE).display()
                ))
            })?;
        }
        Ok(Lineage::read(&bytes).unwrap_or_else(|| {
            log.warning(format_args!(
                "{} cannot be understood: what was seeded before is not known",
                self.shown.join(LINEAGE).display()
            ));
            Lineage::default()
        }))
    }

    /// Replaces the lineage. Nothing is synced, neither it nor what is seeded: the source has it all again, and what a node
    /// loses with its power is an empty file, which is seeded anew, and an empty lineage, which counts as none. To wait
    /// for the disk takes longer than all the rest.
    pub(crate) fn remember(&mut self, lineage: &Lineage) -> Result<(), Failure> {
        let (file, staged) = self.stage()?;
        write_all(&file, &lineage.write()).map_err(|errno| self.cannot("write", LINEAGE, errno))?;
        renameat(&self.directory, staged.as_str(), &self.directory, LINEAGE)
            .map_err(|errno| self.cannot("replace", LINEAGE, errno))
    }

    /// A new file for the caller alone, and its name here.
    pub(crate) fn stage(&mut self) -> Result<(OwnedFd, String), Failure> {
        let name = self.next();
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let mode = Mode::RUSR | Mode::WUSR;
        match beneath::open(&self.directory, name.as_ref(), flags, mode, Mounts::Stay) {
            Ok(file) => Ok((file, name)),
            Err(errno) => Err(self.cannot("make", &name, errno)),
        }
    }

    /// A new symbolic link, by its name here.
    pub(crate) fn stage_link(&mut self, text: &std::ffi::CStr) -> Result<String, Failure> {
        let name = self.next();
        match rustix::fs::symlinkat(text, &self.directory, name.as_str()) {
            Ok(()) => Ok(name),
            Err(errno) => Err(self.cannot("make", &name, errno)),
        }
    }

    fn next(&mut self) -> String {
        self.staged += 1;
        format!("{}{STAGED}", self.staged)
    }

    /// Removes a file that is not to be published. What cannot be removed is removed by the next run.
    fn discard(&self, staged: &str) {
        let _ = unlinkat(&self.directory, staged, AtFlags::empty());
    }

    /// The directory that staged files are renamed from.
    pub(crate) const fn directory(&self) -> &OwnedFd {
        &self.directory
    }

    /// Whether that is this directory.
    pub(crate) fn is(&self, status: &Stat) -> bool {
        fstat(&self.directory).is_ok_and(|own| Identity::of(&own) == Identity::of(status))
    }

    /// Whether an entry of the target would be this directory, or lie in it.
    pub(crate) fn has(&self, path: &EntryPath, target: &Target) -> bool {
        let mut names = path.names();
        names.next() == Some(NAME) && self.shown == target.path.join(NAME)
    }

    fn cannot(&self, what: &str, name: &str, errno: Errno) -> Failure {
        cannot(what, self.shown.join(name).display(), errno)
    }
}

/// Writes all bytes.
pub(crate) fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(file, bytes) {
            Ok(0) => return Err(Errno::NOSPC),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn open(above: &OwnedFd, name: &OsString) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    beneath::open(above, name, flags, Mode::empty(), Mounts::Stay)
}

/// Opens a directory for reading that was opened as a way.
fn reopen(directory: &OwnedFd, shown: &Path) -> Result<OwnedFd, Failure> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(directory, ".", flags, Mode::empty()).map_err(|errno| cannot("open", shown.display(), errno))
}
