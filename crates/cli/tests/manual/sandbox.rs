// SPDX-License-Identifier: Apache-2.0
//! The folder in which the commands of a page run, as those of a person who has just cloned the repository.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The only programs that a page may run beside `writeway`: what every Linux machine with a compiler has.
const TOOLS: [&str; 19] = [
    "cat", "chmod", "cp", "cut", "diff", "env", "git", "grep", "head", "ls", "make", "mkdir", "mv", "rm",
    "sed", "sh", "sort", "tail", "wc",
];

/// Programs that `cargo xtask test` brings, each named by a variable of the environment.
const BROUGHT: [(&str, &str); 2] = [("helm", "WRITEWAY_HELM"), ("kubectl", "WRITEWAY_KUBECTL")];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder with a copy of `examples/`, and the programs.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What a command came to.
pub(crate) struct Ran {
    /// Standard output and standard error, as a terminal mixes them.
    pub(crate) printed: String,
    /// The exit code; 128 and more for signals, as shells have it.
    pub(crate) code: i32,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let sandbox = Self {
            folder: TempDir::new().unwrap(),
        };
        let bin = sandbox.folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        symlink(env!("CARGO_BIN_EXE_writeway"), bin.join("writeway")).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        for tool in TOOLS {
            let mut found = std::env::split_paths(&path).map(|folder| folder.join(tool));
            if let Some(program) = found.find(|program| program.is_file()) {
                symlink(program, bin.join(tool)).unwrap();
            }
        }
        for (name, variable) in BROUGHT {
            if let Some(program) = std::env::var_os(variable) {
                symlink(program, bin.join(name)).unwrap();
            }
        }
        copy(&root().join("examples"), &sandbox.work().join("examples"));
        sandbox
    }

    /// The current folder of the commands.
    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Lays a file that a page shows into the folder. One of the repository is there already: the page has to show it,
    /// or some of its lines.
    ///
    /// # Errors
    /// When the file of the repository does not have these lines.
    pub(crate) fn lay(&self, name: &str, text: &str) -> Result<(), String> {
        if !root().join(name).exists() {
            let file = self.work().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
            return Ok(());
        }
        let there = fs::read_to_string(root().join(name)).unwrap();
        if format!("\n{there}").contains(&format!("\n{text}")) {
            Ok(())
        } else {
            Err(format!("{name} has no such lines"))
        }
    }

    /// Runs a command of the shell, with the exit code of the one before it as `$?`.
    pub(crate) fn run(&self, command: &str, before: i32) -> Ran {
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("exec 2>&1; (exit {before})\n{command}"))
            .current_dir(self.work())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", self.folder.path().join("bin"))
            .env("HOME", self.folder.path())
            .env("LANG", "C.UTF-8")
            .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary.md"))
            .output()
            .unwrap();
        use std::os::unix::process::ExitStatusExt as _;
        let status = output.status;
        Ran {
            printed: String::from_utf8(output.stdout).unwrap(),
            code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap()),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}
