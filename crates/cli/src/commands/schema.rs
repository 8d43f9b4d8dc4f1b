// SPDX-License-Identifier: Apache-2.0
//! `writeway schema`: the JSON Schemas of the formats for machines.

use std::io::Write;

use clap::{Args, ValueEnum};
use writeway_report::Schema;

use crate::exit::Outcome;
use crate::terminal::Terminal;

/// Print the JSON Schema of a format
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The format
    #[arg(value_enum)]
    name: SchemaName,
}

/// The formats that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SchemaName {
    /// The facts file, which `--facts` reads and `writeway facts` prints
    Facts,
    /// What `writeway map --format json` prints
    Map,
    /// What `writeway check --format json` prints
    Check,
    /// The configuration file, `writeway.toml`
    Config,
    /// What `writeway admit --format json` prints
    Admit,
    /// What `writeway map --compare FILE --format json` prints
    Comparison,
}

/// Prints the schema.
///
/// # Errors
/// When nothing can be written.
pub(crate) fn run(args: &SchemaArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let text = match args.name {
        SchemaName::Facts => writeway_facts::SCHEMA,
        SchemaName::Map => Schema::Map.text(),
        SchemaName::Config => writeway_config::SCHEMA,
        SchemaName::Check => Schema::Check.text(),
        SchemaName::Admit => Schema::Admit.text(),
        SchemaName::Comparison => Schema::Comparison.text(),
    };
    let mut out = terminal.stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Outcome::Clean)
}
