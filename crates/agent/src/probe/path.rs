// SPDX-License-Identifier: Apache-2.0
//! Everything about one path: what is there, and what this process can do with it.

use std::path::Path;

use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, accessat, openat};
use rustix::io::Errno;
use serde::Serialize;

use crate::errno;
use crate::log::Log;

use super::answer::{Answer, FileVerdict, Verdict};
use super::attempts::Attempts;
use super::identity::Identity;
use super::listing::{self, Existing, Listing};
use super::mounts::{Mounts, Source};
use super::place::{self, Place};
use super::removal::Entry;

/// What is the same for every path.
pub(super) struct Prober<'a> {
    pub(super) identity: Identity,
    pub(super) mounts: &'a Mounts,
    /// `fs.protected_regular`, where this process may read it (proc_sys_fs(5)).
    pub(super) protected_regular: Option<i64>,
    pub(super) log: &'a Log,
}

/// A path in the form of the map's document, with what only a probe can tell.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PathProbe {
    pub(super) path: String,
    pub(super) source: &'static str,
    pub(super) volume: Option<String>,
    pub(super) exists: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: Option<&'static str>,
    pub(super) mode: Option<String>,
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    pub(super) read_only: Option<bool>,
    pub(super) create: Verdict,
    pub(super) overwrite: FileVerdict,
    pub(super) replace: FileVerdict,
    pub(super) delete: FileVerdict,
    pub(super) exec: FileVerdict,
    pub(super) ruby_tmpdir: &'static str,
    pub(super) lifetime: &'static str,
    pub(super) fs_group: &'static str,
    pub(super) probed: Probed,
}

/// What the map does not say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Probed {
    /// A new directory.
    mkdir: Verdict,
    /// Another mode for a file of one's own.
    chmod: Verdict,
    /// The type of the file system, as the kernel calls it.
    pub(super) file_system: Option<String>,
    /// Where that is mounted.
    pub(super) mount_point: Option<String>,
    /// Whether that is macOS's `fakeowner`, where success proves nothing and owners are made up.
    fake_owner: bool,
}

/// The verdicts about a path.
struct Verdicts {
    create: Verdict,
    overwrite: FileVerdict,
    replace: FileVerdict,
    delete: FileVerdict,
    exec: Verdict,
    ruby: bool,
    mkdir: Verdict,
    chmod: Verdict,
}

impl Verdicts {
    /// One answer to everything that is asked.
    fn all(verdict: &Verdict) -> Self {
        let file = || FileVerdict::itself(verdict.clone());
        Self {
            create: verdict.clone(),
            overwrite: file(),
            replace: file(),
            delete: file(),
            exec: verdict.clone(),
            ruby: false,
            mkdir: verdict.clone(),
            chmod: verdict.clone(),
        }
    }
}

