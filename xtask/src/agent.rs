// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent` as pods run it: one static executable, the same bytes wherever it is built.

mod elf;

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::{process, repository};

/// The most bytes that the executable may have.
pub const LIMIT: usize = 2_800_000;

/// Settings of whoever builds that would make it another program; those of a linker for another machine stay.
const MEDDLING: [&str; 2] = ["CARGO_PROFILE_", "CFLAGS"];

/// What rustc is told beside the profile of `Cargo.toml`: the C library is inside.
const STATIC: &str = "-Ctarget-feature=+crt-static";

/// What the linker is told that rustc brings for x86_64 (LLVM's), to make the executable smaller; others have no such
/// options.
const SMALLER: &[&str] = &[
    // Relocations in a tenth of the bytes. glibc 2.36 and later understand them; it is inside.
    "-Clink-arg=-Wl,-z,pack-relative-relocs",
    // Functions with the same code are one.
    "-Clink-arg=-Wl,--icf=all",
    // How to unwind: a panic aborts, and a stripped executable has no names for a backtrace.
    // Below the root of the repository, where cargo links; a whole path would make other symbols.
    "-Clink-arg=-Wl,-T,xtask/src/agent/no-frames.ld",
];

/// A processor that the agent is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// As Rust calls it: `std::env::consts::ARCH`.
    pub name: &'static str,
    /// The target: with glibc, which looks up names without any file of its own when it is linked statically.
    pub triple: &'static str,
    /// As images call it: a value of `GOARCH` (OCI image-spec, `config.md`, `architecture`).
    pub goarch: &'static str,
}

/// Every one of them.
pub const MACHINES: [Machine; 2] = [
    Machine {
        name: "x86_64",
        triple: "x86_64-unknown-linux-gnu",
        goarch: "amd64",
    },
    Machine {
        name: "aarch64",
        triple: "aarch64-unknown-linux-gnu",
        goarch: "arm64",
    },
];

impl Machine {
    /// The one of that name, or the one that this runs on.
    ///
    /// # Errors
    /// When the agent is not built for it.
    pub fn named(name: Option<&str>) -> anyhow::Result<Self> {
        let name = name.unwrap_or(std::env::consts::ARCH);
        let found = MACHINES.into_iter().find(|machine| machine.name == name);
        found.with_context(|| format!("the agent is not built for {name}: see xtask/src/agent.rs"))
    }
}

/// The executable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// What it is built for.
    pub machine: Machine,
    /// Where it lies.
    pub path: PathBuf,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Builds the executable, and tells its path and size; whether it is what pods can run. With `twice` it is built anew in
/// another folder, and has to be the same to the byte.
///
/// # Errors
/// When it does not compile, or is not to be read.
pub fn run(out: &mut dyn Write, machine: Machine, twice: bool) -> anyhow::Result<bool> {
    let agent = build(machine)?;
    let mut wrong = agent.wrong()?;
    writeln!(out, "{}: {} bytes", agent.path.display(), agent.content.len())?;
    if twice {
        let again = build_elsewhere(machine)?;
        if again == agent.content {
            writeln!(out, "built in another folder: the same bytes")?;
        } else {
            let same = again
                .iter()
                .zip(&agent.content)
                .take_while(|(a, b)| a == b)
                .count();
            let length = again.len();
            wrong.push(format!(
                "built in another folder: {length} bytes, others from byte {same} on"
            ));
        }
    }
    for wrong in &wrong {
        writeln!(out, "  {wrong}")?;
    }
    Ok(wrong.is_empty())
}

/// Builds the executable. It may be another than it should be: see [`Agent::wrong`].
///
/// # Errors
/// When it does not compile, or is not to be read.
pub fn build(machine: Machine) -> anyhow::Result<Agent> {
    Site {
        sources: crate::workspace().to_owned(),
        cargo_home: cargo_home(),
        target: None,
    }
    .build(machine)
}

