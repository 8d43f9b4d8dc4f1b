// SPDX-License-Identifier: Apache-2.0
//! `copy-self`: this program into a volume, so that a container of another image can run it.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read, Seek as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, fchmod, renameat, statat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use crate::arguments::Arguments;
use crate::beneath::{self, Mounts, Unopened};
use crate::errno;
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::mode;
use crate::verb::{Opt, Verb};

pub(crate) const VERB: Verb = Verb {
    name: "copy-self",
    about: "Copy this program into a volume, for containers of other images",
    operands: "<PATH>",
    details: "PATH is the file to make, or a directory, which gets a `writeway-agent`. The program is written to a \
              private file beside it, which is renamed when it is complete: nobody ever sees half of it, and a killed \
              run leaves at most that file, `.NAME.` and 16 digits. A copy that is there already, with the same bytes \
              and mode, of the caller or root, is not touched. No part of PATH may be a symbolic link.\n\n\
              An init container copies it into an emptyDir; another container, of an image without a shell, mounts \
              that and names the copy as its command, in a preStop hook, say.",
    options: &[Opt::value("mode", "MODE", "The mode in octal. Default: 0555")],
    examples: &[(
        "so that another container can run /shared/writeway-agent",
        "writeway-agent copy-self /shared/writeway-agent",
    )],
    run,
};

/// What a directory gets.
const NAME: &str = "writeway-agent";

/// The program as the kernel runs it, though its file be renamed or removed since (`proc_pid_exe(5)`).
const PROGRAM: &str = "/proc/self/exe";

/// How much is read and written at once, in bytes.
const CHUNK: usize = 64 * 1024;

fn run(arguments: &Arguments, log: &Log) -> Result<Exit, Failure> {
    let path = Path::new(arguments.operand("the path of the copy")?);
    let mode = arguments
        .parsed("mode", mode::octal)?
        .unwrap_or(Mode::from_raw_mode(0o555));
    let mut program = File::open(PROGRAM).map_err(|error| {
        Failure::refused(format_args!(
            "cannot read this program through {PROGRAM}: {error}"
        ))
    })?;
    let target = Target::find(path)?;
    let copied = !target.is_right(&mut program, mode)?;
    if copied {
        target.replace(&mut program, mode)?;
    }
    let done = if copied { "copied" } else { "right already" };
    log.info(format_args!(
        "{} is {:04o}: {done}",
        target.shown,
        mode.as_raw_mode()
    ));
    Ok(Exit::Done)
}

/// The file to make, by its name in an open directory.
struct Target {
    directory: OwnedFd,
    name: OsString,
    /// As messages tell it.
    shown: String,
}

impl Target {
    fn find(path: &Path) -> Result<Self, Failure> {
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let cannot = |path: &Path, why: Unopened| {
            Failure::refused(format_args!("cannot reach {}: {why}", path.display()))
        };
        match beneath::open_operand(path, flags) {
            Ok(directory) => Ok(Self {
                directory,
                name: NAME.into(),
                shown: path.join(NAME).display().to_string(),
            }),
            // Not there, or a file. `PATH/` names a directory.
            Err(Unopened::Errno(Errno::NOENT | Errno::NOTDIR))
                if !path.as_os_str().as_bytes().ends_with(b"/") =>
            {
                let name = path
                    .file_name()
                    .ok_or_else(|| Failure::usage(format_args!("{}: no name", path.display())))?;
                let parent = path
                    .parent()
                    .filter(|parent| !parent.as_os_str().is_empty())
                    .unwrap_or(Path::new("."));
                Ok(Self {
                    directory: beneath::open_operand(parent, flags).map_err(|why| cannot(parent, why))?,
                    name: name.into(),
                    shown: path.display().to_string(),
                })
            }
            Err(why) => Err(cannot(path, why)),
        }
    }

