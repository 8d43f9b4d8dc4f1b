// SPDX-License-Identifier: Apache-2.0
//! The browser. It comes from the system, which keeps it and its libraries up to date.

use std::path::PathBuf;

use anyhow::Context as _;

use super::{apt, in_path, named};

/// The environment variable that names a browser.
const VARIABLE: &str = "WRITEWAY_CHROMIUM";

/// What Chromium is called in `PATH`.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Path of the browser: the one that `WRITEWAY_CHROMIUM` names, else one in `PATH`, else Debian's, which is installed.
///
/// # Errors
/// When there is none and none can be installed.
pub fn chromium() -> anyhow::Result<PathBuf> {
    if let Some(browser) = named(VARIABLE).or_else(|| in_path(&NAMES)) {
        return Ok(browser);
    }
    let missing = format!("Chromium is missing: name one in {VARIABLE}, or install it");
    apt::install("chromium", &missing)?;
    in_path(&NAMES).context("apt-get installed chromium, and yet it is not in PATH")
}
