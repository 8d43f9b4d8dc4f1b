// SPDX-License-Identifier: Apache-2.0
//! What the write map says that a verb does is what it does: each case runs the program on real files, and on the model of
//! a pod that has the same files on a node's directory. Modes, owners and the exit code have to agree.
//!
//! Needs root, since files of several owners are made.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use writeway_access::{Context, FileKind, Tri, map_pod};
use writeway_manifest::{Inventory, ParsedFile};

/// Who runs the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// The program's own user.
    User,
    /// Root that may give files away, and no more.
    Owner,
    /// Root without any capability.
    Nobody,
}

impl Who {
    /// Its security context.
    fn context(self) -> &'static str {
        match self {
            Self::User => "runAsUser: 1000, runAsGroup: 1000",
            Self::Owner => "runAsUser: 0, runAsGroup: 0, capabilities: {drop: [ALL], add: [CHOWN]}",
            Self::Nobody => "runAsUser: 0, runAsGroup: 0, capabilities: {drop: [ALL]}",
        }
    }

    /// The program that becomes that process.
    fn command(self) -> Command {
        let mut setpriv = Command::new("setpriv");
        let (id, capabilities) = match self {
            Self::User => ("1000", "-all"),
            Self::Owner => ("0", "-all,+chown"),
            Self::Nobody => ("0", "-all"),
        };
        setpriv.args(["--reuid", id, "--regid", id, "--clear-groups"]);
        setpriv.args(["--inh-caps", "-all", "--bounding-set", capabilities]);
        setpriv.arg(env!("CARGO_BIN_EXE_writeway-agent"));
        setpriv
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
    Link,
}

/// A file of the volume before the agent runs; the empty path is the volume.
#[derive(Clone, Debug)]
struct Entry {
    path: String,
    kind: Kind,
    owner: (u32, u32),
    mode: u32,
}

/// A command line on a volume at `/v`, with a Secret of two keys at `/s`.
#[derive(Clone, Debug)]
struct Case {
    who: Who,
    words: String,
    entries: Vec<Entry>,
}

/// Mode and owner of a directory or a file.
type Seen = (bool, u32, u32, u32);

/// What came of it: whether it ended with 0, and then what is there.
#[derive(Debug, PartialEq, Eq)]
struct Came {
    succeeded: bool,
    files: BTreeMap<String, Option<Seen>>,
}

impl Case {
    /// Every path that may be there afterwards.
    fn paths(&self) -> Vec<String> {
        let entries = self.entries.iter().filter(|entry| entry.kind != Kind::Link);
        let mut paths: Vec<String> = entries.map(|entry| entry.path.clone()).collect();
        paths.extend(
            [
                "new",
                "new/a",
                "new/b",
                "new/closed",
                "new/closed/deep",
                "new/file",
                "dir",
                "dir/new",
                "dir/new/a",
                ".new.writeway-seed",
            ]
            .map(str::to_owned),
        );
        paths.retain(|path| {
            !self
                .entries
                .iter()
                .any(|entry| entry.kind == Kind::Link && within(path, &entry.path))
        });
        paths.sort();
        paths.dedup();
        paths
    }

