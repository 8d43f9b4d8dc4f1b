// SPDX-License-Identifier: Apache-2.0
//! The options about repairs.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use clap::builder::BoolishValueParser;
use writeway_config::Config;
use writeway_generate::Image;
use writeway_repair::Options;

use crate::inputs::Inputs;

/// The twin of `--output`, which has two values; so it is `kustomize=DIR`.
const OUTPUT: &str = "WRITEWAY_OUTPUT";

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
    /// Write what --fix would change as a kustomization, and change nothing else: `--output kustomize DIR`
    ///
    /// DIR gets the inputs as resources and a patch for each object that is repaired, so that `kubectl kustomize DIR`
    /// prints the repaired objects: a way for what is rendered from charts and kustomizations.
    #[arg(long, num_args = 2, value_names = ["FORM", "DIR"], conflicts_with_all = ["fix", "diff"])]
    output: Vec<OsString>,
    /// Apply fixes, too, that may change what works today
    #[arg(long, env = "WRITEWAY_UNSAFE_FIXES", hide_env = true, value_parser = BoolishValueParser::new())]
    unsafe_fixes: bool,
    /// Image of the init containers that fixes add [default: the agent of this version]
    #[arg(long, value_name = "IMAGE", value_parser = Image::parse)]
    #[arg(env = "WRITEWAY_AGENT_IMAGE", hide_env = true)]
    agent_image: Option<Image>,
}

/// What becomes of repaired texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RepairMode {
    /// They take the place of what was read.
    InPlace,
    /// They are compared with what was read.
    Diff,
    /// A kustomization in this folder makes them.
    Kustomization(PathBuf),
}

impl RepairArgs {
    /// What becomes of repaired texts; none when nothing is to be repaired.
    ///
    /// # Errors
    /// When a form of output is asked for that there is not.
    pub(crate) fn mode(&self) -> anyhow::Result<Option<RepairMode>> {
        if self.diff || self.fix {
            let mode = if self.diff {
                RepairMode::Diff
            } else {
                RepairMode::InPlace
            };
            return Ok(Some(mode));
        }
        let from_environment = std::env::var_os(OUTPUT).filter(|value| !value.is_empty());
        let (form, folder) = match (self.output.as_slice(), &from_environment) {
            ([form, folder, ..], _) => (form.to_string_lossy(), Some(folder.clone())),
            (_, Some(value)) => {
                let value = value.to_string_lossy();
                match value.split_once('=') {
                    Some((form, folder)) => (form.to_owned().into(), Some(folder.into())),
                    None => (value, None),
                }
            }
            (_, None) => return Ok(None),
        };
        match folder.filter(|folder| form == "kustomize" && !folder.is_empty()) {
            Some(folder) => Ok(Some(RepairMode::Kustomization(folder.into()))),
            None => {
                bail!("no output of that form: write `--output kustomize DIR`, or {OUTPUT}=kustomize=DIR")
            }
        }
    }

    /// What repairs get to know.
    pub(crate) fn options(&self, mode: Option<&RepairMode>, config: &Config, inputs: &Inputs) -> Options {
        let image = self.agent_image.clone().or_else(|| config.agent_image.clone());
        let frozen = match mode {
            Some(RepairMode::Kustomization(_)) => BTreeSet::new(),
            _ => inputs.rendered().map(|(id, _)| id).collect(),
        };
        Options {
            agent_image: image.unwrap_or_else(Image::agent).to_string(),
            unsafe_fixes: self.unsafe_fixes,
            frozen,
            left_out: BTreeSet::new(),
        }
    }
}
