// SPDX-License-Identifier: Apache-2.0
//! `chown` and `chgrp`.

use std::collections::BTreeMap;

use writeway_facts::UserEntry;
use writeway_shell::mode::Flavour;
use writeway_shell::options::{Arguments, Order, Spec, parse_options};
use writeway_shell::owner::{self, Group, OPTIONS, Through};

use super::change_mode::children;
use super::walk::{Visit, Visitor, walk};
use super::{options, status};
use crate::mounts::Place;
use crate::script::interpreter::Shell;
use crate::script::state::{FAILURE, SUCCESS, Status};
use crate::script::words::Field;
use crate::syscall::Failure;
use crate::value::Value;
use crate::world::{InodeId, Kind};

/// Stands for an operand that is not known.
const UNKNOWN: &str = "\0";

/// Who files are given to.
#[derive(Debug, Clone, Default)]
struct Owner {
    uid: Option<Value<u32>>,
    gid: Option<Value<u32>>,
}

pub(super) fn chown(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    run(shell, "chown", arguments, Some(flavour), user_and_group)
}

pub(super) fn chgrp(shell: &mut Shell<'_>, arguments: &[String], flavour: Flavour) -> Status {
    run(shell, "chgrp", arguments, Some(flavour), |shell, group| {
        Some(Owner {
            uid: None,
            gid: Some(shell.gid_of(group)),
        })
    })
}

/// The files are known and the owner is not.
pub(super) fn unknown_owner(shell: &mut Shell<'_>, name: &str, arguments: &[Field]) -> Status {
    let words: Vec<String> = arguments
        .iter()
        .map(|field| field.clone().unwrap_or_else(|| UNKNOWN.to_owned()))
        .collect();
    let spec = Spec {
        options: OPTIONS,
        order: Order::Mixed,
        modes: None,
    };
    let only_owner = parse_options(&words, &spec).is_ok_and(|arguments| {
        arguments
            .operands
            .iter()
            .skip(1)
            .all(|operand| operand != UNKNOWN)
    });
    if !only_owner {
        return shell.unknown_effect(&format!(
            "{} runs `{name}` with arguments that are not known",
            shell.who
        ));
    }
    let unknown = || {
        Some(Value::unknown(format!(
            "`{name}` gives it to an owner that is not known"
        )))
    };
    let owner = Owner {
        uid: if name == "chown" { unknown() } else { None },
        gid: unknown(),
    };
    run(shell, name, &words, None, |_, _| Some(owner.clone()))
}

fn run(
    shell: &mut Shell<'_>,
    name: &str,
    arguments: &[String],
    flavour: Option<Flavour>,
    read: impl Fn(&Shell<'_>, &str) -> Option<Owner>,
) -> Status {
    let arguments = match options(shell, name, OPTIONS, arguments, None) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let Some((owner, files)) = arguments.operands.split_first() else {
        return FAILURE;
    };
    let Some(owner) = read(shell, owner) else {
        return FAILURE;
    };
    if files.is_empty() {
        return FAILURE;
    }
    let links = Links::of(&arguments, flavour != Some(Flavour::Coreutils));
    files
        .iter()
        .map(|file| {
            let mut change = ChangeOwner {
                owner: &owner,
                links,
                above: Vec::new(),
            };
            walk(shell, file, &mut change).worst
        })
        .fold(SUCCESS, Status::and)
}

/// What happens to links. Both tools agree, but for `-h` together with `-H` or `-L`.
#[derive(Debug, Clone, Copy)]
struct Links {
    recursive: bool,
    /// Change what a link leads to, not the link. With `-R` only together with `-H` or `-L`.
    referent: bool,
    /// Descend into a directory that an operand links to.
    enter_operands: bool,
    /// Descend into every directory that a link leads to.
    enter_all: bool,
    /// BusyBox: what is not changed is set to what the link itself has (`chown_action` in coreutils/chown.c).
    of_link: bool,
}

impl Links {
    fn of(arguments: &Arguments, of_link: bool) -> Self {
        let through = Through::of(arguments);
        let entered = through.is_some_and(|through| through != Through::None);
        Self {
            recursive: through.is_some(),
            referent: !arguments.has('h') && (through.is_none() || entered),
            enter_operands: entered,
            enter_all: through == Some(Through::All),
            of_link,
        }
    }
}

/// One operand.
struct ChangeOwner<'a> {
    owner: &'a Owner,
    links: Links,
    /// The directories on the way from the operand.
    above: Vec<InodeId>,
}

