// SPDX-License-Identifier: Apache-2.0
//! `writeway facts`: the facts of a saved image.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use writeway_facts::Facts;
use writeway_image::{Options, Platform, read_with};

use crate::exit::Outcome;
use crate::inputs;
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Prints the facts of a saved image: its user, directories, owners and modes, from its config and layers. Nothing is \
unpacked or run, and no network is used.\n\n\
It reads what `docker save`, `podman save`, `skopeo copy` and `docker buildx build -o type=oci` write: a tar archive \
or a folder. The output is a facts file, for --facts of `writeway map` and `writeway check`; more can be added to it by \
hand, see `writeway schema facts`.";

const EXAMPLES: &str = "\
Examples:
  docker save ghcr.io/acme/app:1.2 -o app.tar
  writeway facts app.tar > facts.yaml
  writeway facts other.tar --merge facts.yaml > more.yaml
  writeway check --facts facts.yaml k8s/";

/// Print the facts of a saved image
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct FactsArgs {
    /// Archive or OCI folder
    #[arg(value_name = "IMAGE.tar|OCI-DIR")]
    image: PathBuf,
    /// Add to the facts of this file; the image's own win
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Input",
        env = "WRITEWAY_MERGE",
        hide_env = true
    )]
    merge: Option<PathBuf>,
    /// Which image of a multi-platform one; linux/amd64, or the only one there is, by default
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", help_heading = "Input")]
    #[arg(env = "WRITEWAY_PLATFORM", hide_env = true)]
    platform: Option<Platform>,
    /// How facts are written
    #[arg(long, value_enum, default_value = "yaml", help_heading = "Output")]
    #[arg(env = "WRITEWAY_FACTS_FORMAT", hide_env = true)]
    format: FactsFormat,
}

/// How facts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FactsFormat {
    Yaml,
    Json,
}

/// Prints the facts.
///
/// # Errors
/// When the image or the file to merge with cannot be read, or nothing can be written.
pub(crate) fn run(args: &FactsArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let mut facts = inputs::read_facts(args.merge.as_slice())?;
    let options = Options {
        platform: args.platform.clone(),
        ..Options::default()
    };
    for image in read_with(&args.image, &options)? {
        for note in &image.notes {
            terminal.note(format_args!("{}: {note}", image.name));
        }
        let names = image.other_names.into_iter().chain([image.name]);
        let images = names.map(|name| (name, image.facts.clone())).collect();
        facts.merge(Facts {
            images,
            ..Facts::default()
        });
    }
    let text = match args.format {
        FactsFormat::Yaml => writeway_facts::to_yaml(&facts),
        FactsFormat::Json => writeway_facts::to_json(&facts),
    };
    let mut out = terminal.stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(Outcome::Clean)
}
