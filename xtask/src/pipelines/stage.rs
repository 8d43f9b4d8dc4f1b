// SPDX-License-Identifier: Apache-2.0
//! The folder in which pipelines run: a copy of this repository as others fetch it, projects that use it, programs.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::{process, repository};

/// The manifest of a project with one finding, WW101.
const BAD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: registry.example/web:1.0.0
      securityContext: {readOnlyRootFilesystem: true}
";

/// A project that uses Writeway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Project {
    /// Its manifest has a finding.
    Bad,
    /// Its manifest has none.
    Good,
}

/// What a command came to.
#[derive(Debug)]
pub(super) struct Ran {
    /// Its exit code; -1 when a signal ended it.
    pub(super) code: i32,
    /// Standard output, then standard error.
    pub(super) said: String,
}

/// The folder.
#[derive(Debug)]
pub(super) struct Stage {
    /// Where everything is.
    pub(super) folder: PathBuf,
    /// The copy of this repository, with what is not committed yet.
    pub(super) repository: PathBuf,
    /// Its only commit.
    pub(super) commit: String,
    /// A folder with `writeway` and nothing else.
    pub(super) bin: PathBuf,
}

impl Stage {
    /// Sets the stage anew.
    pub(super) fn set() -> anyhow::Result<Self> {
        let program = process::writeway("dev")?;
        let folder = crate::workspace().join("target/pipelines");
        let stage = Self {
            repository: folder.join("repository"),
            commit: String::new(),
            bin: folder.join("bin"),
            folder,
        };
        stage.clear()?;
        fs::create_dir_all(&stage.bin)?;
        std::os::unix::fs::symlink(program, stage.bin.join("writeway"))?;
        repository::copy(&stage.repository)?;
        let commit = commit(&stage.repository)?;
        Ok(Self { commit, ..stage })
    }

    /// Removes everything.
    pub(super) fn clear(&self) -> anyhow::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", self.folder.display()))
            }
            _ => Ok(()),
        }
    }

    /// A project with a manifest, as a Git repository of its own.
    pub(super) fn project(&self, kind: Project, files: &[(&str, &str)]) -> anyhow::Result<PathBuf> {
        let projects = self.folder.join("projects");
        fs::create_dir_all(&projects)?;
        let folder = projects.join(fs::read_dir(&projects)?.count().to_string());
        let manifest = match kind {
            Project::Bad => BAD.to_owned(),
            Project::Good => BAD.replace("true", "false"),
        };
        let manifest = [("k8s/pod.yaml", manifest.as_str())];
        for (name, text) in manifest.iter().chain(files) {
            let file = folder.join(name);
            fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            fs::write(file, text)?;
        }
        commit(&folder)?;
        Ok(folder)
    }

    /// A command in a project, with `writeway` and the programs of the machine.
    pub(super) fn command(&self, program: &str, project: &Path) -> anyhow::Result<Command> {
        let mut command = Command::new(program);
        command.current_dir(project).env("PATH", self.path(&self.bin)?);
        Ok(isolated(command))
    }

    /// `PATH` with a folder in front.
    pub(super) fn path(&self, first: &Path) -> anyhow::Result<std::ffi::OsString> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Ok(std::env::join_paths(
            [first.to_owned()].into_iter().chain(std::env::split_paths(&path)),
        )?)
    }

    /// Makes builds of Writeway quick, which is all that differs from those of its users: unoptimised, with one folder
    /// for what they have in common.
    pub(super) fn build_quickly(&self, command: &mut Command) {
        command
            .env("CARGO_BUILD_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    }
}

/// Runs a command to its end, however it ends.
///
/// # Errors
/// When it cannot be started.
pub(super) fn run(command: &mut Command) -> anyhow::Result<Ran> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let said = [output.stdout, output.stderr].concat();
    Ok(Ran {
        code: output.status.code().unwrap_or(-1),
        said: String::from_utf8_lossy(&said).into_owned(),
    })
}

/// A command without the settings of whoever runs this: Git's, Writeway's, and those of a CI server.
fn isolated(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["GIT_", "GITHUB_", "CI_", "WRITEWAY_", "PRE_COMMIT"]
            .iter()
            .any(|own| text.starts_with(own))
        {
            command.env_remove(name);
        }
    }
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_AUTHOR_NAME", "test"),
        ("GIT_AUTHOR_EMAIL", "test@example.com"),
        ("GIT_COMMITTER_NAME", "test"),
        ("GIT_COMMITTER_EMAIL", "test@example.com"),
    ] {
        command.env(name, value);
    }
    command
}

/// Commits everything in a folder; the commit.
fn commit(folder: &Path) -> anyhow::Result<String> {
    let git = |arguments: &[&str]| {
        let mut git = isolated(Command::new("git"));
        process::output(git.args(arguments).current_dir(folder))
    };
    git(&["init", "--quiet", "--initial-branch=main"])?;
    git(&["add", "--all", "--force"])?;
    git(&["commit", "--quiet", "--message=all"])?;
    Ok(git(&["rev-parse", "HEAD"])?.trim().to_owned())
}

/// The example of `docs/pipelines.md` that is this file of a project.
///
/// # Errors
/// When the page has none.
pub(super) fn example(name: &str) -> anyhow::Result<String> {
    let page = fs::read_to_string(crate::workspace().join("docs/pipelines.md"))?;
    let (_, block) = page
        .split_once(&format!("<!-- file: {name} -->\n```"))
        .with_context(|| format!("docs/pipelines.md shows no {name}"))?;
    let (_, text) = block.split_once('\n').unwrap_or_default();
    let (text, _) = text.split_once("```\n").unwrap_or_default();
    Ok(text.to_owned())
}