    fn cannot(&self, what: &str, why: impl std::fmt::Display) -> Failure {
        Failure::refused(format_args!("cannot {what} {}: {why}", self.shown))
    }

    /// Whether the file is there with the program's bytes and this mode, and nobody but the caller or root owns it: another
    /// owner could change it once this has looked.
    fn is_right(&self, program: &mut File, mode: Mode) -> Result<bool, Failure> {
        let status = match statat(&self.directory, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(false),
            status => status.map_err(|errno| self.cannot("look at", errno::reason(errno)))?,
        };
        if !FileType::from_raw_mode(status.st_mode).is_file() {
            return Err(self.cannot("replace", "something else than a file is there: remove it"));
        }
        // Of other owners and modes it is replaced unread.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let Ok(there) = beneath::open(&self.directory, &self.name, flags, Mode::empty(), Mounts::Cross)
        else {
            return Ok(false);
        };
        let mut there = File::from(there);
        let same =
            is_like(&there, program, mode).and_then(|like| Ok(like && same_bytes(&mut there, program)?));
        same.map_err(|error| self.cannot("read", said(&error)))
    }

    /// Writes a private file, and gives it the name when it is complete.
    fn replace(&self, program: &mut File, mode: Mode) -> Result<(), Failure> {
        // Other runs, of other containers with the same process ID, write files of their own.
        let number = RandomState::new().hash_one(0_u8);
        let mut private = OsString::from(".");
        private.push(&self.name);
        private.push(format!(".{number:016x}"));
        let done = self.write(&private, program, mode).and_then(|()| {
            renameat(&self.directory, &private, &self.directory, &self.name)
                .map_err(|errno| self.cannot("replace", errno::reason(errno)))
        });
        if done.is_err() {
            // What could not be made is not there, and what cannot be removed does no harm.
            let _ = unlinkat(&self.directory, &private, AtFlags::empty());
        }
        done
    }

    /// Writes the program to a new file; it is closed when this returns, for a file that is open for writing cannot be
    /// executed (`ETXTBSY`, `execve(2)`).
    fn write(&self, name: &OsStr, program: &mut File, mode: Mode) -> Result<(), Failure> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let file = beneath::open(
            &self.directory,
            name,
            flags,
            Mode::RUSR | Mode::WUSR,
            Mounts::Cross,
        )
        .map_err(|errno| self.cannot("make", errno::reason(errno)))?;
        let mut file = File::from(file);
        copy(program, &mut file).map_err(|error| self.cannot("write", said(&error)))?;
        fchmod(&file, mode).map_err(|errno| self.cannot("change the mode of", errno::reason(errno)))
    }
}

/// What an error means, with its name.
fn said(error: &io::Error) -> String {
    Errno::from_io_error(error).map_or_else(|| error.to_string(), errno::reason)
}

/// Whether all but the bytes is as it should be.
fn is_like(there: &File, program: &File, mode: Mode) -> io::Result<bool> {
    let (there, program) = (there.metadata()?, program.metadata()?);
    let trusted = there.uid() == 0 || there.uid() == geteuid().as_raw();
    Ok(there.is_file()
        && trusted
        && there.len() == program.len()
        && Mode::from_raw_mode(there.mode()) == mode)
}

fn same_bytes(one: &mut File, other: &mut File) -> io::Result<bool> {
    let mut chunk = vec![0; CHUNK];
    let mut same = vec![0; CHUNK];
    other.rewind()?;
    loop {
        let read = one.read(&mut chunk)?;
        if read == 0 {
            return Ok(true);
        }
        match other.read_exact(&mut same[..read]) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            done => done?,
        }
        if chunk[..read] != same[..read] {
            return Ok(false);
        }
    }
}

/// Copies a file from its beginning to its end.
fn copy(from: &mut File, to: &mut File) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    from.rewind()?;
    loop {
        match from.read(&mut chunk)? {
            0 => return Ok(()),
            read => to.write_all(&chunk[..read])?,
        }
    }
}
