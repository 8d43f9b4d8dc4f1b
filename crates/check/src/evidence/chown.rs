// SPDX-License-Identifier: Apache-2.0
//! What the scripts of containers give to whom: `chown`, `chgrp` and `writeway-agent own`, and the mounts that they reach.

use writeway_access::{ContainerMap, Tri};
use writeway_facts::ImageFacts;
use writeway_manifest::{Container, Mount, PodSecurity, Which};
use writeway_shell::agent;
use writeway_shell::options::{Order, Spec, parse_options};
use writeway_shell::owner::{Group, OPTIONS, Owner, Through};

use crate::RuleContext;
use crate::evidence::agent_call::{UNKNOWN, agent_call};
use crate::evidence::commands::Invocation;
use crate::evidence::writing::{WriteMount, write_mounts, write_verdict};
use crate::mount_path::{absolute, in_volume, is_within, mount_of};

/// A `chown`, a `chgrp` or an `own` of the agent.
#[derive(Debug, Clone)]
pub(crate) struct ChangeOwner<'a> {
    /// The command.
    pub(crate) command: &'a Invocation,
    /// The user that files are given to; `None` when it stays as it is.
    pub(crate) user: Option<Id>,
    /// The group; `None` when it stays as it is.
    pub(crate) group: Option<Id>,
    /// `-R`, with the links that it goes through.
    pub(crate) recursive: Option<Through>,
    /// It leaves a tree alone whose root is right (`--if-root-mismatch`).
    pub(crate) only_mismatch: bool,
    /// The operands that are known: absolute paths, without `.` and `..`.
    pub(crate) paths: Vec<String>,
}

/// An id that a command names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    /// A number, or a name of which the facts of the image know the number.
    Known(u32),
    /// A name or an expansion.
    Unknown,
}

/// The changes of owner in a container's script, in the order of the text.
pub(crate) fn changes_of_owner<'a>(context: &RuleContext<'a>, container: &Container) -> Vec<ChangeOwner<'a>> {
    let commands = context.commands(container).iter();
    commands
        .filter_map(|command| read(context, container, command))
        .collect()
}

fn read<'a>(
    context: &RuleContext<'_>,
    container: &Container,
    command: &'a Invocation,
) -> Option<ChangeOwner<'a>> {
    let group_only = match command.name.as_str() {
        "chown" => false,
        "chgrp" => true,
        _ => return handed_over(container, command),
    };
    let words: Vec<String> = command
        .arguments
        .iter()
        .map(|argument| argument.text.clone().unwrap_or_else(|| UNKNOWN.to_owned()))
        .collect();
    let spec = Spec {
        options: OPTIONS,
        order: Order::Mixed,
        modes: None,
    };
    let arguments = parse_options(&words, &spec).ok()?;
    let (owner, files) = arguments.operands.split_first()?;
    let image = container
        .image
        .as_ref()
        .and_then(|image| context.access.facts.image(image));
    let (user, group) = if owner == UNKNOWN {
        ((!group_only).then_some(Id::Unknown), Some(Id::Unknown))
    } else if group_only {
        (None, Some(group_id(image, owner)))
    } else {
        let owner = Owner::read(owner);
        let group = owner.group.map(|group| match group {
            Group::Named(group) => group_id(image, group),
            Group::Login => login_group(image, owner.user.unwrap_or_default()),
        });
        (owner.user.map(|user| user_id(image, user)), group)
    };
    let files = files.iter().filter(|file| *file != UNKNOWN);
    let absolute = files.filter_map(|file| absolute(container, file));
    Some(ChangeOwner {
        command,
        user,
        group,
        recursive: Through::of(&arguments),
        only_mismatch: false,
        paths: absolute.collect(),
    })
}

/// `writeway-agent own`, which takes numbers and goes through whole trees.
fn handed_over<'a>(container: &Container, command: &'a Invocation) -> Option<ChangeOwner<'a>> {
    let call = agent_call(command).filter(|call| call.verb == "own")?;
    let (owner, paths) = call.arguments.operands.split_first()?;
    let ids = agent::owner(owner);
    if ids.is_none() && owner != UNKNOWN {
        return None;
    }
    let paths = paths.iter().filter(|path| *path != UNKNOWN);
    Some(ChangeOwner {
        command,
        user: Some(ids.map_or(Id::Unknown, |(uid, _)| Id::Known(uid))),
        group: Some(ids.map_or(Id::Unknown, |(_, gid)| Id::Known(gid))),
        recursive: Some(Through::None),
        only_mismatch: call.arguments.has_long("if-root-mismatch"),
        paths: paths.filter_map(|path| absolute(container, path)).collect(),
    })
}

fn user_id(image: Option<&ImageFacts>, user: &str) -> Id {
    if let Ok(uid) = user.parse() {
        return Id::Known(uid);
    }
    let users = image.and_then(|image| image.users.as_ref());
    match users.and_then(|users| users.get(user)) {
        Some(entry) => Id::Known(entry.uid),
        None if user == "root" => Id::Known(0),
        None => Id::Unknown,
    }
}

