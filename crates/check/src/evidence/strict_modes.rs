// SPDX-License-Identifier: Apache-2.0
//! Files and directories that software only accepts with a strict mode.
//!
//! Three sources: the modes in the table of public images, options of programs that name such a file, and the names that
//! such files have by convention. Each says who reads the file, which bits it refuses, and where that is written.

use writeway_access::{Program, program};
use writeway_facts::knowledge::{Knowledge, KnownWrite, WriteKind, lookup};
use writeway_manifest::{Container, EnvSource, VolumeSource, Workload};

use crate::Confidence;
use crate::evidence::mounted::{Mounted, Source};

/// A path that somebody only accepts with a strict mode.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    /// Absolute path in the container.
    pub(crate) path: String,
    /// What has to be there.
    pub(crate) kind: WriteKind,
    /// The permission bits that are refused.
    pub(crate) refused: u16,
    /// Only a file of the reader's own user is looked at.
    pub(crate) if_owned: bool,
    /// Who reads it, and what it is.
    pub(crate) reader: String,
    /// Where that is written.
    pub(crate) source: &'static str,
    /// The image's entry point gives it the mode at each start, as far as it may.
    pub(crate) repaired: bool,
    /// The user that writes it if nothing but the image decides.
    pub(crate) writer: Option<u32>,
    /// How sure it is that the reader reads this file and refuses it.
    pub(crate) confidence: Confidence,
}

/// A file that has its name by convention.
struct WellKnown {
    /// The end of its path, whole components.
    ends: &'static [&'static str],
    refused: u16,
    if_owned: bool,
    reader: &'static str,
    source: &'static str,
}

const WELL_KNOWN: &[WellKnown] = &[
    WellKnown {
        ends: &[".erlang.cookie"],
        refused: 0o077,
        if_owned: false,
        reader: "Erlang (its cookie)",
        source: "erlang/otp: lib/kernel/src/auth.erl, check_attributes",
    },
    WellKnown {
        ends: &[".ssh/id_rsa", ".ssh/id_ed25519", ".ssh/id_ecdsa", ".ssh/id_dsa"],
        refused: 0o077,
        if_owned: true,
        reader: "OpenSSH (a private key)",
        source: "openssh-portable: authfile.c, sshkey_perm_ok",
    },
    WellKnown {
        ends: &[".pgpass"],
        refused: 0o077,
        if_owned: false,
        reader: "libpq (its password file)",
        source: "PostgreSQL: src/interfaces/libpq/fe-connect.c, passwordFromFile",
    },
];

/// An option whose value is such a file.
struct FileOption {
    /// Programs of which one has to be among the words; none means any.
    programs: &'static [&'static str],
    /// Whether this is the option, without its value.
    is: fn(&str) -> bool,
    refused: u16,
    if_owned: bool,
    reader: &'static str,
    source: &'static str,
}

/// Traefik's option is `--certificatesresolvers.NAME.acme.storage`, in any case.
const RESOLVERS: &str = "certificatesresolvers.";
const STORAGE: &str = ".acme.storage";

const OPTIONS: &[FileOption] = &[
    FileOption {
        programs: &[],
        is: |option| {
            let option = option.trim_start_matches('-');
            let begins = option.get(..RESOLVERS.len());
            let rest = option
                .len()
                .checked_sub(STORAGE.len())
                .and_then(|at| option.get(at..));
            begins.is_some_and(|begins| begins.eq_ignore_ascii_case(RESOLVERS))
                && rest.is_some_and(|rest| rest.eq_ignore_ascii_case(STORAGE))
        },
        refused: 0o077,
        if_owned: false,
        reader: "Traefik (its ACME store)",
        source: "traefik/traefik: pkg/provider/acme/local_store_unix.go, CheckFile",
    },
    FileOption {
        programs: &["mongod", "mongos"],
        is: |option| option == "--keyFile",
        refused: 0o077,
        if_owned: false,
        reader: "MongoDB (its key file)",
        source: "mongodb/mongo: src/mongo/db/auth/security_file.cpp, readSecurityFile",
    },
    FileOption {
        programs: &["ssh", "scp", "sftp"],
        is: |option| option == "-i",
        refused: 0o077,
        if_owned: true,
        reader: "OpenSSH (a private key)",
        source: "openssh-portable: authfile.c, sshkey_perm_ok",
    },
];

