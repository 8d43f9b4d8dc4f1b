// SPDX-License-Identifier: Apache-2.0
//! The links in Markdown files: they have to work where a forge shows the files, and in the manual made of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;

use super::Links;
use crate::markdown::{self, Page};

/// Where a forge shows the repository.
const FORGE: &str = env!("CARGO_PKG_REPOSITORY");

/// Follows every link to a file of the repository that a Markdown file below `root` has.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn follow(root: &Path) -> anyhow::Result<Links> {
    let mut pages = BTreeMap::new();
    for path in markdown::files(root)? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        pages.insert(path.strip_prefix(root)?.to_owned(), Page::read(&text));
    }
    let mut links = Links {
        pages: pages.len(),
        ..Links::default()
    };
    for (path, page) in &pages {
        for (target, line) in &page.links {
            match wrong(root, &pages, path, target) {
                None => {}
                Some(Ok(())) => links.followed += 1,
                Some(Err(why)) => links
                    .broken
                    .push(format!("{}:{line}: {target}: {why}", path.display())),
            }
        }
    }
    Ok(links)
}

/// What is wrong with a link, or nothing when it leads out of the repository.
fn wrong(
    root: &Path,
    pages: &BTreeMap<PathBuf, Page>,
    from: &Path,
    target: &str,
) -> Option<Result<(), &'static str>> {
    let (place, fragment) = target.split_once('#').unwrap_or((target, ""));
    let inside = ["blob", "tree"]
        .iter()
        .find_map(|kind| place.strip_prefix(&format!("{FORGE}/{kind}/main/")));
    let to = match inside {
        Some(place) => PathBuf::from(place),
        None if place.contains(':') => return None,
        None if place.is_empty() => from.to_owned(),
        None => normal(&from.with_file_name(place)),
    };
    Some(
        if inside.is_none() && from.starts_with("docs") && !to.starts_with("docs") {
            Err(
                "leads out of docs/, where the manual has nothing: write it with the repository's URL and /blob/main/",
            )
        } else if !root.join(&to).exists() {
            Err("no such file")
        } else if fragment.is_empty() || pages.get(&to).is_some_and(|page| page.anchors.contains(fragment)) {
            Ok(())
        } else {
            Err("no such heading")
        },
    )
}

/// The path without `.` and `..`; one that leaves the repository keeps its first `..`, where nothing lies.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_and_headings_or_are_broken() {
        let root = crate::workspace();
        let pages = BTreeMap::from([
            (PathBuf::from("README.md"), Page::read("# Top\n## Two words\n")),
            (PathBuf::from("docs/README.md"), Page::read("# Manual\n")),
        ]);
        let followed = |from: &str, target: &str| wrong(root, &pages, Path::new(from), target);
        for (from, target) in [
            ("README.md", "#two-words"),
            ("README.md", "docs/README.md#manual"),
            ("README.md", "./examples"),
            ("docs/README.md", "adr/../README.md#manual"),
            (
                "docs/README.md",
                "https://github.com/writeway/writeway/tree/main/examples",
            ),
            (
                "docs/README.md",
                "https://github.com/writeway/writeway/blob/main/README.md#top",
            ),
        ] {
            assert_eq!(followed(from, target), Some(Ok(())), "{from} {target}");
        }
        for (from, target, why) in [
            ("README.md", "#two", "no such heading"),
            ("README.md", "docs/nothing.md", "no such file"),
            ("README.md", "../x", "no such file"),
            ("README.md", "Cargo.toml#dependencies", "no such heading"),
            (
                "docs/README.md",
                "https://github.com/writeway/writeway/blob/main/nothing",
                "no such file",
            ),
            (
                "docs/README.md",
                "https://github.com/writeway/writeway/blob/main/README.md#x",
                "no such heading",
            ),
        ] {
            assert_eq!(followed(from, target), Some(Err(why)), "{from} {target}");
        }
        assert!(followed("docs/README.md", "../README.md").unwrap().is_err());
        assert_eq!(followed("README.md", "https://example.com/#x"), None);
        assert_eq!(followed("README.md", "mailto:a@example.com"), None);
    }
}
