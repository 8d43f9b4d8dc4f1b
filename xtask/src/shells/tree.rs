// SPDX-License-Identifier: Apache-2.0
//! A directory's contents as data: read from a file system, and made there.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::Path;

use anyhow::Context as _;

use crate::random::Random;

/// What lies below a directory, by relative path; the directory itself is `.`. An entry is `d MODE UID:GID`,
/// `f MODE UID:GID` or `l TARGET`.
pub(super) type Tree = BTreeMap<String, String>;

pub(super) const DIRECTORIES: &[&str] = &["a", "b", "c", "data"];
pub(super) const FILES: &[&str] = &["f", "g", "h.txt", ".hidden"];
pub(super) const LINKS: &[&str] = &["l", "m"];
const IDS: &[&str] = &["0", "0", "1000", "2000", "3000"];
const DIRECTORY_MODES: &[&str] = &[
    "0755", "0755", "0755", "0777", "1777", "2775", "2755", "2770", "0700", "0750", "0555", "0500", "3777",
    "0711", "0000", "0770",
];
const FILE_MODES: &[&str] = &[
    "0644", "0644", "0644", "0600", "0664", "0755", "4755", "2755", "6775", "0444", "0000", "0640", "2644",
];

/// A tree to start from.
pub(super) fn random(random: &mut Random) -> Tree {
    let mut tree = Tree::new();
    tree.insert(".".to_owned(), entry(random, "d", DIRECTORY_MODES));
    fill(random, "", 0, &mut tree);
    tree
}

fn fill(random: &mut Random, above: &str, depth: usize, tree: &mut Tree) {
    let share = [65, 35, 20][depth.min(2)];
    for name in DIRECTORIES {
        if depth < 3 && random.percent(share) {
            let path = format!("{above}{name}");
            tree.insert(path.clone(), entry(random, "d", DIRECTORY_MODES));
            fill(random, &format!("{path}/"), depth + 1, tree);
        }
    }
    for name in FILES {
        if random.percent(share) {
            tree.insert(format!("{above}{name}"), entry(random, "f", FILE_MODES));
        }
    }
    for name in LINKS {
        if random.percent(share / 2) {
            tree.insert(format!("{above}{name}"), format!("l {}", target(random)));
        }
    }
}

/// A link's target: mostly something that may exist.
pub(super) fn target(random: &mut Random) -> String {
    let name = if random.percent(60) {
        random.one(DIRECTORIES)
    } else {
        random.one(FILES)
    };
    match random.below(6) {
        0 | 1 => format!("/x/{name}"),
        2 => format!("/x/{}/{name}", random.one(DIRECTORIES)),
        3 => format!("{}/{name}", random.one(DIRECTORIES)),
        _ => name.to_owned(),
    }
}

fn entry(random: &mut Random, kind: &str, modes: &[&str]) -> String {
    format!(
        "{kind} {} {}:{}",
        random.one(modes),
        random.one(IDS),
        random.one(IDS)
    )
}

/// Makes the tree at an empty directory.
///
/// # Errors
/// When the file system refuses something.
pub(super) fn make(root: &Path, tree: &Tree) -> anyhow::Result<()> {
    // In the order of their paths, directories come before what they hold.
    for (path, entry) in tree {
        let at = root.join(path);
        let words: Vec<&str> = entry.split(' ').collect();
        match words.as_slice() {
            ["l", target] => {
                symlink(target, &at)?;
                // In a setgid directory it would have that group.
                lchown(&at, Some(0), Some(0))?;
            }
            [kind, mode, owner] => {
                match (*kind, path.as_str()) {
                    ("d", ".") => {}
                    ("d", _) => fs::create_dir(&at)?,
                    _ => fs::write(&at, "text\n")?,
                }
                let (uid, gid) = owner.split_once(':').context("an owner is UID:GID")?;
                lchown(&at, Some(uid.parse()?), Some(gid.parse()?))?;
                fs::set_permissions(&at, Permissions::from_mode(u32::from_str_radix(mode, 8)?))?;
            }
            _ => anyhow::bail!("no entry of a tree: {entry}"),
        }
    }
    Ok(())
}

/// Reads what is there.
///
/// # Errors
/// When the file system refuses something.
pub(super) fn read(root: &Path) -> anyhow::Result<Tree> {
    let mut tree = Tree::new();
    let mut open = vec![".".to_owned()];
    while let Some(path) = open.pop() {
        let at = root.join(&path);
        let metadata = fs::symlink_metadata(&at)?;
        if metadata.is_symlink() {
            tree.insert(path, format!("l {}", fs::read_link(&at)?.display()));
            continue;
        }
        let kind = if metadata.is_dir() { "d" } else { "f" };
        let entry = format!(
            "{kind} {:04o} {}:{}",
            metadata.mode() & 0o7777,
            metadata.uid(),
            metadata.gid()
        );
        tree.insert(path.clone(), entry);
        if metadata.is_dir() {
            for child in fs::read_dir(&at)? {
                let name = child?.file_name();
                let name = name.to_string_lossy();
                open.push(if path == "." {
                    name.into_owned()
                } else {
                    format!("{path}/{name}")
                });
            }
        }
    }
    Ok(tree)
}
