// SPDX-License-Identifier: Apache-2.0
//! The container that uses what is generated: who it runs as, what it mounts, which names its pod has taken.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;
use writeway_access::path::clean;
use writeway_access::user_ids;
use writeway_facts::VersionNumber;
use writeway_generate::User;
use writeway_manifest::{Container, Mount, Which, Workload};
use writeway_pod_security::{Level, Request};
use writeway_report::object_name;

use crate::args::{InputArgs, parse_level, parse_version};
use crate::config::ConfigArgs;
use crate::exit::Outcome;
use crate::inputs::{self, Answered, Inputs};
use crate::terminal::Terminal;

/// How many workloads a message names at most.
const LISTED: usize = 10;

/// Who uses what is generated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Container")]
pub(super) struct ConsumerArgs {
    /// Read the container's user, mounts and taken names from these manifests; repeatable
    ///
    /// Files, folders, globs, or `-` for standard input. Objects are joined: the Namespace among them says which Pod
    /// Security level it enforces, a claim and its class who owns a volume.
    #[arg(long, value_name = "PATH", env = "WRITEWAY_GENERATE_FROM", hide_env = true)]
    from: Vec<PathBuf>,
    /// The container; the only main container of the workload unless said otherwise
    #[arg(long, value_name = "NAME", requires = "from")]
    #[arg(env = "WRITEWAY_GENERATE_CONTAINER", hide_env = true)]
    container: Option<String>,
    /// The workload, when the manifests have several with such a container, e.g. Deployment/web
    #[arg(long, value_name = "KIND/NAME", requires = "from")]
    #[arg(env = "WRITEWAY_GENERATE_WORKLOAD", hide_env = true)]
    workload: Option<String>,
    /// The user id that the container runs as; wins over --from
    #[arg(
        long,
        allow_negative_numbers = true,
        env = "WRITEWAY_GENERATE_UID",
        hide_env = true
    )]
    uid: Option<i64>,
    /// Its primary group id; wins over --from
    #[arg(
        long,
        allow_negative_numbers = true,
        env = "WRITEWAY_GENERATE_GID",
        hide_env = true
    )]
    gid: Option<i64>,
    /// Pod Security level that the namespace enforces: privileged, baseline or restricted; wins over the labels of a
    /// Namespace
    #[arg(long, value_name = "LEVEL", value_parser = parse_level)]
    #[arg(env = "WRITEWAY_LEVEL", hide_env = true)]
    level: Option<Level>,
    /// What no manifest says, for --from: the user of an image, the owner of a volume; repeatable
    #[arg(long, value_name = "FILE")]
    #[arg(env = "WRITEWAY_FACTS", hide_env = true)]
    facts: Vec<PathBuf>,
    /// Version of the cluster, for --from, e.g. 1.36
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    #[arg(env = "WRITEWAY_KUBERNETES_VERSION", hide_env = true)]
    kubernetes_version: Option<VersionNumber>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// The container, with all that was read.
#[derive(Clone, Copy)]
pub(super) struct Consumer<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) workload: &'a Workload,
    pub(super) container: &'a Container,
}

/// What is told of it.
pub(super) struct Found {
    /// Kind, namespace and name.
    pub(super) workload: String,
    /// Where its pod's spec is, e.g. `spec.template.spec`.
    pub(super) pod_path: String,
    /// The container's name.
    pub(super) container: String,
    /// Whether all of it could be read.
    pub(super) outcome: Outcome,
}

impl ConsumerArgs {
    /// Reads what `--from` names.
    ///
    /// # Errors
    /// When facts or the configuration cannot be read.
    pub(super) fn read(&self, terminal: Terminal) -> anyhow::Result<Option<Inputs>> {
        if self.from.is_empty() {
            return Ok(None);
        }
        let config = self.config.load(terminal)?;
        let args = InputArgs {
            paths: self.from.clone(),
            facts: self.facts.clone(),
            kubernetes_version: self.kubernetes_version,
            exclude: Vec::new(),
            render: false,
            stdin_filename: None,
            config: ConfigArgs::default(),
        };
        inputs::read(&args, &config, Answered::default(), terminal).map(Some)
    }

