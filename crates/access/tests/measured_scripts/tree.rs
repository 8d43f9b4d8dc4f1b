// SPDX-License-Identifier: Apache-2.0
//! Measured trees: which paths to ask for, and what was there, links followed as the kernel does.

use std::collections::{BTreeMap, BTreeSet};

/// What lies below `/x`, by relative path; `.` is `/x` itself. An entry is `d MODE UID:GID`, `f MODE UID:GID` or
/// `l TARGET`.
pub(crate) type Tree = BTreeMap<String, String>;

/// Where the tree is mounted.
const MOUNT: &str = "x";
/// Links that one lookup follows at most.
const MAX_LINKS: usize = 40;
/// Paths asked for at most: a script that copies trees into each other makes very many.
const MAX_PROBES: usize = 1000;

/// What a path leads to.
pub(crate) enum Seen<'a> {
    Entry(&'a str),
    /// Nothing is there, or a link that leads nowhere.
    Nothing,
}

/// Everything that was or is there, and every name that was heard of in every directory.
pub(crate) fn probes(before: &Tree, after: &Tree, script: &str) -> Vec<String> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut above: BTreeSet<&str> = BTreeSet::new();
    for (path, entry) in before.iter().chain(after) {
        names.extend(path.rsplit('/').next());
        if !entry.starts_with('f') {
            above.insert(path);
        }
    }
    names.extend(script.split(|character: char| !character.is_alphanumeric() && character != '.'));
    names.retain(|name| !["", ".", ".."].contains(name) && name.len() < 8);
    let known = before.keys().chain(after.keys());
    let mut probes: BTreeSet<String> = known.map(|path| join(path)).collect();
    let guessed = above
        .iter()
        .flat_map(|directory| names.iter().map(move |name| (directory, name)));
    for (directory, name) in guessed.take(MAX_PROBES) {
        probes.insert(format!("{}/{name}", join(directory)));
    }
    probes.into_iter().collect()
}

fn join(path: &str) -> String {
    match path {
        "." => format!("/{MOUNT}"),
        path => format!("/{MOUNT}/{path}"),
    }
}

/// What a path below `/x` leads to; `None` when a link leads out of the tree.
pub(crate) fn look<'a>(tree: &'a Tree, path: &str) -> Option<Seen<'a>> {
    let mut rest: Vec<String> = reversed(path);
    // From the root; the first component is the mount point.
    let mut at: Vec<String> = Vec::new();
    let mut links = 0;
    while let Some(name) = rest.pop() {
        match name.as_str() {
            "" | "." => continue,
            ".." => {
                at.pop();
                continue;
            }
            name if at.is_empty() && name != MOUNT => return None,
            _ => {}
        }
        if !at.is_empty() && !entry(tree, &at).is_some_and(|entry| entry.starts_with('d')) {
            return Some(Seen::Nothing);
        }
        at.push(name);
        match entry(tree, &at) {
            None => return Some(Seen::Nothing),
            Some(entry) => {
                if let Some(target) = entry.strip_prefix("l ") {
                    links += 1;
                    if links > MAX_LINKS {
                        return Some(Seen::Nothing);
                    }
                    at.pop();
                    if target.starts_with('/') {
                        at.clear();
                    }
                    rest.extend(reversed(target));
                }
            }
        }
    }
    if at.is_empty() {
        return None;
    }
    Some(entry(tree, &at).map_or(Seen::Nothing, Seen::Entry))
}

fn reversed(path: &str) -> Vec<String> {
    path.split('/').rev().map(str::to_owned).collect()
}

fn entry<'a>(tree: &'a Tree, at: &[String]) -> Option<&'a str> {
    let path = match at {
        [_] => ".".to_owned(),
        at => at[1..].join("/"),
    };
    tree.get(&path).map(String::as_str)
}
