// SPDX-License-Identifier: Apache-2.0
//! `kubernetes-validate`: holds objects against the schemas of Kubernetes, as somebody else wrote it. It depends on
//! compiled Python, so it has a virtual environment of its own in the cache.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::{apt, cache, lock, named, pip};
use crate::process;

/// Name of the program.
pub const NAME: &str = "kubernetes-validate";

/// The environment variable that names another one, and that tests read.
pub const VARIABLE: &str = "WRITEWAY_KUBERNETES_VALIDATE";

/// Its version, which is that of the newest Kubernetes it knows.
const VERSION: &str = "1.36.0";

/// The file that says that the environment is whole.
const COMPLETE: &str = "complete";

/// The program that the environment names, else the pinned one, which is installed first when the cache does not have
/// it. Nothing of a package runs meanwhile: only wheels with the SHA-256 of `kubernetes-validate.txt` are unpacked.
///
/// # Errors
/// When Python or pip is missing, or the registry does not serve what is pinned for this Python and machine.
pub fn program() -> anyhow::Result<PathBuf> {
    if let Some(program) = named(VARIABLE) {
        return Ok(program);
    }
    let name = format!("{NAME}-{VERSION}");
    let _lock = lock(&name)?;
    let home = cache()?.join(name);
    let python = home.join("bin/python");
    let program = home.join("bin").join(NAME);
    // The Python that made it may be gone.
    let whole = home.join(COMPLETE).is_file()
        && apt::works(&python.to_string_lossy(), &["-c", "import kubernetes_validate"]);
    if !whole {
        install(&home).with_context(|| {
            format!("cannot install {NAME} {VERSION}; one that is there can be named in {VARIABLE}")
        })?;
    }
    Ok(program)
}

/// Makes the environment anew.
fn install(home: &Path) -> anyhow::Result<()> {
    pip::provide()?;
    let mut venv = Command::new("python3");
    // Debian has `ensurepip`, which brings pip into an environment, in a package of its own.
    venv.args(["-m", "venv", "--clear", "--without-pip"]).arg(home);
    process::output(&mut venv)?;
    let requirements = home.join("requirements.txt");
    fs::write(&requirements, include_str!("kubernetes-validate.txt"))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--python"])
        .arg(home.join("bin/python"))
        .args([
            "install",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "--requirement",
        ])
        .arg(&requirements);
    process::output(&mut pip)?;
    File::create(home.join(COMPLETE))?;
    Ok(())
}
