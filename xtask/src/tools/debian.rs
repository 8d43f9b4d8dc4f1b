// SPDX-License-Identifier: Apache-2.0
//! Files of Debian's archive, pinned by their digests: nothing is installed, and the machine's lists of packages are
//! neither needed nor touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use super::apt::works;
use crate::process;

/// Downloads as apt does, through the proxies that apt knows: package `apt`.
const HELPER: &str = "/usr/lib/apt/apt-helper";

/// The mirror that every other one is a copy of.
const ARCHIVE: &str = "http://deb.debian.org/debian/";

/// A file of the archive.
#[derive(Debug)]
pub(super) struct PoolFile {
    /// Where it lies below a mirror.
    pub(super) path: &'static str,
    /// Its SHA-256.
    pub(super) sha256: &'static str,
}

impl PoolFile {
    /// Downloads the file into a folder, from the mirrors that the machine uses or else from Debian's own, and returns
    /// its path.
    ///
    /// # Errors
    /// When this machine has no apt, or no mirror serves a file with that digest.
    fn download(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        if !works(HELPER, &["--version"]) {
            bail!("{HELPER} is missing: this machine is no Debian");
        }
        let name = Path::new(self.path).file_name();
        let file = folder.join(name.with_context(|| format!("{} names no file", self.path))?);
        let mut refused = Vec::new();
        for mirror in mirrors() {
            let mut helper = Command::new(HELPER);
            helper
                .args(["--quiet", "download-file"])
                .arg(format!("{mirror}{}", self.path))
                .arg(&file)
                .arg(format!("SHA256:{}", self.sha256));
            match process::output(&mut helper) {
                Ok(_) => return Ok(file),
                Err(error) => refused.push(format!("{error:#}")),
            }
        }
        bail!("no mirror has it:\n{}", refused.join("\n"))
    }

    /// Downloads a source archive or a binary package, and unpacks it into a folder. No script of a package is run.
    ///
    /// # Errors
    /// As [`Self::download`], or when it cannot be unpacked.
    pub(super) fn unpack(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let file = self.download(folder)?;
        let mut unpack = if self.path.ends_with(".deb") {
            let mut unpack = Command::new("dpkg-deb");
            unpack.arg("--extract").args([&file, folder]);
            unpack
        } else {
            let mut unpack = Command::new("tar");
            unpack.args(["--extract", "--no-same-owner", "--file"]).arg(&file);
            unpack.arg("--directory").arg(folder);
            unpack
        };
        process::output(&mut unpack)?;
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))
    }
}

/// The mirrors of Debian that the machine uses, then the one that everybody can.
fn mirrors() -> Vec<String> {
    let mut targets = Command::new("apt-get");
    targets.args(["indextargets", "--no-release-info", "--format", "$(REPO_URI)"]);
    let configured = process::output(targets.arg("Created-By: Packages")).unwrap_or_default();
    main_archives(&configured)
}

/// Those addresses of repositories that are Debian's main archive: mirrors keep its name.
fn main_archives(addresses: &str) -> Vec<String> {
    let mut mirrors = Vec::new();
    for address in addresses.lines().chain([ARCHIVE]) {
        if address.ends_with("/debian/") && !mirrors.iter().any(|known| known == address) {
            mirrors.push(address.to_owned());
        }
    }
    mirrors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_mirrors_come_before_debians_own() {
        let configured = "http://mirror.example/debian/\nhttp://mirror.example/debian/\n\
                          http://mirror.example/debian-security/\nhttps://deb.nodesource.com/node_20.x/\n";
        assert_eq!(
            main_archives(configured),
            ["http://mirror.example/debian/", ARCHIVE]
        );
        assert_eq!(main_archives(""), [ARCHIVE]);
    }
}