impl Agent {
    /// What is not as pods need it, one line each.
    ///
    /// # Errors
    /// When it is no executable.
    pub fn wrong(&self) -> anyhow::Result<Vec<String>> {
        let mut wrong = elf::wrong(&self.content, self.machine.name)?;
        if self.content.len() > LIMIT {
            wrong.push(format!("it has more than {LIMIT} bytes"));
        }
        for folder in [crate::workspace(), &cargo_home()] {
            if contains(&self.content, folder.as_os_str().as_bytes()) {
                wrong.push(format!(
                    "it has a path of the machine that built it: {}",
                    folder.display()
                ));
            }
        }
        Ok(wrong)
    }
}

/// Where it is built.
struct Site {
    /// The root of the repository.
    sources: PathBuf,
    /// Where cargo keeps the sources of dependencies.
    cargo_home: PathBuf,
    /// Where cargo puts what it builds; `None` is where it does so anyway.
    target: Option<PathBuf>,
}

impl Site {
    fn build(&self, machine: Machine) -> anyhow::Result<Agent> {
        let mut cargo = process::cargo();
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if MEDDLING.iter().any(|start| text.starts_with(start)) {
                cargo.env_remove(&name);
            }
        }
        cargo
            .current_dir(&self.sources)
            .env("CARGO_HOME", &self.cargo_home)
            .env("CARGO_ENCODED_RUSTFLAGS", self.flags(machine)?.join("\u{1f}"));
        if let Some(target) = &self.target {
            cargo.env("CARGO_TARGET_DIR", target);
        }
        cargo.args([
            "build",
            "--locked",
            "--package",
            "writeway-agent",
            "--profile",
            "agent",
        ]);
        // Even when it is this machine's: without it the flags would hold for macros, too, which cannot be static.
        let path = process::executable(cargo.args(["--target", machine.triple]))?;
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Agent {
            machine,
            path,
            content,
        })
    }

    /// What rustc is told, and nothing else: no path of this machine comes inside, either.
    fn flags(&self, machine: Machine) -> anyhow::Result<Vec<String>> {
        let say = |what: &[&str]| process::output(Command::new("rustc").args(what));
        let version = say(&["-vV"])?;
        let commit = version
            .lines()
            .find_map(|line| line.strip_prefix("commit-hash: "));
        let library = format!("{}/lib/rustlib/src/rust", say(&["--print", "sysroot"])?.trim());
        // As `cargo` does with `trim-paths`, once that is stable (RFC 3127); of several that fit, the last counts.
        let renamed = [
            (self.cargo_home.display().to_string(), "/cargo".to_owned()),
            (self.sources.display().to_string(), "/writeway".to_owned()),
            (library, format!("/rustc/{}", commit.unwrap_or_default())),
        ];
        let renamed = renamed.map(|(from, to)| format!("--remap-path-prefix={from}={to}"));
        let smaller = if machine.name == "x86_64" { SMALLER } else { &[] };
        let flags = [&[STATIC], smaller].concat();
        Ok(flags.into_iter().map(str::to_owned).chain(renamed).collect())
    }
}

/// Builds it from a copy of the sources, with other folders for everything.
fn build_elsewhere(machine: Machine) -> anyhow::Result<Vec<u8>> {
    let folder = crate::workspace().join("target/agent-once-more-with-a-longer-path");
    remove(&folder)?;
    let site = Site {
        sources: folder.join("sources"),
        cargo_home: folder.join("home"),
        target: Some(folder.join("target")),
    };
    repository::copy(&site.sources)?;
    fs::create_dir_all(&site.cargo_home)?;
    // The same packages, by another path.
    for name in ["registry", "config.toml"] {
        let own = cargo_home().join(name);
        if own.exists() {
            std::os::unix::fs::symlink(own, site.cargo_home.join(name))?;
        }
    }
    let content = site.build(machine)?.content;
    remove(&folder)?;
    Ok(content)
}

/// `${CARGO_HOME:-~/.cargo}`.
fn cargo_home() -> PathBuf {
    let named = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty());
    named.map_or_else(
        || Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    )
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
