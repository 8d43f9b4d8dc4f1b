// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask`: the chores of the workspace.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::tools;

/// The chores of the workspace
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Fetch a pinned tool into the cache, if it is not there, and print its path
    Tool {
        /// Name of the tool
        #[arg(value_parser = tools::ALL.map(|tool| tool.name))]
        name: String,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // Nothing is left to tell when standard error is gone, too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything the chore looked at is as it should be.
fn run(chore: Chore) -> anyhow::Result<bool> {
    let out = &mut io::stdout();
    match chore {
        Chore::Tool { name } => {
            for tool in tools::ALL.iter().filter(|tool| tool.name == name) {
                writeln!(out, "{}", tool.path()?.display())?;
            }
            Ok(true)
        }
    }
}
