// SPDX-License-Identifier: Apache-2.0
//! `writeway-agent seed`: copies what a Secret or ConfigMap mount shows, as regular files.

use std::collections::BTreeMap;

use writeway_shell::agent;
use writeway_shell::options::Arguments;

use super::mkdir::settle;
use super::{USAGE, find_straight, parsed, permitted, refused, split};
use crate::Errno;
use crate::dac::Want;
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::script::tool::below;
use crate::script::tool::change_mode::children;
use crate::syscall::{Failure, Writes};
use crate::value::{Mode, Reason, SETGID, SETUID};
use crate::world::{Entry, Inode, Kind};

/// What is asked for.
struct Request<'a> {
    target: &'a str,
    mode: u16,
    directory_mode: u16,
    owner: Option<(u32, u32)>,
    allow_empty: bool,
}

/// Directories that were made, which get mode and owner when all is in them.
type Made = Vec<(Place, Mode)>;

/// What is to be in the target, by its path there.
#[derive(Default)]
struct Wanted {
    entries: BTreeMap<String, What>,
    /// Why there may be more.
    more: Option<Reason>,
}

/// An entry of the target.
#[derive(Clone)]
enum What {
    /// A file, with the mode that it gets.
    File(Mode),
    /// A link of the image's tree.
    Link(String),
    /// A directory of the image's tree.
    Directory(Mode),
    /// A file that is there only perhaps.
    Perhaps(Reason),
}

pub(super) fn seed(shell: &mut Shell<'_>, arguments: &Arguments) -> Status {
    match try_seed(shell, arguments) {
        Ok(()) => SUCCESS,
        Err(status) => status,
    }
}

fn try_seed(shell: &mut Shell<'_>, arguments: &Arguments) -> Result<(), Status> {
    let modes = |name| parsed(arguments, name, agent::octal_mode);
    let conflict = arguments.value_long("on-conflict");
    if !matches!(conflict, None | Some("source" | "target" | "newest" | "fail")) {
        return Err(USAGE);
    }
    let prefill = arguments.value_long("prefill");
    if arguments.operands.is_empty() && prefill.is_none() {
        return Err(USAGE);
    }
    let request = Request {
        target: without_slashes(arguments.value_long("to").ok_or(USAGE)?),
        mode: parsed(arguments, "mode", |text| {
            agent::octal_mode(text).filter(|mode| *mode <= 0o777)
        })?
        .unwrap_or(0o600),
        directory_mode: modes("directory-mode")?.unwrap_or(0o700),
        owner: parsed(arguments, "owner", agent::owner)?,
        allow_empty: arguments.has_long("allow-empty"),
    };
    let mut wanted = Wanted::default();
    for source in &arguments.operands {
        wanted.take_source(shell, source, &request)?;
    }
    if let Some(image) = prefill {
        wanted.take_image(shell, image, &request)?;
    }
    if wanted.entries.is_empty() && wanted.more.is_none() {
        return Ok(());
    }
    let mut made = Made::new();
    let root = directory(
        shell,
        request.target,
        &Mode::new(request.directory_mode),
        &mut made,
    )?;
    workplace(shell, &request, root, arguments.value_long("state"))?;
    for (path, what) in &wanted.entries {
        put(shell, &request, path, what, &mut made)?;
    }
    for (place, mode) in made.iter().rev() {
        settle(shell, *place, mode, request.owner).map_err(refused)?;
    }
    if let Some(reason) = &wanted.more {
        shell.state.world.add_unlisted(root.inode, reason);
    }
    Ok(())
}