    /// The container in what was read.
    ///
    /// # Errors
    /// When none or several could be meant.
    pub(super) fn find<'a>(&self, inputs: Option<&'a Inputs>) -> anyhow::Result<Option<Consumer<'a>>> {
        let Some(inputs) = inputs else {
            return Ok(None);
        };
        let workloads = inputs.inventory.workloads();
        let mut meant = workloads
            .iter()
            .filter(|workload| self.means(workload))
            .filter(|workload| self.candidates(workload).next().is_some());
        let (first, more) = (meant.next(), meant.next());
        let (Some(workload), None) = (first, more) else {
            let names: Vec<String> = workloads.iter().map(title).take(LISTED).collect();
            let names = if names.is_empty() {
                "none at all".to_owned()
            } else {
                names.join(", ")
            };
            match first {
                None => bail!("--from names no {}; there is {names}", self.wanted()),
                Some(_) => bail!(
                    "--from names more than one {}: say --workload KIND/NAME; there is {names}",
                    self.wanted()
                ),
            }
        };
        let mut candidates = self.candidates(workload);
        match (candidates.next(), candidates.next()) {
            (Some(container), None) => Ok(Some(Consumer {
                inputs,
                workload,
                container,
            })),
            _ => {
                let names = self.candidates(workload).map(|container| container.name.as_str());
                let names = names.collect::<Vec<_>>().join(", ");
                bail!(
                    "{} has several main containers, {names}: say --container NAME",
                    title(workload)
                )
            }
        }
    }

    fn means(&self, workload: &Workload) -> bool {
        let object = &workload.object;
        let name = format!("{}/{}", object.kind, object.name);
        self.workload.as_ref().is_none_or(|wanted| *wanted == name)
    }

    /// The containers of a workload that could be meant.
    fn candidates<'w>(&self, workload: &'w Workload) -> impl Iterator<Item = &'w Container> {
        let wanted = self.container.clone();
        let which = if wanted.is_some() { Which::All } else { Which::Main };
        let containers = workload.pod.containers(which);
        containers.filter(move |container| wanted.as_ref().is_none_or(|wanted| *container.name == *wanted))
    }

    /// What was asked for, in words.
    fn wanted(&self) -> String {
        let container = match &self.container {
            Some(name) => format!("container `{}`", name.escape_debug()),
            None => "main container".to_owned(),
        };
        match &self.workload {
            Some(name) => format!("{} with a {container}", name.escape_debug()),
            None => format!("workload with a {container}"),
        }
    }

    /// Who the container runs as.
    ///
    /// # Errors
    /// When options and manifests do not tell, with what is missing.
    pub(super) fn user(&self, consumer: Option<Consumer<'_>>) -> anyhow::Result<User> {
        let ids = consumer.map(|it| user_ids(&it.inputs.facts, &it.workload.pod, it.container));
        let (uid, gid) = ids.map_or((None, None), |ids| (Some(ids.uid), Some(ids.gid)));
        let id = |given: Option<i64>, read: Option<Result<u32, String>>, option: &str, field: &str| match (
            given, read, consumer,
        ) {
            (Some(id), ..) => Ok(id),
            (None, Some(Ok(id)), _) => Ok(id.into()),
            (None, Some(Err(why)), Some(it)) => Err(anyhow!(
                "the {option} of container `{}` in {} is not known: {why}; set {field}, give --facts, or say --{option}",
                it.container.name.as_str(),
                title(it.workload)
            )),
            _ => Err(anyhow!(
                "whose is it? Say --uid and --gid of the container that uses it, or --from with its manifest"
            )),
        };
        let uid = id(self.uid, uid, "uid", "runAsUser")?;
        let gid = id(self.gid, gid, "gid", "runAsGroup")?;
        Ok(User::new(uid, gid)?)
    }

    /// The same where it makes no great difference: `None` when nobody said it and the manifests do not tell.
    ///
    /// # Errors
    /// When one id is given, and the other one is not known.
    pub(super) fn user_if_known(&self, consumer: Option<Consumer<'_>>) -> anyhow::Result<Option<User>> {
        if self.uid.is_some() || self.gid.is_some() {
            return self.user(consumer).map(Some);
        }
        Ok(self.user(consumer).ok())
    }

    /// The level that the namespace enforces, if that is known.
    pub(super) fn level(&self, consumer: Option<Consumer<'_>>) -> Option<Level> {
        self.level.or_else(|| {
            let it = consumer?;
            let admission = Request::default().admit(&it.inputs.inventory, it.workload);
            admission.policy.map(|policy| policy.level)
        })
    }
}

impl<'a> Consumer<'a> {
    /// What it mounts at a path.
    pub(super) fn mount_at(self, path: &str) -> Option<&'a Mount> {
        let mut mounts = self.container.mounts.iter();
        mounts.find(|mount| clean(&mount.mount_path) == clean(path))
    }

    /// What is told of it.
    pub(super) fn found(self) -> Found {
        Found {
            workload: title(self.workload),
            pod_path: self.workload.pod_path.clone(),
            container: self.container.name.to_string(),
            outcome: self.inputs.outcome,
        }
    }
}

/// Kind and name.
pub(super) fn title(workload: &Workload) -> String {
    format!("{} {}", workload.object.kind, object_name(&workload.object))
}

/// What a pod's containers or volumes are called.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// Those of the containers.
    pub(super) fn of_containers(consumer: Option<Consumer<'_>>) -> Self {
        let containers = consumer.into_iter();
        let containers = containers.flat_map(|it| it.workload.pod.containers(Which::All));
        Self(containers.map(|container| container.name.to_string()).collect())
    }

    /// Those of the volumes.
    pub(super) fn of_volumes(consumer: Option<Consumer<'_>>) -> Self {
        let volumes = consumer.into_iter().flat_map(|it| &it.workload.pod.volumes);
        Self(volumes.map(|volume| volume.name.to_string()).collect())
    }

    /// The name that is asked for, or the usual one, with a number where another has it.
    ///
    /// # Errors
    /// When the name that is asked for is taken.
    pub(super) fn choose(&self, asked: Option<&String>, usual: &str) -> anyhow::Result<String> {
        match asked {
            Some(name) if self.0.contains(name) => {
                bail!(
                    "the pod has `{}` already: choose another name",
                    name.escape_debug()
                )
            }
            Some(name) => Ok(name.clone()),
            None if !self.0.contains(usual) => Ok(usual.to_owned()),
            None => (2..)
                .map(|number: u64| format!("{usual}-{number}"))
                .find(|name| !self.0.contains(name))
                .ok_or_else(|| anyhow!("every name is taken")),
        }
    }
}
