// SPDX-License-Identifier: Apache-2.0
//! A foreign program's output, within limits of time and memory.

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How much a program says in a message at most, in bytes.
const MAX_COMPLAINT: u64 = 4096;

/// How often a program that has closed its output is asked whether it has ended.
const POLL: Duration = Duration::from_millis(5);

/// Why a chart or kustomization could not be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The program is not installed.
    #[error("`{program}` was not found; install it, or name it in {variable}")]
    NotFound {
        /// The program.
        program: String,
        /// The environment variable that may name another.
        variable: &'static str,
    },
    /// The program could not be started or read.
    #[error("`{program}` could not be run: {source}")]
    Run {
        /// The program.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The program says that it failed.
    #[error("`{program}` failed ({status}): {complaint}")]
    Failed {
        /// The program with its verb.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to standard error, in one line.
        complaint: String,
    },
    /// The program took longer than the limit.
    #[error("`{program}` took more than {seconds} s and was stopped")]
    TimedOut {
        /// The program with its verb.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// The program wrote more than the limit.
    #[error("`{program}` wrote more than {limit} bytes and was stopped")]
    TooLarge {
        /// The program with its verb.
        program: String,
        /// The limit.
        limit: u64,
    },
    /// The output is not UTF-8.
    #[error("`{program}` wrote something that is not UTF-8")]
    NotUtf8 {
        /// The program with its verb.
        program: String,
    },
}

/// How long a program may run and how many bytes it may write.
pub(super) struct Limits {
    pub(super) time: Duration,
    pub(super) output: u64,
}

/// Runs a program to its end and returns what it wrote to standard output.
pub(super) fn run(
    program: &Path,
    args: &[&OsStr],
    limits: &Limits,
    variable: &'static str,
) -> Result<Vec<u8>, RenderError> {
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let verb = args
        .first()
        .map(|verb| format!("{name} {}", verb.to_string_lossy()))
        .unwrap_or_default();
    let failed = |source| RenderError::Run {
        program: verb.clone(),
        source,
    };
    let spawned = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(RenderError::NotFound {
                program: program.display().to_string(),
                variable,
            });
        }
        Err(source) => return Err(failed(source)),
    };
    let deadline = Instant::now() + limits.time;
    let timed_out = || RenderError::TimedOut {
        program: verb.clone(),
        seconds: limits.time.as_secs(),
    };

    let complaint = child
        .stderr
        .take()
        .map(|stream| read_in_background(stream, MAX_COMPLAINT));
    let output = child
        .stdout
        .take()
        .map(|stream| read_in_background(stream, limits.output.saturating_add(1)));
    let output = match output.map(|output| output.recv_timeout(limits.time)) {
        Some(Ok(Ok(output))) if output.len() as u64 > limits.output => {
            stop(child);
            return Err(RenderError::TooLarge {
                program: verb,
                limit: limits.output,
            });
        }
        Some(Ok(Ok(output))) => output,
        Some(Ok(Err(source))) => {
            stop(child);
            return Err(failed(source));
        }
        Some(Err(_)) | None => {
            stop(child);
            return Err(timed_out());
        }
    };
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => thread::sleep(POLL),
            Ok(None) => {
                stop(child);
                return Err(timed_out());
            }
            Err(source) => return Err(failed(source)),
        }
    };
    if status.success() {
        return Ok(output);
    }
    let left = deadline.saturating_duration_since(Instant::now());
    let complaint = complaint
        .and_then(|complaint| complaint.recv_timeout(left).ok())
        .and_then(Result::ok);
    let complaint = one_line(&complaint.unwrap_or_default());
    Err(RenderError::Failed {
        program: verb,
        status,
        complaint,
    })
}

/// Reads a stream to its end, but keeps no more than so many bytes. A thread of its own, since a program that waits for
/// one of its two streams to be read must not make us wait for the other.
fn read_in_background(mut stream: impl Read + Send + 'static, limit: u64) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let read = stream.by_ref().take(limit).read_to_end(&mut kept);
        // Nobody listens any more when the program was stopped.
        drop(sender.send(read.map(|_| kept)));
        drop(io::copy(&mut stream, &mut io::sink()));
    });
    receiver
}

/// Ends a program. That it has ended already is no error.
fn stop(mut child: Child) {
    drop(child.kill());
    drop(child.wait());
}

fn one_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        "it said nothing".to_owned()
    } else {
        lines.join("; ")
    }
}
