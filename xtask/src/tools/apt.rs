// SPDX-License-Identifier: Apache-2.0
//! Packages of Debian, for what a fresh machine lacks.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};

use anyhow::bail;

use crate::process;

/// Installs a package. Only root on Debian gets it, others are told what is missing and how to install it.
///
/// # Errors
/// When this is not root or not Debian, or apt fails.
pub(super) fn install(package: &str, missing: &str) -> anyhow::Result<()> {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !root || !works("apt-get", &["--version"]) {
        bail!("{missing} (Debian: apt-get install {package}), then run this again");
    }
    for arguments in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends", package],
    ] {
        let mut apt = Command::new("apt-get");
        process::output(
            apt.arg("--quiet")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )?;
    }
    Ok(())
}

/// Whether a program is there and ends well.
pub(super) fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
