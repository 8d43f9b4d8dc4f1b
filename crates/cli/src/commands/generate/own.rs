// SPDX-License-Identifier: Apache-2.0
//! `writeway generate own`.

use std::time::Duration;

use anyhow::bail;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use writeway_access::path::clean;
use writeway_access::{Context, Tri, map_pod};
use writeway_check::write_verdict;
use writeway_generate::{AgentOwn, ExtraCapability, Image, Mount, Own};
use writeway_manifest::{self as manifest, VolumeSource};

use super::consumer::{Consumer, title};
use super::shared::SharedArgs;
use super::{Generated, mount, time};
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Prints an init container that runs as root, with no capability but CHOWN, and hands volumes over to the user that the \
main container runs as. It is for volumes to which kubelet applies no fsGroup, such as hostPath and NFS; where fsGroup \
works, that is the better cure.\n\n\
With --from it takes the volumes that the container mounts read-write and cannot write to, or of which that is not known. \
Namespaces that enforce the Pod Security level restricted admit no root: that is refused, with what to do instead.";

const EXAMPLES: &str = "\
Examples:
  writeway generate own --from deploy.yaml --container app
  writeway generate own --from deploy.yaml --mount data:/var/lib/app --level baseline
  writeway generate own --uid 1000 --gid 1000 --mount data:/var/lib/app --timeout 10m
  writeway generate own --uid 999 --gid 999 --mount db:/data --shell --image busybox:1.36";

/// Print a root init container that hands volumes over to the container's user
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(super) struct OwnArgs {
    /// Hand this volume over, mounted at this path; repeatable; wins over --from
    #[arg(id = "mount", long, value_name = "VOLUME:PATH[:SUBPATH]", value_parser = mount::parse)]
    #[arg(
        env = "WRITEWAY_GENERATE_MOUNT",
        hide_env = true,
        help_heading = "Init container"
    )]
    mounts: Vec<Mount>,
    /// Run `chown -R` in a shell, for an image that has both
    ///
    /// It goes through all files at each start, and fails at directories that others have closed unless it gets
    /// DAC_OVERRIDE; the agent does neither.
    #[arg(long, requires = "image", help_heading = "Init container")]
    #[arg(env = "WRITEWAY_GENERATE_SHELL", hide_env = true, value_parser = BoolishValueParser::new())]
    shell: bool,
    /// Look at every file at each start, also where the root of a volume is right
    #[arg(long, conflicts_with = "shell", help_heading = "Init container")]
    #[arg(env = "WRITEWAY_GENERATE_EVERY_START", hide_env = true, value_parser = BoolishValueParser::new())]
    every_start: bool,
    /// Widen modes as kubelet does for fsGroup: files get 0660, directories 2770
    #[arg(long, conflicts_with = "shell", help_heading = "Init container")]
    #[arg(env = "WRITEWAY_GENERATE_GROUP_WRITABLE", hide_env = true, value_parser = BoolishValueParser::new())]
    group_writable: bool,
    /// Stop after this time, e.g. 10m, and fail; the next start goes on
    #[arg(long, value_name = "DURATION", value_parser = time::parse, conflicts_with = "shell")]
    #[arg(
        env = "WRITEWAY_GENERATE_TIMEOUT",
        hide_env = true,
        help_heading = "Init container"
    )]
    timeout: Option<Duration>,
    /// Add a capability beside CHOWN; repeatable
    #[arg(
        id = "capability",
        long,
        value_enum,
        value_name = "CAPABILITY",
        ignore_case = true
    )]
    #[arg(
        env = "WRITEWAY_GENERATE_CAPABILITY",
        hide_env = true,
        value_delimiter = ',',
        help_heading = "Init container"
    )]
    capabilities: Vec<CapabilityName>,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

/// A capability that may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CapabilityName {
    /// Enter directories whatever their mode is
    #[value(name = "DAC_OVERRIDE")]
    DacOverride,
    /// Change modes of files of others
    #[value(name = "FOWNER")]
    Fowner,
    /// Keep setgid on directories of other groups
    #[value(name = "FSETID")]
    Fsetid,
}

impl From<CapabilityName> for ExtraCapability {
    fn from(name: CapabilityName) -> Self {
        match name {
            CapabilityName::DacOverride => Self::DacOverride,
            CapabilityName::Fowner => Self::Fowner,
            CapabilityName::Fsetid => Self::Fsetid,
        }
    }
}

