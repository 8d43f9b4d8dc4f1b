// SPDX-License-Identifier: Apache-2.0
//! Scripts that copy files into one directory, and do nothing else.

use std::collections::BTreeSet;

use writeway_manifest::Container;
use writeway_shell::Part;
use writeway_shell::options::{Order, Spec, parse_options};
use writeway_shell::owner::OPTIONS;

use crate::evidence::commands::{Argument, Invocation, Output};
use crate::evidence::copying::{Copy, copies};
use crate::evidence::footprint::has_unknown_program;
use crate::mount_path::{absolute, is_within};
use crate::{PlainCopy, RuleContext};

/// What a container copies, when its script does nothing else; `None` when it does more, or when not all is understood.
pub(crate) fn plain_copy(context: &RuleContext<'_>, container: &Container) -> Option<PlainCopy> {
    let commands = context.commands(container);
    if has_unknown_program(context, container) {
        return None;
    }
    let plain = |command: &Invocation| {
        !command.guarded
            && !command.looped
            && !command.function
            && command.output == Output::Log
            && command.redirects.is_empty()
    };
    if !commands.iter().all(plain) {
        return None;
    }
    let mut sources = BTreeSet::new();
    let mut targets = BTreeSet::new();
    for copy in copies(commands).filter(|copy| copy.command.name == "cp") {
        targets.insert(take(container, &copy, &mut sources)?);
    }
    let target = targets.pop_first().filter(|_| targets.is_empty())?;
    let mut plain = PlainCopy {
        sources: sources.into_iter().collect(),
        target,
        mode: None,
        owner: None,
    };
    for command in commands {
        let known = match command.name.as_str() {
            // Each of them was read above, or is none of those that were.
            "cp" => copies(std::slice::from_ref(command)).next().is_some(),
            "umask" | "set" | "ls" | "echo" | "true" | ":" => true,
            "mkdir" => is_about(container, command.arguments.as_slice(), &plain.target),
            "chmod" => change_of_mode(container, command, &mut plain)?,
            "chown" => change_of_owner(container, command, &mut plain)?,
            _ => false,
        };
        if !known {
            return None;
        }
    }
    Some(plain)
}

/// Adds what one `cp` copies; answers the directory that it copies to.
fn take(container: &Container, copy: &Copy<'_>, sources: &mut BTreeSet<String>) -> Option<String> {
    if copy.keeps_newer || copy.command.failure_handled {
        return None;
    }
    let mut file = None;
    for source in &copy.sources {
        match &source.text {
            Some(text) => {
                let path = absolute(container, text)?;
                // Of a directory `cp -r` makes another one at the target.
                let mut mounts = container.mounts.iter();
                if mounts.any(|mount| is_within(&mount.mount_path, &path))
                    || text.ends_with('/')
                    || copy.recursive
                {
                    return None;
                }
                file = path.rsplit_once('/').map(|(_, name)| name.to_owned());
                sources.insert(path);
            }
            None => {
                let (last, before) = source.word.parts.split_last()?;
                let literal = before.iter().all(|part| matches!(part, Part::Literal { .. }));
                let all = matches!(last, Part::Glob(pattern) if pattern == "*");
                if !literal || !all || !source.start.ends_with('/') {
                    return None;
                }
                sources.insert(absolute(container, &source.start)?);
            }
        }
    }
    let text = copy.target.text.as_deref()?;
    let path = absolute(container, text)?;
    let mut mounts = container.mounts.iter();
    let is_directory = text.ends_with('/')
        || mounts.any(|mount| absolute(container, &mount.mount_path).as_ref() == Some(&path));
    if is_directory {
        return Some(path);
    }
    // Another file name would have to be kept.
    let (directory, name) = path.rsplit_once('/')?;
    (copy.sources.len() == 1 && file.as_deref() == Some(name)).then(|| directory.to_owned())
}

/// Whether all operands are the target, or below it.
fn is_about(container: &Container, arguments: &[Argument], target: &str) -> bool {
    arguments.iter().all(|argument| {
        argument.start.starts_with('-')
            || absolute(container, &argument.start).is_some_and(|path| is_within(&path, target))
    })
}

/// `chmod MODE FILE…` of copies, in octal. `None` for anything else.
fn change_of_mode(container: &Container, command: &Invocation, plain: &mut PlainCopy) -> Option<bool> {
    let (first, files) = command.arguments.split_first()?;
    let mode = first.text.as_deref()?;
    let octal = (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let mode = u16::from_str_radix(mode, 8)
        .ok()
        .filter(|mode| octal && *mode <= 0o777)?;
    // That of the directory itself is another matter.
    let files_only = files.iter().all(|file| {
        let path = absolute(container, &file.start);
        path.is_some_and(|path| is_within(&path, &plain.target))
            && (file.start.trim_end_matches('/').len() > plain.target.len() || file.text.is_none())
    });
    if !files_only || plain.mode.is_some_and(|known| known != mode) {
        return None;
    }
    plain.mode = Some(mode);
    Some(!files.is_empty())
}

/// `chown USER[:GROUP] PATH…` of the target or copies, in numbers. `None` for anything else.
fn change_of_owner(container: &Container, command: &Invocation, plain: &mut PlainCopy) -> Option<bool> {
    let words: Option<Vec<String>> = command
        .arguments
        .iter()
        .map(|argument| match &argument.text {
            Some(text) => Some(text.clone()),
            None => (!argument.start.is_empty()).then(|| argument.start.clone()),
        })
        .collect();
    let words = words?;
    let spec = Spec {
        options: OPTIONS,
        order: Order::Mixed,
        modes: None,
    };
    let arguments = parse_options(&words, &spec).ok()?;
    let (owner, files) = arguments.operands.split_first()?;
    let user: u32 = owner.split(':').next()?.parse().ok()?;
    let about = files
        .iter()
        .all(|file| absolute(container, file).is_some_and(|path| is_within(&path, &plain.target)));
    if !about || plain.owner.is_some_and(|known| known != user) {
        return None;
    }
    plain.owner = Some(user);
    Some(!files.is_empty())
}
