// SPDX-License-Identifier: Apache-2.0
//! Running a file that was put into a directory.
//!
//! The file is a script whose interpreter is the agent itself, so that no other program is needed. It is run through its
//! descriptor: by its name, somebody who may write to the directory could have had the probe run a file of theirs.

use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::process::{Command, Stdio};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::answer::Verdict;
use super::place::Place;

/// Has the kernel run this program, which prints its version and ends.
const SCRIPT: &[u8] = b"#!/proc/self/exe --version\n";

/// Writes the script into an own file, which nobody else may write to, and runs it.
pub(super) fn tried(directory: &Place<'_>, file: OwnedFd) -> Verdict {
    let at = &directory.path;
    match written(file) {
        Ok(file) => judged(directory, run(&format!("/proc/self/fd/{}", file.as_raw_fd()))),
        Err(errno) => Verdict::refused(format!("writing a script to an own file in {at}"), errno),
    }
}

/// The file with the script in it, no longer open for writing: the kernel runs no file that is (`ETXTBSY`).
fn written(file: OwnedFd) -> rustix::io::Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let reopened = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let mut file = std::fs::File::from(file);
    file.write_all(SCRIPT)
        .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    Ok(reopened)
}

/// Starts a program and waits for its end, which is at once. What it prints goes into pipes: a container need not have a
/// /dev/null that its user may open.
fn run(program: &str) -> io::Result<()> {
    Command::new(program)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::piped())
        .output()
        .map(drop)
}

fn judged(directory: &Place<'_>, ran: io::Result<()>) -> Verdict {
    let at = &directory.path;
    let call = format!("execve of an own script in {at}");
    let errno = match ran {
        Ok(()) => return Verdict::yes(format!("{call}: it ran")),
        Err(error) => Errno::from_io_error(&error).unwrap_or(Errno::IO),
    };
    let verdict = Verdict::refused(&call, errno);
    if errno == Errno::ACCESS && directory.is_no_exec() == Some(true) {
        return verdict.then("the mount is noexec");
    }
    // The same errno may mean the agent's own file, which is the interpreter, or that no process can be made.
    match run("/proc/self/exe") {
        Ok(()) => verdict,
        Err(error) => Verdict::unknown(format!(
            "{call}: {error}; the agent's own file cannot be run either"
        )),
    }
}
