// SPDX-License-Identifier: Apache-2.0
//! Where the programs of a control plane are.

use std::path::PathBuf;

use anyhow::bail;

/// The environment variable that names a folder with both (sigs.k8s.io/controller-runtime, `pkg/envtest/server.go`).
const VARIABLE: &str = "KUBEBUILDER_ASSETS";

/// The path of a program: in the folder that `KUBEBUILDER_ASSETS` names, else in `PATH`.
///
/// # Errors
/// When it is in none of them.
pub(crate) fn path(name: &str) -> anyhow::Result<PathBuf> {
    let assets = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty());
    let folders: Vec<PathBuf> = match &assets {
        Some(folder) => vec![PathBuf::from(folder)],
        None => std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect(),
    };
    let mut files = folders.iter().map(|folder| folder.join(name));
    let Some(file) = files.find(|file| file.is_file()) else {
        let place = match &assets {
            Some(folder) => format!("{}, which {VARIABLE} names", folder.display()),
            None => format!("PATH, and {VARIABLE} is not set"),
        };
        bail!(
            "no {name} in {place}: run `cargo xtask test`, which builds one and hands it over, or \
             `export {VARIABLE}=$(dirname $(cargo xtask tool {name}))`"
        );
    };
    Ok(file)
}