/// Makes the init container.
///
/// # Errors
/// When options and manifests do not say enough, or what they say cannot work.
pub(super) fn generate(args: &OwnArgs, terminal: Terminal) -> anyhow::Result<Generated> {
    let inputs = args.shared.consumer.read(terminal)?;
    let consumer = args.shared.consumer.find(inputs.as_ref())?;
    let user = args.shared.consumer.user(consumer)?;
    let mounts = match consumer {
        _ if !args.mounts.is_empty() => args.mounts.clone(),
        Some(consumer) => mounts_to_hand_over(consumer)?,
        None => bail!("what is handed over? Say --mount VOLUME:PATH, or --from with the workload's manifest"),
    };
    let name = args.shared.container_name(consumer, "own")?;
    let mut own = Own::new(user.uid(), user.gid(), mounts)?.name(&name)?;
    if let Some(level) = args.shared.consumer.level(consumer) {
        own = own.for_level(level)?;
    }
    for capability in &args.capabilities {
        own = own.capability((*capability).into());
    }
    let image = args.shared.image.clone();
    own = match image {
        Some(image) if args.shell => own.shell(image),
        image => own.agent(AgentOwn {
            image: image.unwrap_or_else(Image::agent),
            if_root_mismatch: !args.every_start,
            group_writable: args.group_writable,
            timeout: args.timeout,
        }),
    };
    Ok(Generated {
        rendered: own.render(),
        found: consumer.map(Consumer::found),
        replaced: None,
    })
}

/// The container's mounts that an owner could make writable, and that are not known to be so.
fn mounts_to_hand_over(consumer: Consumer<'_>) -> anyhow::Result<Vec<Mount>> {
    let Consumer {
        inputs,
        workload,
        container,
    } = consumer;
    let map = map_pod(
        &Context {
            inventory: &inputs.inventory,
            facts: &inputs.facts,
            extra_paths: &[],
        },
        workload,
    );
    // A pod that does not start has no containers in its map, and nothing is known of its mounts.
    let map = map.containers.iter().find(|map| map.name == *container.name);
    let writable = |index: usize, path: &str| {
        let mut paths = map.into_iter().flat_map(|map| &map.paths);
        let root = paths.find(|it| it.mount == Some(index) && it.path == path);
        root.is_some_and(|root| write_verdict(root).tri() == Tri::Yes || root.read_only == Some(true))
    };
    let mut mounts = Vec::new();
    for (index, mount) in container.mounts.iter().enumerate() {
        let volume = workload
            .pod
            .volumes
            .iter()
            .find(|volume| *volume.name == *mount.name);
        let takes_owner = volume.is_none_or(|volume| takes_owner(&volume.source));
        let read_only = mount.read_only.is_some_and(|flag| flag.value);
        if takes_owner && !read_only && !writable(index, &clean(&mount.mount_path)) {
            mounts.push(same(mount)?);
        }
    }
    if mounts.is_empty() {
        bail!(
            "nothing to hand over: container `{}` of {} mounts no volume read-write that it could not write to; say --mount \
             VOLUME:PATH for one all the same",
            container.name.as_str(),
            title(workload)
        );
    }
    Ok(mounts)
}

/// Whether the files of a volume can be given to somebody: kubelet writes those of others itself, or mounts them
/// read-only, and an emptyDir is everybody's.
fn takes_owner(source: &VolumeSource) -> bool {
    !matches!(
        source,
        VolumeSource::EmptyDir(_)
            | VolumeSource::Secret(_)
            | VolumeSource::ConfigMap(_)
            | VolumeSource::DownwardApi { .. }
            | VolumeSource::Projected { .. }
            | VolumeSource::Image(_)
    )
}

/// The same mount, for another container.
fn same(mount: &manifest::Mount) -> anyhow::Result<Mount> {
    let made = Mount::new(&mount.name, &mount.mount_path)?;
    let Some(part) = &mount.sub_path else {
        return Ok(made);
    };
    let Some(path) = part.known() else {
        bail!(
            "volume `{}` is mounted by subPathExpr, in which a variable has its value from elsewhere; say --mount \
             VOLUME:PATH:SUBPATH for what is to be handed over",
            mount.name.as_str()
        )
    };
    Ok(made.sub_path(path)?)
}
