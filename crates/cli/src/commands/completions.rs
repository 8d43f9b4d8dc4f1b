// SPDX-License-Identifier: Apache-2.0
//! `writeway completions`: completions for a shell.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::Outcome;
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  writeway completions bash > /etc/bash_completion.d/writeway
  writeway completions zsh > \"${fpath[1]}/_writeway\"
  writeway completions fish > ~/.config/fish/completions/writeway.fish";

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
///
/// # Errors
/// When nothing can be written.
pub(crate) fn run(args: &CompletionsArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    // The generator panics when its writer fails, so that it gets one that cannot.
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "writeway", &mut text);
    let mut out = terminal.stdout();
    out.write_all(&text)?;
    out.flush()?;
    Ok(Outcome::Clean)
}
