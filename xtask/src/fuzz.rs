// SPDX-License-Identifier: Apache-2.0
//! What has to hold of any input, however broken; and the fuzzer that looks for inputs of which it does not.
//!
//! Each target is a function here, a small program in `fuzz/fuzz_targets` that hands it what the fuzzer makes up, and a
//! folder in `fuzz/corpus` with inputs that every test run replays.

mod check;
mod fix;
mod read;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::process;

/// Something that has to hold of any bytes.
#[derive(Debug)]
pub struct Target {
    /// Its name, which is also that of its program and of its corpus.
    pub name: &'static str,
    /// Fails when it does not hold.
    pub holds: fn(&[u8]) -> anyhow::Result<()>,
}

/// Texts to documents and objects.
pub const READ: Target = Target {
    name: "read",
    holds: read::holds,
};

/// Texts to reports.
pub const CHECK: Target = Target {
    name: "check",
    holds: check::holds,
};

/// Texts to repaired texts.
pub const FIX: Target = Target {
    name: "fix",
    holds: fix::holds,
};

/// Every target.
pub const TARGETS: [&Target; 3] = [&READ, &CHECK, &FIX];

/// What the fuzzer may take for one input. Real repositories are larger, but no larger input is needed to find a fault.
const LIMITS: [&str; 4] = [
    "-max_len=16384",
    "-timeout=20",
    "-rss_limit_mb=2048",
    "-malloc_limit_mb=512",
];

/// Folders of manifests that the fuzzer begins with, too.
const MANIFESTS: [&str; 2] = ["crates/check/tests/fixtures", "examples"];

/// Looks for inputs that break a target, for some seconds each; whether there are none.
///
/// # Errors
/// When the fuzzer is not installed, or the targets do not compile.
pub fn run(out: &mut dyn Write, seconds: u64, only: Option<&str>) -> anyhow::Result<bool> {
    let installed = process::cargo()
        .args(["fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !installed {
        bail!(
            "cargo-fuzz is not installed: run `cargo install cargo-fuzz --locked`; it needs a C++ compiler, too"
        );
    }
    // A lock file of its own would fall behind; the fuzzer itself is pinned in its manifest.
    let fuzz = crate::workspace().join("fuzz");
    std::fs::copy(crate::workspace().join("Cargo.lock"), fuzz.join("Cargo.lock"))
        .with_context(|| format!("cannot write {}", fuzz.join("Cargo.lock").display()))?;
    let mut holds = true;
    for target in TARGETS
        .iter()
        .filter(|target| only.is_none_or(|only| only == target.name))
    {
        writeln!(out, "{}: {seconds} s", target.name)?;
        let seeds = fuzz.join("corpus").join(target.name);
        // What it finds on the way is kept apart from the seeds, which are in the repository.
        let found = crate::workspace().join("target/fuzz").join(target.name);
        std::fs::create_dir_all(&found).with_context(|| format!("cannot make {}", found.display()))?;
        let examples = MANIFESTS.map(|folder| crate::workspace().join(folder));
        let corpora = [found, seeds].into_iter().chain(examples);
        holds &= search(target.name, corpora, seconds)?;
    }
    Ok(holds)
}

fn search(target: &str, corpora: impl Iterator<Item = PathBuf>, seconds: u64) -> anyhow::Result<bool> {
    let mut cargo: Command = process::cargo();
    // Without a sanitizer, which safe code needs the least, the stable toolchain will do.
    cargo.args([
        "fuzz",
        "run",
        "--sanitizer",
        "none",
        "--release",
        "--debug-assertions",
        target,
    ]);
    cargo.args(corpora).arg("--").args(LIMITS);
    cargo.arg(format!("-max_total_time={seconds}"));
    let dictionary = crate::workspace().join("fuzz/manifest.dict");
    cargo.arg(format!("-dict={}", dictionary.display()));
    let status = cargo.status().context("cannot start cargo fuzz")?;
    Ok(status.success())
}
