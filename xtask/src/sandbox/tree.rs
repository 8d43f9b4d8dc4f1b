// SPDX-License-Identifier: Apache-2.0
//! What lies in a volume: laid before a run, and compared afterwards.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown, lchown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use anyhow::Context as _;

/// One thing, by its path in the volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The path.
    pub(super) path: &'static str,
    /// What it is.
    pub(super) what: What,
    /// Its mode; a link's does not count.
    pub(super) mode: u32,
    /// Its user and group.
    pub(super) owner: (u32, u32),
}

/// What a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A directory.
    Directory,
    /// A directory with so many empty files, of the same owner.
    Many(usize),
    /// A file with this text.
    File(&'static str),
    /// A file with the bytes of the program.
    Program,
    /// A symbolic link to this.
    Link(&'static str),
    /// A Unix domain socket on which somebody listens.
    Socket,
    /// Nothing of the name.
    Absent,
}

/// Lays what is listed, parents first. Sockets are listened on until they are dropped.
///
/// # Errors
/// When something cannot be made.
pub(super) fn lay(volume: &Path, entries: &[Entry]) -> anyhow::Result<Vec<UnixListener>> {
    let mut sockets = Vec::new();
    // The path of a socket has 107 bytes at most (unix(7)).
    let directory = File::open(volume)?;
    let short = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string());
    for entry in entries {
        let path = volume.join(entry.path);
        let made = match entry.what {
            What::Directory if entry.path.is_empty() => Ok(()),
            What::Directory => fs::create_dir(&path),
            What::Many(files) => fs::create_dir(&path).and_then(|()| {
                let mut names = (0..files).map(|name| path.join(name.to_string()));
                names.try_for_each(|file| {
                    File::create(&file)?;
                    chown(&file, Some(entry.owner.0), Some(entry.owner.1))
                })
            }),
            What::File(text) => fs::write(&path, text),
            What::Program => {
                fs::copy(volume.with_file_name("root").join("writeway-agent"), &path).map(|_| ())
            }
            What::Link(target) => symlink(target, &path),
            What::Socket => UnixListener::bind(short.join(entry.path)).map(|socket| sockets.push(socket)),
            What::Absent => continue,
        };
        let owned = made.and_then(|()| match entry.what {
            What::Link(_) => lchown(&path, Some(entry.owner.0), Some(entry.owner.1)),
            _ => chown(&path, Some(entry.owner.0), Some(entry.owner.1))
                .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(entry.mode))),
        });
        owned.with_context(|| format!("cannot lay {}", path.display()))?;
    }
    Ok(sockets)
}

/// What is not as listed, one line each.
///
/// # Errors
/// When something cannot be read.
pub(super) fn differences(volume: &Path, program: &Path, entries: &[Entry]) -> anyhow::Result<Vec<String>> {
    let mut differences = Vec::new();
    for entry in entries {
        let path = volume.join(entry.path);
        let status = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if entry.what != What::Absent {
                    differences.push(format!("{} is not there", entry.path));
                }
                continue;
            }
            status => status.with_context(|| format!("cannot look at {}", path.display()))?,
        };
        let right = match entry.what {
            What::Directory => status.is_dir(),
            What::Many(files) => status.is_dir() && how_many(&path, entry.owner)? == files,
            What::File(text) => status.is_file() && fs::read(&path)? == text.as_bytes(),
            What::Program => status.is_file() && fs::read(&path)? == fs::read(program)?,
            What::Link(target) => status.is_symlink() && fs::read_link(&path)? == Path::new(target),
            What::Socket => status.file_type().is_socket(),
            What::Absent => false,
        };
        if !right {
            differences.push(format!("{} is not {:?}", entry.path, entry.what));
        }
        let mode = status.mode() & 0o7777;
        if !status.is_symlink() && mode != entry.mode {
            differences.push(format!("{} is {mode:04o}, not {:04o}", entry.path, entry.mode));
        }
        let owner = (status.uid(), status.gid());
        if owner != entry.owner {
            differences.push(format!(
                "{} belongs to {owner:?}, not {:?}",
                entry.path, entry.owner
            ));
        }
    }
    Ok(differences)
}

/// How many entries of a directory belong to this user and group.
fn how_many(directory: &Path, owner: (u32, u32)) -> io::Result<usize> {
    let mut many = 0;
    for entry in fs::read_dir(directory)? {
        let status = entry?.metadata()?;
        many += usize::from((status.uid(), status.gid()) == owner);
    }
    Ok(many)
}
