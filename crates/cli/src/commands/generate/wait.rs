// SPDX-License-Identifier: Apache-2.0
//! `writeway generate wait`.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use writeway_generate::{Mount, Wait};

use super::consumer::Consumer;
use super::shared::SharedArgs;
use super::{Generated, mount, time};
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Prints an init container that waits until everything is ready that the program needs, and fails with exit code 3 when its \
budget is over. The Pod Security level restricted admits it.\n\n\
Targets are those of `writeway-agent wait`: tcp://HOST:PORT, http://HOST/PATH, https://HOST/PATH, unix:/PATH, file:/PATH, \
non-empty:/PATH, dns://NAME, k8s://NAMESPACE/KIND/NAME. Others can read them: what is secret does not belong there.";

const EXAMPLES: &str = "\
Examples:
  writeway generate wait tcp://postgres:5432 https://login.example.com/healthz --budget 2m
  writeway generate wait non-empty:/etc/token --mount token:/etc/token --budget 5m";

/// Print an init container that waits within a budget
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(super) struct WaitArgs {
    /// What to wait for
    #[arg(value_name = "TARGET", required = true)]
    targets: Vec<String>,
    /// The time for all of them
    #[arg(long, value_name = "DURATION", value_parser = time::parse, default_value = "30s")]
    #[arg(
        env = "WRITEWAY_GENERATE_BUDGET",
        hide_env = true,
        help_heading = "Init container"
    )]
    budget: Duration,
    /// Mount a volume, read-only, in which a target is; repeatable
    #[arg(id = "mount", long, value_name = "VOLUME:PATH[:SUBPATH]", value_parser = mount::parse)]
    #[arg(
        env = "WRITEWAY_GENERATE_MOUNT",
        hide_env = true,
        help_heading = "Init container"
    )]
    mounts: Vec<Mount>,
    /// Refused: a script has no such form.
    #[arg(long, hide = true)]
    shell: bool,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

/// Makes the init container.
///
/// # Errors
/// When what options and manifests say cannot work.
pub(super) fn generate(args: &WaitArgs, terminal: Terminal) -> anyhow::Result<Generated> {
    if args.shell {
        bail!(
            "wait has no form for a shell: a loop of a script has no budget for a look that hangs; leave out --shell"
        );
    }
    let inputs = args.shared.consumer.read(terminal)?;
    let consumer = args.shared.consumer.find(inputs.as_ref())?;
    let name = args.shared.container_name(consumer, "wait")?;
    let mut wait = Wait::new(args.targets.iter().cloned(), args.budget)?.name(&name)?;
    // It writes nothing, so that any user will do.
    if let Some(user) = args
        .shared
        .consumer
        .user_if_known(consumer)?
        .filter(|user| !user.is_root())
    {
        wait = wait.user(user);
    }
    if let Some(image) = &args.shared.image {
        wait = wait.image(image.clone());
    }
    for mount in &args.mounts {
        wait = wait.mount(mount.clone())?;
    }
    Ok(Generated {
        rendered: wait.render(),
        found: consumer.map(Consumer::found),
        replaced: None,
    })
}
