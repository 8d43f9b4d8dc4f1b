// SPDX-License-Identifier: Apache-2.0
//! The options about repairs.

use clap::Args;
use clap::builder::BoolishValueParser;
use writeway_config::Config;
use writeway_generate::Image;
use writeway_repair::Options;

use crate::inputs::Inputs;

/// What is repaired, and what becomes of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Repair")]
pub(crate) struct RepairArgs {
    /// Repair the files, and report what is left
    ///
    /// A fix is kept if the analysis, run again on the changed text, proves it; every byte that it has not to change
    /// stays. A manifest from standard input goes repaired to standard output, and the report to standard error.
    #[arg(long, env = "WRITEWAY_FIX", hide_env = true, value_parser = BoolishValueParser::new())]
    fix: bool,
    /// Print what --fix would change as a diff for `git apply`, and change nothing
    ///
    /// Exits with 1 if there is something to change, and with 0 if not. Reports are written to files only.
    #[arg(long, env = "WRITEWAY_DIFF", hide_env = true, value_parser = BoolishValueParser::new())]
    diff: bool,
    /// Apply fixes, too, that may change what works today
    #[arg(long, env = "WRITEWAY_UNSAFE_FIXES", hide_env = true, value_parser = BoolishValueParser::new())]
    unsafe_fixes: bool,
    /// Image of the init containers that fixes add [default: the agent of this version]
    #[arg(long, value_name = "IMAGE", value_parser = Image::parse)]
    #[arg(env = "WRITEWAY_AGENT_IMAGE", hide_env = true)]
    agent_image: Option<Image>,
}

/// What becomes of repaired texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RepairMode {
    /// They take the place of what was read.
    InPlace,
    /// They are compared with what was read.
    Diff,
}

impl RepairArgs {
    /// What becomes of repaired texts; none when nothing is to be repaired.
    pub(crate) fn mode(&self) -> Option<RepairMode> {
        if self.diff {
            Some(RepairMode::Diff)
        } else {
            self.fix.then_some(RepairMode::InPlace)
        }
    }

    /// What repairs get to know.
    pub(crate) fn options(&self, config: &Config, inputs: &Inputs) -> Options {
        let image = self.agent_image.clone().or_else(|| config.agent_image.clone());
        Options {
            agent_image: image.unwrap_or_else(Image::agent).to_string(),
            unsafe_fixes: self.unsafe_fixes,
            frozen: inputs.rendered().map(|(id, _)| id).collect(),
        }
    }
}
