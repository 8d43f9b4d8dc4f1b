// SPDX-License-Identifier: Apache-2.0
//! Trees to hand over, what is to be seen of them, and the program.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use super::contained::folder;

pub(crate) const AGENT: &str = env!("CARGO_BIN_EXE_writeway-agent");

pub(crate) fn directory(path: impl AsRef<Path>, owner: u32, mode: u32) -> PathBuf {
    fs::create_dir(path.as_ref()).unwrap();
    settle(path.as_ref(), owner, mode)
}

pub(crate) fn file(path: impl AsRef<Path>, owner: u32, mode: u32) -> PathBuf {
    fs::write(path.as_ref(), "content").unwrap();
    settle(path.as_ref(), owner, mode)
}

fn settle(path: &Path, owner: u32, mode: u32) -> PathBuf {
    lchown(path, Some(owner), Some(owner)).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_owned()
}

/// What the program said and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

/// Runs `own` with these arguments.
pub(crate) fn own(arguments: &[&dyn AsRef<OsStr>]) -> Ended {
    own_by(&mut Command::new(AGENT), arguments)
}

/// The same, with a command that the program is an argument of.
pub(crate) fn own_by(command: &mut Command, arguments: &[&dyn AsRef<OsStr>]) -> Ended {
    command
        .arg("own")
        .args(arguments.iter().map(|argument| argument.as_ref()));
    run(command)
}

pub(crate) fn run(command: &mut Command) -> Ended {
    let output = command.env_remove("WRITEWAY_LOG_FORMAT").output().unwrap();
    Ended {
        code: output.status.code(),
        said: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program with no capability but these, as `setpriv(1)` names them, and with no way to more.
pub(crate) fn with_capabilities(capabilities: &str) -> Command {
    let mut command = Command::new("setpriv");
    let set = if capabilities.is_empty() {
        "-all".to_owned()
    } else {
        format!("-all,{capabilities}")
    };
    command.args(["--no-new-privs", "--bounding-set", &set, AGENT]);
    command
}

/// What one can see of an entry, apart from its content and the time of its last access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) inode: u64,
    pub(crate) owner: (u32, u32),
    pub(crate) mode: u32,
    pub(crate) links: u64,
    pub(crate) changed: (i64, i64),
}

pub(crate) fn seen(path: impl AsRef<Path>) -> Seen {
    let found = fs::symlink_metadata(path.as_ref()).unwrap();
    Seen {
        inode: found.ino(),
        owner: (found.uid(), found.gid()),
        mode: found.mode() & 0o7777,
        links: found.nlink(),
        changed: (found.ctime(), found.ctime_nsec()),
    }
}

/// Everything in a tree, itself included.
pub(crate) fn all(path: &Path) -> BTreeMap<PathBuf, Seen> {
    let mut found = BTreeMap::from([(path.to_owned(), seen(path))]);
    if fs::symlink_metadata(path).unwrap().is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            found.extend(all(&entry.unwrap().path()));
        }
    }
    found
}

/// Those that do not belong to this user and group.
pub(crate) fn others(path: &Path, owner: u32) -> Vec<PathBuf> {
    let wrong = all(path)
        .into_iter()
        .filter(|(_, seen)| seen.owner != (owner, owner));
    wrong.map(|(path, _)| path).collect()
}

pub(crate) fn all_belong(path: &Path, owner: u32) {
    assert_eq!(
        others(path, owner),
        Vec::<PathBuf>::new(),
        "these do not belong to {owner}"
    );
}
