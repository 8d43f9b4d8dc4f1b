// SPDX-License-Identifier: Apache-2.0
//! Where a test runs, who runs the agent, and what is there afterwards.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use rustix::fs::{Gid, Uid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use tempfile::TempDir;

use crate::contained::folder;
use crate::kubelet::Volume;

pub(crate) const AGENT: &str = env!("CARGO_BIN_EXE_writeway-agent");

/// The user of many images that have no shell.
pub(crate) const APP: u32 = 65532;

/// A directory of one test, with a volume that is read and a place for the one that is written.
pub(crate) struct World {
    _guard: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) secret: Volume,
}

/// What a run of the agent said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) said: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let guard = folder();
        let root = guard.path().to_owned();
        let secret = Volume::new(root.join("secret"));
        Self {
            _guard: guard,
            root,
            secret,
        }
    }

    /// With a Secret that has these keys.
    pub(crate) fn with(payload: &[(&str, &[u8])]) -> Self {
        let mut world = Self::new();
        world.secret.write(payload);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A directory in which `uid` may write, as an emptyDir's.
    pub(crate) fn volume_of(&self, name: &str, uid: u32) -> PathBuf {
        let path = self.path(name);
        fs::create_dir(&path).unwrap();
        std::os::unix::fs::chown(&path, Some(uid), Some(uid)).unwrap();
        path
    }

    /// Seeds the Secret into `target`.
    pub(crate) fn seed(&self, options: &[&str]) -> Ran {
        let mut arguments = vec![self.secret.path.to_str().unwrap(), "--to", "target"];
        arguments.extend(options);
        self.run(&arguments)
    }

    /// Seeds, which has to succeed.
    #[track_caller]
    pub(crate) fn seeded(&self, options: &[&str]) -> String {
        let ran = self.seed(options);
        assert_eq!(ran.code, 0, "{}", ran.said);
        ran.said
    }

    /// Runs `seed` with these arguments in the test's directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(
            Command::new(AGENT)
                .arg("seed")
                .args(arguments)
                .current_dir(&self.root),
        )
    }

    /// Runs `seed` as another user, who may not see where the tests are built.
    pub(crate) fn run_as(&self, uid: u32, groups: &[u32], arguments: &[&str]) -> Ran {
        let agent = self.path("writeway-agent");
        if !agent.exists() {
            // By another process: children of other tests would inherit the file while it is written, and it could not run.
            let copied = Command::new("cp").arg(AGENT).arg(&agent).status();
            assert!(copied.unwrap().success());
        }
        let mut command = Command::new(agent);
        command.arg("seed").args(arguments).current_dir(&self.root);
        Ran::of_user(uid, groups, command)
    }

    /// The content of each file of `target`; other entries are named with what they are.
    pub(crate) fn target(&self) -> BTreeMap<String, String> {
        files(&self.path("target"))
    }
}

impl Ran {
    /// A run by another user.
    pub(crate) fn of_user(uid: u32, groups: &[u32], mut command: Command) -> Self {
        let groups = groups.to_vec();
        // A child has the groups of the thread that made it.
        let ran = thread::spawn(move || {
            let groups: Vec<Gid> = groups.into_iter().map(Gid::from_raw).collect();
            set_thread_groups(&groups).unwrap();
            set_thread_res_gid(Gid::from_raw(uid), Gid::from_raw(uid), Gid::from_raw(uid)).unwrap();
            set_thread_res_uid(Uid::from_raw(uid), Uid::from_raw(uid), Uid::from_raw(uid)).unwrap();
            Self::of(&mut command)
        });
        ran.join().unwrap()
    }

    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Whether it was refused, in a line with each of these.
    #[track_caller]
    pub(crate) fn refused(&self, parts: &[&str]) {
        assert_eq!(self.code, 1, "{}", self.said);
        assert_eq!(self.said.lines().count(), 1, "{}", self.said);
        for part in parts {
            assert!(self.said.contains(part), "{part:?} is not in {}", self.said);
        }
    }
}

/// What is in a directory, by path, down to the last file.
pub(crate) fn files(directory: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![PathBuf::new()];
    while let Some(below) = left.pop() {
        let Ok(entries) = fs::read_dir(directory.join(&below)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.unwrap();
            let path = below.join(entry.file_name());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                left.push(path);
                continue;
            }
            let text = if kind.is_file() {
                String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned()
            } else {
                format!("{kind:?}")
            };
            found.insert(path.to_str().unwrap().to_owned(), text);
        }
    }
    found
}

/// Files by name and content, to compare [`files`] with.
pub(crate) fn these<const N: usize>(files: [(&str, &str); N]) -> BTreeMap<String, String> {
    files
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into()
}

/// Mode and owner.
pub(crate) fn access(path: impl AsRef<Path>) -> (u32, u32, u32) {
    let status = fs::symlink_metadata(path).unwrap();
    (status.mode() & 0o7777, status.uid(), status.gid())
}

/// Who the test runs as.
pub(crate) fn caller() -> (u32, u32) {
    (
        rustix::process::geteuid().as_raw(),
        rustix::process::getegid().as_raw(),
    )
}

/// What changes when a file is written, replaced, or given a mode or an owner.
pub(crate) fn stamp(path: impl AsRef<Path>) -> (u64, i64, i64, i64, i64) {
    let status = fs::symlink_metadata(path).unwrap();
    (
        status.ino(),
        status.mtime(),
        status.mtime_nsec(),
        status.ctime(),
        status.ctime_nsec(),
    )
}

/// Runs a part of a test as another user; only the thread changes.
pub(crate) fn acting_as<T: Send + 'static>(uid: u32, part: impl FnOnce() -> T + Send + 'static) -> T {
    let acting = thread::spawn(move || {
        set_thread_groups(&[]).unwrap();
        set_thread_res_gid(Gid::from_raw(uid), Gid::from_raw(uid), Gid::from_raw(uid)).unwrap();
        set_thread_res_uid(Uid::from_raw(uid), Uid::from_raw(uid), Uid::from_raw(uid)).unwrap();
        part()
    });
    acting.join().unwrap()
}

/// Arguments of any kind of string.
pub(crate) fn text(path: &(impl AsRef<OsStr> + ?Sized)) -> &str {
    path.as_ref().to_str().unwrap()
}