/// Software of the table that does not start with another mode; the rest of it warns, or repairs it.
const REFUSING: &[&str] = &["docker.io/library/postgres", "docker.io/library/rabbitmq"];

/// Software of the table whose entry point gives the directory its mode at each start (docker-library/postgres:
/// docker-entrypoint.sh, docker_create_db_directories; influxdata/influxdata-docker: entrypoint.sh).
const REPAIRING: &[&str] = &["docker.io/library/postgres", "docker.io/library/influxdb"];

/// Software of the table that only has its file when an option says so, which is among the options above.
const BY_OPTION: &[&str] = &["docker.io/library/traefik"];

/// Programs that are the software of the table, rather than a tool that its image has, too.
const SERVERS: &[&str] = &[
    "argocd-repo-server",
    "docker-entrypoint.sh",
    "etcd",
    "influxd",
    "postgres",
    "rabbitmq-server",
];

/// What a container's software demands.
pub(crate) fn demands(workload: &Workload, container: &Container) -> Vec<Demand> {
    let mut demands = of_image(container);
    demands.extend(of_options(container));
    demands.extend(by_name(workload, container));
    let mut seen: Vec<String> = Vec::new();
    demands.retain(|demand| {
        let new = !seen.contains(&demand.path);
        seen.push(demand.path.clone());
        new
    });
    demands
}

fn of_image(container: &Container) -> Vec<Demand> {
    if !runs_server(container) {
        return Vec::new();
    }
    let Some(Knowledge::Known(writes)) = container.image.as_ref().map(|image| lookup(image)) else {
        return Vec::new();
    };
    let strict = writes.into_iter().filter(|write| !write.modes.is_empty());
    strict
        .filter(|write| !is_of(write, BY_OPTION))
        .filter_map(|write| of_row(container, write))
        .collect()
}

/// Whether a container runs its image's software, and not another program of the image, as many init containers do.
fn runs_server(container: &Container) -> bool {
    let is_server = |word: &str| SERVERS.contains(&word.rsplit('/').next().unwrap_or(word));
    match program(container) {
        // Entry points run a first argument that is no option.
        Program::Entrypoint => container
            .args
            .iter()
            .flatten()
            .next()
            .is_none_or(|first| first.starts_with('-') || is_server(first)),
        Program::Exec(words) => {
            words.first().is_some_and(|first| is_server(first))
                || words.iter().any(|word| word.ends_with("docker-entrypoint.sh"))
        }
        Program::Script { text, .. } => text.split(['\n', ';', '&', '|']).any(|command| {
            let mut words = command.split_whitespace().filter(|word| *word != "exec");
            words.next().is_some_and(is_server)
        }),
    }
}

fn of_row(container: &Container, write: &'static KnownWrite) -> Option<Demand> {
    let allowed = write.modes.iter().fold(0, |bits, mode| bits | mode.0);
    Some(Demand {
        path: moved(container, write)?,
        kind: write.kind,
        refused: 0o077 & !allowed,
        if_owned: false,
        reader: reader(write),
        source: write.source,
        repaired: is_of(write, REPAIRING) && container.command.is_none(),
        writer: Some(write.uid()),
        confidence: if is_of(write, REFUSING) {
            Confidence::High
        } else {
            Confidence::Low
        },
    })
}

/// `postgres (PGDATA)`.
fn reader(write: &KnownWrite) -> String {
    let image = write.images.first().copied().unwrap_or_default();
    let name = image.rsplit('/').next().unwrap_or(image);
    format!("{name} ({})", write.purpose)
}

fn is_of(write: &KnownWrite, images: &[&str]) -> bool {
    write.images.iter().any(|image| images.contains(image))
}

