// SPDX-License-Identifier: Apache-2.0
//! Everything that has to pass: the workspace's tests with the tools they need, then the measured pods and their repairs, then what other
//! programs read of the formats, then what a browser shows of the report, then what pipelines run, then
//! the agent's image.

mod totals;

use std::io::{BufRead as _, BufReader, Write};
use std::process::Stdio;

use anyhow::Context as _;

use crate::tools::{self, control_plane, kubernetes_validate};
use crate::{browser, ground_truth, image, pipelines, process, readers, repairs};
use totals::Totals;

/// Runs everything, and closes with `N passed, N failed` when all of it passed.
///
/// # Errors
/// When a tool cannot be had, or something cannot be run or read at all.
pub fn run(out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut cargo = process::cargo();
    for tool in [&tools::HELM, &tools::KUBECTL] {
        let path = tool.path_or_named()?;
        writeln!(out, "{}: {}", tool.name, path.display())?;
        cargo.env(tool.variable(), path);
    }
    let path = kubernetes_validate::program()?;
    writeln!(out, "{}: {}", kubernetes_validate::NAME, path.display())?;
    cargo.env(kubernetes_validate::VARIABLE, path);
    if let Some(folder) = control_plane::assets()? {
        writeln!(
            out,
            "{}: {}",
            control_plane::PROGRAMS.join(", "),
            folder.display()
        )?;
        cargo.env(control_plane::VARIABLE, folder);
    }

    writeln!(out, "tests: cargo test --workspace --locked --no-fail-fast")?;
    cargo.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    let mut child = cargo
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let mut totals = Totals::default();
    if let Some(printed) = child.stdout.take() {
        for line in BufReader::new(printed).lines() {
            let line = line.context("cargo test printed no UTF-8")?;
            writeln!(out, "{line}")?;
            totals.read(&line);
        }
    }
    let tested = child.wait()?.success();

    let measured = ground_truth::judge_testdata(out)?;
    let repaired = repairs::judge_testdata(out)?;
    let found = readers::judge(out)?;
    let seen = browser::judge(out, None)?;
    let piped = pipelines::run(out)?;
    let imaged = image::judge(out)?;

    for name in &totals.failing {
        writeln!(out, "failed: {name}")?;
    }
    if !tested {
        writeln!(out, "cargo test did not pass: {totals}")?;
    } else if totals.passed == 0 {
        writeln!(out, "cargo test ran no test")?;
    } else if !measured {
        writeln!(
            out,
            "the write map differs from what was measured: see the disagreements above"
        )?;
    } else if !repaired {
        writeln!(out, "measured pods are not repaired as they were: see above")?;
    } else if !found {
        writeln!(
            out,
            "other programs do not read what was written: see the differences above"
        )?;
    } else if !seen {
        writeln!(out, "the report is not what it should be in a browser: see above")?;
    } else if !piped {
        writeln!(out, "what pipelines use does not do what it should: see above")?;
    } else if !imaged {
        writeln!(out, "the agent's image is not what it should be: see above")?;
    } else {
        writeln!(out, "{totals}")?;
        return Ok(true);
    }
    Ok(false)
}