    /// On real files.
    fn real(&self) -> Came {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (volume, secret) = (folder.path().join("v"), folder.path().join("s"));
        for entry in &self.entries {
            entry.make(&volume);
        }
        // Those of directories last: a file that is made in one does not care, its maker is root.
        for entry in self
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.kind == Kind::Directory)
        {
            entry.settle(&volume);
        }
        keys(&secret);
        let words = self.words.split(' ').map(|word| {
            let placed = |prefix: &str, to: &Path| {
                let rest = word.strip_prefix(prefix)?;
                Some(format!("{}{rest}", to.display()))
            };
            placed("/v", &volume)
                .or_else(|| placed("/s", &secret))
                .unwrap_or_else(|| word.to_owned())
        });
        let output = self.who.command().args(words).output().unwrap();
        let files = self.paths().into_iter().map(|path| {
            let status = fs::symlink_metadata(volume.join(&path)).ok();
            let seen = status.map(|status| {
                (
                    status.is_dir(),
                    status.mode() & 0o7777,
                    status.uid(),
                    status.gid(),
                )
            });
            (path, seen)
        });
        let succeeded = output.status.success();
        assert!(
            matches!(output.status.code(), Some(0..=3)),
            "{self:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Came {
            succeeded,
            files: if succeeded {
                files.collect()
            } else {
                BTreeMap::new()
            },
        }
    }

    /// On the model. What it leaves open is in the second list.
    fn model(&self) -> (Came, Vec<String>) {
        let words: Vec<String> = self.words.split(' ').map(|word| format!("'{word}'")).collect();
        let pod = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{a: x, b: x}}\n---\napiVersion: v1\nkind: \
             Pod\nmetadata: {{name: p}}\nspec:\n  initContainers:\n    - name: agent\n      image: \
             ghcr.io/writeway/agent:0.1.0\n      args: [{}]\n      securityContext: {{{}}}\n      volumeMounts: &mounts\n        \
             - {{name: v, mountPath: /v}}\n        - {{name: s, mountPath: /s}}\n  containers:\n    - {{name: look, image: \
             ghcr.io/writeway/agent:0.1.0, args: [sleep, 1h], volumeMounts: *mounts, securityContext: {{runAsUser: \
             0}}}}\n  volumes:\n    - {{name: v, hostPath: {{path: /srv/v}}}}\n    - {{name: s, secret: {{secretName: s}}}}\n",
            words.join(", "),
            self.who.context()
        );
        let mut facts = String::from(
            "images:\n  ghcr.io/writeway/agent:0.1.0:\n    complete: true\n    user: '65532:65532'\n    users: {}\n    groups: \
             {}\n    paths: {/writeway-agent: {owner: '0:0', mode: '0755', type: file}}\nhostPaths:\n  /srv/v:\n",
        );
        for entry in &self.entries {
            let (uid, gid) = entry.owner;
            let owner = format!("owner: '{uid}:{gid}'");
            let _ = match (entry.path.as_str(), entry.kind) {
                ("", _) => writeln!(
                    facts,
                    "    {owner}\n    mode: '{:04o}'\n    contents:",
                    entry.mode
                ),
                (path, Kind::Directory) => {
                    writeln!(facts, "      {path}: {{{owner}, mode: '{:04o}'}}", entry.mode)
                }
                (path, Kind::File) => {
                    writeln!(
                        facts,
                        "      {path}: {{{owner}, mode: '{:04o}', type: file}}",
                        entry.mode
                    )
                }
                (path, Kind::Link) => writeln!(facts, "      {path}: {{type: link, to: nowhere}}"),
            };
        }
        if self.entries.len() == 1 {
            facts.push_str("      {}\n");
        }
        let facts = writeway_facts::read(&facts).unwrap_or_else(|errors| panic!("{errors}\n{facts}"));
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", pod)]);
        assert_eq!(inventory.problems(), []);
        let extra: Vec<String> = self.paths().iter().map(|path| in_volume(path)).collect();
        let context = Context {
            inventory: &inventory,
            facts: &facts,
            extra_paths: &extra,
        };
        let map = map_pod(&context, &inventory.workloads()[0]);
        let mut open = Vec::new();
        let mut files = BTreeMap::new();
        for container in map.containers.iter().filter(|container| container.name == "look") {
            for path in self.paths() {
                let whole = in_volume(&path);
                let found = container.paths.iter().find(|found| found.path == whole).unwrap();
                let seen = match (found.exists, found.mode.zip(found.uid).zip(found.gid)) {
                    (Tri::No, _) => None,
                    (Tri::Yes, Some(((mode, uid), gid))) => {
                        Some((found.kind == Some(FileKind::Directory), u32::from(mode), uid, gid))
                    }
                    _ => {
                        open.push(path);
                        continue;
                    }
                };
                files.insert(path, seen);
            }
        }
        let succeeded = map.starts.verdict != Tri::No;
        (Came { succeeded, files }, open)
    }

    /// Compares both; answers how many paths the model leaves open.
    fn judge(&self) -> Result<usize, String> {
        let (real, (model, open)) = (self.real(), self.model());
        let told = real.files.iter().filter(|(path, _)| !open.contains(path));
        let told: BTreeMap<_, _> = told.map(|(path, seen)| (path.clone(), *seen)).collect();
        if real.succeeded == model.succeeded && told == model.files {
            return Ok(open.len());
        }
        let shown = |files: &BTreeMap<String, Option<Seen>>| {
            let lines = files.iter().map(|(path, seen)| match seen {
                Some((_, mode, uid, gid)) => format!("  {path}: {mode:04o} {uid}:{gid}\n"),
                None => format!("  {path}: absent\n"),
            });
            lines.collect::<String>()
        };
        Err(format!(
            "{self:#?}\nreally, succeeded {}:\n{}on the model, succeeded {}:\n{}",
            real.succeeded,
            shown(&told),
            model.succeeded,
            shown(&model.files)
        ))
    }
}

impl Entry {
    fn make(&self, volume: &Path) {
        let path = volume.join(&self.path);
        match self.kind {
            Kind::Directory => fs::DirBuilder::new().mode(0o700).create(&path).unwrap(),
            Kind::File => fs::write(&path, "x").unwrap(),
            Kind::Link => symlink("nowhere", &path).unwrap(),
        }
        if self.kind != Kind::Directory {
            self.settle(volume);
        }
    }

    fn settle(&self, volume: &Path) {
        let path = volume.join(&self.path);
        let (uid, gid) = match self.kind {
            Kind::Link => (0, 0),
            Kind::Directory | Kind::File => self.owner,
        };
        lchown(&path, Some(uid), Some(gid)).unwrap();
        if self.kind != Kind::Link {
            fs::set_permissions(&path, fs::Permissions::from_mode(self.mode)).unwrap();
        }
    }
}

