// SPDX-License-Identifier: Apache-2.0
//! A program that never outlives whoever started it, however that ended.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::Context as _;

/// Runs the program that its arguments name, until it ends or until standard input does, then removes the current
/// folder. Standard input is a pipe that only the starter holds: the kernel closes it even when the starter is killed.
/// `PR_SET_PDEATHSIG` would end the program with the *thread* that started it, which here is that of one test.
const GUARD: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
{ read -r _ <&3; kill -KILL "$program"; } &
reader=$!
wait "$program"
status=$?
kill -KILL "$reader" 2>/dev/null
rm -rf -- "$PWD"
exit "$status"
"#;

/// A running program.
#[derive(Debug)]
pub(crate) struct Guarded {
    guard: Child,
    log: File,
}

impl Guarded {
    /// Starts a program in a folder, which is removed when the program has ended.
    ///
    /// # Errors
    /// When there is no shell, or no place for a log.
    pub(crate) fn start<I, A>(program: &Path, arguments: I, folder: &Path) -> anyhow::Result<Self>
    where
        I: IntoIterator<Item = A>,
        A: AsRef<OsStr>,
    {
        // Without a name, so that nothing is left of it.
        let log = tempfile::tempfile().context("cannot create a log")?;
        let mut guard = Command::new("sh");
        guard
            .args(["-c", GUARD, "sh"])
            .arg(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            // What a terminal sends to the tests is not for the guard, which has to see their end.
            .process_group(0);
        let guard = guard.spawn().context("cannot start sh")?;
        Ok(Self { guard, log })
    }

    /// How the program ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.guard.try_wait().ok().flatten()
    }

    /// What the program said so far.
    pub(crate) fn said(&self) -> String {
        let length = self.log.metadata().map_or(0, |log| log.len());
        let mut said = vec![0; usize::try_from(length).unwrap_or_default()];
        // At a place of its own: the program goes on where it was. A log that cannot be read is an empty one: it is
        // shown beside a failure that is told anyway.
        if self.log.read_exact_at(&mut said, 0).is_err() {
            said.clear();
        }
        String::from_utf8_lossy(&said).into_owned()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}
