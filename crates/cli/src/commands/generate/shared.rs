// SPDX-License-Identifier: Apache-2.0
//! What all generators ask: which init container it is, who uses what it makes, and how it is printed.

use clap::Args;
use writeway_generate::Image;

use super::FormatArgs;
use super::consumer::{Consumer, ConsumerArgs, Names};
use super::image;

/// The options of every generator.
#[derive(Debug, Args)]
pub(super) struct SharedArgs {
    /// Name of the init container; a usual one of the generator, or the next one that is free
    #[arg(long, help_heading = "Init container")]
    #[arg(env = "WRITEWAY_GENERATE_NAME", hide_env = true)]
    pub(super) name: Option<String>,
    /// Its image; the agent's of this version
    #[arg(long, value_parser = image::parse, help_heading = "Init container")]
    #[arg(env = "WRITEWAY_GENERATE_IMAGE", hide_env = true)]
    pub(super) image: Option<Image>,
    #[command(flatten)]
    pub(super) consumer: ConsumerArgs,
    #[command(flatten)]
    pub(super) format: FormatArgs,
}

impl SharedArgs {
    /// The name of the init container, where `usual` is the one that it has when nobody says another.
    ///
    /// # Errors
    /// When the name that is asked for is taken.
    pub(super) fn container_name(
        &self,
        consumer: Option<Consumer<'_>>,
        usual: &str,
    ) -> anyhow::Result<String> {
        Names::of_containers(consumer).choose(self.name.as_ref(), usual)
    }
}