/// Whether a path is another one, or lies below it.
fn within(path: &str, above: &str) -> bool {
    Path::new(path).starts_with(above)
}

fn in_volume(path: &str) -> String {
    format!("/v/{path}").trim_end_matches('/').to_owned()
}

/// Two keys as kubelet lays them out (pkg/volume/util/atomic_writer.go).
fn keys(secret: &Path) {
    let timestamped = secret.join("..2026_11_22_08_00_00.1");
    fs::create_dir_all(&timestamped).unwrap();
    for key in ["a", "b"] {
        fs::write(timestamped.join(key), "x").unwrap();
        fs::set_permissions(timestamped.join(key), fs::Permissions::from_mode(0o644)).unwrap();
        symlink(format!("..data/{key}"), secret.join(key)).unwrap();
    }
    symlink("..2026_11_22_08_00_00.1", secret.join("..data")).unwrap();
    for directory in [secret, &timestamped] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Command lines for each verb that changes something.
const LINES: &[&str] = &[
    "mkdir /v/new",
    "mkdir /v/new --mode 1777",
    "mkdir /v/dir --mode 0750",
    "mkdir /v/dir/new --mode 2755",
    "mkdir /v/new --mode 0700 --owner 1000:1000",
    "mkdir /v --mode 0711 --owner 70:70",
    "mkdir /v/link/new",
    "mkdir /v/file",
    "own 1000:1000 /v",
    "own 1000:1000 /v --if-root-mismatch",
    "own 70:1000 /v/dir",
    "own 0:0 /v --mode u=rwX,go=",
    "own 1000:1000 /v --mode g+w",
    "own 1000:0 /v --group-writable",
    "own 1000:70 /v --group-writable",
    "own 1000:1000 /v/file /v/dir",
    "seed /s --to /v/new",
    "seed /s --to /v/dir/new --directory-mode 0755",
    "seed /s --to /v/new --mode 0640 --owner 1000:1000 --directory-mode 0750",
    "seed /s/a --to /v/new",
    "seed /s/none --to /v/new --allow-empty",
    "seed /s/none --to /v/new",
    "seed --prefill /v/dir --to /v/new",
    "seed --prefill /v/dir --to /v/new --directory-mode 0755 --on-conflict target",
    "seed /s --prefill /v/dir --to /v/new --mode 0640",
    "seed --prefill /v/none --to /v/new",
    "copy-self /v/new --mode 0755",
];

fn owners() -> impl Strategy<Value = (u32, u32)> {
    let id = || prop::sample::select(vec![0, 70, 1000]);
    (id(), id())
}

fn modes() -> impl Strategy<Value = u32> {
    prop::sample::select(vec![
        0o700, 0o755, 0o777, 0o1777, 0o2775, 0o770, 0o2770, 0o500, 0o070, 0o007, 0o000,
    ])
}

fn cases() -> impl Strategy<Value = Case> {
    let shapes = [
        ("", Kind::Directory),
        ("dir", Kind::Directory),
        ("dir/closed", Kind::Directory),
        ("dir/closed/deep", Kind::File),
        ("dir/file", Kind::File),
        ("file", Kind::File),
        ("link", Kind::Link),
        ("setuid", Kind::File),
    ];
    let entries: Vec<_> = shapes
        .into_iter()
        .map(|(path, kind)| {
            (owners(), modes(), 0_u32..4).prop_map(move |(owner, mode, special)| {
                let mode = match (kind, special) {
                    (Kind::File, 0) if path == "setuid" => 0o6755,
                    (Kind::File, 1) if path == "setuid" => 0o2744,
                    (Kind::File, _) => mode & 0o777,
                    _ => mode,
                };
                Entry {
                    path: path.to_owned(),
                    kind,
                    owner,
                    mode,
                }
            })
        })
        .collect();
    let who = prop::sample::select(vec![Who::User, Who::Owner, Who::Nobody]);
    (who, prop::sample::select(LINES.to_vec()), entries, any::<bool>()).prop_map(
        |(who, words, entries, full)| Case {
            who,
            words: words.to_owned(),
            entries: if full {
                entries
            } else {
                entries.into_iter().take(1).collect()
            },
        },
    )
}

#[test]
fn the_write_map_says_what_the_verbs_do() {
    assert_eq!(
        rustix::process::geteuid().as_raw(),
        0,
        "this test makes files of several owners: run it as root"
    );
    let config = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    // The same cases each time.
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let (open, told) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let ran = runner.run(&cases(), |case| {
        let left = case.judge().map_err(TestCaseError::fail)?;
        open.set(open.get() + left);
        told.set(told.get() + case.paths().len() - left);
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
    // Everything is known of these pods.
    let (open, told) = (open.get(), told.get());
    assert!(open * 50 <= told, "{open} paths are left open, {told} are told");
}
