// SPDX-License-Identifier: Apache-2.0
//! `writeway generate seed`.

use anyhow::{anyhow, bail};
use clap::Args;
use clap::builder::BoolishValueParser;
use writeway_generate::{OnConflict, Seed, Size, Source};
use writeway_manifest::{Mount, VolumeSource};

use super::consumer::{Consumer, Names, title};
use super::shared::SharedArgs;
use super::{Generated, size};
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Prints an init container that copies the keys of a Secret, as private files of the container's user, to a volume that it \
may write to; that volume; and its mount. It is for programs that save a refreshed token where they found it. The Pod \
Security level restricted admits it.\n\n\
The volume is an emptyDir in memory, whose content is lost with the pod: what has to outlive the pod belongs on a claim, \
which --onto names. With --from the Secret, ConfigMap or projected volume is the one that the container mounts at --path, or \
the only one that it mounts.";

const EXAMPLES: &str = "\
Examples:
  writeway generate seed --uid 1000 --gid 1000 --secret google-token --path /etc/google
  writeway generate seed --from deploy.yaml --secret google-token --path /etc/google
  writeway generate seed --from deploy.yaml --secret token --path /token --onto data";

/// Print an init container that copies a Secret for a program that changes it
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(super) struct SeedArgs {
    /// Copy this Secret
    #[arg(long, value_name = "NAME", help_heading = "Source")]
    #[arg(env = "WRITEWAY_GENERATE_SECRET", hide_env = true)]
    secret: Option<String>,
    /// Copy this ConfigMap
    #[arg(long, value_name = "NAME", conflicts_with = "secret", help_heading = "Source")]
    #[arg(env = "WRITEWAY_GENERATE_CONFIG_MAP", hide_env = true)]
    config_map: Option<String>,
    /// Copy this volume of the pod: a Secret, ConfigMap or projected one
    #[arg(long, value_name = "VOLUME", conflicts_with_all = ["secret", "config_map"], help_heading = "Source")]
    #[arg(env = "WRITEWAY_GENERATE_VOLUME", hide_env = true)]
    volume: Option<String>,
    /// Copy only this key, as the file of this path; repeatable
    #[arg(id = "item", long, value_name = "KEY=PATH", value_parser = parse_item, help_heading = "Source")]
    #[arg(env = "WRITEWAY_GENERATE_ITEM", hide_env = true)]
    items: Vec<(String, String)>,
    /// Where the container has the copy
    #[arg(long, value_name = "PATH", help_heading = "Copy")]
    #[arg(env = "WRITEWAY_GENERATE_PATH", hide_env = true)]
    path: Option<String>,
    /// Copy to this volume of the pod, which the container can write to, a claim's for instance
    #[arg(long, value_name = "VOLUME", conflicts_with_all = ["disk", "size"], help_heading = "Copy")]
    #[arg(env = "WRITEWAY_GENERATE_ONTO", hide_env = true)]
    onto: Option<String>,
    /// Keep the copy on the node's disk, and not in memory
    #[arg(long, help_heading = "Copy")]
    #[arg(env = "WRITEWAY_GENERATE_DISK", hide_env = true, value_parser = BoolishValueParser::new())]
    disk: bool,
    /// What the emptyDir may hold at most; 4Mi unless said otherwise
    #[arg(long, value_parser = size::parse, help_heading = "Copy")]
    #[arg(env = "WRITEWAY_GENERATE_SIZE", hide_env = true)]
    size: Option<Size>,
    /// Mode of the files; 0600 unless said otherwise
    #[arg(long, value_name = "OCTAL", value_parser = size::parse_mode, help_heading = "Copy")]
    #[arg(env = "WRITEWAY_GENERATE_MODE", hide_env = true)]
    mode: Option<u32>,
    /// Start the pod, too, when there are no keys
    #[arg(long, help_heading = "Copy")]
    #[arg(env = "WRITEWAY_GENERATE_ALLOW_EMPTY", hide_env = true, value_parser = BoolishValueParser::new())]
    allow_empty: bool,
    /// What wins where Secret and copy have both changed: source, target, newest, or fail
    #[arg(long, value_name = "SIDE", value_parser = parse_on_conflict, default_value = "fail", help_heading = "Copy")]
    #[arg(env = "WRITEWAY_GENERATE_ON_CONFLICT", hide_env = true)]
    on_conflict: OnConflict,
    /// Refused: a script has no such form.
    #[arg(long, hide = true)]
    shell: bool,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

fn parse_item(text: &str) -> Result<(String, String), String> {
    let item = text.split_once('=');
    item.map(|(key, path)| (key.to_owned(), path.to_owned()))
        .ok_or_else(|| "write KEY=PATH, e.g. token.json=token.json".to_owned())
}

fn parse_on_conflict(text: &str) -> Result<OnConflict, String> {
    let sides = OnConflict::ALL.into_iter();
    sides.clone().find(|side| side.as_str() == text).ok_or_else(|| {
        format!(
            "it is one of {}",
            sides.map(OnConflict::as_str).collect::<Vec<_>>().join(", ")
        )
    })
}

/// What is copied, where the container has the copy, and the volume that it has there now.
struct Plan {
    source: Source,
    path: String,
    replaced: Option<String>,
}

/// Makes the init container and the volumes.
///
/// # Errors
/// When options and manifests do not say enough, or what they say cannot work.
pub(super) fn generate(args: &SeedArgs, terminal: Terminal) -> anyhow::Result<Generated> {
    if args.shell {
        bail!(
            "seed has no form for a shell: a script cannot copy one state of a Secret whole, nor keep what was refreshed; \
             leave out --shell"
        );
    }
    let inputs = args.shared.consumer.read(terminal)?;
    let consumer = args.shared.consumer.find(inputs.as_ref())?;
    let user = args.shared.consumer.user(consumer)?;
    let Plan {
        source,
        path,
        replaced,
    } = args.plan(consumer)?;
    let volumes = Names::of_volumes(consumer);
    let mut seed = Seed::new(user, source, &path)?
        .name(&args.shared.container_name(consumer, "seed")?)?
        .source_volume(&volumes.choose(None, "seed-source")?)?
        .on_conflict(args.on_conflict);
    if let Some(level) = args.shared.consumer.level(consumer) {
        seed = seed.for_level(level)?;
    }
    if let Some(image) = &args.shared.image {
        seed = seed.image(image.clone());
    }
    if let Some(mode) = args.mode {
        seed = seed.mode(mode)?;
    }
    if args.allow_empty {
        seed = seed.allow_empty();
    }
    seed = match &args.onto {
        Some(volume) => seed.onto(volume)?,
        None => {
            let volume = volumes.choose(None, "seeded")?;
            let size = args.size.clone().unwrap_or_else(Seed::default_size);
            seed.empty_dir(&volume, !args.disk, size)?
        }
    };
    Ok(Generated {
        rendered: seed.render(),
        found: consumer.map(Consumer::found),
        replaced: replaced.map(|volume| (volume, path)),
    })
}

impl SeedArgs {
    /// What is copied, and to where.
    fn plan(&self, consumer: Option<Consumer<'_>>) -> anyhow::Result<Plan> {
        let items = || self.items.iter().map(|(key, path)| (key.as_str(), path.as_str()));
        let named = match (&self.secret, &self.config_map, &self.volume) {
            (Some(name), ..) => Some(Source::secret(name, items())?),
            (_, Some(name), _) => Some(Source::config_map(name, items())?),
            (_, _, volume) if !self.items.is_empty() => {
                let named = volume
                    .as_ref()
                    .map_or("no object is named", |_| "a volume has its own");
                bail!("--item is for the keys of --secret or --config-map: {named}")
            }
            (_, _, Some(volume)) => Some(Source::volume(volume)?),
            _ => None,
        };
        let Some(consumer) = consumer else {
            let source = named.ok_or_else(|| {
                anyhow!("what is copied? Say --secret NAME, or --from with the manifest of what mounts it")
            })?;
            let path = self.path.clone();
            let path = path.ok_or_else(|| anyhow!("where is the copy to be? Say --path"))?;
            return Ok(Plan {
                source,
                path,
                replaced: None,
            });
        };
        let there = match &self.path {
            Some(path) => consumer.mount_at(path),
            None => Some(consumer.only_mount_of_keys()?),
        };
        if let Some(mount) = there {
            consumer.verify_keys(mount)?;
        }
        let path = self.path.clone().or_else(|| Some(there?.mount_path.to_string()));
        let source = match (named, there) {
            (Some(source), _) => source,
            (None, Some(mount)) => Source::volume(&mount.name)?,
            (None, None) => bail!(
                "container `{}` of {} mounts nothing at that path: say --secret NAME, or the --path of what is copied",
                consumer.container.name.as_str(),
                title(consumer.workload)
            ),
        };
        Ok(Plan {
            source,
            path: path.unwrap_or_default(),
            replaced: there.map(|mount| mount.name.to_string()),
        })
    }
}

impl<'a> Consumer<'a> {
    /// The only mount of a Secret, ConfigMap or projected volume.
    fn only_mount_of_keys(self) -> anyhow::Result<&'a Mount> {
        let of_keys: Vec<&Mount> = self
            .container
            .mounts
            .iter()
            .filter(|mount| self.has_keys(mount))
            .collect();
        match of_keys.as_slice() {
            [mount] => Ok(mount),
            several => bail!(
                "container `{}` of {} mounts {} Secrets and ConfigMaps: say --path of the one that is copied",
                self.container.name.as_str(),
                title(self.workload),
                several.len()
            ),
        }
    }

    /// Whether a mount is one of keys.
    fn has_keys(self, mount: &Mount) -> bool {
        let volumes = &self.workload.pod.volumes;
        let volume = volumes.iter().find(|volume| *volume.name == *mount.name);
        volume.is_some_and(|volume| {
            matches!(
                volume.source,
                VolumeSource::Secret(_) | VolumeSource::ConfigMap(_) | VolumeSource::Projected { .. }
            )
        })
    }

    /// Refuses to stand in for a mount that the copy would not replace.
    fn verify_keys(self, mount: &Mount) -> anyhow::Result<()> {
        let (volume, path) = (mount.name.as_str(), mount.mount_path.as_str());
        if !self.has_keys(mount) {
            bail!("volume `{volume}` is mounted at {path}, and has no keys to copy: say another --path");
        }
        if mount.sub_path.is_some() {
            bail!(
                "volume `{volume}` is mounted at {path} by subPath, one file alone, which cannot be replaced by a rename: say \
                 --path of a directory, and tell the program of it"
            );
        }
        Ok(())
    }
}
