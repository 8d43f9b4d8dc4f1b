// SPDX-License-Identifier: Apache-2.0
//! Random scripts on real shells and tools, and on the model of init containers.
//!
//! Scripts of the kind that init containers run are made up, run for real as some user with some capabilities on a tree
//! of files, and kept with what they did. The tests of `access` then do the same on the model: see its
//! `tests/measured_scripts.rs`, which has some of them for good.

mod grammar;
mod root;
mod tree;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde::Serialize;

use crate::process;
use crate::random::Random;
use root::{Identity, Kind, Root};
use tree::Tree;

/// Capabilities of a container's root (containerd's oci.WithDefaultUnixCaps).
const RUNTIME_DEFAULT: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
/// Those that decide about files.
const ABOUT_FILES: &[&str] = &["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID"];

/// One measured script.
#[derive(Debug, Serialize)]
struct Case<'a> {
    tools: Kind,
    #[serde(flatten)]
    identity: &'a Identity,
    script: &'a str,
    before: &'a Tree,
    status: i32,
    after: &'a Tree,
    said: &'a str,
}

/// Measures so many scripts, writes them to a file, one JSON object a line, and has the model judged by them; whether it
/// agrees.
///
/// # Errors
/// When this is not root on Linux, a tool is missing, or the file cannot be written.
pub fn run(out: &mut dyn Write, scripts: u64, seed: u64, file: &Path) -> anyhow::Result<bool> {
    if process::output(Command::new("id").arg("-u"))?.trim() != "0" {
        bail!(
            "real scripts run as several users in a mount namespace of their own, which takes root on Linux: \
             become root and have busybox, dash, coreutils, findutils and util-linux installed"
        );
    }
    let folder = std::env::temp_dir().join(format!("writeway-shells-{}", std::process::id()));
    let roots = [
        Root::new(folder.join("busybox"), Kind::Busybox)?,
        Root::new(folder.join("coreutils"), Kind::Coreutils)?,
    ];
    let measured = measure(&roots, scripts, seed, file);
    drop(roots);
    let _ = fs::remove_dir(&folder);
    writeln!(out, "{} scripts measured: {}", measured?, file.display())?;

    let mut cargo = process::cargo();
    cargo.args([
        "test",
        "--locked",
        "--package",
        "writeway-access",
        "--test",
        "measured_scripts",
    ]);
    cargo.env("WRITEWAY_MEASURED_SCRIPTS", fs::canonicalize(file)?);
    Ok(cargo.status().context("cannot start cargo")?.success())
}

/// How many scripts ended and were written.
fn measure(roots: &[Root], scripts: u64, seed: u64, file: &Path) -> anyhow::Result<u64> {
    let shown = || format!("cannot write {}", file.display());
    let mut cases = BufWriter::new(File::create(file).with_context(shown)?);
    let mut measured = 0;
    for number in 0..scripts {
        // Each script has its own seed, so that it does not depend on how many come before.
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let root = &roots[random.below(roots.len())];
        let before = tree::random(&mut random);
        let identity = identity(&mut random);
        let script = grammar::script(&mut random, &before, root.has("install"));
        let Some(end) = root.run(&identity, &script, &before)? else {
            continue;
        };
        let case = Case {
            tools: root.kind(),
            identity: &identity,
            script: &script,
            before: &before,
            status: end.status,
            after: &end.after,
            said: &end.said,
        };
        serde_json::to_writer(&mut cases, &case).with_context(shown)?;
        writeln!(cases).with_context(shown)?;
        measured += 1;
    }
    cases.flush().with_context(shown)?;
    Ok(measured)
}

fn identity(random: &mut Random) -> Identity {
    let groups = match random.below(4) {
        0 => vec![2000],
        1 => vec![1000, 3000],
        _ => Vec::new(),
    };
    let (uid, gid, capabilities) = match random.below(10) {
        0..4 => (0, 0, RUNTIME_DEFAULT.to_vec()),
        4 => (0, 0, Vec::new()),
        5 => (0, 0, vec!["CHOWN"]),
        6 => {
            let some = ABOUT_FILES.iter().copied().filter(|_| random.percent(50));
            (0, 0, some.collect())
        }
        7 | 8 => (1000, 1000, Vec::new()),
        _ => (1000, 0, Vec::new()),
    };
    Identity {
        uid,
        gid,
        groups,
        capabilities: capabilities.into_iter().map(str::to_owned).collect(),
    }
}
