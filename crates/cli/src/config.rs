// SPDX-License-Identifier: Apache-2.0
//! The options that say which configuration file counts.

use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;
use writeway_config::{Config, discover};

use crate::terminal::Terminal;

/// Which configuration file counts.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigArgs {
    /// Configuration file [default: writeway.toml of the current folder, or of the nearest one above]
    ///
    /// The command line and the environment win over the file. `writeway schema config` has the format.
    #[arg(long, value_name = "FILE", env = "WRITEWAY_CONFIG", hide_env = true)]
    config: Option<PathBuf>,
    /// Use no configuration file
    #[arg(long, conflicts_with = "config")]
    #[arg(env = "WRITEWAY_ISOLATED", hide_env = true, value_parser = BoolishValueParser::new())]
    isolated: bool,
}

impl ConfigArgs {
    /// Reads the file; without one it is empty.
    ///
    /// # Errors
    /// When the file cannot be read, or has mistakes.
    pub(crate) fn load(&self, terminal: Terminal) -> anyhow::Result<Config> {
        if self.isolated {
            return Ok(Config::default());
        }
        let found = || std::env::current_dir().ok().and_then(|folder| discover(&folder));
        let Some(file) = self.config.clone().or_else(found) else {
            return Ok(Config::default());
        };
        terminal.detail(format_args!("{}: the configuration", file.display()));
        Ok(Config::load(&file)?)
    }
}
