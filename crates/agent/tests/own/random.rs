// SPDX-License-Identifier: Apache-2.0
//! Any tree: all in it is right afterwards, nothing outside was touched, and a second run changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::tree::{Seen, all, directory, file, folder, own_by, with_capabilities};

#[derive(Clone, Debug)]
enum Make {
    Directory,
    File,
    Fifo,
    /// A symbolic link to one of the entries before, or out of the tree.
    Link(prop::sample::Index),
    LinkOut,
    /// A further name of a file before, or of a foreign one.
    Name(prop::sample::Index),
    ForeignName,
}

fn make() -> impl Strategy<Value = Make> {
    prop_oneof![
        4 => Just(Make::Directory),
        6 => Just(Make::File),
        1 => Just(Make::Fifo),
        1 => any::<prop::sample::Index>().prop_map(Make::Link),
        1 => Just(Make::LinkOut),
        2 => any::<prop::sample::Index>().prop_map(Make::Name),
        1 => Just(Make::ForeignName),
    ]
}

type Entry = (Make, prop::sample::Index, u32, u32);

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let owner = prop_oneof![Just(0_u32), Just(999), Just(1000)];
    let mode = prop_oneof![Just(0o755_u32), Just(0o777), Just(0o700), Just(0), 0..=0o777_u32];
    prop::collection::vec((make(), any::<prop::sample::Index>(), owner, mode), 1..60)
}

fn plant(root: &Path, outside: &Path, entries: &[Entry]) {
    let mut directories = vec![root.to_owned()];
    let mut files: Vec<PathBuf> = Vec::new();
    for (number, (make, above, owner, mode)) in entries.iter().enumerate() {
        let path = above.get(&directories).join(format!("entry {number}"));
        match make {
            Make::Directory => directories.push(directory(path, *owner, *mode)),
            Make::File => files.push(file(path, *owner, *mode)),
            Make::Fifo => mknodat(CWD, path, FileType::Fifo, Mode::RUSR, 0).unwrap(),
            Make::Link(to) => symlink(to.get(&directories), path).unwrap(),
            Make::LinkOut => symlink(outside.join("file"), path).unwrap(),
            Make::Name(of) if !files.is_empty() => fs::hard_link(of.get(&files), path).unwrap(),
            Make::Name(_) => files.push(file(path, *owner, *mode)),
            Make::ForeignName => fs::hard_link(outside.join("linked"), path).unwrap(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn all_inside_is_right_and_nothing_outside_is_touched(
        entries in entries(),
        capabilities in prop::sample::select(vec!["+chown", "+all", "+chown,+fowner", "+chown,+dac_read_search"]),
        jobs in prop::sample::select(vec!["1", "2", "4"]),
    ) {
        let folder = folder();
        let outside = directory(folder.path().join("outside"), 4242, 0o755);
        file(outside.join("file"), 4242, 0o600);
        file(outside.join("linked"), 4242, 0o600);
        let root = directory(folder.path().join("data"), 999, 0o755);
        plant(&root, &outside, &entries);
        let foreign = all(&outside);
        let before = all(&root);
        let has_foreign = fs::symlink_metadata(outside.join("linked")).unwrap();
        let left = std::os::unix::fs::MetadataExt::nlink(&has_foreign) > 1;
        let run = || own_by(&mut with_capabilities(capabilities), &[&"1000:1000", &root, &"--jobs", &jobs]);

        let first = run();
        prop_assert_eq!(first.code, Some(i32::from(left)), "{}", first.said);
        prop_assert_eq!(all(&outside), foreign);
        let after = all(&root);
        for (path, now) in &after {
            let foreign_name = fs::symlink_metadata(path).is_ok_and(|found| {
                !found.file_type().is_fifo() && now.inode == std::os::unix::fs::MetadataExt::ino(&has_foreign)
            });
            let owner = match (foreign_name, path == &root && left) {
                (true, _) => (4242, 4242),
                (_, true) => (999, 999),
                (false, false) => (1000, 1000),
            };
            prop_assert_eq!(now.owner, owner, "{} after {}", path.display(), first.said);
            prop_assert_eq!(now.mode, before[path].mode, "{}", path.display());
        }
        let second = run();
        prop_assert_eq!(second.code, first.code);
        let counted = second.said.contains(" 0 changed, ");
        prop_assert!(counted, "{}", second.said);
        // Closed directories have to be taken to be looked into, and so is the root while it is not handed over.
        if !second.said.contains("taken") {
            let below = |mut found: BTreeMap<PathBuf, Seen>| {
                if left {
                    found.remove(&root);
                }
                found
            };
            prop_assert_eq!(below(all(&root)), below(after));
        }
    }
}
