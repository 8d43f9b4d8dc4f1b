// SPDX-License-Identifier: Apache-2.0
//! `probe`: what this process can do at some paths, tried, in the words of the write map.
//!
//! Nothing is changed and nothing stays: what is tried is tried on files of the probe's own ([`own_names`]), and what could
//! not be undone is judged ([`removal`]). A path is opened as the program in question would open it, links followed: what
//! the probe then does there, it does to names of its own.

mod answer;
mod attempts;
mod document;
mod exec;
mod identity;
mod listing;
mod mounts;
mod own_names;
mod path;
mod place;
mod removal;
mod requirement;
mod table;

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::owner::Owner;
use crate::verb::{Opt, Verb};

use document::{Document, Origin};
use identity::Identity;
use mounts::Mounts;
use path::Prober;
use place::absolute;
use requirement::Requirement;

pub(crate) const VERB: Verb = Verb {
    name: "probe",
    about: "Try what a process can do at paths, and say it as the write map does",
    operands: "[PATH]...",
    details: "For each path: what is there, who owns it, on which file system; and whether a file can be created, an \
              existing one overwritten, replaced and deleted, a program run, and whether Ruby's Dir.tmpdir takes it. \
              Without PATH: the mounts of the pod, /tmp, /var/tmp, /run, /dev/shm, the working directory and $HOME. With \
              --require alone: the paths required.\n\n\
              Nothing is changed. What is created is the probe's own and gone at its end; a name that a killed probe left \
              begins with `.writeway-probe-`, and a later probe removes it. An existing file is opened for writing, and \
              nothing is written (inotify sees it opened and closed); whether it could be replaced or deleted is judged.\n\n\
              --format json prints the document of `writeway map --format json`, and `writeway map --compare` holds it \
              against the map of the pod's manifest.\n\n\
              On Docker Desktop's `fakeowner` mounts (macOS) success proves nothing; the probe says so.",
    options: &[
        Opt::value(
            "as",
            "UID:GID",
            "Try as this user and group, with the other groups of the process and, unless it is root, without \
             capabilities; needs CAP_SETUID and CAP_SETGID. Default: the process as it is",
        ),
        Opt::value(
            "require",
            "VERB:PATH",
            "Exit with 1 unless the answer is yes: create, overwrite, replace, delete, exec or rubyTmpdir",
        )
        .repeated(),
        Opt::value(
            "format",
            "FORMAT",
            "`text` or `json`. Default: text, which --quiet leaves out",
        ),
        Opt::value(
            "pod",
            "NAME",
            "The pod's name in the output. Default: the environment's HOSTNAME, which is the pod's name unless it says \
             otherwise",
        ),
        Opt::value(
            "container",
            "NAME",
            "The container's name in the output. Default: that of the directory in which kubelet keeps its termination \
             message, else not known",
        ),
    ],
    examples: &[
        (
            "what the program will be able to do, before it starts",
            "writeway-agent probe --as 1000:1000 /data /tmp",
        ),
        (
            "fail early, as an init container",
            "writeway-agent probe --require create:/data --require rubyTmpdir:/tmp",
        ),
        (
            "for `writeway map --compare probe.json deploy.yaml`",
            "writeway-agent probe --format json",
        ),
    ],
    run,
};

/// Paths that programs expect to write to; the write map has the same.
const WELL_KNOWN: &[&str] = &["/tmp", "/var/tmp", "/run", "/dev/shm"];

/// How many of the mounts are probed without being asked for: a host's root directory brings hundreds.
const MOUNTS: usize = 100;

/// How the answers are printed.
#[derive(Clone, Copy, Default)]
enum Format {
    #[default]
    Text,
    Json,
}

impl Format {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("write `text` or `json`".to_owned()),
        }
    }
}

