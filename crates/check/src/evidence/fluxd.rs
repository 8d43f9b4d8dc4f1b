// SPDX-License-Identifier: Apache-2.0
//! The daemon of Flux v1 and its flags (fluxcd/flux, cmd/fluxd/main.go).

use std::collections::BTreeMap;

use writeway_facts::ImageReference;
use writeway_manifest::{Container, Span, Spanned, Which, Workload};

use crate::evidence::git_url::GitUrl;

/// Repositories that held its image.
const REPOSITORIES: &[&str] = &["fluxcd/flux", "weaveworks/flux"];

/// Flags that need no value (`fs.Bool`).
const SWITCHES: &[&str] = &[
    "git-ci-skip",
    "git-readonly",
    "git-secret",
    "git-set-author",
    "git-verify-signatures",
    "k8s-in-cluster",
    "manifest-generation",
    "registry-disable-scanning",
    "registry-trace",
    "sops",
    "sync-garbage-collection",
    "sync-garbage-collection-dry",
    "version",
];

/// A flag as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flag {
    /// Its value; `None` when it has none, or when the value depends on variables.
    pub(crate) value: Option<String>,
    /// Where it stands.
    pub(crate) span: Span,
}

/// Where the daemon keeps what it applied last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// In a tag of the repository.
    Tag(String),
    /// In an annotation of a Secret of its own namespace.
    Secret(String),
}

/// A container that runs the daemon.
#[derive(Debug)]
pub(crate) struct Fluxd<'a> {
    pub(crate) container: &'a Container,
    flags: BTreeMap<String, Vec<Flag>>,
}

impl<'a> Fluxd<'a> {
    /// The daemon among the containers of a workload.
    pub(crate) fn of(workload: &'a Workload) -> Option<Self> {
        let mut containers = workload.pod.containers(Which::LongRunning);
        containers.find_map(|container| {
            let words = arguments(container)?;
            Some(Self {
                container,
                flags: flags(&words),
            })
        })
    }

    /// A flag; of one written several times the last counts (spf13/pflag).
    pub(crate) fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.get(name)?.last()
    }

    /// A flag's value, when it has one that is known and not empty.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let value = self.flag(name)?.value.as_deref()?;
        Some(value).filter(|value| !value.is_empty())
    }

    /// Whether a switch is on (strconv.ParseBool); `None` when that is not known.
    pub(crate) fn is_on(&self, name: &str) -> Option<bool> {
        let Some(flag) = self.flag(name) else {
            return Some(false);
        };
        match flag.value.as_deref()? {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        }
    }

    /// Whether it looks after a namespace: after all of them, unless told which (`StringSlice`, so split at commas).
    pub(crate) fn looks_after(&self, namespace: &str) -> bool {
        let lists = ["k8s-allow-namespace", "k8s-namespace-whitelist"];
        let mut flags = lists
            .iter()
            .filter_map(|name| self.flags.get(*name))
            .flatten()
            .peekable();
        flags.peek().is_none()
            || flags.any(|flag| match &flag.value {
                Some(names) => names.split(',').any(|name| name == namespace),
                None => true,
            })
    }

    /// The repository, when the URL is known.
    pub(crate) fn url(&self) -> Option<GitUrl> {
        GitUrl::parse(self.value("git-url")?)
    }

    /// Where it keeps its state; `None` when that is not known. `--git-readonly` forces the Secret.
    pub(crate) fn state(&self) -> Option<State> {
        let mode = match self.flag("sync-state") {
            _ if self.is_on("git-readonly")? => "secret",
            Some(flag) => flag.value.as_deref()?,
            None => "git",
        };
        let value = |flag: &str, default: &str| match self.flag(flag) {
            Some(flag) => flag.value.clone(),
            None => Some(default.to_owned()),
        };
        match mode {
            "secret" => value("k8s-secret-name", "flux-git-deploy").map(State::Secret),
            // `--git-label` overrides the tag whenever it is given.
            "git" if self.flag("git-label").is_some() => value("git-label", "").map(State::Tag),
            "git" => value("git-sync-tag", "flux-sync").map(State::Tag),
            _ => None,
        }
    }

    /// Whether any flag of the two has another value.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        let values = |daemon: &Self| -> BTreeMap<String, Vec<Option<String>>> {
            let flags = daemon.flags.iter();
            flags
                .map(|(name, flags)| {
                    (
                        name.clone(),
                        flags.iter().map(|flag| flag.value.clone()).collect(),
                    )
                })
                .collect()
        };
        values(self) != values(other)
    }

    /// The minor version of `1.MINOR` that the image's tag names.
    pub(crate) fn minor(&self) -> Option<u32> {
        let image = ImageReference::parse(self.container.image.as_ref()?).ok()?;
        let mut parts = image.tag()?.split('.');
        let numbers = (parts.next()? == "1").then(|| parts.next()?.parse().ok())?;
        // `1.13-abcdef` is a build between two releases.
        parts
            .next()
            .is_some_and(|patch| patch.parse::<u32>().is_ok())
            .then_some(numbers)?
    }
}

