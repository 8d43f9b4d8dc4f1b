// SPDX-License-Identifier: Apache-2.0
//! The licences of everything that is linked into the executable, with the notices of who wrote it, which have to go where
//! the executable goes. They are collected from the sources that it is built from: the same sources, the same texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::agent::Machine;
use crate::process;

/// Where they are in the image, as images for OpenShift have them.
pub(super) const FOLDER: &str = "licenses";

/// The terms of the C library.
const LGPL: &str = include_str!("licences/LGPL-2.1.txt");

/// What stands in front of them.
const GLIBC: &str = concat!(
    "The executable has parts of the GNU C Library, Copyright (C) Free Software Foundation, Inc. and others, under the \
     terms below. Its sources are those of the distribution that the executable was built on. To link the executable with \
     another version, build it from the sources at ",
    env!("CARGO_PKG_REPOSITORY"),
    " with `cargo xtask agent`.\n\n"
);

/// What the notice of the standard library is called, below the toolchain's folder.
const STANDARD_LIBRARY: &str = "share/doc/rust/COPYRIGHT-library.html";

/// How files begin that have terms or notices.
const NOTICES: [&str; 6] = [
    "COPYING",
    "COPYRIGHT",
    "LICENCE",
    "LICENSE",
    "NOTICE",
    "UNLICENSE",
];

/// A file of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// What it is called.
    pub name: &'static str,
    /// What is in it.
    pub text: String,
}

/// All of them.
///
/// # Errors
/// When a package has none, or the toolchain has none of its standard library.
pub fn collect(machine: Machine) -> anyhow::Result<Vec<Licence>> {
    let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join(STANDARD_LIBRARY);
    let library = fs::read_to_string(&library)
        .with_context(|| format!("cannot read {}: toolchains of rustup have it", library.display()))?;
    Ok(vec![
        Licence {
            name: "glibc.txt",
            text: format!("{GLIBC}{LGPL}"),
        },
        Licence {
            name: "packages.txt",
            text: packages(machine)?,
        },
        Licence {
            name: "rust-standard-library.html",
            text: library,
        },
    ])
}

/// The texts of all packages, each once, under the names of those that have it.
fn packages(machine: Machine) -> anyhow::Result<String> {
    let folders = folders(machine)?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in linked(machine)? {
        let mut notices = BTreeSet::new();
        match folders.get(&package) {
            Some(folder) => add_notices(folder, &mut notices)?,
            None => {
                notices.insert(fs::read_to_string(crate::workspace().join("LICENSE"))?);
            }
        }
        ensure!(!notices.is_empty(), "{package} has no licence in its sources");
        for text in notices {
            texts.entry(text).or_default().insert(package.clone());
        }
    }
    let mut texts: Vec<_> = texts.into_iter().map(|(text, of)| (of, text)).collect();
    texts.sort();
    let mut all = String::new();
    for (of, text) in texts {
        let of: Vec<String> = of.into_iter().collect();
        write!(all, "==== {} ====\n\n{}\n\n", of.join(", "), text.trim_end())?;
    }
    Ok(all)
}

/// The packages that are linked into the executable, by name and version: not those that only help to compile it.
fn linked(machine: Machine) -> anyhow::Result<BTreeSet<String>> {
    let mut tree = process::cargo();
    tree.args([
        "tree",
        "--locked",
        "--package=writeway-agent",
        "--target",
        machine.triple,
    ]);
    tree.args(["--edges=normal,no-proc-macro", "--prefix=none", "--format={p}"]);
    let tree = process::output(&mut tree)?;
    // `name v1.2.3`, then where it is or `(*)`.
    let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    Ok(tree.lines().map(name).collect())
}

/// Where the sources of each package are. Ours have one licence, at the root of the workspace, and are not named.
fn folders(machine: Machine) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let mut metadata = process::cargo();
    metadata.args([
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform",
        machine.triple,
    ]);
    let metadata: Value = serde_json::from_str(&process::output(&mut metadata)?)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo told no packages")?;
    let folder = |package: &Value| {
        let text = |key: &str| {
            let text = package[key].as_str().map(str::to_owned);
            text.with_context(|| format!("a package has no {key}"))
        };
        let mut folder = PathBuf::from(text("manifest_path")?);
        folder.pop();
        Ok((format!("{} v{}", text("name")?, text("version")?), folder))
    };
    let others = packages.iter().filter(|package| !package["source"].is_null());
    others.map(folder).collect()
}

/// Adds the texts in a folder and below.
fn add_notices(folder: &Path, texts: &mut BTreeSet<String>) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if entry.file_type()?.is_dir() {
            add_notices(&entry.path(), texts)?;
        } else if NOTICES.iter().any(|start| name.starts_with(start)) {
            let path = entry.path();
            let text = fs::read_to_string(&path);
            texts.insert(text.with_context(|| format!("cannot read {}", path.display()))?);
        }
    }
    Ok(())
}