fn run(arguments: &Arguments, log: &Log) -> Result<Exit, Failure> {
    let format = arguments.parsed("format", Format::read)?.unwrap_or_default();
    let owner = arguments.parsed("as", Owner::read)?;
    let required = requirements(arguments)?;
    let mounts = Mounts::read();
    let paths = paths(arguments, &required, &mounts, log)?;
    let origin = origin(arguments, &mounts);
    // Only root may read it.
    let protected_regular = first_line("/proc/sys/fs/protected_regular").and_then(|line| line.parse().ok());
    if let Some(owner) = owner {
        identity::become_owner(owner)?;
    }
    let prober = Prober {
        identity: Identity::current(),
        mounts: &mounts,
        protected_regular,
        log,
    };
    let probes: Vec<_> = paths.iter().map(|path| prober.probe(path)).collect();
    let mut exit = Exit::Done;
    for (path, probe) in paths.iter().zip(&probes) {
        let failures = required.iter().filter(|requirement| requirement.is_about(path));
        for failure in failures.filter_map(|requirement| requirement.failure(probe)) {
            log.error(failure);
            exit = Exit::Refused;
        }
    }
    match format {
        Format::Json => {
            let document = Document::new(origin, prober.identity, probes);
            let text = serde_json::to_string_pretty(&document)
                .map_err(|error| Failure::refused(format_args!("cannot write JSON: {error}")))?;
            crate::print(&format!("{text}\n"))?;
        }
        Format::Text if arguments.has("quiet") => {}
        Format::Text => {
            crate::print(&table::text(&origin, &prober.identity, &probes))?;
        }
    }
    Ok(exit)
}

fn requirements(arguments: &Arguments) -> Result<Vec<Requirement>, Failure> {
    let read = |text: &OsStr| {
        let shown = text.to_string_lossy();
        let requirement = text
            .to_str()
            .ok_or_else(|| "it is not UTF-8".to_owned())
            .and_then(Requirement::read);
        requirement.map_err(|why| Failure::usage(format_args!("`--require {shown}`: {why}")))
    };
    arguments.values("require").map(read).collect()
}

/// What is probed: what is named, else what the map of a container has.
fn paths(
    arguments: &Arguments,
    required: &[Requirement],
    mounts: &Mounts,
    log: &Log,
) -> Result<Vec<PathBuf>, Failure> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut push = |path: PathBuf| {
        if !paths.contains(&path) {
            paths.push(path);
        }
    };
    for operand in arguments.operands() {
        if operand.is_empty() {
            return Err(Failure::usage("a PATH is empty"));
        }
        push(absolute(Path::new(operand)));
    }
    required
        .iter()
        .for_each(|requirement| push(requirement.path.clone()));
    if !arguments.operands().is_empty() || !required.is_empty() {
        return Ok(paths);
    }
    mounts.of_pod().take(MOUNTS).for_each(|point| push(point.into()));
    let more = mounts.of_pod().count().saturating_sub(MOUNTS);
    if more > 0 {
        log.warning(format_args!(
            "{more} more mounts are not probed; name them to have them probed"
        ));
    }
    WELL_KNOWN.iter().for_each(|path| push(path.into()));
    std::env::current_dir().into_iter().for_each(&mut push);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    home.filter(|home| home.is_absolute()).into_iter().for_each(push);
    Ok(paths)
}

/// Where the probe runs: a namespace is known to a pod that has a token, a pod's name is its host name.
fn origin(arguments: &Arguments, mounts: &Mounts) -> Origin {
    let given = |option: &str| {
        arguments
            .value(option)
            .map(|value| value.to_string_lossy().into_owned())
    };
    let host = || std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty());
    Origin {
        namespace: first_line("/var/run/secrets/kubernetes.io/serviceaccount/namespace"),
        pod: given("pod")
            .or_else(host)
            .or_else(|| first_line("/proc/sys/kernel/hostname"))
            .unwrap_or_default(),
        container: given("container").or_else(|| mounts.container().map(str::to_owned)),
    }
}

/// The first line of a small file that is there.
fn first_line(path: &str) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(4096).read_to_string(&mut text).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