impl Wanted {
    /// The visible keys of a mount, or one file.
    fn take_source(
        &mut self,
        shell: &mut Shell<'_>,
        source: &str,
        request: &Request<'_>,
    ) -> Result<(), Status> {
        let before = self.entries.len();
        let mut unlisted = None;
        let mut pending = vec![(source.to_owned(), String::new())];
        while let Some((path, name)) = pending.pop() {
            shell.visit(&path)?;
            let place = match shell.find(&path, true) {
                Ok(place) => place,
                Err(Failure::Unknown(reason)) if !name.is_empty() => {
                    self.add(name, What::Perhaps(reason))?;
                    continue;
                }
                Err(Failure::Errno(Errno::Enoent)) if name.is_empty() && request.allow_empty => continue,
                Err(Failure::Errno(_)) => return Err(FAILURE),
                Err(Failure::Unknown(reason)) => return Err(unknown_source(shell, &reason)),
            };
            match &shell.state.world.get(place.inode).kind {
                Kind::Directory(listing) => {
                    if let Some(reason) = &listing.unlisted {
                        unlisted.get_or_insert_with(|| reason.clone());
                    }
                    let names = children(shell, place)?;
                    // kubelet's own entries begin with two dots (pkg/volume/util/atomic_writer.go).
                    let visible = names.iter().rev().filter(|entry| !entry.starts_with(".."));
                    pending.extend(visible.map(|entry| {
                        let inner = if name.is_empty() {
                            entry.clone()
                        } else {
                            below(&name, entry)
                        };
                        (below(&path, entry), inner)
                    }));
                }
                Kind::File => {
                    permitted(shell, place, Want::Read)?;
                    let key = if name.is_empty() { base_name(&path) } else { name };
                    self.add(key, What::File(Mode::new(request.mode)))?;
                }
                Kind::Link(_) | Kind::Other => return Err(FAILURE),
            }
        }
        if self.entries.len() == before && unlisted.is_none() && !request.allow_empty {
            return Err(FAILURE);
        }
        self.more = self.more.take().or(unlisted);
        Ok(())
    }

    /// One name in two sources is refused.
    fn add(&mut self, name: String, what: What) -> Result<(), Status> {
        match self.entries.insert(name, what) {
            None => Ok(()),
            Some(_) => Err(FAILURE),
        }
    }

    /// The tree that an image ships: modes are kept, but setuid and setgid of files; the sources win.
    fn take_image(
        &mut self,
        shell: &mut Shell<'_>,
        image: &str,
        request: &Request<'_>,
    ) -> Result<(), Status> {
        let mut pending = vec![(image.to_owned(), String::new())];
        while let Some((path, name)) = pending.pop() {
            shell.visit(&path)?;
            let place = match shell.find(&path, name.is_empty()) {
                Ok(place) => place,
                Err(Failure::Unknown(reason)) if !name.is_empty() => {
                    self.entries.entry(name).or_insert(What::Perhaps(reason));
                    continue;
                }
                Err(Failure::Unknown(reason)) => return Err(unknown_source(shell, &reason)),
                Err(Failure::Errno(Errno::Enoent)) if name.is_empty() && request.allow_empty => continue,
                Err(Failure::Errno(_)) => return Err(FAILURE),
            };
            let inode = shell.state.world.get(place.inode).clone();
            let what = match &inode.kind {
                Kind::Directory(listing) => {
                    let names = children(shell, place)?;
                    self.more = self.more.take().or_else(|| listing.unlisted.clone());
                    pending.extend(names.iter().rev().map(|entry| {
                        let inner = if name.is_empty() {
                            entry.clone()
                        } else {
                            below(&name, entry)
                        };
                        (below(&path, entry), inner)
                    }));
                    What::Directory(inode.mode)
                }
                Kind::File => {
                    permitted(shell, place, Want::Read)?;
                    What::File(inode.mode.without(SETUID | SETGID))
                }
                Kind::Link(to) => What::Link(to.clone()),
                Kind::Other => continue,
            };
            if !name.is_empty() {
                self.entries.entry(name).or_insert(what);
            }
        }
        Ok(())
    }
}

fn unknown_source(shell: &mut Shell<'_>, reason: &Reason) -> Status {
    let what = format!("{} seeds from what is not known: {reason}", shell.who);
    shell.unknown_effect(&what)
}

/// A path without slashes at its end.
fn without_slashes(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { path } else { trimmed }
}

fn base_name(path: &str) -> String {
    crate::command_line::base_name(path.trim_end_matches('/')).to_owned()
}

/// A directory that is there stays as it is; a new one is the caller's alone until it gets its mode.
fn directory(shell: &mut Shell<'_>, path: &str, mode: &Mode, made: &mut Made) -> Result<Place, Status> {
    match find_straight(shell, path) {
        Ok(place) if shell.state.world.get(place.inode).is_directory() => return Ok(place),
        Ok(_) => return Err(FAILURE),
        Err(Failure::Errno(Errno::Enoent)) => {}
        Err(failure) => return Err(refused(failure)),
    }
    let (above, name) = split(path).ok_or(FAILURE)?;
    find_straight(shell, &above).map_err(refused)?;
    let path = below(&above, name);
    shell.calls(|calls| calls.mkdir(&path, 0o700)).map_err(refused)?;
    let place = shell.find(&path, false).map_err(refused)?;
    made.push((place, mode.clone()));
    Ok(place)
}

