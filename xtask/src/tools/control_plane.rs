// SPDX-License-Identifier: Apache-2.0
//! A real control plane for tests: the programs `kube-apiserver` and `etcd`.
//!
//! They are found as the tools of the field find them: in the folder that `KUBEBUILDER_ASSETS` names, which is what
//! `setup-envtest` makes (sigs.k8s.io/controller-runtime, `pkg/envtest/server.go`), else in `PATH`. Where they are not,
//! they are built from Debian's packages, once.

mod build;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::{cache, in_path, lock, named};

/// What a control plane for tests runs.
pub const PROGRAMS: [&str; 2] = [build::KUBE_APISERVER, "etcd"];

/// The environment variable that names the folder with the programs.
pub const VARIABLE: &str = "KUBEBUILDER_ASSETS";

/// The folder with the programs, for [`VARIABLE`]; none when they are in `PATH`, where tests find them.
///
/// # Errors
/// When the folder that the environment names lacks one, or they can be neither found nor built.
pub fn assets() -> anyhow::Result<Option<PathBuf>> {
    if let Some(folder) = named(VARIABLE) {
        return match PROGRAMS.iter().find(|program| !folder.join(program).is_file()) {
            Some(program) => bail!(
                "{VARIABLE} is {}, which has no {program}: let it name a folder with {}, or unset it",
                folder.display(),
                PROGRAMS.join(" and ")
            ),
            // Tests run in the folders of their crates.
            None => Ok(Some(std::path::absolute(folder)?)),
        };
    }
    if PROGRAMS.iter().all(|program| in_path(&[program]).is_some()) {
        return Ok(None);
    }
    built().map(Some)
}

/// The path of one of [`PROGRAMS`].
///
/// # Errors
/// As [`assets`].
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    match assets()? {
        Some(folder) => Ok(folder.join(name)),
        None => in_path(&[name]).with_context(|| format!("{name} is no longer in PATH")),
    }
}

/// The folder in the cache, filled first when it is not there. It appears there complete or not at all; of several runs
/// at once one builds, and the others wait for it.
fn built() -> anyhow::Result<PathBuf> {
    let cache = cache()?;
    let name = format!("kubernetes-{}", build::VERSION);
    let folder = cache.join(&name);
    if folder.is_dir() {
        return Ok(folder);
    }
    if std::env::consts::ARCH != "x86_64" {
        bail!(
            "{} are built on x86_64 only, this machine is {}: install them, and name their folder in {VARIABLE}",
            PROGRAMS.join(" and "),
            std::env::consts::ARCH
        );
    }
    let _lock = lock(&name)?;
    if !folder.is_dir() {
        build_into(&folder, &cache.join(format!("{name}.partial"))).with_context(|| {
            let programs = PROGRAMS.join(" and ");
            format!("cannot build {programs}; a folder that has them can be named in {VARIABLE}")
        })?;
    }
    Ok(folder)
}

/// Builds beside the place, in a folder that is removed in any case. It takes 1.5 GB.
fn build_into(folder: &Path, work: &Path) -> anyhow::Result<()> {
    // A killed run left it: whoever builds has the lock.
    remove(work)?;
    let result = build::build(work).and_then(|programs| {
        fs::rename(&programs, folder).with_context(|| format!("cannot rename {}", programs.display()))
    });
    result.and(remove(work))
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