impl ChangeOwner<'_> {
    /// Whether a link to a directory is entered here.
    fn enters(&self) -> bool {
        self.links.enter_all || self.links.enter_operands && self.above.is_empty()
    }

    fn change(&self, shell: &mut Shell<'_>, path: &str, place: Place, enters: bool) -> Status {
        let mut owner = self.owner.clone();
        if let (true, true, Ok(link)) = (self.links.of_link, !enters, shell.find(path, false)) {
            let link = shell.state.world.get(link.inode);
            if matches!(link.kind, Kind::Link(_)) {
                owner.uid.get_or_insert_with(|| link.uid.clone());
                owner.gid.get_or_insert_with(|| link.gid.clone());
            }
        }
        status(shell.calls(|calls| calls.chown(place, owner.uid.as_ref(), owner.gid.as_ref())))
    }
}

impl Visitor for ChangeOwner<'_> {
    type Kept = Place;

    fn enter(&mut self, shell: &mut Shell<'_>, path: &str) -> Visit<Place> {
        let place = match shell.find(path, self.links.referent) {
            Ok(place) => place,
            Err(Failure::Errno(_)) => return Visit::Done(FAILURE),
            Err(Failure::Unknown(reason)) => return Visit::Done(Status::Unknown(reason)),
        };
        let enters = self.enters();
        let directory = self.links.recursive
            && shell
                .find(path, enters)
                .is_ok_and(|place| shell.state.world.get(place.inode).is_directory());
        if !directory {
            return Visit::Done(self.change(shell, path, place, enters));
        }
        // Links may lead in circles: coreutils sees that, BusyBox goes on until the kernel counts too many links.
        if self.above.contains(&place.inode) {
            return Visit::Done(FAILURE);
        }
        match children(shell, place) {
            Ok(names) => {
                self.above.push(place.inode);
                Visit::Descend {
                    status: SUCCESS,
                    names,
                    kept: place,
                }
            }
            // A directory that cannot be listed is left as it is (recursive_action in BusyBox, FTS_DNR in coreutils).
            Err(failed) => Visit::Done(failed),
        }
    }

    /// What a directory holds is changed first, itself last (recursive_action in BusyBox, fts post-order in coreutils).
    fn leave(&mut self, shell: &mut Shell<'_>, path: &str, place: Place) -> Status {
        self.above.pop();
        self.change(shell, path, place, self.enters())
    }
}

fn user_and_group(shell: &Shell<'_>, text: &str) -> Option<Owner> {
    let owner::Owner { user, group } = owner::Owner::read(text);
    Some(Owner {
        uid: user.map(|user| shell.uid_of(user)),
        gid: group.map(|group| match group {
            Group::Named(group) => shell.gid_of(group),
            Group::Login => shell.login_group(user.unwrap_or_default()),
        }),
    })
}

impl Shell<'_> {
    /// The id of a user: a number, or a name of /etc/passwd.
    pub(super) fn uid_of(&self, user: &str) -> Value<u32> {
        if let Ok(uid) = user.parse() {
            return Value::Known(uid);
        }
        match self.users().and_then(|users| users.get(user)) {
            Some(entry) => Value::Known(entry.uid),
            None if user == "root" => Value::Known(0),
            None => Value::unknown(format!("no fact states the uid of `{user}` in the image")),
        }
    }

    /// The id of a group: a number, or a name of /etc/group.
    pub(super) fn gid_of(&self, group: &str) -> Value<u32> {
        if let Ok(gid) = group.parse() {
            return Value::Known(gid);
        }
        let groups = self.image.and_then(|image| image.groups.as_ref());
        match groups.and_then(|groups| groups.get(group)) {
            Some(entry) => Value::Known(entry.gid),
            None if group == "root" => Value::Known(0),
            None => Value::unknown(format!("no fact states the gid of `{group}` in the image")),
        }
    }

    /// The primary group of a user.
    fn login_group(&self, user: &str) -> Value<u32> {
        let entry = self.users().and_then(|users| {
            let uid: Option<u32> = user.parse().ok();
            users
                .get(user)
                .or_else(|| users.values().find(|entry| Some(entry.uid) == uid))
        });
        match entry {
            Some(entry) => Value::Known(entry.gid),
            None if matches!(user, "root" | "0") => Value::Known(0),
            None => Value::unknown(format!("no fact states the login group of `{user}` in the image")),
        }
    }

    fn users(&self) -> Option<&BTreeMap<String, UserEntry>> {
        self.image.and_then(|image| image.users.as_ref())
    }
}
