// SPDX-License-Identifier: Apache-2.0
//! The program itself, as users run it: how long it takes, and how much memory.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The commands that read folders of manifests.
pub(super) const COMMANDS: [&str; 2] = ["map", "check"];

/// How often the kernel is asked for the peak so far; what is taken after the last time is not seen.
const INTERVAL: Duration = Duration::from_millis(1);

/// One run of the program.
pub(super) struct Run {
    /// Wall-clock time.
    pub(super) seconds: f64,
    /// The largest resident set seen.
    pub(super) peak_mib: f64,
    /// Workloads in the map; `None` for other commands.
    pub(super) workloads: Option<usize>,
}

/// The part of the map's JSON that is counted.
#[derive(Deserialize)]
struct Map {
    workloads: Option<Vec<IgnoredAny>>,
}

/// Runs one of [`COMMANDS`] over a folder.
///
/// # Errors
/// When it crashes, calls its usage wrong, or prints no JSON.
pub(super) fn measure(program: &Path, command: &str, folder: &Path) -> anyhow::Result<Run> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args([command, "--quiet", "--format", "json"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let status = format!("/proc/{}/status", child.id());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (printed, said, ended, peak) = thread::scope(|scope| {
        let printed = scope.spawn(move || drain(out));
        let said = scope.spawn(move || drain(err));
        let mut peak = 0.0_f64;
        let ended = loop {
            peak = peak.max(peak_mib(&status));
            match child.try_wait() {
                Ok(None) => thread::sleep(INTERVAL),
                Ok(Some(ended)) => break Ok(ended),
                Err(error) => break Err(error),
            }
        };
        (printed.join(), said.join(), ended, peak)
    });
    let seconds = start.elapsed().as_secs_f64();
    let ended = ended?;
    let printed = printed.unwrap_or_default();
    // 1 has findings, 2 has files that cannot be read: both have done the work.
    if !matches!(ended.code(), Some(0..=2)) {
        bail!(
            "writeway {command}: {ended}\n{}",
            String::from_utf8_lossy(&said.unwrap_or_default())
        );
    }
    if peak == 0.0 {
        bail!("writeway {command} ended before its memory could be measured");
    }
    let map: Map =
        serde_json::from_slice(&printed).with_context(|| format!("writeway {command} printed no JSON"))?;
    Ok(Run {
        seconds,
        peak_mib: peak,
        workloads: map.workloads.map(|workloads| workloads.len()),
    })
}

/// Everything that a pipe holds; nothing when it breaks, which the child's status tells better.
fn drain(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = pipe.read_to_end(&mut bytes);
    }
    bytes
}

/// `VmHWM` of a process (proc_pid_status(5)) in MiB; 0 when it has ended.
fn peak_mib(status: &str) -> f64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_living_process_is_known_and_that_of_none_is_zero() {
        assert!(peak_mib("/proc/self/status") > 0.5);
        assert_eq!(peak_mib("/proc/self/no-such-file"), 0.0);
    }
}
