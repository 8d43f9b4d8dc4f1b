// SPDX-License-Identifier: Apache-2.0
//! Running other programs, with errors that tell what was run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The cargo that runs this program, or the one in `PATH`.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo.current_dir(crate::workspace());
    cargo
}

/// Builds the program in a profile of cargo's, and returns its path.
///
/// # Errors
/// When it does not compile.
pub(crate) fn writeway(profile: &str) -> anyhow::Result<PathBuf> {
    let mut build = cargo();
    executable(build.args(["build", "--locked", "--package", "writeway", "--profile", profile]))
}

/// Runs a `cargo build` of one program, and returns the program's path.
///
/// # Errors
/// When it does not compile.
pub(crate) fn executable(build: &mut Command) -> anyhow::Result<PathBuf> {
    let messages = output(build.arg("--message-format=json-render-diagnostics"))?;
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    programs.next_back().context("cargo built no program")
}

/// Runs a command that has to succeed, and returns what it printed on standard output.
///
/// # Errors
/// When it cannot be started, ends with another status than 0 (the error holds what it said), or prints no UTF-8.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed: {}\n{}",
            shown(command),
            output.status,
            said.trim_end()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", shown(command)))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_what_it_said() {
        let error = output(Command::new("sh").args(["-c", "echo no such luck >&2; exit 3"])).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.starts_with("sh -c "), "{text}");
        assert!(
            text.contains("exit status: 3") && text.ends_with("no such luck"),
            "{text}"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(&mut Command::new("/nonexistent/program")).unwrap_err();
        assert!(
            format!("{error:#}").starts_with("cannot start /nonexistent/program: "),
            "{error:#}"
        );
    }
}
