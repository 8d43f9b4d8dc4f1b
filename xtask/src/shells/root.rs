// SPDX-License-Identifier: Apache-2.0
//! Real shells and tools, in a directory of their own.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde::Serialize;

use super::tree::{self, Tree};
use crate::process;

/// Programs of a coreutils image beside the shell.
const COREUTILS: &[&str] = &[
    "cat", "chgrp", "chmod", "chown", "cp", "find", "id", "install", "ln", "ls", "mkdir", "mv", "rm",
    "rmdir", "stat", "tee", "touch",
];
/// Ends a script that would not end; the exit status of timeout(1) is this.
const TIMED_OUT: i32 = 124;
/// Run with the directory of a [`Root`] as `$0`, and what to run as the other arguments. The tree becomes a mount of its
/// own as a volume is, and everything else is read-only, in a mount namespace that ends with the script.
const INSIDE: &str = "umask 022 && cd \"$0\" && mount --bind root root && mount -o remount,bind,ro root && \
    mount --bind tree root/x && mount -t proc proc root/proc && exec timeout 10 chroot root \"$@\"";

/// Whose tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Busybox,
    Coreutils,
}

/// Who runs a script.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Identity {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Supplementary groups.
    pub(super) groups: Vec<u32>,
    /// The bounding set, `CAP_` left out. Only root gets to have it.
    pub(super) capabilities: Vec<String>,
}

/// How a script ended.
pub(super) struct End {
    pub(super) status: i32,
    /// What is there afterwards.
    pub(super) after: Tree,
    /// What the shell and the tools complained about.
    pub(super) said: String,
}

/// A root directory with a shell and tools in it, and a tree to work on.
pub(super) struct Root {
    path: PathBuf,
    kind: Kind,
}

impl Root {
    /// Installs the tools below `path`.
    ///
    /// # Errors
    /// When a program is not there, or cannot be copied.
    pub(super) fn new(path: PathBuf, kind: Kind) -> anyhow::Result<Self> {
        let root = Self { path, kind };
        for directory in ["tree", "root/bin", "root/dev", "root/proc", "root/x"] {
            let at = root.path.join(directory);
            fs::create_dir_all(&at).with_context(|| format!("cannot make {}", at.display()))?;
        }
        let null = root.path.join("root/dev/null");
        process::output(
            Command::new("mknod")
                .args(["-m", "666"])
                .arg(null)
                .args(["c", "1", "3"]),
        )?;
        root.install("setpriv", "setpriv")?;
        match kind {
            Kind::Busybox => {
                root.install("busybox", "busybox")?;
                let applets = process::output(Command::new("busybox").arg("--list"))?;
                for applet in applets
                    .lines()
                    .filter(|applet| !["busybox", "setpriv"].contains(applet))
                {
                    symlink("busybox", root.program(applet))?;
                }
            }
            Kind::Coreutils => {
                root.install("dash", "sh")?;
                for program in COREUTILS {
                    root.install(program, program)?;
                }
            }
        }
        Ok(root)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether there is a program of that name: builds of BusyBox differ.
    pub(super) fn has(&self, program: &str) -> bool {
        fs::symlink_metadata(self.program(program)).is_ok()
    }

    fn program(&self, name: &str) -> PathBuf {
        self.path.join("root/bin").join(name)
    }

    /// Copies a program and the libraries it needs.
    fn install(&self, program: &str, name: &str) -> anyhow::Result<()> {
        let found = process::output(Command::new("sh").args(["-c", "command -v \"$0\"", program]))
            .with_context(|| format!("{program} is not installed"))?;
        let found = fs::canonicalize(found.trim())?;
        fs::copy(&found, self.program(name))?;
        // ldd fails for a program that is linked statically, which has none.
        let libraries = process::output(Command::new("ldd").arg(&found)).unwrap_or_default();
        for library in libraries.split_whitespace().filter(|word| word.starts_with('/')) {
            let target = self.path.join("root").join(library.trim_start_matches('/'));
            fs::create_dir_all(target.parent().unwrap_or(Path::new("/")))?;
            fs::copy(library, target)?;
        }
        Ok(())
    }

    /// Runs a script on a tree at `/x`; `None` when it did not end, or made what cannot be read.
    ///
    /// # Errors
    /// When the tree cannot be made, or nothing can be run.
    pub(super) fn run(
        &self,
        identity: &Identity,
        script: &str,
        before: &Tree,
    ) -> anyhow::Result<Option<End>> {
        let place = self.path.join("tree");
        // Trees that scripts copied into themselves are too deep for anything but rm(1).
        process::output(Command::new("rm").arg("-rf").arg(&place))?;
        fs::create_dir(&place)?;
        tree::make(&place, before)?;

        let output = self
            .command(identity, script)
            .output()
            .context("cannot start unshare")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let before_the_script = ["unshare:", "mount:", "chroot:", "setpriv:"];
        if before_the_script.iter().any(|program| said.starts_with(program)) {
            bail!("cannot run scripts here: {}", said.trim_end());
        }
        let end = match (output.status.code(), tree::read(&place)) {
            (Some(TIMED_OUT) | None, _) | (_, Err(_)) => None,
            (Some(status), Ok(after)) => Some(End { status, after, said }),
        };
        Ok(end)
    }

    fn command(&self, identity: &Identity, script: &str) -> Command {
        let listed = |ids: &[u32]| ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let groups = match identity.groups.as_slice() {
            [] => "--clear-groups".to_owned(),
            groups => format!("--groups={}", listed(groups)),
        };
        let allowed = identity
            .capabilities
            .iter()
            .map(|name| format!(",+{}", name.to_ascii_lowercase()));
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--propagation", "private", "sh", "-c", INSIDE])
            .arg(&self.path)
            .args(["/bin/setpriv", "--inh-caps=-all"])
            .arg(format!("--bounding-set=-all{}", allowed.collect::<String>()))
            .arg(format!("--reuid={}", identity.uid))
            .arg(format!("--regid={}", identity.gid))
            .arg(groups)
            .args(["/bin/sh", "-c", script])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null());
        command
    }
}

/// What was installed and made goes. Nothing can be done if it does not.
impl Drop for Root {
    fn drop(&mut self) {
        let _ = process::output(Command::new("rm").arg("-rf").arg(&self.path));
    }
}