/// The words behind the program, when a container runs the daemon.
fn arguments(container: &Container) -> Option<Vec<&Spanned<String>>> {
    let command = container.command.as_deref().unwrap_or_default();
    let args = container.args.as_deref().unwrap_or_default();
    let words: Vec<_> = command.iter().chain(args).collect();
    let named = words
        .iter()
        .position(|word| word.rsplit('/').next() == Some("fluxd"));
    match named {
        Some(program) => Some(words[program + 1..].to_vec()),
        None => (command.is_empty() && is_image(container)).then_some(words),
    }
}

fn is_image(container: &Container) -> bool {
    let image = container.image.as_ref();
    let reference = image.and_then(|image| ImageReference::parse(image).ok());
    reference.is_some_and(|reference| {
        let repository = reference.repository();
        // Mirrors put a path before it.
        REPOSITORIES.iter().any(|known| {
            repository
                .strip_suffix(known)
                .is_some_and(|before| before.is_empty() || before.ends_with('/'))
        })
    })
}

fn flags(words: &[&Spanned<String>]) -> BTreeMap<String, Vec<Flag>> {
    let mut flags: BTreeMap<String, Vec<Flag>> = BTreeMap::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            continue;
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None if SWITCHES.contains(&flag) => (flag, Some("true".to_owned())),
            None => (flag, words.next().map(|value| value.value.clone())),
        };
        let known = |value: &String| name == "git-url" || !value.contains("$(");
        flags.entry(name.to_owned()).or_default().push(Flag {
            value: value.filter(known),
            span: word.span,
        });
    }
    flags
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use writeway_manifest::{Inventory, ParsedFile};

    use super::*;

    fn daemon(container: &str) -> Inventory {
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: flux}}\nspec:\n  containers:\n    - {{name: flux, {container}}}\n"
        );
        Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", manifest)])
    }

    #[test]
    fn the_daemon_is_known_by_its_image_or_its_program() {
        let rows = [
            ("image: 'docker.io/fluxcd/flux:1.25.4'", true),
            ("image: 'quay.io/weaveworks/flux:1.10.0'", true),
            (
                "image: 'mirror.example/proxy/fluxcd/flux:1.25.4', args: ['--git-readonly']",
                true,
            ),
            ("image: 'acme/tool:1', command: [/sbin/tini, --, fluxd]", true),
            ("image: 'fluxcd/flux:1.25.4', command: [sleep, '1']", false),
            ("image: 'ghcr.io/fluxcd/flux-cli:v2.3.0'", false),
            ("image: 'acme/flux:1'", false),
        ];
        for (container, expected) in rows {
            let inventory = daemon(container);
            assert_eq!(
                Fluxd::of(&inventory.workloads()[0]).is_some(),
                expected,
                "{container}"
            );
        }
    }

    #[test]
    fn the_state_is_where_the_flags_together_put_it() {
        let tag = |name: &str| Some(State::Tag(name.to_owned()));
        let secret = |name: &str| Some(State::Secret(name.to_owned()));
        let rows = [
            ("", tag("flux-sync")),
            ("'--git-sync-tag=prod'", tag("prod")),
            ("'--git-sync-tag=prod', '--git-label=eu'", tag("eu")),
            ("'--git-label', eu, '--git-sync-tag', prod", tag("eu")),
            ("'--git-readonly'", secret("flux-git-deploy")),
            ("'--git-readonly', '--sync-state=git'", secret("flux-git-deploy")),
            ("'--git-readonly=false'", tag("flux-sync")),
            ("'--git-readonly', '--git-readonly=false'", tag("flux-sync")),
            ("'--sync-state=secret', '--k8s-secret-name=key'", secret("key")),
            ("'--sync-state=other'", None),
            ("'--git-label=$(LABEL)'", None),
            ("'--git-readonly=$(RO)'", None),
        ];
        for (args, expected) in rows {
            let inventory = daemon(&format!("image: 'fluxcd/flux:1.25.4', args: [{args}]"));
            let daemon = Fluxd::of(&inventory.workloads()[0]).unwrap();
            assert_eq!(daemon.state(), expected, "{args}");
        }
    }

    #[test]
    fn only_a_release_tells_the_version() {
        let rows = [
            ("fluxcd/flux:1.25.4", Some(25)),
            ("fluxcd/flux:1.13.3", Some(13)),
            ("fluxcd/flux:master-123abc", None),
            ("fluxcd/flux:1.13-abc", None),
            ("fluxcd/flux", None),
            ("fluxcd/flux:2.0.0", None),
        ];
        for (image, expected) in rows {
            let inventory = daemon(&format!("image: '{image}'"));
            assert_eq!(
                Fluxd::of(&inventory.workloads()[0]).unwrap().minor(),
                expected,
                "{image}"
            );
        }
    }
}
