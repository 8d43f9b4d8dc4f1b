// SPDX-License-Identifier: Apache-2.0
//! `writeway generate tmp`.

use anyhow::bail;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use writeway_generate::{Size, Tmp, TmpDirectory};

use super::consumer::{Consumer, Names};
use super::shared::SharedArgs;
use super::{Generated, size};
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Prints a volume for temporary files, with a size limit, and its mount. Most programs take any directory that they can write \
to. Ruby refuses one that everybody may write to and that is not sticky, which is what an emptyDir on disk is.";

const EXAMPLES: &str = "\
Examples:
  writeway generate tmp --size 256Mi
  writeway generate tmp --form memory --path /var/cache/nginx
  writeway generate tmp --form directory --uid 991 --gid 991
  writeway generate tmp --form directory --from deploy.yaml --path /var/tmp";

/// Print a volume for temporary files
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(super) struct TmpArgs {
    /// What it is
    #[arg(long, value_enum, default_value = "disk", help_heading = "Volume")]
    #[arg(env = "WRITEWAY_GENERATE_FORM", hide_env = true)]
    form: Form,
    /// Where the container has it
    #[arg(long, value_name = "PATH", default_value = "/tmp", help_heading = "Volume")]
    #[arg(env = "WRITEWAY_GENERATE_PATH", hide_env = true)]
    path: String,
    /// What it may hold at most, e.g. 512Mi
    #[arg(long, value_parser = size::parse, default_value = "64Mi", help_heading = "Volume")]
    #[arg(env = "WRITEWAY_GENERATE_SIZE", hide_env = true)]
    size: Size,
    /// Name of the volume; `tmp`, or the next name that is free
    #[arg(long, value_name = "NAME", help_heading = "Volume")]
    #[arg(env = "WRITEWAY_GENERATE_VOLUME", hide_env = true)]
    volume: Option<String>,
    /// Mode of the directory; 1777 unless said otherwise
    #[arg(long, value_name = "OCTAL", value_parser = size::parse_mode, help_heading = "Init container")]
    #[arg(env = "WRITEWAY_GENERATE_MODE", hide_env = true)]
    mode: Option<u32>,
    /// Run `mkdir` in a shell, for an image that has both
    #[arg(long, requires = "image", help_heading = "Init container")]
    #[arg(env = "WRITEWAY_GENERATE_SHELL", hide_env = true, value_parser = BoolishValueParser::new())]
    shell: bool,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

/// What the volume is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// An emptyDir on the node's disk
    Disk,
    /// An emptyDir in memory: sticky, so that Ruby takes it, and counted as memory of the container
    Memory,
    /// A directory in an emptyDir on disk, which an init container makes as the container's user; Ruby takes it
    Directory,
}

/// Makes the volume.
///
/// # Errors
/// When options and manifests do not say enough, or what they say cannot work.
pub(super) fn generate(args: &TmpArgs, terminal: Terminal) -> anyhow::Result<Generated> {
    let inputs = args.shared.consumer.read(terminal)?;
    let consumer = args.shared.consumer.find(inputs.as_ref())?;
    if let Some(mount) = consumer.and_then(|consumer| consumer.mount_at(&args.path)) {
        bail!(
            "volume `{}` is mounted at {} already, and a path takes one mount: say another one with --path",
            mount.name.as_str(),
            args.path
        );
    }
    let with_container = args.mode.is_some() || args.shared.name.is_some() || args.shared.image.is_some();
    if with_container && args.form != Form::Directory {
        bail!("--mode, --name, --image and --shell are for the init container of --form directory");
    }
    let size = args.size.clone();
    let tmp = match args.form {
        Form::Disk => Tmp::disk(&args.path, size),
        Form::Memory => Tmp::memory(&args.path, size),
        Form::Directory => Tmp::directory(&args.path, size, directory(args, consumer)?),
    };
    let volume = Names::of_volumes(consumer).choose(args.volume.as_ref(), "tmp")?;
    let mut tmp = tmp?.volume(&volume)?;
    if let Some(level) = args.shared.consumer.level(consumer) {
        tmp = tmp.for_level(level)?;
    }
    Ok(Generated {
        rendered: tmp.render(),
        found: consumer.map(Consumer::found),
        replaced: None,
    })
}

fn directory(args: &TmpArgs, consumer: Option<Consumer<'_>>) -> anyhow::Result<TmpDirectory> {
    let name = args.shared.container_name(consumer, "make-tmp")?;
    let mut directory = TmpDirectory::new(args.shared.consumer.user(consumer)?).name(&name)?;
    if let Some(mode) = args.mode {
        directory = directory.mode(mode)?;
    }
    Ok(match args.shared.image.clone() {
        None => directory,
        Some(image) if args.shell => directory.shell(image),
        Some(image) => directory.agent(image),
    })
}