/// The path, where a variable may name another; `None` when that is not known here.
fn moved(container: &Container, write: &KnownWrite) -> Option<String> {
    let written = write.path?;
    let variable = container.env.iter().rfind(|entry| *entry.name == write.purpose);
    let path = match variable.map(|entry| &entry.source) {
        None => written,
        Some(EnvSource::Value(value)) if value.starts_with('/') && !value.contains('$') => value,
        Some(_) => return None,
    };
    Some(format!("/{}", path.trim_matches('/')))
}

/// The files that options of `command`, `args` and the usual variables name.
fn of_options(container: &Container) -> Vec<Demand> {
    let arguments = container
        .command
        .iter()
        .flatten()
        .chain(container.args.iter().flatten());
    let variables = container.env.iter().filter_map(|entry| match &entry.source {
        EnvSource::Value(value) if *entry.name == "GIT_SSH_COMMAND" => Some(value.as_str()),
        _ => None,
    });
    let words: Vec<&str> = arguments
        .map(|argument| argument.as_str())
        .chain(variables)
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_matches(['"', '\'', ';']))
        .collect();
    let image = container.image.as_ref().map_or("", |image| image.as_str());
    let mut demands = Vec::new();
    for option in OPTIONS {
        let runs = |program: &&str| {
            let named = |word: &&str| word.rsplit('/').next() == Some(*program);
            words.iter().any(named) || (program.starts_with("mongo") && image.contains("mongo"))
        };
        if !option.programs.is_empty() && !option.programs.iter().any(runs) {
            continue;
        }
        for (index, word) in words.iter().enumerate() {
            let value = match word.split_once('=') {
                Some((name, value)) if (option.is)(name) => Some(value),
                _ if (option.is)(word) => words.get(index + 1).copied(),
                _ => None,
            };
            let Some(path) = value.filter(|path| path.starts_with('/') && !path.contains('$')) else {
                continue;
            };
            demands.push(Demand {
                path: format!("/{}", path.trim_matches('/')),
                kind: WriteKind::File,
                refused: option.refused,
                if_owned: option.if_owned,
                reader: option.reader.to_owned(),
                source: option.source,
                repaired: false,
                writer: None,
                confidence: Confidence::High,
            });
        }
    }
    demands
}

/// Files of Secrets and their like that are mounted under a name that says what they are.
fn by_name(workload: &Workload, container: &Container) -> Vec<Demand> {
    let mut demands = Vec::new();
    for mount in &container.mounts {
        let Some(Mounted {
            source: Source::Volume(source),
            ..
        }) = Mounted::find(workload, mount)
        else {
            continue;
        };
        let items = match source {
            VolumeSource::Secret(secret) => &secret.items,
            VolumeSource::ConfigMap(map) => &map.items,
            _ => continue,
        };
        let directory = mount.mount_path.trim_end_matches('/');
        let mut paths = vec![directory.to_owned()];
        if mount.sub_path.is_none() {
            let named = items.iter().map(|item| item.path.as_str());
            paths.extend(named.map(|name| format!("{directory}/{name}")));
            // Which keys the Secret has is asked of the map.
            if items.is_empty() && directory.ends_with("/.ssh") {
                let keys = WELL_KNOWN.iter().flat_map(|known| known.ends);
                let keys = keys.filter_map(|end| end.strip_prefix(".ssh/"));
                paths.extend(keys.map(|key| format!("{directory}/{key}")));
            }
        }
        for path in paths {
            let ends = |end: &&&str| path.strip_suffix(**end).is_some_and(|rest| rest.ends_with('/'));
            let known = WELL_KNOWN
                .iter()
                .find(|known| known.ends.iter().any(|end| ends(&end)));
            demands.extend(known.map(|known| Demand {
                path: path.clone(),
                kind: WriteKind::File,
                refused: known.refused,
                if_owned: known.if_owned,
                reader: known.reader.to_owned(),
                source: known.source,
                repaired: false,
                writer: None,
                confidence: Confidence::Medium,
            }));
        }
    }
    demands
}