/// Where `seed` keeps what it did: a private directory beside the target; inside, where the target is the root of a mount
/// or the directory above takes no new entry.
fn workplace(
    shell: &mut Shell<'_>,
    request: &Request<'_>,
    root: Place,
    state: Option<&str>,
) -> Result<(), Status> {
    let private = |shell: &mut Shell<'_>, path: &str| {
        let mut made = Made::new();
        match directory(shell, path, &Mode::new(0o700), &mut made) {
            Ok(place) if !made.is_empty() => settle(shell, place, &Mode::new(0o700), None).map_err(refused),
            // One that is there is taken; of one that may be there nothing has to be known.
            Ok(_) | Err(Status::Unknown(_)) => Ok(()),
            Err(failed) => Err(failed),
        }
    };
    if let Some(state) = state {
        return private(shell, state);
    }
    let mount_root = shell.mounts.get(root.mount).root == root.inode;
    if let Some((above, name)) = split(request.target).filter(|_| !mount_root)
        && private(shell, &below(&above, &format!(".{name}.writeway-seed"))).is_ok()
    {
        return Ok(());
    }
    private(shell, &below(request.target, ".writeway-seed"))
}

/// Puts one entry into the target.
fn put(
    shell: &mut Shell<'_>,
    request: &Request<'_>,
    path: &str,
    what: &What,
    made: &mut Made,
) -> Result<(), Status> {
    let whole = below(request.target, path);
    shell.visit(&whole)?;
    // Directories on the way are made like the target.
    let above = whole.rsplit_once('/').map_or(request.target, |(above, _)| above);
    let mut walked = request.target.to_owned();
    for name in above.get(request.target.len()..).unwrap_or_default().split('/') {
        if !name.is_empty() {
            walked = below(&walked, name);
            directory(shell, &walked, &Mode::new(request.directory_mode), made)?;
        }
    }
    let what = match what {
        What::Directory(mode) => return directory(shell, &whole, mode, made).map(|_| ()),
        What::Perhaps(reason) => {
            let parent = shell.find(&walked, false).map_err(refused)?;
            let file = shell.state.world.add(Inode::unknown(Kind::File, reason.clone()));
            let name = base_name(&whole);
            let entry = Entry::Maybe(file, reason.clone());
            shell.state.world.set_entry(parent.inode, &name, entry);
            return Ok(());
        }
        what => what,
    };
    match shell.find(&whole, false) {
        Err(Failure::Errno(Errno::Enoent)) => write(shell, request, &whole, what),
        Err(Failure::Errno(_)) => Err(FAILURE),
        // Whatever was there, a file of that name is there now.
        Err(Failure::Unknown(_)) => {
            let reason: Reason =
                format!("whether {} writes `{whole}` or keeps it is not known", shell.who).into();
            let parent = shell.find(&walked, false).map_err(refused)?;
            let file = shell.state.world.add(Inode::unknown(Kind::File, reason));
            let name = base_name(&whole);
            shell
                .state
                .world
                .set_entry(parent.inode, &name, Entry::Present(file));
            Ok(())
        }
        Ok(place) if shell.state.world.get(place.inode).kind != Kind::File => Err(FAILURE),
        Ok(_) => {
            let reason: Reason = format!(
                "whether {} writes `{whole}` anew or keeps it is not known",
                shell.who
            )
            .into();
            let anew = |shell: &mut Shell<'_>| {
                let removed = shell.calls(|calls| calls.remove(&whole, false)).map_err(refused);
                match removed.and_then(|()| write(shell, request, &whole, what)) {
                    Ok(()) => SUCCESS,
                    Err(status) => status,
                }
            };
            match shell.fork(&reason, anew, |_| SUCCESS) {
                Status::Known(0) | Status::Unknown(_) => Ok(()),
                failed => Err(failed),
            }
        }
    }
}

/// A new file gets its owner and mode before its name.
fn write(shell: &mut Shell<'_>, request: &Request<'_>, path: &str, what: &What) -> Result<(), Status> {
    match what {
        What::Link(to) => {
            let made = shell.calls(|calls| calls.symlink(to, path));
            made.map(|_| ()).map_err(refused)
        }
        What::File(mode) => {
            let made = shell.calls(|calls| calls.open_for_writing(path, 0o600, Writes::All));
            made.map_err(refused)?;
            let place = shell.find(path, false).map_err(refused)?;
            // It was made in the workplace, which passes no group on.
            shell.state.world.get_mut(place.inode).gid = shell.process.gid.clone();
            settle(shell, place, mode, request.owner).map_err(refused)
        }
        What::Directory(_) | What::Perhaps(_) => Ok(()),
    }
}
