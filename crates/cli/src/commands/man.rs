// SPDX-License-Identifier: Apache-2.0
//! `writeway man`: manual pages.

use std::io::Write;

use anyhow::bail;
use clap::{Args, CommandFactory};
use clap_mangen::Man;

use crate::args::Cli;
use crate::exit::Outcome;
use crate::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  writeway man | man -l -                               read it
  writeway man map > /usr/share/man/man1/writeway-map.1";

/// Print a manual page in roff
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ManArgs {
    /// The command whose page to print; that of writeway itself without it
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints the page.
///
/// # Errors
/// When there is no such command, or nothing can be written.
pub(crate) fn run(args: &ManArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let mut root = Cli::command();
    root.build();
    let page = match &args.command {
        None => Man::new(root),
        Some(name) => match root.find_subcommand(name) {
            Some(command) => Man::new(command.clone().display_name(format!("writeway-{name}"))),
            None => bail!("no command `{name}`; `writeway --help` lists them"),
        },
    };
    let mut out = terminal.stdout();
    page.render(&mut out)?;
    out.flush()?;
    Ok(Outcome::Clean)
}
