// SPDX-License-Identifier: Apache-2.0
//! Packages of the Python registry, as files.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::process;

/// Downloads one wheel into an empty folder, without what it depends on, and without running anything of it. Behind the
/// package there may be options, separated by blanks.
///
/// # Errors
/// When pip is missing and cannot be installed, or the registry does not serve the package.
pub(super) fn download(package: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    provide()?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]);
    // A source package would be built to learn its metadata: foreign code that nobody pinned.
    pip.args(["--only-binary=:all:", "--dest"])
        .arg(folder)
        .args(package.split(' '));
    process::output(&mut pip)?;
    let wheel = fs::read_dir(folder)?.next().context("pip downloaded nothing")??;
    Ok(wheel.path())
}

/// Makes sure that pip is there: on Debian, root gets it installed, others are told to.
fn provide() -> anyhow::Result<()> {
    if works("python3", &["-m", "pip", "--version"]) {
        return Ok(());
    }
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !root || !works("apt-get", &["--version"]) {
        bail!(
            "python3 with pip is missing: install it (Debian: apt-get install python3-pip), then run this again"
        );
    }
    for arguments in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends", "python3-pip"],
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

fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
