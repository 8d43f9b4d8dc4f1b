// SPDX-License-Identifier: Apache-2.0
//! `writeway generate`: init containers, volumes and mounts that make a path writable.

mod consumer;
mod image;
mod mount;
mod own;
mod seed;
mod shared;
mod size;
mod snippet;
mod time;
mod tmp;
mod wait;

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};
use writeway_generate::{Error, Rendered};

use crate::exit::Outcome;
use crate::terminal::Terminal;
use consumer::Found;

const LONG_ABOUT: &str = "\
Prints what makes a path writable, ready to be pasted: init containers with no more rights than they need, volumes with \
a size limit, and the mounts of the container that uses them. The init containers run writeway-agent, in the image that \
was released with this version.\n\n\
With --from the user, the mounts and the names that are taken are read from the workload itself, and so is the Pod \
Security level of its namespace. Without it --uid and --gid say who the container runs as. Nothing is changed: \
`writeway check --fix` does that where it can prove what a change does.";

const EXAMPLES: &str = "\
Examples:
  writeway generate own --from deploy.yaml --container app   from the workload itself
  writeway generate own --uid 1000 --gid 1000 --mount data:/var/lib/app
  writeway generate seed --uid 1000 --gid 1000 --secret token --path /etc/token
  writeway generate tmp --form memory --size 64Mi
  writeway generate wait tcp://postgres:5432 --budget 2m

Exit codes:
  0  it is printed
  1  the namespace's Pod Security level would refuse it; the message says what to do instead
  2  wrong usage, or input that cannot be read or does not say enough";

/// Print init containers, volumes and mounts that make a path writable
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct GenerateArgs {
    #[command(subcommand)]
    generator: Generator,
}

/// What can be generated.
#[derive(Debug, Subcommand)]
enum Generator {
    Own(own::OwnArgs),
    Seed(seed::SeedArgs),
    Tmp(tmp::TmpArgs),
    Wait(wait::WaitArgs),
}

/// How it is printed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct FormatArgs {
    /// How it is written
    #[arg(long, value_enum, default_value = "yaml")]
    #[arg(env = "WRITEWAY_GENERATE_FORMAT", hide_env = true)]
    format: GenerateFormat,
}

/// How parts of a pod are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GenerateFormat {
    /// To be pasted, with comments that say where each part belongs
    Yaml,
    /// One object with the lists `initContainers`, `volumes` and `volumeMounts`
    Json,
}

/// What a generator made.
struct Generated {
    rendered: Rendered,
    /// What was read of the container that uses it.
    found: Option<Found>,
    /// The mount that the new one stands in for, if there is one: its volume and path.
    replaced: Option<(String, String)>,
}

/// Prints what a generator makes.
///
/// # Errors
/// When it cannot be made of what is known, or nothing can be written.
pub(crate) fn run(args: &GenerateArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let (shared, generated) = match &args.generator {
        Generator::Own(args) => (&args.shared, own::generate(args, terminal)),
        Generator::Seed(args) => (&args.shared, seed::generate(args, terminal)),
        Generator::Tmp(args) => (&args.shared, tmp::generate(args, terminal)),
        Generator::Wait(args) => (&args.shared, wait::generate(args, terminal)),
    };
    let generated = match generated {
        Err(error) if is_refusal(&error) => {
            terminal.error(format_args!("{error:#}"));
            return Ok(Outcome::Refused);
        }
        generated => generated?,
    };
    for warning in &generated.rendered.warnings {
        terminal.note(format_args!("warning: {warning}"));
    }
    let text = match shared.format.format {
        GenerateFormat::Yaml => snippet::yaml(&generated),
        GenerateFormat::Json => snippet::json(&generated.rendered)?,
    };
    let mut out = terminal.stdout();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(generated.found.map_or(Outcome::Clean, |found| found.outcome))
}

/// Whether it could be made, but not be admitted.
fn is_refusal(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Error::RefusedByRestricted { .. }))
}