impl Prober<'_> {
    /// Tries everything at a path.
    pub(super) fn probe(&self, path: &Path) -> PathProbe {
        let shown = path.to_string_lossy().into_owned();
        match Place::open(path, self.mounts) {
            Ok(place) => {
                let mut verdicts = if place.is_directory() {
                    self.directory(&place)
                } else {
                    self.file(path, &place)
                };
                let (step, fake) = self.background(&place);
                verdicts.create.why.insert(0, step);
                if fake {
                    let step =
                        "the mount is macOS's `fakeowner`: what works here may not work on a Linux node";
                    verdicts.create.why.push(step.to_owned());
                    self.log.warning(format_args!(
                        "{shown} is on a `fakeowner` mount, which Docker Desktop makes on macOS: it shows every process as \
                         the owner of what it looks at, so success here proves nothing; probe in a pod on a Linux node"
                    ));
                }
                describe(shown, &place, verdicts, fake)
            }
            Err(errno) => {
                let verdict = Verdict::refused(format!("openat(O_PATH) of {shown}"), errno);
                let ruby = if verdict.answer == Answer::Unknown {
                    "unknown"
                } else {
                    "no"
                };
                let nowhere = Verdicts::all(&verdict);
                let mut probe = assembled(shown, Source::UNKNOWN, nowhere);
                probe.exists = place::exists_after(errno);
                probe.ruby_tmpdir = ruby;
                probe
            }
        }
    }

    /// What the answers are about, in one step; and whether the owners shown there are made up.
    fn background(&self, place: &Place<'_>) -> (String, bool) {
        let on = match place.mount {
            Some(mount) => format!("{} mounted at {}", mount.file_system, mount.point),
            None => "a mount that the kernel does not name".to_owned(),
        };
        let how = match (place.is_read_only(), place.is_no_exec()) {
            (Some(true), Some(true)) => ", read-only and noexec",
            (Some(true), _) => ", read-only",
            (_, Some(true)) => ", noexec",
            _ => "",
        };
        let (mode, status) = (place.mode(), &place.status);
        let Identity { uid, gid, .. } = self.identity;
        let step = format!(
            "{} is {mode:04o} {}:{} on {on}{how}; this is uid {uid}, gid {gid}",
            place.path, status.st_uid, status.st_gid
        );
        (step, place.mount.is_some_and(|mount| mount.is_fakeowner()))
    }

    fn directory(&self, place: &Place<'_>) -> Verdicts {
        let listing = Listing::of(&place.fd);
        let stale = listing.as_ref().map_or(&[][..], |listing| &listing.stale);
        let tried = Attempts::of(place, stale, self.log);
        let first = listing.as_ref().ok().and_then(|listing| listing.first.as_ref());
        let (overwrite, replace, delete) = match first {
            Some(file) => {
                let entry = Entry {
                    directory: place,
                    name: &file.name,
                    status: &file.entry,
                    identity: &self.identity,
                };
                let of = |verdict| FileVerdict {
                    file: Some(file.name.to_string_lossy().into_owned()),
                    verdict,
                };
                (
                    of(self.overwrite(place, file)),
                    of(entry.judged(&tried.replace)),
                    of(entry.judged(&tried.delete)),
                )
            }
            None => (
                FileVerdict::itself(no_file(place, &tried.create, listing.err())),
                FileVerdict::itself(tried.replace),
                FileVerdict::itself(tried.delete),
            ),
        };
        Verdicts {
            ruby: self.ruby_takes(place),
            create: tried.create,
            overwrite,
            replace,
            delete,
            exec: tried.exec,
            mkdir: tried.mkdir,
            chmod: tried.chmod,
        }
    }

    /// A path that is no directory. In the directory above it everything is tried as in any other.
    fn file(&self, path: &Path, place: &Place<'_>) -> Verdicts {
        let shown = &place.path;
        let not_a_directory = Verdict::no(Errno::NOTDIR, format!("{shown} is no directory"));
        let mut verdicts = Verdicts::all(&not_a_directory);
        let above = path.parent().zip(path.file_name());
        let above = above.map(|(parent, name)| (Place::open(parent, self.mounts), name));
        let Some((Ok(parent), name)) = above else {
            let unknown = Verdict::unknown(format!("the directory above {shown} is not to be had"));
            verdicts.overwrite = FileVerdict::itself(unknown.clone());
            verdicts.replace = FileVerdict::itself(unknown.clone());
            verdicts.delete = FileVerdict::itself(unknown);
            return verdicts;
        };
        let file = listing::regular(&parent.fd, name.to_owned()).filter(|file| place.is_same(&file.file));
        let entry = file.as_ref().map_or(&place.status, |file| &file.entry);
        let entry = Entry {
            directory: &parent,
            name,
            status: entry,
            identity: &self.identity,
        };
        let tried = Attempts::of(&parent, &[], self.log);
        verdicts.replace = FileVerdict::itself(entry.judged(&tried.replace));
        verdicts.delete = FileVerdict::itself(entry.judged(&tried.delete));
        verdicts.overwrite = FileVerdict::itself(match &file {
            Some(file) => self.overwrite(&parent, file),
            None => self.opened_elsewhere(path, place),
        });
        verdicts
    }

    /// Opens a file for writing, and closes it.
    fn overwrite(&self, directory: &Place<'_>, file: &Existing) -> Verdict {
        let name = file.name.to_string_lossy();
        if directory.is_kernels() {
            let access = accessat(&directory.fd, &file.name, Access::WRITE_OK, AtFlags::EACCESS);
            let call = format!("faccessat(W_OK) of {name} in {}", directory.path);
            return Verdict::of(
                call,
                "allowed; it was not opened, for that might do something",
                &access,
            );
        }
        let call = format!("openat(O_WRONLY) of {name} in {}", directory.path);
        let opened = file.open_for_writing(&directory.fd);
        let verdict = Verdict::of(call, "opened, nothing written", &opened);
        if verdict.answer != Answer::Yes || !self.is_protected(directory, file) {
            return verdict;
        }
        let rule = format!(
            "the directory is sticky ({:04o}) and {name} belongs neither to uid {} nor to the directory's owner",
            directory.mode(),
            self.identity.uid
        );
        match self.protected_regular {
            Some(value) if value < self.threshold(directory) => verdict,
            Some(value) => Verdict::no(
                Errno::ACCESS,
                format!(
                    "{rule}: fs.protected_regular={value} forbids opening it with O_CREAT, as a shell's `>>` does"
                ),
            ),
            None => Verdict::unknown(format!(
                "{rule}: without O_CREAT it was opened; with it, as a shell's `>>` does, it depends on \
                 fs.protected_regular, which only root may read"
            )),
        }
    }

    /// From which `fs.protected_regular` on the directory protects others' files (`may_create_in_sticky` in fs/namei.c).
    fn threshold(&self, directory: &Place<'_>) -> i64 {
        if directory.mode() & 0o002 == 0 { 2 } else { 1 }
    }

    /// Whether `fs.protected_regular` may count for the file. Through a link it is another directory that counts.
    fn is_protected(&self, directory: &Place<'_>, file: &Existing) -> bool {
        let mode = directory.mode();
        let owner = file.file.st_uid;
        !file.is_link()
            && mode & 0o1000 != 0
            && mode & 0o022 != 0
            && owner != self.identity.uid
            && owner != directory.status.st_uid
    }

    /// A file that is not to be found by its own name: a link that leads out of its directory, a device, a socket, a FIFO.
    /// Only regular files are opened: opening another may do something.
    fn opened_elsewhere(&self, path: &Path, place: &Place<'_>) -> Verdict {
        if place.kind() != FileType::RegularFile || place.is_kernels() {
            let access = accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS);
            let call = format!("faccessat(W_OK) of {}", place.path);
            return Verdict::of(
                call,
                "allowed; it was not opened, for that might do something",
                &access,
            );
        }
        let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = openat(CWD, path, flags, Mode::empty());
        Verdict::of(
            format!("openat(O_WRONLY) of {}", place.path),
            "opened, nothing written",
            &opened,
        )
    }

    /// Ruby's `Dir.tmpdir` (lib/tmpdir.rb): a directory that `File::Stat#writable?` says is writable, by mode bits, owner and
    /// groups alone (`rb_stat_w` in file.c), and that is not writable for everybody without being sticky. On a read-only
    /// mount Ruby takes it, and fails later: that is a *no* here, as in the map.
    fn ruby_takes(&self, place: &Place<'_>) -> bool {
        let mode = place.mode();
        let status = &place.status;
        let writable = if self.identity.uid == 0 {
            true
        } else if status.st_uid == self.identity.uid {
            mode & 0o200 != 0
        } else if self.identity.is_in(status.st_gid) {
            mode & 0o020 != 0
        } else {
            mode & 0o002 != 0
        };
        let refused = mode & 0o002 != 0 && mode & 0o1000 == 0;
        writable && !refused && place.is_read_only() != Some(true) && !place.is_kernels()
    }
}

