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
    /// The command whose page to print, e.g. map, or generate own; that of writeway itself without it
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

/// Prints the page.
///
/// # Errors
/// When there is no such command, or nothing can be written.
pub(crate) fn run(args: &ManArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    for name in &args.command {
        let Some(inner) = command.find_subcommand(name) else {
            bail!(
                "no command `{}`; `writeway --help` lists them",
                args.command.join(" ")
            );
        };
        command = inner;
    }
    let names = ["writeway"]
        .into_iter()
        .chain(args.command.iter().map(String::as_str));
    let name = names.collect::<Vec<_>>().join("-");
    let page = Man::new(command.clone().display_name(name));
    let mut out = terminal.stdout();
    page.render(&mut out)?;
    out.flush()?;
    Ok(Outcome::Clean)
}