fn group_id(image: Option<&ImageFacts>, group: &str) -> Id {
    if let Ok(gid) = group.parse() {
        return Id::Known(gid);
    }
    let groups = image.and_then(|image| image.groups.as_ref());
    match groups.and_then(|groups| groups.get(group)) {
        Some(entry) => Id::Known(entry.gid),
        None if group == "root" => Id::Known(0),
        None => Id::Unknown,
    }
}

fn login_group(image: Option<&ImageFacts>, user: &str) -> Id {
    let users = image.and_then(|image| image.users.as_ref());
    let uid = user_id(image, user);
    let mut entries = users.into_iter().flat_map(|users| users.values());
    match entries.find(|entry| Id::Known(entry.uid) == uid) {
        Some(entry) => Id::Known(entry.gid),
        None if uid == Id::Known(0) => Id::Known(0),
        None => Id::Unknown,
    }
}

/// A mount whose volume an init container gives to somebody else than the processes that use it.
pub(crate) struct Misdirected<'a> {
    /// The mount.
    pub(crate) mount: WriteMount<'a>,
    /// The init container.
    pub(crate) by: &'a Container,
    /// What it does.
    pub(crate) change: ChangeOwner<'a>,
}

/// Every such mount: no process that writes to the volume is, or may be, the user that it is given to, or in the group.
pub(crate) fn misdirected<'a>(context: &RuleContext<'a>) -> Vec<Misdirected<'a>> {
    let inits = context.workload.pod.containers(Which::Init);
    let changes: Vec<_> = inits
        .flat_map(|init| {
            changes_of_owner(context, init)
                .into_iter()
                .map(move |change| (init, change))
        })
        .collect();
    if changes.is_empty() {
        return Vec::new();
    }
    let mounts: Vec<_> = write_mounts(context).collect();
    let mut found = Vec::new();
    for mount in &mounts {
        let mut of_volume = mounts
            .iter()
            .filter(|other| *other.mount.name == *mount.mount.name);
        let covering = |(init, change): &&(&Container, ChangeOwner<'_>)| change.covers(init, mount.mount);
        let covering: Vec<_> = changes.iter().filter(covering).collect();
        let Some((by, change)) = covering.last() else {
            continue;
        };
        if of_volume.all(|user| {
            covering
                .iter()
                .all(|(_, change)| change.excludes(&context.workload.pod.security, user.map))
        }) {
            found.push(Misdirected {
                mount: *mount,
                by,
                change: change.clone(),
            });
        }
    }
    found
}

/// Whether such a mount is proven not to be writable, so that the change of owner is the cause to name.
pub(crate) fn is_misdirected(context: &RuleContext<'_>, mount: &WriteMount<'_>) -> bool {
    write_verdict(mount.path).tri() == Tri::No
        && misdirected(context).iter().any(|found| {
            found.mount.container.span == mount.container.span && found.mount.index == mount.index
        })
}

impl ChangeOwner<'_> {
    /// Whether the change, made in an init container, reaches all of what another container's mount shows.
    fn covers(&self, init: &Container, mount: &Mount) -> bool {
        let Some(shown) = in_volume(mount, "") else {
            return false;
        };
        self.paths.iter().any(|path| {
            let Some((through, rest)) = mount_of(init, path).filter(|(own, _)| *own.name == *mount.name)
            else {
                return false;
            };
            in_volume(through, rest).is_some_and(|changed| {
                changed == shown || (self.recursive.is_some() && is_within(&shown, &changed))
            })
        })
    }

    /// Whether the process is neither the user, nor, as far as is known, in the group, nor root, which may become
    /// anybody.
    fn excludes(&self, pod: &PodSecurity, process: &ContainerMap) -> bool {
        let identity = &process.identity;
        let Some(uid) = identity.uid.filter(|uid| *uid != 0) else {
            return false;
        };
        let other_user = matches!(self.user, Some(Id::Known(user)) if user != uid);
        let other_group = match (self.group, &identity.groups) {
            (None, _) => true,
            (Some(Id::Unknown), _) => false,
            (Some(Id::Known(group)), Some(groups)) => !groups.contains(&group),
            // The image's groups are not known: those that the manifest names are.
            (Some(Id::Known(group)), None) => {
                let named = pod.fs_group.iter().chain(&pod.supplemental_groups);
                identity.gid != Some(group) && !named.into_iter().any(|named| named.value == i64::from(group))
            }
        };
        other_user && other_group
    }

    /// Whom files are given to, as `chown` takes it.
    pub(crate) fn owner(&self) -> String {
        let text = |id: Option<Id>| match id {
            None => String::new(),
            Some(Id::Known(id)) => id.to_string(),
            Some(Id::Unknown) => "?".to_owned(),
        };
        match self.group {
            None => text(self.user),
            Some(_) => format!("{}:{}", text(self.user), text(self.group)),
        }
    }
}