/// What is said of overwriting where no regular file is: on a read-only mount none can be, whatever comes.
fn no_file(place: &Place<'_>, create: &Verdict, unlisted: Option<Errno>) -> Verdict {
    if place.is_read_only() == Some(true) && matches!(create.answer, Answer::No(_)) {
        return create.clone();
    }
    match unlisted {
        Some(errno) => Verdict::unknown(format!(
            "{} cannot be listed: {}",
            place.path,
            errno::reason(errno)
        )),
        None => Verdict::unknown(format!("no regular file is in {}", place.path)),
    }
}

fn describe(path: String, place: &Place<'_>, verdicts: Verdicts, fake: bool) -> PathProbe {
    let source = place.mount.map_or(Source::UNKNOWN, |mount| mount.source());
    let owner = |id: u32| (!fake).then_some(id);
    PathProbe {
        exists: "yes",
        kind: Some(if place.is_directory() { "dir" } else { "file" }),
        mode: (!fake).then(|| format!("{:04o}", place.mode())),
        uid: owner(place.status.st_uid),
        gid: owner(place.status.st_gid),
        read_only: place.is_read_only(),
        probed: Probed {
            mkdir: verdicts.mkdir.clone(),
            chmod: verdicts.chmod.clone(),
            file_system: place.mount.map(|mount| mount.file_system.clone()),
            mount_point: place.mount.map(|mount| mount.point.clone()),
            fake_owner: fake,
        },
        ..assembled(path, source, verdicts)
    }
}

/// A path of which nothing is known but the verdicts.
fn assembled(path: String, source: Source, verdicts: Verdicts) -> PathProbe {
    PathProbe {
        path,
        source: source.kind,
        volume: source.volume,
        exists: "unknown",
        kind: None,
        mode: None,
        uid: None,
        gid: None,
        read_only: None,
        create: verdicts.create,
        overwrite: verdicts.overwrite,
        replace: verdicts.replace,
        delete: verdicts.delete,
        exec: FileVerdict::itself(verdicts.exec),
        ruby_tmpdir: if verdicts.ruby { "yes" } else { "no" },
        lifetime: source.lifetime,
        // Who gave a volume its group is not to be seen from inside.
        fs_group: "unknown",
        probed: Probed {
            mkdir: verdicts.mkdir,
            chmod: verdicts.chmod,
            file_system: None,
            mount_point: None,
            fake_owner: false,
        },
    }
}
